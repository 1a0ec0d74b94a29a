"""What a user may say: one model for each section of the settings, with units, defaults, limits, and what each costs.

Pure data: reading and explaining mistakes is ``infra.settings``'s. A field's docstring says what it is; ``unit`` and
``costs`` go into the reference (docs/settings.md) and the JSON schema that editors complete from.
"""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from components.observability.alert_rules import GROUPS
from infra.sections.aws import (
    Alerts,
    Backup,
    Cache,
    Database,
    Dns,
    Failover,
    Kubernetes,
    Logs,
    Network,
    Nodes,
    Registry,
    Storage,
    Traffic,
)
from infra.sections.kinds import AccountId, Misplaced, Name, Section, SectionT, ZoneName, all_different, say
from infra.sections.objectives import Objectives
from infra.sections.workloads import (
    Airflow,
    ArgoWorkflows,
    Engine,
    KServeModel,
    Model,
    Observability,
    OpenSearch,
    Orchestrator,
    Prefect,
    Rollout,
    Services,
    Serving,
    Temporal,
    WorkPool,
    models_told_apart,
)

ALERTS = frozenset(rule.name for group in GROUPS.values() for rule in group.rules)
"""Names of all alerts."""

CHARTS = {
    Orchestrator.PREFECT: "prefect-server",
    Orchestrator.ARGO_WORKFLOWS: "argo-workflows",
    Orchestrator.AIRFLOW: "airflow",
    Orchestrator.TEMPORAL: "temporal",
}
"""What journeys are told apart by, where there are several orchestrators."""

PARTS = ("edge", "preview", "server", "shadow")
"""What our chart ends the names of a model's parts in (components/inference/model-server)."""

__all__ = [
    "Engine",
    "KServeModel",
    "Misplaced",
    "Model",
    "Nodes",
    "Orchestrator",
    "Platform",
    "Region",
    "Rollout",
    "Section",
    "SectionT",
    "WorkPool",
]


