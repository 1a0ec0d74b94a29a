"""A region's alarms, and the two questions people ask of them: can it serve, and is data at risk."""

from collections.abc import Iterator, Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.dns import RegionAlarm
from components.monitoring import _plan
from components.monitoring._metric_alarm import Watched, metric_alarm
from components.monitoring._plan import AlarmClass


class WatchedDatabase(TypedDict):
    """A region's Aurora cluster."""

    cluster_identifier: pulumi.Input[str]
    """Physical name."""
    instances: NotRequired[list[pulumi.Input[str]]]
    """Physical names of its instances. Default: they are watched only as a whole."""


class WatchedCache(TypedDict):
    """A cache of this region."""

    node_ids: pulumi.Input[list[str]]
    """Ids of its nodes."""
    nodes: int
    """How many those are: shards times replicas and one."""
    evicts: NotRequired[bool]
    """A full one makes room by itself, so that being full is no alarm. Default false."""
    two_regions: NotRequired[bool]
    """It is a member of a cache of two regions. Default false."""


class WatchedLoadBalancer(TypedDict):
    """The way in."""

    arn: pulumi.Input[str]
    """ARN of the load balancer."""
    target_groups: dict[str, pulumi.Input[str]]
    """ARN of each service's target group, by the service's name."""
    serves: NotRequired[list[str]]
    """Services without which the region cannot serve. Default all."""


class WatchedNodes(TypedDict):
    """A node group."""

    asg_name: pulumi.Input[str]
    """Name of its Auto Scaling group."""
    floor: int
    """Nodes it must have."""


