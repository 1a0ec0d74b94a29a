"""What a platform survives, told: at a terminal, in a pull request, and as a page to look at."""
