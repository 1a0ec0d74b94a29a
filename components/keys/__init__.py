"""Encryption keys."""

from components.keys.encryption_key import EncryptionKey, EncryptionKeyArgs

__all__ = ["EncryptionKey", "EncryptionKeyArgs"]
