"""Reusable Pulumi components: they know clouds, never stacks."""
