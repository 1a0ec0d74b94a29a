"""What a user may say: one model for each section of the settings, with units, defaults, limits, and what each costs.

Pure data: reading and explaining mistakes is ``infra.settings``'s. A field's docstring says what it is; ``unit`` and
``costs`` go into the reference (docs/settings.md) and the JSON schema that editors complete from.
"""

from collections.abc import Callable
from ipaddress import IPv4Network
from itertools import combinations
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from components.kubernetes import AmiFamily
from components.network import NatGateways

LEAST_REDIRECT_SECONDS = 31
"""What components.dns.plan_detection can still keep: one failed check and a TTL of 5 s."""

PRIVATE_RANGES = tuple(IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
"""RFC 1918. A VPC outside it would shadow somebody's public addresses."""

SUPPORTED_KUBERNETES = ("1.33", "1.34", "1.35")
"""Minor versions that the pinned charts run on. EKS ends standard support of 1.34 on 2 December 2026 and of 1.35 on 27
March 2027; that of 1.33 ended on 29 July 2026 (EKS user guide, "Understand the Kubernetes version lifecycle")."""

LOG_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
                      3288, 3653)  # fmt: skip
"""Retentions that CloudWatch Logs knows (API reference, PutRetentionPolicy)."""


class Misplaced(ValueError):
    """A mistake found by a rule over several fields, with the place to point at."""

    def __init__(self, path: str, value: object, reason: str) -> None:
        self.path, self.value, self.reason = path, value, reason
        super().__init__(reason)


def _say(default: Any = ..., *, unit: str | None = None, costs: str, **limits: Any) -> Any:
    """A field with what the reference says of it."""
    extra: dict[str, JsonValue] = {"costs": costs} if unit is None else {"unit": unit, "costs": costs}
    return Field(default, json_schema_extra=extra, **limits)


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


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return value

    return check


def _retention(value: int) -> int:
    if value not in LOG_RETENTION_DAYS:
        raise ValueError(f"must be one of {', '.join(map(str, LOG_RETENTION_DAYS))}")
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


def _disjoint(cidrs: dict[str, str]) -> dict[str, str]:
    for (one, first), (other, second) in combinations(cidrs.items(), 2):
        if IPv4Network(first).overlaps(IPv4Network(second)):
            raise Misplaced(
                other, second, f"overlaps {first} of {one}; regions whose addresses overlap can never be linked"
            )
    return cidrs


Cidr = Annotated[str, AfterValidator(_network)]
"""IPv4 network in CIDR notation, host bits zero."""
PartialCidr = Annotated[str, AfterValidator(_partial_network)]
"""IPv4 network in CIDR notation, but not the whole internet."""
KubernetesVersion = Annotated[str, AfterValidator(_one_of(SUPPORTED_KUBERNETES))]
"""One of SUPPORTED_KUBERNETES."""
VpcCidr = Annotated[str, AfterValidator(_vpc_network)]
"""Private IPv4 network of a VPC, /16 or /17."""
RetentionDays = Annotated[int, AfterValidator(_retention)]
"""One of LOG_RETENTION_DAYS."""
AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
"""AWS account: twelve digits, in quotes (YAML reads leading zeros as a number)."""
RoleArn = Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$")]
"""ARN of an IAM role."""
RegionName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
"""AWS region such as us-east-1."""
ZoneName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d[a-z]$")]
"""Availability zone such as us-east-1a."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]*[a-z0-9])?$", min_length=2, max_length=20)]
"""Lower-case letters, digits and inner hyphens, 2 to 20 characters: it becomes part of DNS names and identifiers."""
DomainName = Annotated[
    str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=253)
]
"""Fully qualified domain name, lower case, no final dot."""
EmailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
"""E-mail address."""
InstanceType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$")]
"""EC2 instance type such as m7i.xlarge. Whether a region offers it is checked by the provider at preview."""
DatabaseClass = Annotated[str, StringConstraints(pattern=r"^db\.[a-z0-9-]+\.[a-z0-9-]+$")]
"""Aurora instance class such as db.r6g.large. Whether a region offers it is checked by the provider at preview."""
CacheNodeType = Annotated[str, StringConstraints(pattern=r"^cache\.[a-z0-9-]+\.[a-z0-9-]+$")]
"""ElastiCache node type such as cache.r7g.large. Whether a region offers it is checked by the provider at preview."""
PathPattern = Annotated[str, StringConstraints(pattern=r"^/[\w$/.~\"'@:+&*?-]*$", max_length=128)]
"""Path pattern of a load balancer, with ``*`` and ``?``."""
RepositoryName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([._/-][a-z0-9]+)*$", max_length=200)]
"""Name of an image repository, lower case."""


class Section(BaseModel):
    """A part of the settings: unknown keys are mistakes, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


