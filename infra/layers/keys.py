"""The key of everything that must not be lost."""

import pulumi

from components.keys import EncryptionKey, EncryptionKeyArgs
from infra.settings import Settings


def build_data_key(
    settings: Settings, opts: pulumi.ResourceOptions, *, replica_of: pulumi.Output[str] | None = None
) -> EncryptionKey:
    """The founder's multi-region key, or this region's replica of it."""
    args: EncryptionKeyArgs = {
        "description": f"Data of {settings.platform.name}",
        "alias": f"{settings.platform.name}-data",
        "account_id": settings.platform.account_id,
        "protected": settings.region.protected,
    }
    if replica_of is None:
        args["multi_region"] = True
    else:
        args["primary_key_arn"] = replica_of
    return EncryptionKey("data-key", args, opts)
