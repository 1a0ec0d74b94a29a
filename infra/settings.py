"""What a stack is told: one frozen, fully checked model of the settings in Pulumi.yaml and Pulumi.<stack>.yaml.

This is the only reader of ``pulumi.Config``. Every mistake is reported at once, before the first resource is
registered: the path as the user wrote it, the value, what is allowed, and the nearest valid name of a misspelt key.
``python -m infra.settings`` prints the JSON schema that editors complete the YAML files from.
"""

import difflib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Annotated, Any, Literal, Self, TypeVar

import pulumi
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from components.kubernetes import least_per_zone
from components.network import NatGateways

PLATFORM_KEY = "tandem:platform"
REGION_KEY = "tandem:region"
AWS_REGION_KEY = "aws:region"

PRIVATE_RANGES = tuple(IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
"""RFC 1918. A VPC outside it would shadow somebody's public addresses."""

SUPPORTED_KUBERNETES = ("1.32", "1.33", "1.34")
"""Minor versions the pinned charts and object schemas are checked against."""


class SettingsError(pulumi.RunError):
    """The settings cannot be used. The message lists every mistake; no resource has been registered."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        count = "1 mistake" if len(self.mistakes) == 1 else f"{len(self.mistakes)} mistakes"
        super().__init__("\n".join([f"{count} in the settings; nothing was changed.", *self.mistakes]))


def _network(value: str) -> str:
    try:
        IPv4Network(value)
    except ValueError as error:
        raise ValueError(f"must be an IPv4 network such as 10.10.0.0/16 ({error})") from error
    return value


def _vpc_network(value: str) -> str:
    network = IPv4Network(_network(value))
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        raise ValueError("must lie in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
    if network.prefixlen not in (16, 17):
        # Pod subnets are an eighth of the VPC. AWS allows /16 at the most; beyond /17 they would be smaller
        # than /20, too small to take in the pods of a lost zone.
        raise ValueError("must be a /16 or a /17, so that the pods of a lost zone fit into the others")
    return value


def _partial_network(value: str) -> str:
    if IPv4Network(_network(value)).prefixlen == 0:
        raise ValueError("must not be everybody")
    return value


def _supported_kubernetes(value: str) -> str:
    if value not in SUPPORTED_KUBERNETES:
        raise ValueError(f"must be one of {', '.join(SUPPORTED_KUBERNETES)}")
    return value


def _all_different(values: list[str]) -> list[str]:
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"must not name {', '.join(repeated)} twice")
    return values


def _models_told_apart(models: "list[Model]") -> "list[Model]":
    _all_different([model.name for model in models])
    _all_different([path for model in models for path in model.paths])
    return models


Cidr = Annotated[str, AfterValidator(_network)]
"""IPv4 network in CIDR notation, host bits zero."""
PartialCidr = Annotated[str, AfterValidator(_partial_network)]
"""IPv4 network in CIDR notation, but not the whole internet."""
KubernetesVersion = Annotated[str, AfterValidator(_supported_kubernetes)]
"""One of SUPPORTED_KUBERNETES."""
VpcCidr = Annotated[str, AfterValidator(_vpc_network)]
"""Private IPv4 network of a VPC, /16 or /17."""
AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
"""AWS account: twelve digits, in quotes (YAML reads leading zeros as a number)."""
RoleArn = Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$")]
"""ARN of an IAM role."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]*[a-z0-9])?$", min_length=2, max_length=20)]
"""Lower-case letters, digits and inner hyphens, 2 to 20 characters: it becomes part of DNS names and identifiers."""
DomainName = Annotated[
    str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=253)
]
"""Fully qualified domain name, lower case, no final dot."""
InstanceType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$")]
"""EC2 instance type such as m7i.xlarge. Whether a region offers it is checked by the provider at preview."""
DatabaseClass = Annotated[str, StringConstraints(pattern=r"^db\.[a-z0-9-]+\.[a-z0-9-]+$")]
"""Aurora instance class such as db.r6g.large. Whether a region offers it is checked by the provider at preview."""
CacheNodeType = Annotated[str, StringConstraints(pattern=r"^cache\.[a-z0-9-]+\.[a-z0-9-]+$")]
"""ElastiCache node type such as cache.r7g.large. Whether a region offers it is checked by the provider at preview."""
PathPattern = Annotated[str, StringConstraints(pattern=r"^/[\w$/.~\"'@:+&*?-]*$", max_length=128)]
"""Path pattern of a load balancer, with ``*`` and ``?``."""


