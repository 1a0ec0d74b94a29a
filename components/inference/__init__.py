"""Serving models."""

from components.inference.model_server import (
    HTTP_PORT,
    ContainerApi,
    Fallback,
    ModelServer,
    ModelServerArgs,
    Shadow,
    WarmUp,
    sagemaker_fallback_policy,
)

__all__ = [
    "HTTP_PORT",
    "ContainerApi",
    "Fallback",
    "ModelServer",
    "ModelServerArgs",
    "Shadow",
    "WarmUp",
    "sagemaker_fallback_policy",
]