SectionT = TypeVar("SectionT", bound=Section)


class Objectives(Section):
    """What is promised. Health checks, TTLs, backups, the database's guard and every alarm are derived from here."""

    redirect_seconds: int = _say(
        70, ge=LEAST_REDIRECT_SECONDS, le=600, unit="seconds",
        costs="Less reacts to shorter disturbances: one failed check may move everybody",
    )  # fmt: skip
    """Longest time until clients are led away from a region that has died: it gives the health check's threshold and
    the records' TTL (10 s x (threshold + 1) + 6 s + TTL at worst)."""
    recovery_point_seconds: int = _say(
        60, ge=20, le=86_400, unit="seconds", costs="Less alarms earlier about lag between the regions"
    )
    """Most recent writes that losing a region may cost. Alarms fire before it is exceeded."""
    recovery_point_enforced: bool = _say(
        False,
        costs="The promise is kept by waiting: while the joining region is dark, the writer's commits wait too, until "
        "an operator removes that member",
    )
    """Let Aurora hold back commits rather than exceed ``recovery_point_seconds`` (``rds.global_db_rpo``), while the
    founding region writes: the other one, promoted alone, would wait for a region that is gone."""
    recovery_time_minutes: int = _say(
        15, ge=1, le=1440, unit="minutes", costs="Nothing: ARC reports every execution against it"
    )
    """Longest time until the other region serves and writes."""
    recovery_window_days: int = _say(14, ge=7, le=35, unit="days", costs="Backup storage")
    """How far back the database can be brought to any second."""


class Network(Section):
    """Addresses, and the ways out and across."""

    cidrs: Annotated[dict[RegionName, VpcCidr], AfterValidator(_disjoint)] = _say(
        min_length=1, max_length=2, costs="Nothing; it can never be changed"
    )
    """Network of each region's VPC, /16 or /17; disjoint. Both stand here before the second region does, so that no
    stack can take the other's addresses."""
    nat_gateways: NatGateways = _say(
        NatGateways.PER_ZONE, costs="One NAT gateway by the hour for each zone; `single` lets one zone take all along"
    )
    """``per-zone`` or ``single``."""
    link: Literal["none", "peering", "transit-gateway"] = _say(
        "none",
        costs="Peering: traffic between the regions. Transit Gateway: two gateways and their attachments by the hour",
    )
    """Private way between the regions. Nothing of the platform needs one; with it, the region that does not write
    reaches the writer directly."""


class Dns(Section):
    """The names."""

    zone_name: DomainName = _say(costs="Nothing")
    """Hosted zone that the platform's names live in."""
    create_zone: bool = _say(False, costs="A hosted zone by the month")
    """Let the founding stack create the zone. Otherwise it is looked up and must exist."""