class Section(BaseModel):
    """A part of the settings: unknown keys are mistakes, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


SectionT = TypeVar("SectionT", bound=Section)


class Dns(Section):
    """Names, and how fast they follow a failure.

    Detection takes about interval x threshold + TTL (AWS: "transition delay = record TTL + health-check evaluation
    time"); 10 s x 2 + 30 s is 50 s typically.
    """

    zone_name: DomainName
    """Hosted zone that the platform's names live in."""
    create_zone: bool = False
    """Let the founding stack create the zone. Otherwise it is looked up and must exist."""
    ttl_seconds: int = Field(default=30, ge=1, le=300)
    """Time that resolvers may keep an answer. Route 53 recommends 60 s or less on failover records."""
    health_check_interval_seconds: Literal[10, 30] = 10
    """Seconds between checks. It cannot be changed after creation, so a change replaces the health check."""
    health_check_failure_threshold: int = Field(default=2, ge=1, le=10)
    """Failed checks in a row that make an endpoint unhealthy."""


class Traffic(Section):
    """Who may reach the platform from outside."""

    allowed_cidrs: list[Cidr] = Field(min_length=1)
    """Networks that may reach the load balancer on 443. Route 53's health checkers are let in besides."""


class Nodes(Section):
    """A group of worker nodes, spread over the region's zones."""

    instance_types: list[InstanceType] = Field(min_length=1)
    """In order of preference."""
    floor_per_zone: int = Field(default=1, ge=1, le=100)
    """Nodes that are always there in each zone, in the standby region too: capacity that must be asked for on the
    bad day is capacity that may be refused."""
    max_per_zone: int = Field(default=3, ge=1, le=100)
    """Most nodes in a zone; room for the work of a lost zone."""

    @model_validator(mode="after")
    def _max_is_not_below_floor(self) -> Self:
        if self.max_per_zone < self.floor_per_zone:
            raise _at("max_per_zone", self.max_per_zone, f"must be at least floor_per_zone ({self.floor_per_zone})")
        return self


class Kubernetes(Section):
    """The EKS cluster of each region."""

    version: KubernetesVersion = "1.33"
    """Kubernetes minor version, in quotes."""
    admin_role_arns: list[RoleArn] = Field(min_length=1)
    """IAM roles with cluster-admin rights; the role that runs Pulumi must be among them."""
    public_access_cidrs: list[PartialCidr] = []
    """Networks that may reach the API server from the internet. Empty: private endpoint only."""
    log_retention_days: int = 90
    """Days that control-plane logs are kept; one of the values CloudWatch Logs knows."""
    system_nodes: Nodes
    """Nodes for everything that needs no GPU."""
    gpu_nodes: Nodes
    """GPU nodes: one group for each zone, so that a zone without GPU capacity holds up no other."""


class Database(Section):
    """Aurora PostgreSQL, one cluster in each region, joined into a global database."""

    engine_version: Annotated[str, StringConstraints(pattern=r"^\d{2}\.\d{1,2}$")]
    """Aurora PostgreSQL version, in quotes. The same in both regions: members of a global database must match."""
    instance_class: DatabaseClass
    """The same for writer and readers, so that a promoted reader carries the load."""
    instances: int = Field(default=3, ge=2, le=15)
    """Instances in each region, each in a zone of its own while zones last."""
    backup_retention_days: int = Field(default=14, ge=7, le=35)
    """Days of point-in-time recovery."""


class Cache(Section):
    """ElastiCache, one replication group in each region."""

    node_type: CacheNodeType
    """Type of every node."""
    replicas: int = Field(default=2, ge=1, le=5)
    """Replicas beside the primary node, in other zones."""
    snapshot_retention_days: int = Field(default=7, ge=1, le=35)
    """Days that daily snapshots are kept."""


class Artifacts(Section):
    """The bucket for artifacts, models, logs and checkpoints."""

    noncurrent_days: int = Field(default=90, ge=30, le=3650)
    """Days that overwritten and deleted versions can be brought back."""


class Prefect(Section):
    """The orchestrator."""

    servers: int = Field(default=3, ge=2, le=50)
    """API server replicas."""
    workers: int = Field(default=2, ge=2, le=100)
    """Worker replicas of the pool."""
    work_pool: Name = "kubernetes"
    """Name of the work pool."""


class Model(Section):
    """A model server."""

    name: Name
    """Name of its release; unique among the models."""
    repository_prefix: Annotated[str, StringConstraints(pattern=r"^[\w.-]+(/[\w.-]+)*$")] = "models"
    """Prefix of its model repository in the artifact bucket."""
    gpus_per_replica: int = Field(default=1, ge=1, le=8)
    """GPUs of one replica."""
    replicas: int = Field(default=2, ge=2, le=100)
    """Replicas that always run."""
    max_replicas: int = Field(default=3, ge=2, le=500)
    """Most replicas under load; more than the GPU nodes hold stay pending."""
    startup_seconds: int = Field(default=600, ge=30, le=7200)
    """Longest time for loading the weights; after it a replica counts as failed."""
    paths: list[PathPattern] = Field(default=["/v2/*"], min_length=1, max_length=5)
    """Path patterns that the load balancer sends to it; no two models share one."""

    @model_validator(mode="after")
    def _max_is_above_floor(self) -> Self:
        if self.max_replicas <= self.replicas:
            raise _at("max_replicas", self.max_replicas, f"must be above replicas ({self.replicas})")
        return self


class Platform(Section):
    """What both regions share (``tandem:platform`` in Pulumi.yaml)."""

    name: Name
    """Prefix of every name that people see."""
    account_id: AccountId
    """The only AWS account these stacks may touch."""
    dns: Dns
    """Names and failover."""
    traffic: Traffic
    """Who may reach the platform."""
    kubernetes: Kubernetes
    """The clusters."""
    nat_gateways: NatGateways = NatGateways.PER_ZONE
    """``per-zone`` or ``single``."""
    database: Database
    """The database."""
    cache: Cache
    """The cache."""
    artifacts: Artifacts = Artifacts()
    """The artifact bucket."""
    prefect: Prefect = Prefect()
    """The orchestrator."""
    models: Annotated[list[Model], Field(min_length=1), AfterValidator(_models_told_apart)]
    """The model servers; no two share a name or a path."""


class Region(Section):
    """What is this region's own (``tandem:region`` in Pulumi.<stack>.yaml)."""

    cidr: VpcCidr
    """Network of the VPC; overlaps with no other region's."""
    zones: Annotated[list[str], Field(min_length=2, max_length=4), AfterValidator(_all_different)]
    """Two to four availability zones; three unless there is a reason."""
    joins: Name | None = None
    """Stack that founded the platform. Absent in the founding stack."""
    protected: bool = True
    """Refuse to delete what holds data. Set to false, and run ``pulumi up``, before the stack is taken down."""


@dataclass(frozen=True)
class Settings:
    """Everything one stack is told."""

    platform: Platform
    region: Region
    region_name: str
    """AWS region of the stack."""

    @property
    def founds(self) -> bool:
        """Whether this stack founds the platform, rather than joining it."""
        return self.region.joins is None

    @property
    def regional_name(self) -> str:
        """Physical name of what there is one of in each region, such as ``tandem-us-east-1``."""
        return f"{self.platform.name}-{self.region_name}"


class _Misplaced(ValueError):
    """A mistake found by a rule over several fields, with the place to point at."""

    def __init__(self, path: str, value: object, reason: str) -> None:
        self.path, self.value, self.reason = path, value, reason
        super().__init__(reason)


def _at(path: str, value: object, reason: str) -> _Misplaced:
    return _Misplaced(path, value, reason)


def parse(values: Mapping[str, str]) -> Settings:
    """Check a stack's configuration as the engine hands it over: full keys, structured values as JSON text.

    Raises:
        SettingsError: With one line for each mistake.
    """
    mistakes = list(_unknown_keys(values))
    platform = _section(Platform, PLATFORM_KEY, values, mistakes)
    region = _section(Region, REGION_KEY, values, mistakes)
    region_name = values.get(AWS_REGION_KEY, "")
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", region_name):
        mistakes.append(_mistake(AWS_REGION_KEY, region_name or None, "must be an AWS region such as us-east-1"))
    elif region is not None:
        mistakes += _foreign_zones(region, region_name)
    if platform is not None and region is not None:
        mistakes += _lost_zone_room(platform, region)
    if mistakes or platform is None or region is None:
        raise SettingsError(mistakes)
    return Settings(platform, region, region_name)


def load() -> Settings:
    """Settings of the running stack.

    Raises:
        SettingsError: With one line for each mistake.
    """
    values = {key: value for key in pulumi.runtime.get_config_env() if (value := _read(key)) is not None}
    for key in (PLATFORM_KEY, REGION_KEY, AWS_REGION_KEY):
        value = _read(key)
        if value is not None:
            values[key] = value
    return parse(values)


def json_schema() -> dict[str, Any]:
    """JSON schema (2020-12) of the ``config`` part of Pulumi.yaml and Pulumi.<stack>.yaml."""
    platform = Platform.model_json_schema(ref_template="#/$defs/{model}")
    region = Region.model_json_schema(ref_template="#/$defs/{model}")
    definitions = {**platform.pop("$defs", {}), **region.pop("$defs", {}), "Platform": platform, "Region": region}
    # Pulumi.yaml wraps a structured value in `value:`, a stack file does not.
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of tandem",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {
                    AWS_REGION_KEY: {"type": "string", "description": "AWS region of the stack."},
                    PLATFORM_KEY: {"type": "object", "properties": {"value": {"$ref": "#/$defs/Platform"}}},
                    REGION_KEY: {"$ref": "#/$defs/Region"},
                },
            }
        },
        "$defs": definitions,
    }


