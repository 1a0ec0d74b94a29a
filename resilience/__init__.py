"""What the platform survives: one picture of its stacks, and what can be computed from it."""
