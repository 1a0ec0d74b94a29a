"""Serving models."""

from components.inference.model_server import (
    EDGE_PORT,
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
    "EDGE_PORT",
    "HTTP_PORT",
    "ContainerApi",
    "Fallback",
    "ModelServer",
    "ModelServerArgs",
    "Shadow",
    "WarmUp",
    "sagemaker_fallback_policy",
]
