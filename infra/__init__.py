"""The program: the only room that knows stacks, regions by name, settings and secrets."""
