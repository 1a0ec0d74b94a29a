"""The one place that decides how things holding data are kept from being deleted."""

import pulumi


def stateful(
    parent: pulumi.Resource, protected: bool, ignore_changes: list[str] | None = None
) -> pulumi.ResourceOptions:
    """Options of a child that holds data: the engine refuses to delete or replace it while it is protected."""
    return pulumi.ResourceOptions(parent=parent, protect=protected, ignore_changes=ignore_changes)