class Traffic(Section):
    """Who may reach the platform from outside, and which region answers."""

    allowed_cidrs: list[Cidr] = _say(min_length=1, costs="Nothing")
    """Networks that may reach the load balancer on 443. Route 53's health checkers are let in besides."""
    active_routing: Literal["latency", "weighted"] = _say("latency", costs="Nothing")
    """How clients are spread over the regions in mode ``active-active``."""
    weights: dict[RegionName, Annotated[int, Field(ge=1, le=255)]] = _say({}, costs="Nothing")
    """Share of the clients by region, where ``active_routing`` is ``weighted``. Default: equal shares."""
    firewall: bool = _say(False, costs="A web ACL and five rules by the month, and every request")
    """Put AWS WAF before the load balancers: common attacks, bad addresses, too many requests."""
    requests_per_five_minutes: int = _say(
        10_000,
        ge=10,
        le=2_000_000_000,
        unit="requests",
        costs="Nothing; too low a limit blocks an office's one address",
    )
    """Requests that one address may make in five minutes, if there is a firewall."""
    accelerator: bool = _say(False, costs="Two fixed addresses by the hour, and traffic")
    """Give inference two fixed addresses that follow the healthy regions without DNS (AWS Global Accelerator)."""


class Nodes(Section):
    """A group of worker nodes, spread over the region's zones."""

    instance_types: list[InstanceType] = _say(min_length=1, costs="The instances")
    """In order of preference."""
    floor_per_zone: int = _say(1, ge=1, le=100, unit="nodes", costs="That many instances in each zone of each region")
    """Nodes that are always there in each zone, in the standby region too: capacity that must be asked for on the
    bad day is capacity that may be refused."""
    max_per_zone: int = _say(3, ge=1, le=100, unit="nodes", costs="Nothing until they are needed")
    """Most nodes in a zone; room for the work of a lost zone."""

    @model_validator(mode="after")
    def _max_is_not_below_floor(self) -> Self:
        if self.max_per_zone < self.floor_per_zone:
            raise Misplaced(
                "max_per_zone", self.max_per_zone, f"must be at least floor_per_zone ({self.floor_per_zone})"
            )
        return self


class ElasticNodes(Section):
    """What Karpenter adds to the floors, and takes away again."""

    instance_categories: list[Annotated[str, StringConstraints(pattern=r"^[a-z]{1,3}$")]] = _say(
        ["c", "m", "r"], min_length=1, costs="The instances while they are needed"
    )
    """EC2 instance categories for what needs no GPU."""
    cpu_limit: int = _say(256, ge=4, le=100_000, unit="vCPU", costs="The most that load can cost")
    """Most vCPUs added in the region."""
    gpu_limit_per_zone: int = _say(4, ge=0, le=10_000, unit="GPUs", costs="The most that load can cost")
    """Most GPUs added in each zone."""


class Kubernetes(Section):
    """The EKS cluster of each region."""

    version: KubernetesVersion = _say("1.35", costs="Nothing while in standard support")
    """Kubernetes minor version, in quotes: 1.33, 1.34 or 1.35. The same in both regions."""
    extended_support: bool = _say(False, costs="Six times the control plane's price after standard support has ended")
    """Keep a version beyond its standard support, instead of being upgraded by AWS when that ends."""
    admin_role_arns: list[RoleArn] = _say(min_length=1, costs="Nothing")
    """IAM roles with cluster-admin rights; the role that runs Pulumi must be among them."""
    public_access_cidrs: list[PartialCidr] = _say([], costs="Nothing")
    """Networks that may reach the API server from the internet. Empty: private endpoint only."""
    ami_family: AmiFamily = _say(AmiFamily.AL2023, costs="Nothing")
    """Operating system of the nodes: ``al2023`` or ``bottlerocket``, which brings its own GPU device plugin."""
    system_nodes: Nodes
    """Nodes for everything that needs no GPU."""
    gpu_nodes: Nodes
    """GPU nodes: one group for each zone, so that a zone without GPU capacity holds up no other."""
    elastic_nodes: ElasticNodes = ElasticNodes()
    """What comes and goes with the load."""
    autoshift_practice: bool = _say(
        True, costs="Half an hour a week on the zones that are left; capacity must bear that anyway"
    )
    """Let AWS move traffic out of a zone once a week for practice, and whenever it sees a zone fail."""


