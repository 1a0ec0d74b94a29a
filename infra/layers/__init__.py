"""The program in layers, in the order they come up. Each takes its section of the settings and what is below it."""
