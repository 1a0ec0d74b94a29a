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
from components.inference.vllm_stack import ROUTER_PORT, VllmModel, VllmStack, VllmStackArgs

__all__ = [
    "EDGE_PORT",
    "HTTP_PORT",
    "ROUTER_PORT",
    "ContainerApi",
    "Fallback",
    "ModelServer",
    "ModelServerArgs",
    "Shadow",
    "VllmModel",
    "VllmStack",
    "VllmStackArgs",
    "WarmUp",
    "sagemaker_fallback_policy",
]