def _read(key: str) -> str | None:
    namespace, name = key.split(":", 1)
    return pulumi.Config(namespace).get(name)


def _unknown_keys(values: Mapping[str, str]) -> Iterator[str]:
    known = (PLATFORM_KEY, REGION_KEY)
    for key in sorted(values):
        if key.startswith("tandem:") and key not in known:
            yield _mistake(key, None, f"is not a setting{_nearest(key, known)}")


def _section(model: type[SectionT], key: str, values: Mapping[str, str], mistakes: list[str]) -> SectionT | None:
    text = values.get(key)
    if text is None:
        mistakes.append(f"{key}: is missing")
        return None
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        mistakes += [_explain(key, model, detail) for detail in error.errors(include_url=False)]
        return None


def _explain(key: str, model: type[Section], detail: ErrorDetails) -> str:
    location, context = detail["loc"], detail.get("ctx", {})
    path = _path(key, location)
    misplaced = context.get("error")
    if isinstance(misplaced, _Misplaced):
        return _mistake(f"{path}.{misplaced.path}", misplaced.value, misplaced.reason)
    if isinstance(misplaced, ValueError):
        return _mistake(path, detail["input"], str(misplaced))
    match detail["type"]:
        case "extra_forbidden":
            names = _fields_at(model, location[:-1])
            return _mistake(path, None, f"is not a setting{_nearest(str(location[-1]), names)}")
        case "missing":
            return f"{path}: is missing"
        case "json_invalid":
            return _mistake(path, None, f"must be a mapping of settings ({detail['msg']})")
        case "string_pattern_mismatch":
            return _mistake(path, detail["input"], _meaning(model, location) or f"must match {context['pattern']}")
        case "string_type" if isinstance(detail["input"], int | float):
            return _mistake(path, detail["input"], "must be text: put it in quotes")
        case _:
            message = detail["msg"].replace("Input should be", "must be").replace("List should have", "must have")
            return _mistake(path, detail["input"], message[:1].lower() + message[1:])