class Database(Section):
    """Aurora PostgreSQL, one cluster in each region, joined into a global database."""

    engine_version: Annotated[str, StringConstraints(pattern=r"^\d{2}\.\d{1,2}$")] = _say(costs="Nothing")
    """Aurora PostgreSQL version, in quotes. The same in both regions: members of a global database must match."""
    instance_class: DatabaseClass = _say(costs="The instances")
    """The same for writer and readers, so that a promoted reader carries the load."""
    instances: int = _say(3, ge=2, le=15, unit="instances", costs="That many instances in each region")
    """Instances in each region, each in a zone of its own while zones last."""
    write_forwarding: bool = _say(True, costs="Latency of the other region on every forwarded write")
    """Let the region that does not write forward its sessions' writes. Without it they wait for a failover."""
    proxy: bool = _say(True, costs="By the vCPU of the instances behind it")
    """Put RDS Proxy before each cluster, for applications that open many connections."""
    rotation_days: int = _say(30, ge=1, le=1000, unit="days", costs="Nothing")
    """Days after which the owner's password is changed."""


class Broker(Section):
    """The orchestrator's queue: not sharded, because Prefect knows standalone Redis only."""

    node_type: CacheNodeType = _say(costs="The nodes")
    """Type of every node."""
    replicas: int = _say(2, ge=1, le=5, unit="replicas", costs="That many nodes more in each region")
    """Replicas beside the primary node, in other zones."""


class ApplicationCache(Section):
    """The applications' cache, in cluster mode."""

    node_type: CacheNodeType = _say(costs="The nodes")
    """Type of every node. A global datastore takes no burstable (t) types."""
    shards: int = _say(2, ge=1, le=90, unit="shards", costs="Shards x (replicas + 1) nodes in each region")
    """Parts that the keys are spread over."""
    replicas_per_shard: int = _say(1, ge=1, le=5, unit="replicas", costs="That many nodes more for each shard")
    """Replicas of each shard, in other zones."""
    global_datastore: bool = _say(False, costs="Traffic between the regions")
    """Let the joining region follow the founder's cache, read-only until it is promoted by hand."""

    @model_validator(mode="after")
    def _no_burstable_global(self) -> Self:
        if self.global_datastore and self.node_type.startswith("cache.t"):
            raise Misplaced("node_type", self.node_type, "must not be burstable: a global datastore takes none")
        return self


class Cache(Section):
    """ElastiCache in each region."""

    broker: Broker
    """The orchestrator's queue, leases and docket."""
    application: ApplicationCache
    """What applications cache."""
    snapshot_retention_days: int = _say(7, ge=1, le=35, unit="days", costs="Snapshot storage")
    """Days that daily snapshots are kept."""


class Storage(Section):
    """The buckets: artifacts, checkpoints, models, logs, audit."""

    noncurrent_days: int = _say(90, ge=7, le=3650, unit="days", costs="Storage of what was replaced")
    """Days that overwritten and deleted versions can be brought back."""
    log_days: int = _say(365, ge=30, le=3650, unit="days", costs="Storage")
    """Days that logs in the log bucket are kept."""
    audit_lock_days: int = _say(365, ge=30, le=3650, unit="days", costs="Storage that nobody can end sooner")
    """Days that nobody can delete or change what was written to the audit bucket."""


class Logs(Section):
    """What AWS writes down of the platform, in CloudWatch."""

    cluster_days: RetentionDays = _say(90, unit="days", costs="Log storage")
    """Days that the clusters' control-plane logs are kept."""
    network_days: RetentionDays = _say(90, unit="days", costs="Log storage")
    """Days that records of the network's flows, and of what the firewall blocked, are kept."""
    data_days: RetentionDays = _say(90, unit="days", costs="Log storage")
    """Days that the databases' and caches' logs are kept."""


