"""Credentials: generated, copied to the other region, and changed by themselves."""

from components.secrets.credential import Credential, CredentialArgs, ReplicaArgs, replica_arn
from components.secrets.rotation import Rotation, RotationArgs

__all__ = ["Credential", "CredentialArgs", "ReplicaArgs", "Rotation", "RotationArgs", "replica_arn"]
