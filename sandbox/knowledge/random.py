"""Which inputs of the random provider's resources make a new value.

Its resources exist once and have no API to update: the provider (terraform-provider-random, internal/provider) plans a
replacement for every input but those that only state what the existing value already satisfies.
"""

from collections.abc import Mapping

from sandbox.knowledge import sdk

_KEPT: Mapping[str, frozenset[str]] = {
    # `number` is the old name of `numeric`; the provider migrates one into the other without a new value.
    "random:index/randomPassword:RandomPassword": frozenset({"number"}),
    "random:index/randomString:RandomString": frozenset({"number"}),
}


def replaces(type_: str) -> frozenset[str]:
    """Inputs of a random resource whose change draws a new value."""
    return sdk.inputs_of(type_) - _KEPT.get(type_, frozenset[str]())
