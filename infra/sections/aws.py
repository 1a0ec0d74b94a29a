"""What stands in AWS: network, names, clusters, data, images, backups, alarms, the plan."""

from ipaddress import IPv4Network
from itertools import combinations
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from components.kubernetes import AmiFamily
from components.network import NatGateways
from infra.sections.kinds import (
    CacheNodeType,
    Cidr,
    DatabaseClass,
    DomainName,
    EmailAddress,
    InstanceType,
    KubernetesVersion,
    Misplaced,
    PartialCidr,
    RegionName,
    RepositoryName,
    RetentionDays,
    RoleArn,
    SecretName,
    Section,
    VpcCidr,
    all_different,
    say,
)


def _disjoint(cidrs: dict[str, str]) -> dict[str, str]:
    for (one, first), (other, second) in combinations(cidrs.items(), 2):
        if IPv4Network(first).overlaps(IPv4Network(second)):
            raise Misplaced(
                other, second, f"overlaps {first} of {one}; regions whose addresses overlap can never be linked"
            )
    return cidrs


class Network(Section):
    """Addresses, and the ways out and across."""

    cidrs: Annotated[dict[RegionName, VpcCidr], AfterValidator(_disjoint)] = say(
        min_length=1, max_length=2, costs="Nothing; it can never be changed"
    )
    """Network of each region's VPC, /16 or /17; disjoint. Both stand here before the second region does, so that no
    stack can take the other's addresses."""
    nat_gateways: NatGateways = say(
        NatGateways.PER_ZONE, costs="One NAT gateway by the hour for each zone; `single` lets one zone take all along"
    )
    """``per-zone`` or ``single``."""
    link: Literal["none", "peering", "transit-gateway"] = say(
        "none",
        costs="Peering: traffic between the regions. Transit Gateway: two gateways and their attachments by the hour",
    )
    """Private way between the regions. Nothing of the platform needs one; with it, the region that does not write
    reaches the writer directly."""


class Dns(Section):
    """The names."""

    zone_name: DomainName = say(costs="Nothing")
    """Hosted zone that the platform's names live in."""
    create_zone: bool = say(False, costs="A hosted zone by the month")
    """Let the founding stack create the zone. Otherwise it is looked up and must exist."""


class Traffic(Section):
    """Who may reach the platform from outside, and which region answers."""

    allowed_cidrs: list[Cidr] = say(min_length=1, costs="Nothing")
    """Networks that may reach the load balancer on 443. Route 53's health checkers are let in besides."""
    active_routing: Literal["latency", "weighted"] = say("latency", costs="Nothing")
    """How clients are spread over the regions in mode ``active-active``."""
    weights: dict[RegionName, Annotated[int, Field(ge=1, le=255)]] = say({}, costs="Nothing")
    """Share of the clients by region, where ``active_routing`` is ``weighted``. Default: equal shares."""
    firewall: bool = say(False, costs="A web ACL and five rules by the month, and every request")
    """Put AWS WAF before the load balancers: common attacks, bad addresses, too many requests."""
    requests_per_five_minutes: int = say(
        10_000,
        ge=10,
        le=2_000_000_000,
        unit="requests",
        costs="Nothing; too low a limit blocks an office's one address",
    )
    """Requests that one address may make in five minutes, if there is a firewall."""
    accelerator: bool = say(False, costs="Two fixed addresses by the hour, and traffic")
    """Give inference two fixed addresses that follow the healthy regions without DNS (AWS Global Accelerator)."""


class Nodes(Section):
    """A group of worker nodes, spread over the region's zones."""

    instance_types: list[InstanceType] = say(min_length=1, costs="The instances")
    """In order of preference."""
    floor_per_zone: int = say(1, ge=1, le=100, unit="nodes", costs="That many instances in each zone of each region")
    """Nodes that are always there in each zone, in the standby region too: capacity that must be asked for on the
    bad day is capacity that may be refused."""
    max_per_zone: int = say(3, ge=1, le=100, unit="nodes", costs="Nothing until they are needed")
    """Most nodes in a zone; room for the work of a lost zone."""
    disk_gib: int = say(100, ge=20, le=16_000, unit="GiB", costs="That much gp3 for each node")
    """Disk of each node: images, logs, and what pods keep there."""

    @model_validator(mode="after")
    def _max_is_not_below_floor(self) -> Self:
        if self.max_per_zone < self.floor_per_zone:
            raise Misplaced(
                "max_per_zone", self.max_per_zone, f"must be at least floor_per_zone ({self.floor_per_zone})"
            )
        return self


class GpuNodes(Nodes):
    """Worker nodes with GPUs, whose disks hold images of ten GiB and the models besides."""

    disk_gib: int = say(200, ge=20, le=16_000, unit="GiB", costs="That much gp3 for each node")
    """Disk of each node: images, and the models that its pods have copied; of nodes that Karpenter adds, too."""