def _path(key: str, location: tuple[int | str, ...]) -> str:
    return key + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)


def _fields_at(model: type[Section], location: tuple[int | str, ...]) -> list[str]:
    schema: dict[str, Any] = model.model_json_schema()
    here = schema
    for part in location:
        here = here["items"] if isinstance(part, int) else here["properties"][part]
        while "$ref" in here:
            here = schema["$defs"][here["$ref"].rsplit("/", 1)[-1]]
    return list(here.get("properties", {}))


_MEANINGS = {
    "account_id": "must be twelve digits, in quotes",
    "name": "must be lower-case letters, digits and inner hyphens, starting with a letter",
    "joins": "must be the name of a stack: lower-case letters, digits and inner hyphens",
    "work_pool": "must be lower-case letters, digits and inner hyphens, starting with a letter",
    "zone_name": "must be a domain name such as ai.example.com, lower case, without a final dot",
    "admin_role_arns": "must be the ARN of an IAM role such as arn:aws:iam::123456789012:role/platform-admin",
    "instance_types": "must be an EC2 instance type such as m7i.xlarge",
    "instance_class": "must be an Aurora instance class such as db.r6g.large",
    "node_type": "must be an ElastiCache node type such as cache.r7g.large",
    "engine_version": 'must be an Aurora PostgreSQL version in quotes such as "17.5"',
    "paths": "must be a path pattern such as /v2/*",
    "repository_prefix": "must be a path of letters, digits, '.', '_' and '-', without a leading or final slash",
}
"""What a pattern wants, in words, by the last name in the path."""