class Registry(Section):
    """Container images: founded in one region, copied to the other."""

    repositories: Annotated[list[RepositoryName], AfterValidator(_all_different)] = _say(
        ["flows", "models"], min_length=1, costs="Storage in both regions"
    )
    """Repositories, below the platform's name."""
    enhanced_scanning: bool = _say(False, costs="Amazon Inspector for every image")
    """Look for vulnerabilities continuously, also in language packages, not only on push."""
    pull_through: Annotated[list[Literal["ecr-public", "kubernetes", "quay"]], AfterValidator(_all_different)] = _say(
        [], costs="Storage of what was pulled"
    )
    """Public registries whose images are kept in this account, so that an outage of theirs keeps no pod from
    starting."""


class Backup(Section):
    """Backups beside the database's own: daily, copied to the other region, locked, and restored for practice."""

    retention_days: int = _say(35, ge=7, le=3650, unit="days", costs="Backup storage in both regions")
    """Days that daily backups are kept."""
    hour_utc: int = _say(3, ge=0, le=23, unit="hour of the day", costs="Nothing")
    """Hour in which they start."""
    lock_days: int = _say(7, ge=1, le=3650, unit="days", costs="Storage that nobody can end sooner")
    """Days that nobody can delete a backup."""
    restore_test_weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = _say(
        "sun", costs="An instance for the hours of the test, once a week"
    )
    """Day on which AWS restores the newest backup and throws the result away."""

    @model_validator(mode="after")
    def _locked_no_longer_than_kept(self) -> Self:
        if self.lock_days > self.retention_days:
            raise Misplaced("lock_days", self.lock_days, f"must be at most retention_days ({self.retention_days})")
        return self


class SlackChannel(Section):
    """A Slack channel that AWS Chatbot may write to."""

    workspace_id: Annotated[str, StringConstraints(pattern=r"^[TW][0-9A-Z]{6,20}$")] = _say(costs="Nothing")
    """Workspace, authorised once in the AWS console."""
    channel_id: Annotated[str, StringConstraints(pattern=r"^[CG][0-9A-Z]{6,20}$")] = _say(costs="Nothing")
    """Channel."""


class TeamsChannel(Section):
    """A Microsoft Teams channel that AWS Chatbot may write to."""

    tenant_id: str = _say(min_length=36, max_length=36, costs="Nothing")
    """Tenant, authorised once in the AWS console."""
    team_id: str = _say(min_length=36, max_length=36, costs="Nothing")
    """Team."""
    channel_id: str = _say(min_length=1, costs="Nothing")
    """Channel, percent-encoded as Teams shows it."""


class Alerts(Section):
    """Who hears of an alarm. Addresses that are secrets are set apart: ``pulumi config set --secret tandem:<key>``."""

    emails: list[EmailAddress] = _say([], costs="Nothing; each must confirm once")
    """E-mail addresses."""
    pagerduty: bool = _say(False, costs="Nothing")
    """PagerDuty's CloudWatch integration; its URL is the secret ``pagerduty_url``."""
    opsgenie: bool = _say(False, costs="Nothing")
    """Opsgenie's SNS integration; its URL is the secret ``opsgenie_url``."""
    webhook: bool = _say(False, costs="Nothing")
    """Any HTTPS endpoint; its URL is the secret ``webhook_url``."""
    slack: SlackChannel | None = _say(None, costs="Nothing")
    """A Slack channel."""
    teams: TeamsChannel | None = _say(None, costs="Nothing")
    """A Teams channel."""

    @property
    def secret_keys(self) -> list[str]:
        """Secrets that must be set for what is switched on."""
        return [f"{name}_url" for name in ("pagerduty", "opsgenie", "webhook") if getattr(self, name)]


