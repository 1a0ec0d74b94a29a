"""Serving models."""

from components.inference.model_server import HTTP_PORT, ModelServer, ModelServerArgs

__all__ = ["HTTP_PORT", "ModelServer", "ModelServerArgs"]
