"""The keys, one for each kind of thing, so that who may read logs may not read data.

The cluster's own key is made with the cluster (infra.layers.cluster).
"""

from dataclasses import dataclass

import pulumi

from components.keys import EncryptionKey, EncryptionKeyArgs
from infra.peer import Founder
from infra.settings import Settings


@dataclass(frozen=True)
class Keys:
    """The keys of a region."""

    data: EncryptionKey
    """What must not be lost. The same key in both regions: each decrypts what the other has written."""
    logs: EncryptionKey
    """Logs, notifications, and whatever else only tells of the region. Its own in each region."""
    secrets: EncryptionKey
    """Credentials of this region. Copies in the other one have AWS's own key there: a key of ours would have to stand
    before the secret, and the founder would need the other region to make it."""


def build(settings: Settings, founder: Founder | None, opts: pulumi.ResourceOptions) -> Keys:
    """The founder's multi-region keys, or this region's replicas of them, and the region's own."""
    return Keys(
        data=_data_key(settings, founder, opts),
        logs=EncryptionKey(
            "logs-key",
            {
                "description": f"Logs and notifications of {settings.regional_name}",
                "alias": f"{settings.regional_name}-logs",
                "account_id": settings.platform.account_id,
                "logs_in": settings.region_name,
                "publishers": ["cloudwatch.amazonaws.com", "events.amazonaws.com", "backup.amazonaws.com"],
                "protected": settings.region.protected,
            },
            opts,
        ),
        secrets=EncryptionKey(
            "secrets-key",
            {
                "description": f"Credentials of {settings.regional_name}",
                "alias": f"{settings.regional_name}-secrets",
                "account_id": settings.platform.account_id,
                "protected": settings.region.protected,
            },
            opts,
        ),
    )


def _data_key(settings: Settings, founder: Founder | None, opts: pulumi.ResourceOptions) -> EncryptionKey:
    args: EncryptionKeyArgs = {
        "description": f"Data of {settings.platform.name}",
        "alias": f"{settings.platform.name}-data",
        "account_id": settings.platform.account_id,
        "protected": settings.region.protected,
    }
    if founder is None:
        args["multi_region"] = True
    else:
        args["primary_key_arn"] = founder.data_key_arn
    return EncryptionKey("data-key", args, opts)
