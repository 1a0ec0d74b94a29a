"""Programs that are not this project's, as others write them, and what the rules have to say of each."""
