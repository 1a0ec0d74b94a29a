"""What runs in the clusters: orchestrators, model servers, and what keeps them alive."""

from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from infra.sections.kinds import Misplaced, Name, PathPattern, Section, all_different, say


def models_told_apart(models: "list[Model]") -> "list[Model]":
    """Refuse two models of one name, or on one path."""
    all_different([model.name for model in models])
    all_different([path for model in models for path in model.paths])
    return models


class Prefect(Section):
    """The orchestrator."""

    servers: int = say(3, ge=2, le=50, unit="pods", costs="CPU and memory of the system nodes")
    """API server replicas."""
    workers: int = say(2, ge=2, le=100, unit="pods", costs="CPU and memory of the system nodes")
    """Worker replicas of the pool."""
    work_pool: Name = say("kubernetes", costs="Nothing")
    """Name of the work pool."""


class Model(Section):
    """A model server."""

    name: Name = say(costs="Nothing")
    """Name of its release; unique among the models."""
    repository_prefix: Annotated[str, StringConstraints(pattern=r"^[\w.-]+(/[\w.-]+)*$")] = say(
        "models", costs="Nothing"
    )
    """Prefix of its model repository in the bucket of models."""
    gpus_per_replica: int = say(1, ge=1, le=8, unit="GPUs", costs="The GPU nodes")
    """GPUs of one replica."""
    replicas: int = say(2, ge=2, le=100, unit="pods", costs="The GPU nodes, in both regions")
    """Replicas that always run."""
    max_replicas: int = say(3, ge=2, le=500, unit="pods", costs="GPU nodes while they are needed")
    """Most replicas under load."""
    startup_seconds: int = say(600, ge=30, le=7200, unit="seconds", costs="A broken replica is noticed later")
    """Longest time for loading the weights; after it a replica counts as failed."""
    paths: list[PathPattern] = say(["/v2/*"], min_length=1, max_length=5, costs="Nothing")
    """Path patterns that the load balancer sends to it; no two models share one."""

    @model_validator(mode="after")
    def _max_is_above_floor(self) -> Self:
        if self.max_replicas <= self.replicas:
            raise Misplaced("max_replicas", self.max_replicas, f"must be above replicas ({self.replicas})")
        return self