class ElasticNodes(Section):
    """What Karpenter adds to the floors, and takes away again."""

    instance_categories: list[Annotated[str, StringConstraints(pattern=r"^[a-z]{1,3}$")]] = say(
        ["c", "m", "r"], min_length=1, costs="The instances while they are needed"
    )
    """EC2 instance categories for what needs no GPU."""
    cpu_limit: int = say(256, ge=4, le=100_000, unit="vCPU", costs="The most that load can cost")
    """Most vCPUs added in the region."""
    gpu_limit_per_zone: int = say(4, ge=0, le=10_000, unit="GPUs", costs="The most that load can cost")
    """Most GPUs added in each zone."""


class Kubernetes(Section):
    """The EKS cluster of each region."""

    version: KubernetesVersion = say("1.35", costs="Nothing while in standard support")
    """Kubernetes minor version, in quotes: 1.33, 1.34 or 1.35. The same in both regions."""
    extended_support: bool = say(False, costs="Six times the control plane's price after standard support has ended")
    """Keep a version beyond its standard support, instead of being upgraded by AWS when that ends."""
    admin_role_arns: list[RoleArn] = say(min_length=1, costs="Nothing")
    """IAM roles with cluster-admin rights; the role that runs Pulumi must be among them."""
    public_access_cidrs: list[PartialCidr] = say([], costs="Nothing")
    """Networks that may reach the API server from the internet. Empty: private endpoint only."""
    ami_family: AmiFamily = say(AmiFamily.AL2023, costs="Nothing")
    """Operating system of the nodes: ``al2023`` or ``bottlerocket``, which brings its own GPU device plugin."""
    system_nodes: Nodes
    """Nodes for everything that needs no GPU."""
    gpu_nodes: GpuNodes
    """GPU nodes: one group for each zone, so that a zone without GPU capacity holds up no other."""
    elastic_nodes: ElasticNodes = ElasticNodes()
    """What comes and goes with the load."""
    autoshift_practice: bool = say(
        True, costs="Half an hour a week on the zones that are left; capacity must bear that anyway"
    )
    """Let AWS move traffic out of a zone once a week for practice, and whenever it sees a zone fail."""


class Database(Section):
    """Aurora PostgreSQL, one cluster in each region, joined into a global database."""

    engine_version: Annotated[str, StringConstraints(pattern=r"^\d{2}\.\d{1,2}$")] = say(costs="Nothing")
    """Aurora PostgreSQL version, in quotes. The same in both regions: members of a global database must match."""
    instance_class: DatabaseClass = say(costs="The instances")
    """The same for writer and readers, so that a promoted reader carries the load."""
    instances: int = say(3, ge=2, le=15, unit="instances", costs="That many instances in each region")
    """Instances in each region, each in a zone of its own while zones last."""
    write_forwarding: bool = say(True, costs="Latency of the other region on every forwarded write")
    """Let the region that does not write forward its sessions' writes. Without it they wait for a failover."""
    proxy: bool = say(True, costs="By the vCPU of the instances behind it")
    """Put RDS Proxy before each cluster, for applications that open many connections."""
    rotation_days: int = say(30, ge=1, le=1000, unit="days", costs="Nothing")
    """Days after which the owner's password is changed."""


class Broker(Section):
    """The orchestrator's queue: not sharded, because Prefect knows standalone Redis only."""

    node_type: CacheNodeType = say(costs="The nodes")
    """Type of every node."""
    replicas: int = say(2, ge=1, le=5, unit="replicas", costs="That many nodes more in each region")
    """Replicas beside the primary node, in other zones."""


class ApplicationCache(Section):
    """The applications' cache, in cluster mode."""

    node_type: CacheNodeType = say(costs="The nodes")
    """Type of every node. A global datastore takes no burstable (t) types."""
    shards: int = say(2, ge=1, le=90, unit="shards", costs="Shards x (replicas + 1) nodes in each region")
    """Parts that the keys are spread over."""
    replicas_per_shard: int = say(1, ge=1, le=5, unit="replicas", costs="That many nodes more for each shard")
    """Replicas of each shard, in other zones."""
    global_datastore: bool = say(False, costs="Traffic between the regions")
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
    snapshot_retention_days: int = say(7, ge=1, le=35, unit="days", costs="Snapshot storage")
    """Days that daily snapshots are kept."""


class Storage(Section):
    """The buckets: artifacts, checkpoints, models, logs, audit."""

    noncurrent_days: int = say(90, ge=7, le=3650, unit="days", costs="Storage of what was replaced")
    """Days that overwritten and deleted versions can be brought back."""
    log_days: int = say(365, ge=30, le=3650, unit="days", costs="Storage; past a year, a copy that S3-02 asks for")
    """Days that logs in the log bucket are kept."""
    audit_lock_days: int = say(365, ge=30, le=3650, unit="days", costs="Storage that is not ended sooner")
    """Days that what was written to the audit bucket is locked (governance mode): nobody deletes or changes it but
    whoever has s3:BypassGovernanceRetention, and says so in the request."""


