"""Serving models."""

from components.inference.kserve import (
    KSERVE_WEBHOOK_PORT,
    PREDICTOR_PORT,
    InferenceService,
    InferenceServiceArgs,
    KServe,
    KServeArgs,
)
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
    "KSERVE_WEBHOOK_PORT",
    "PREDICTOR_PORT",
    "ROUTER_PORT",
    "ContainerApi",
    "Fallback",
    "InferenceService",
    "InferenceServiceArgs",
    "KServe",
    "KServeArgs",
    "ModelServer",
    "ModelServerArgs",
    "Shadow",
    "VllmModel",
    "VllmStack",
    "VllmStackArgs",
    "WarmUp",
    "sagemaker_fallback_policy",
]