class AlarmsArgs(TypedDict):
    """Inputs of Alarms. Everything watched stands in the same region."""

    region_name: str
    """The region."""
    prefix: str
    """What every alarm's name begins with, unique in the account: CloudWatch writes over an alarm of the same name."""
    topic_arn: pulumi.Input[str]
    """Topic of this region that every alarm tells."""
    recovery_point_seconds: int
    """Work that may be lost with a region, in seconds of it."""
    database: WatchedDatabase
    """The database."""
    global_database: bool
    """It is a member of a global database. True in both regions: which of them lags changes with every switchover."""
    caches: dict[str, WatchedCache]
    """Caches by name."""
    nat_gateways: dict[str, pulumi.Input[str]]
    """Ids of the NAT gateways, by zone."""
    load_balancer: WatchedLoadBalancer
    """The way in."""
    node_groups: dict[str, WatchedNodes]
    """Node groups with a floor, by name."""
    certificate_arn: pulumi.Input[str]
    """Certificate that clients see."""
    queues: dict[str, pulumi.Input[str]]
    """Names of queues that somebody must be reading, by what they are for."""
    cluster_name: NotRequired[pulumi.Input[str]]
    """Kubernetes cluster. Default: it is not watched."""
    proxy_name: NotRequired[pulumi.Input[str]]
    """Proxy before the database. Default: none."""
    backup_vault_name: NotRequired[pulumi.Input[str]]
    """Vault that a plan of this region backs up to daily. Default: none."""
    copy_vault_name: NotRequired[pulumi.Input[str]]
    """Vault of the other region that the plan copies to: failed copies are counted under its name. Default: none."""
    more_data_alarms: NotRequired[list[pulumi.Input[str]]]
    """Names of other alarms of this region that mean data is at risk, such as ReplicationAlarms'. Default none."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class Alarms(pulumi.ComponentResource):
    """An alarm for every number that the objectives lean on, and two composite ones for people.

    ``{region}-cannot-serve`` fires when clients should be elsewhere, ``{region}-data-at-risk`` when more would be lost
    than was promised. Both, and each alarm behind them, tell the topic when they fire and when they end. A region that
    is gone tells nobody: its health check, which asks from elsewhere, does.

    Route 53 watches single metrics, not composite alarms: ``serving`` are those. Health checks' own metrics are in
    us-east-1 alone (Route 53 Developer Guide, "Monitoring health checks using CloudWatch"), so nothing here leans on
    them.

    Cost when idle: each alarm, by the month. State: none. Regions: all children regional.
    """

    cannot_serve_arn: pulumi.Output[str]
    """ARN of the composite alarm that means: this region cannot serve."""
    cannot_serve_name: str
    """Its name."""
    data_at_risk_arn: pulumi.Output[str]
    """ARN of the composite alarm that means: more would be lost than was promised."""
    serving: list[RegionAlarm]
    """What means that the region cannot serve, one metric each, as a region's health check takes them."""
    names: list[str]
    """Name of every alarm, the composite ones last."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        watched = list(plan_watched(args))
        serving = [each for each in watched if is_serving(each, args["load_balancer"].get("serves"))]
        data = [each for each in watched if each.watch.class_ is AlarmClass.DATA]
        more = args.get("more_data_alarms", [])
        _plan.check_alarms(
            recovery_point_seconds=int(args["recovery_point_seconds"]),
            floors={pool: int(nodes["floor"]) for pool, nodes in args["node_groups"].items()},
            serving=len(serving),
            data=len(data) + len(more),
        )
        check_serves(args["load_balancer"])
        region_name, region = args["region_name"], args.get("region")
        super().__init__("tandem:index:Alarms", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        made = {
            each.name: metric_alarm(
                name, each, prefix=args["prefix"], topic_arn=args["topic_arn"], region=region, opts=child
            )
            for each in watched
        }
        self.cannot_serve_name = f"{args['prefix']}-cannot-serve"
        composites = {
            "cannot-serve": ([made[each.name].name for each in serving], "this region cannot serve"),
            "data-at-risk": (
                [*[made[each.name].name for each in data], *more],
                "a failure now would lose more than the objective allows",
            ),
        }
        # The rule comes from the alarms' outputs: CloudWatch refuses one that names an alarm that is not there.
        whole = {
            key: aws.cloudwatch.CompositeAlarm(
                f"{name}-{key}",
                alarm_name=f"{args['prefix']}-{key}",
                alarm_description=meaning,
                alarm_rule=pulumi.Output.all(*children).apply(_plan.any_of),
                alarm_actions=[args["topic_arn"]],
                ok_actions=[args["topic_arn"]],
                region=region,
                opts=child,
            )
            for key, (children, meaning) in composites.items()
        }
        self.cannot_serve_arn = whole["cannot-serve"].arn
        self.data_at_risk_arn = whole["data-at-risk"].arn
        self.serving = [
            {
                "name": each.name,
                "alarm_name": made[each.name].name,
                "region": region_name,
                "settings": f"{each.watch.comparison} {each.threshold} {each.watch.periods}x{each.watch.period}s",
            }
            for each in serving
        ]
        self.names = [f"{args['prefix']}-{key}" for key in (*made, *whole)]
        self.register_outputs({"cannotServeArn": self.cannot_serve_arn, "dataAtRiskArn": self.data_at_risk_arn})


def plan_watched(args: AlarmsArgs) -> Iterator[Watched]:
    """Every row of the table on every thing there is."""
    seconds = {_plan.RECOVERY_POINT: float(args["recovery_point_seconds"])}

    def each(rows: Sequence[_plan.Watch], thing: str, *values: pulumi.Input[str]) -> Iterator[Watched]:
        for row in rows:
            yield Watched(row, thing, values, seconds)

    balancer = pulumi.Output.from_input(args["load_balancer"]["arn"]).apply(_plan.load_balancer_suffix)
    yield from each(_plan.BALANCER, "", balancer)
    for service, arn in args["load_balancer"]["target_groups"].items():
        targets = pulumi.Output.from_input(arn).apply(_plan.target_group_suffix)
        yield from each(_plan.TARGETS, service, targets, balancer)

    cluster = args["database"]["cluster_identifier"]
    yield from each(_plan.DATABASE, "", cluster)
    if args["global_database"]:
        yield from each(_plan.GLOBAL_DATABASE, "", cluster)
    for position, instance in enumerate(args["database"].get("instances", [])):
        yield from each(_plan.INSTANCES, str(position), instance)
    if "proxy_name" in args:
        yield from each(_plan.PROXY, "", args["proxy_name"])

    for cache, of in args["caches"].items():
        rows = list(_plan.CACHE_NODES)
        if not of.get("evicts", False):
            rows += _plan.KEEPING_CACHE_NODES
        if of.get("two_regions", False):
            rows += _plan.GLOBAL_CACHE_NODES
        for position in range(int(of["nodes"])):
            yield from each(rows, f"{cache}-{position}", _node(of["node_ids"], position))

    for zone, gateway in args["nat_gateways"].items():
        yield from each(_plan.NAT, zone, gateway)
    for pool, nodes in args["node_groups"].items():
        for row in _plan.NODES:
            yield Watched(row, pool, [nodes["asg_name"]], {_plan.FLOOR: int(nodes["floor"])})
    if "cluster_name" in args:
        yield from each(_plan.CLUSTER, "", args["cluster_name"])
    yield from each(_plan.CERTIFICATE, "", args["certificate_arn"])
    for queue, queue_name in args["queues"].items():
        yield from each(_plan.QUEUES, queue, queue_name)
    if "backup_vault_name" in args:
        yield from each(_plan.VAULT, "", args["backup_vault_name"])
    if "copy_vault_name" in args:
        yield from each(_plan.COPIES, "", args["copy_vault_name"])


def is_serving(watched: Watched, serves: Sequence[str] | None) -> bool:
    """Whether this firing means that clients should be elsewhere."""
    if watched.watch.class_ is not AlarmClass.SERVING:
        return False
    return serves is None or watched.watch not in _plan.TARGETS or watched.thing in serves


def check_serves(balancer: WatchedLoadBalancer) -> None:
    """Refuse services that do not stand behind the load balancer.

    Raises:
        ValueError: With those that do.
    """
    for service in balancer.get("serves", []):
        if service not in balancer["target_groups"]:
            raise ValueError(
                f"load_balancer.serves: got {service!r}, must be one of {', '.join(balancer['target_groups'])}"
            )


def _node(ids: pulumi.Input[list[str]], position: int) -> pulumi.Output[str]:
    return pulumi.Output.from_input(ids).apply(lambda known: _plan.dimension(known, position))