class Logs(Section):
    """What AWS writes down of the platform, in CloudWatch."""

    cluster_days: RetentionDays = say(90, unit="days", costs="Log storage")
    """Days that the clusters' control-plane logs are kept."""
    network_days: RetentionDays = say(90, unit="days", costs="Log storage")
    """Days that records of the network's flows, and of what the firewall blocked, are kept."""
    data_days: RetentionDays = say(90, unit="days", costs="Log storage")
    """Days that the databases' and caches' logs are kept."""


class Registry(Section):
    """Container images: founded in one region, copied to the other."""

    repositories: Annotated[list[RepositoryName], AfterValidator(all_different)] = say(
        ["flows", "models"], min_length=1, costs="Storage in both regions"
    )
    """Repositories, below the platform's name."""
    enhanced_scanning: bool = say(False, costs="Amazon Inspector for every image")
    """Look for vulnerabilities continuously, also in language packages, not only on push."""
    pull_through: Annotated[list[Literal["ecr-public", "kubernetes", "quay"]], AfterValidator(all_different)] = say(
        [], costs="Storage of what was pulled"
    )
    """Public registries whose images are kept in this account, so that an outage of theirs keeps no pod from
    starting."""


class Backup(Section):
    """Backups beside the database's own: daily, copied to the other region, locked, and restored for practice."""

    retention_days: int = say(35, ge=7, le=3650, unit="days", costs="Backup storage in both regions")
    """Days that daily backups are kept."""
    hour_utc: int = say(3, ge=0, le=23, unit="hour of the day", costs="Nothing")
    """Hour in which they start."""
    lock_days: int = say(7, ge=1, le=3650, unit="days", costs="Storage that is not ended sooner")
    """Days that a backup is locked (governance mode): nobody deletes it sooner but whoever may take off the vault's
    lock."""
    restore_test_weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = say(
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

    workspace_id: Annotated[str, StringConstraints(pattern=r"^[TW][0-9A-Z]{6,20}$")] = say(costs="Nothing")
    """Workspace, authorised once in the AWS console."""
    channel_id: Annotated[str, StringConstraints(pattern=r"^[CG][0-9A-Z]{6,20}$")] = say(costs="Nothing")
    """Channel."""


class TeamsChannel(Section):
    """A Microsoft Teams channel that AWS Chatbot may write to."""

    tenant_id: str = say(min_length=36, max_length=36, costs="Nothing")
    """Tenant, authorised once in the AWS console."""
    team_id: str = say(min_length=36, max_length=36, costs="Nothing")
    """Team."""
    channel_id: str = say(min_length=1, costs="Nothing")
    """Channel, percent-encoded as Teams shows it."""


class Alerts(Section):
    """Who hears of an alarm. Addresses that are secrets are set apart: ``pulumi config set --secret tandem:<key>``."""

    emails: list[EmailAddress] = say([], costs="Nothing; each must confirm once")
    """E-mail addresses."""
    pagerduty: bool = say(False, costs="Nothing")
    """PagerDuty's CloudWatch integration; its URL is the secret ``pagerduty_url``."""
    opsgenie: bool = say(False, costs="Nothing")
    """Opsgenie's SNS integration; its URL is the secret ``opsgenie_url``."""
    webhook: bool = say(False, costs="Nothing")
    """Any HTTPS endpoint; its URL is the secret ``webhook_url``."""
    slack: SlackChannel | None = say(None, costs="Nothing")
    """A Slack channel."""
    teams: TeamsChannel | None = say(None, costs="Nothing")
    """A Teams channel."""

    receivers: dict[Literal["pagerduty", "opsgenie", "slack", "teams", "webhook", "heartbeat"], SecretName] = say(
        {}, costs="A secret by the month, in each region"
    )
    """Whom the clusters' Alertmanagers tell themselves, by the secret of Secrets Manager, in each region, that opens
    the door: ``pagerduty`` with the key ``routing_key``, ``opsgenie`` with ``api_key``, the others with ``url``.
    ``heartbeat`` is called every minute, and calls you when that stops."""

    @property
    def secret_keys(self) -> list[str]:
        """Secrets that must be set for what is switched on."""
        return [f"{name}_url" for name in ("pagerduty", "opsgenie", "webhook") if getattr(self, name)]


class Failover(Section):
    """The plan by which ARC Region switch moves the platform, in both directions."""

    approval: bool = say(True, costs="The time until somebody answers, in every failover")
    """Let somebody approve a run before anything moves."""
    approval_role_arn: RoleArn | None = say(None, costs="Nothing")
    """IAM role whose bearers approve. Default: one is made, for whoever may assume roles of this account."""
    accept_data_loss: bool = say(
        False, costs="False refuses to promote while the old writer cannot be asked: the platform stays read-only"
    )
    """When the dark region's database cannot be switched over, promote the other one and lose what it had not
    received. Otherwise that step waits for an operator."""
    start_on_alarm: bool = say(False, costs="A false alarm moves the platform")
    """Let the alarm that a region cannot serve start the plan. It stands in that region, and is gone with it: when a
    whole region is dark, somebody starts the plan either way."""