class Platform(Section):
    """What both regions share (``tandem:platform`` in Pulumi.yaml)."""

    name: Name = say(costs="Nothing; it can never be changed")
    """Prefix of every name that people see."""
    account_id: AccountId = say(costs="Nothing")
    """The only AWS account these stacks may touch."""
    mode: Literal["active-passive", "active-active"] = say(
        "active-passive", costs="Nothing: both regions hold their floors in either mode"
    )
    """Whether one region answers while it is healthy, or both do. Data is written in one region in either mode."""
    objectives: Objectives = Objectives()
    """What is promised."""
    network: Network
    """Addresses and ways."""
    dns: Dns
    """Names."""
    traffic: Traffic
    """Who may reach the platform."""
    kubernetes: Kubernetes
    """The clusters."""
    database: Database
    """The database."""
    cache: Cache
    """The caches."""
    storage: Storage = Storage()
    """The buckets."""
    logs: Logs = Logs()
    """What is written down."""
    registry: Registry = Registry()
    """Container images."""
    backup: Backup = Backup()
    """Backups."""
    alerts: Alerts = Alerts()
    """Who hears of an alarm."""
    failover: Failover = Failover()
    """How the platform moves."""
    orchestrators: Annotated[list[Orchestrator], AfterValidator(all_different)] = say(
        [Orchestrator.PREFECT], min_length=1, costs="CPU and memory of the nodes, a database each"
    )
    """Orchestrators of the platform: ``prefect``, ``argo-workflows``, ``airflow``, ``temporal``. By the first one's
    answers a region is judged."""
    prefect: Prefect = Prefect()
    """Prefect."""
    argo_workflows: ArgoWorkflows = ArgoWorkflows()
    """Argo Workflows."""
    airflow: Airflow | None = None
    """Airflow; without a repository of DAGs there is none."""
    temporal: Temporal = Temporal()
    """Temporal."""
    models: Annotated[list[Model], AfterValidator(models_told_apart)] = say(min_length=1, costs="The GPU nodes")
    """The model servers; no two share a name or a path."""
    serving: Serving = Serving()
    """Other ways to serve models."""
    services: Services = Services()
    """What workloads lean on."""
    observability: Observability
    """What is measured, and who is told."""

    @property
    def journeys(self) -> list[str]:
        """Ids of what people do with this platform, as the resilience model names them."""
        several = len(self.orchestrators) > 1
        suffixes = [f"-{CHARTS[each]}" if several else "" for each in self.orchestrators]
        runs = [f"{what}{suffix}" for suffix in suffixes for what in ("submit", "cpu-step", "gpu-step", "artifact")]
        models = [*self.models, *self.serving.vllm_stacks]
        return [*runs, "event", *(f"infer-{model.name}" for model in models)]

    @model_validator(mode="after")
    def _clients_of_one_host_reach_the_writer(self) -> Self:
        needing = [each.value for each in self.orchestrators if each in (Orchestrator.AIRFLOW, Orchestrator.TEMPORAL)]
        if needing and len(self.network.cidrs) > 1 and self.network.link == "none":
            raise Misplaced(
                "network.link",
                self.network.link,
                f"must be peering or transit-gateway: {', '.join(needing)} reaches the database by one name, that of "
                "the region that writes, from both regions",
            )
        return self

    @model_validator(mode="after")
    def _nothing_is_set_in_vain(self) -> Self:
        for orchestrator in Orchestrator:
            section = orchestrator.value.replace("-", "_")
            if section in self.model_fields_set and orchestrator not in self.orchestrators:
                raise Misplaced(section, None, f"means nothing unless {orchestrator.value} is among the orchestrators")
        return self

    @model_validator(mode="after")
    def _alerts_that_recover_are_there(self) -> Self:
        recovery = self.observability.recovery
        for position, name in enumerate(recovery.alerts if recovery is not None else []):
            if name not in ALERTS:
                place = f"observability.recovery.alerts[{position}]"
                raise Misplaced(place, name, f"must be one of {', '.join(sorted(ALERTS))}")
        return self

    @model_validator(mode="after")
    def _what_is_served_is_told_apart(self) -> Self:
        taken = {*(each.value for each in Orchestrator), "grafana"}
        for position, model in enumerate(self.models):
            if model.name in taken:
                raise Misplaced(f"models[{position}].name", model.name, "is the name of a service of the platform's")
        taken = {model.name for model in self.models}
        for position, model in enumerate(self.models):
            served, _, part = model.name.rpartition("-")
            if served in taken and part in PARTS:
                reason = f"is the name of a part of {served}; end it in another word than {', '.join(PARTS)}"
                raise Misplaced(f"models[{position}].name", model.name, reason)
        for kind in ("vllm_stacks", "inference_services"):
            for position, each in enumerate(getattr(self.serving, kind)):
                if each.name in taken:
                    raise Misplaced(f"serving.{kind}[{position}].name", each.name, "is another model's name")
                taken.add(each.name)
        return self

    @model_validator(mode="after")
    def _recovery_has_an_orchestrator(self) -> Self:
        recovery = self.observability.recovery
        for field, orchestrator in (
            ("prefect_deployment", Orchestrator.PREFECT),
            ("workflow_template", Orchestrator.ARGO_WORKFLOWS),
        ):
            chosen = None if recovery is None else getattr(recovery, field)
            if chosen is not None and orchestrator not in self.orchestrators:
                place = f"observability.recovery.{field}"
                raise Misplaced(place, chosen, f"needs {orchestrator.value} among the orchestrators")
        return self

    @model_validator(mode="after")
    def _airflow_has_dags(self) -> Self:
        if Orchestrator.AIRFLOW in self.orchestrators and self.airflow is None:
            raise Misplaced("airflow", None, "must be set, because airflow is among the orchestrators")
        return self

    @model_validator(mode="after")
    def _weights_are_of_the_regions(self) -> Self:
        strangers = set(self.traffic.weights) - set(self.network.cidrs)
        if strangers:
            regions = ", ".join(self.network.cidrs)
            raise Misplaced("traffic.weights", sorted(strangers), f"must be of the platform's regions: {regions}")
        if self.traffic.weights and (self.mode, self.traffic.active_routing) != ("active-active", "weighted"):
            raise Misplaced(
                "traffic.weights",
                self.traffic.weights,
                "mean nothing unless mode is active-active and traffic.active_routing is weighted",
            )
        return self

    @model_validator(mode="after")
    def _what_was_replaced_stays_as_long_as_the_database_goes_back(self) -> Self:
        if self.storage.noncurrent_days < self.objectives.recovery_window_days:
            raise Misplaced(
                "storage.noncurrent_days",
                self.storage.noncurrent_days,
                f"must be at least objectives.recovery_window_days ({self.objectives.recovery_window_days}): "
                "a database brought back needs the artifacts of its day",
            )
        return self


class Region(Section):
    """What is this region's own (``tandem:region`` in Pulumi.<stack>.yaml)."""

    zones: Annotated[list[ZoneName], Field(min_length=2, max_length=4), AfterValidator(all_different)] | None = say(
        None, costs="A floor of nodes, a NAT gateway and endpoints in each"
    )
    """Two to four availability zones, in an order that never changes. Default: the region's a, b and c."""
    joins: Name | None = say(None, costs="The second region")
    """Stack that founded the platform. Absent in the founding stack."""
    capacity_reservations: dict[ZoneName, Annotated[str, StringConstraints(pattern=r"^cr-[0-9a-f]{8,17}$")]] = say(
        {}, costs="The reserved instances, used or not"
    )
    """On-demand capacity reservation that the zone's GPU nodes start in: capacity that cannot be refused."""
    opensearch: OpenSearch | None = None
    """Where the region's pods' logs go besides: a domain of its own, so that neither needs the other."""
    protected: bool = say(True, costs="Nothing")
    """Refuse to delete what holds data. Set to false, and run ``pulumi up``, before the stack is taken down."""