def _meaning(model: type[Section], location: tuple[int | str, ...]) -> str | None:
    names = [part for part in location if isinstance(part, str)]
    return _MEANINGS.get(names[-1]) if names else model.__doc__


def _nearest(name: str, candidates: Iterable[str]) -> str:
    allowed = sorted(candidates)
    close = difflib.get_close_matches(name, allowed, n=1, cutoff=0.6) or [known for known in allowed if name in known]
    return f"; did you mean {close[0]}?" if close else f"; allowed: {', '.join(allowed)}"


def _mistake(path: str, value: object, reason: str) -> str:
    got = "" if value is None else f" (got {json.dumps(value, default=str)})"
    return f"{path}: {reason}{got}"


def _foreign_zones(region: Region, region_name: str) -> Iterator[str]:
    for position, zone in enumerate(region.zones):
        if not re.fullmatch(re.escape(region_name) + "[a-z]", zone):
            reason = f"must be a zone of {region_name} such as {region_name}a"
            yield _mistake(f"{REGION_KEY}.zones[{position}]", zone, reason)


def _lost_zone_room(platform: Platform, region: Region) -> Iterator[str]:
    zones = len(region.zones)
    for group in ("system_nodes", "gpu_nodes"):
        nodes: Nodes = getattr(platform.kubernetes, group)
        needed = least_per_zone(zones=zones, floor_per_zone=nodes.floor_per_zone)
        if nodes.max_per_zone < needed:
            reason = (
                f"must be at least {needed}: with {zones} zones and a floor of {nodes.floor_per_zone}, "
                "the others must hold the nodes of a lost one"
            )
            yield _mistake(f"{PLATFORM_KEY}.kubernetes.{group}.max_per_zone", nodes.max_per_zone, reason)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(json_schema(), indent=2) + "\n")