class Failover(Section):
    """The plan by which ARC Region switch moves the platform, in both directions."""

    approval: bool = _say(True, costs="The time until somebody answers, in every failover")
    """Let somebody approve a run before anything moves."""
    approval_role_arn: RoleArn | None = _say(None, costs="Nothing")
    """IAM role whose bearers approve. Default: one is made, for whoever may assume roles of this account."""
    accept_data_loss: bool = _say(
        False, costs="False refuses to promote while the old writer cannot be asked: the platform stays read-only"
    )
    """When the dark region's database cannot be switched over, promote the other one and lose what it had not
    received. Otherwise that step waits for an operator."""
    start_on_alarm: bool = _say(False, costs="A false alarm moves the platform")
    """Let the alarm that a region cannot serve start the plan. It stands in that region, and is gone with it: when a
    whole region is dark, somebody starts the plan either way."""


class Prefect(Section):
    """The orchestrator."""

    servers: int = _say(3, ge=2, le=50, unit="pods", costs="CPU and memory of the system nodes")
    """API server replicas."""
    workers: int = _say(2, ge=2, le=100, unit="pods", costs="CPU and memory of the system nodes")
    """Worker replicas of the pool."""
    work_pool: Name = _say("kubernetes", costs="Nothing")
    """Name of the work pool."""


class Model(Section):
    """A model server."""

    name: Name = _say(costs="Nothing")
    """Name of its release; unique among the models."""
    repository_prefix: Annotated[str, StringConstraints(pattern=r"^[\w.-]+(/[\w.-]+)*$")] = _say(
        "models", costs="Nothing"
    )
    """Prefix of its model repository in the bucket of models."""
    gpus_per_replica: int = _say(1, ge=1, le=8, unit="GPUs", costs="The GPU nodes")
    """GPUs of one replica."""
    replicas: int = _say(2, ge=2, le=100, unit="pods", costs="The GPU nodes, in both regions")
    """Replicas that always run."""
    max_replicas: int = _say(3, ge=2, le=500, unit="pods", costs="GPU nodes while they are needed")
    """Most replicas under load."""
    startup_seconds: int = _say(600, ge=30, le=7200, unit="seconds", costs="A broken replica is noticed later")
    """Longest time for loading the weights; after it a replica counts as failed."""
    paths: list[PathPattern] = _say(["/v2/*"], min_length=1, max_length=5, costs="Nothing")
    """Path patterns that the load balancer sends to it; no two models share one."""

    @model_validator(mode="after")
    def _max_is_above_floor(self) -> Self:
        if self.max_replicas <= self.replicas:
            raise Misplaced("max_replicas", self.max_replicas, f"must be above replicas ({self.replicas})")
        return self


class Platform(Section):
    """What both regions share (``tandem:platform`` in Pulumi.yaml)."""

    name: Name = _say(costs="Nothing; it can never be changed")
    """Prefix of every name that people see."""
    account_id: AccountId = _say(costs="Nothing")
    """The only AWS account these stacks may touch."""
    mode: Literal["active-passive", "active-active"] = _say(
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
    prefect: Prefect = Prefect()
    """The orchestrator."""
    models: Annotated[list[Model], AfterValidator(_models_told_apart)] = _say(min_length=1, costs="The GPU nodes")
    """The model servers; no two share a name or a path."""

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

    zones: Annotated[list[ZoneName], Field(min_length=2, max_length=4), AfterValidator(_all_different)] | None = _say(
        None, costs="A floor of nodes, a NAT gateway and endpoints in each"
    )
    """Two to four availability zones, in an order that never changes. Default: the region's a, b and c."""
    joins: Name | None = _say(None, costs="The second region")
    """Stack that founded the platform. Absent in the founding stack."""
    capacity_reservations: dict[ZoneName, Annotated[str, StringConstraints(pattern=r"^cr-[0-9a-f]{8,17}$")]] = _say(
        {}, costs="The reserved instances, used or not"
    )
    """On-demand capacity reservation that the zone's GPU nodes start in: capacity that cannot be refused."""
    protected: bool = _say(True, costs="Nothing")
    """Refuse to delete what holds data. Set to false, and run ``pulumi up``, before the stack is taken down."""
