"""Outputs that carry an order: who reads them waits for more than the value."""

import pulumi


def known_once(value: pulumi.Output[str], *others: pulumi.Output[str]) -> pulumi.Output[str]:
    """The value, known only once the others are, and with their resources among its dependencies."""
    return pulumi.Output.all(value, *others).apply(_first)


def _first(values: list[str]) -> str:
    return values[0]
