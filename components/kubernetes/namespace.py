"""A room of the cluster: who may come in, where its pods may go, and how much they may take."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

PodSecurity = Literal["restricted", "baseline", "privileged"]
"""Levels of the Pod Security Standards, strictest first."""

INSTANCE_METADATA = "169.254.169.254/32"
"""The node's metadata service, which hands out the node's own rights. EKS Pod Identity answers beside it, at
169.254.170.23, and a node's own name server, where there is one, at 169.254.20.10 (EKS user guide, "Learn how EKS Pod
Identity works"; kubernetes.io, "Using NodeLocal DNSCache in Kubernetes Clusters")."""

READINESS_GATES = {"elbv2.k8s.aws/pod-readiness-gate-inject": "enabled"}
"""Label by which the AWS Load Balancer Controller makes pods wait for their target to be healthy (its guide, "Pod
readiness gate")."""

_NAME = "kubernetes.io/metadata.name"
"""Label that the API server gives every namespace (kubernetes.io, "Well-Known Labels")."""


class Quota(TypedDict):
    """Most that all pods of a namespace may take together."""

    cpu: str
    """Requests for CPU, such as ``16`` or ``500m``."""
    memory: str
    """Requests for memory, such as ``64Gi``."""
    memory_limit: NotRequired[str]
    """Limits on memory. Default: as the requests."""
    pods: int
    """Pods that run or wait."""
    gpus: NotRequired[int]
    """GPUs. Default: as many as there are."""
    volume_claims: NotRequired[int]
    """Volume claims. Default: any number."""


class ContainerDefaults(TypedDict):
    """What a container gets that says nothing itself."""

    cpu: str
    """Its request for CPU. There is no limit on CPU: it slows a pod down on an idle node."""
    memory: str
    """Its request for memory."""
    memory_limit: NotRequired[str]
    """Its limit on memory. Default: as the request. A container that asks for more without a limit of its own is
    refused: this would be its limit."""
    memory_max: NotRequired[str]
    """Highest limit that a container may ask for. Default: any."""


class Admitted(TypedDict):
    """A namespace whose pods may come in."""

    namespace: str
    """Its name."""
    ports: list[int]
    """Ports of the pods that they may reach; never those of a service, which are rewritten on the way."""


class NamespaceArgs(TypedDict):
    """Inputs of Namespace."""

    namespace: str
    """Its name."""
    pod_security: PodSecurity
    """Strictest level that all of its pods satisfy. Others are refused."""
    vpc_cidrs: list[pulumi.Input[str]]
    """Networks of the VPC: from them the API server and the load balancers arrive."""
    webhook_ports: NotRequired[list[int]]
    """Ports of pods that the API server calls: admission webhooks, aggregated APIs. Default: none."""
    entrance_ports: NotRequired[list[int]]
    """Ports of pods that are targets of a load balancer: they are ready once it finds them healthy. Default: none."""
    admits: NotRequired[list[Admitted]]
    """Other namespaces whose pods may come in. Default: none."""
    monitoring_namespace: NotRequired[str]
    """Namespace of Prometheus, which may come in at every port. Default: nobody's."""
    quota: NotRequired[Quota]
    """Most that it may take of the cluster. Default: no limit."""
    container_defaults: NotRequired[ContainerDefaults]
    """Requests and limits of containers that have none. Default: CONTAINER_DEFAULTS where there is a quota, else
    none."""


CONTAINER_DEFAULTS: ContainerDefaults = {"cpu": "100m", "memory": "256Mi"}
"""Under a quota a pod without requests is refused (kubernetes.io, "Resource Quotas"), so every container gets some."""


class Namespace(pulumi.ComponentResource):
    """A namespace that nobody enters uninvited, and whose pods cannot take their node's rights.

    In come: its own pods, the namespaces named, Prometheus, and the VPC at the ports of webhooks and entrances. Pods
    have addresses of the VPC, so at those ports every pod of the cluster comes in: what listens there must ask who
    calls. A kubelet always reaches its own node's pods, for probes. Out goes everything but to the node's metadata
    service, so name resolution, Pod Identity, databases and AWS work.

    The policies hold only where something enforces them: on EKS the add-on ``vpc-cni`` with ``enableNetworkPolicy`` in
    its configuration. It does so moments after a pod has started, and never for pods on the host's network (EKS user
    guide, "Limit Pod traffic with Kubernetes network policies").

    With ``entrance_ports`` a new pod counts as ready once its load balancer finds it healthy: before, a roll-out could
    take the old pods away while the new ones still waited for their first good checks, and no target was left. Pods
    that start before their TargetGroupBinding stands, or while the controller does not answer, do not wait.

    Losing a zone loses nothing: these are rules, kept by the control plane and on every node.

    Cost when idle: none. State: none. Regions: one cluster's.
    """

    namespace_name: pulumi.Output[str]
    """Its name, known once its policies stand: no pod starts before them."""

    def __init__(self, name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan_namespace(args)
        super().__init__("tandem:index:Namespace", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        level = args["pod_security"]
        # What is refused is warned of and noted at the same level, so that a Deployment says it, too.
        labels = {f"pod-security.kubernetes.io/{mode}": str(level) for mode in ("enforce", "warn", "audit")}
        if args.get("entrance_ports"):
            labels |= READINESS_GATES
        namespace = k8s.core.v1.Namespace(
            name,
            metadata=k8s.meta.v1.ObjectMetaArgs(name=args["namespace"], labels=labels),
            opts=child,
        )
        inside = namespace.metadata.name
        rules: list[pulumi.Resource] = [
            k8s.networking.v1.NetworkPolicy(
                f"{name}-{role}",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=role, namespace=inside),
                spec=spec,
                opts=child,
            )
            for role, spec in render_policies(args).items()
        ]
        defaults = args.get("container_defaults", CONTAINER_DEFAULTS if "quota" in args else None)
        if defaults is not None:
            # Before the quota: between the two, pods without requests would be refused.
            rules.append(
                k8s.core.v1.LimitRange(
                    f"{name}-container-defaults",
                    metadata=k8s.meta.v1.ObjectMetaArgs(name="container-defaults", namespace=inside),
                    spec=k8s.core.v1.LimitRangeSpecArgs(limits=[render_limits(defaults)]),
                    opts=child,
                )
            )
        if "quota" in args:
            rules.append(
                k8s.core.v1.ResourceQuota(
                    f"{name}-quota",
                    metadata=k8s.meta.v1.ObjectMetaArgs(name="quota", namespace=inside),
                    spec=k8s.core.v1.ResourceQuotaSpecArgs(hard=render_quota(args["quota"])),
                    opts=pulumi.ResourceOptions(parent=self, depends_on=rules[-1:]),
                )
            )
        # A URN is known in a preview and only once its resource stands in an update; an id is not known in a preview,
        # and would leave unknown the namespace of everything in it.
        stand = pulumi.Output.all(*(rule.urn for rule in rules))
        self.namespace_name = stand.apply(lambda _: args["namespace"])
        self.register_outputs({"namespaceName": self.namespace_name})


def plan_namespace(args: NamespaceArgs) -> None:
    """Check names, ports and amounts.

    Raises:
        ValueError: With what is wrong and what to write instead.
    """
    name = args["namespace"]
    _check_name("namespace", name)
    if name == "default" or name.startswith("kube-"):
        raise ValueError(f"namespace: {name!r} is Kubernetes' own; write a name of the workload's")
    levels: tuple[PodSecurity, ...] = ("restricted", "baseline", "privileged")
    if args["pod_security"] not in levels:
        raise ValueError(f"pod_security: got {args['pod_security']!r}, must be one of {', '.join(levels)}")
    for field in ("webhook_ports", "entrance_ports"):
        ports = args.get(field, [])
        _check_ports(field, ports)
        if ports and not args["vpc_cidrs"]:
            raise ValueError(f"vpc_cidrs: is empty, so nobody reaches {field}; name the VPC's networks")
    admitted: set[str] = set()
    for index, other in enumerate(args.get("admits", [])):
        where = f"admits[{index}]"
        _check_name(f"{where}.namespace", other["namespace"])
        if other["namespace"] == name:
            raise ValueError(
                f"{where}.namespace: {name!r} is this namespace, whose own pods come in anyway; leave it out"
            )
        if other["namespace"] in admitted:
            raise ValueError(
                f"{where}.namespace: {other['namespace']!r} stands twice; write all of its ports in one place"
            )
        admitted.add(other["namespace"])
        if not other["ports"]:
            raise ValueError(f"{where}.ports: is empty, which Kubernetes reads as all ports; name them")
        _check_ports(f"{where}.ports", other["ports"])
    if "monitoring_namespace" in args:
        _check_name("monitoring_namespace", args["monitoring_namespace"])
    defaults = args.get("container_defaults", CONTAINER_DEFAULTS)
    _check_defaults(defaults)
    if "quota" in args:
        _check_quota(args["quota"], defaults)


def render_policies(args: NamespaceArgs) -> dict[str, Any]:
    """Specs of the network policies, by name. They add up: what one of them lets through passes."""
    vpc = [{"ipBlock": {"cidr": cidr}} for cidr in args["vpc_cidrs"]]
    policies: dict[str, Any] = {
        "deny-ingress": {"podSelector": {}, "policyTypes": ["Ingress"]},
        "allow-same-namespace": _lets_in([{"podSelector": {}}]),
        "deny-instance-metadata": {
            "podSelector": {},
            "policyTypes": ["Egress"],
            "egress": [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": [INSTANCE_METADATA]}}]}],
        },
    }
    if args.get("webhook_ports"):
        policies["allow-api-server"] = _lets_in(vpc, args.get("webhook_ports", []))
    if args.get("entrance_ports"):
        policies["allow-load-balancers"] = _lets_in(vpc, args.get("entrance_ports", []))
    for other in args.get("admits", []):
        policies[f"allow-from-{other['namespace']}"] = _lets_in([_pods_of(other["namespace"])], other["ports"])
    if "monitoring_namespace" in args:
        policies["allow-monitoring"] = _lets_in([_pods_of(args["monitoring_namespace"])])
    return policies


def render_limits(defaults: ContainerDefaults) -> "k8s.core.v1.LimitRangeItemArgs":
    """What the LimitRange says of containers.

    It says nothing of a highest CPU: that would be every container's limit on it (kubernetes.io, "Limit Ranges").
    """
    return k8s.core.v1.LimitRangeItemArgs(
        type="Container",
        default_request={"cpu": defaults["cpu"], "memory": defaults["memory"]},
        default={"memory": defaults.get("memory_limit", defaults["memory"])},
        max={"memory": defaults["memory_max"]} if "memory_max" in defaults else None,
    )


def render_quota(quota: Quota) -> dict[str, str]:
    """What the ResourceQuota counts, as Kubernetes names it."""
    hard = {
        "requests.cpu": quota["cpu"],
        "requests.memory": quota["memory"],
        "limits.memory": quota.get("memory_limit", quota["memory"]),
        "pods": str(int(quota["pods"])),
    }
    if "gpus" in quota:
        hard["requests.nvidia.com/gpu"] = str(int(quota["gpus"]))
    if "volume_claims" in quota:
        hard["persistentvolumeclaims"] = str(int(quota["volume_claims"]))
    return hard


def _pods_of(namespace: str) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {_NAME: namespace}}}


def _lets_in(callers: Sequence[dict[str, Any]], ports: Sequence[int] = ()) -> dict[str, Any]:
    rule: dict[str, Any] = {"from": list(callers)}
    if ports:
        rule["ports"] = [{"protocol": "TCP", "port": int(port)} for port in ports]
    return {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [rule]}


def _check_name(field: str, name: str) -> None:
    if len(name) > 63 or not re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name):
        raise ValueError(f"{field}: got {name!r}, must be at most 63 lower-case letters, digits and '-' inside")


def _check_ports(field: str, ports: Sequence[int]) -> None:
    for port in ports:
        if not 1 <= int(port) <= 65535:
            raise ValueError(f"{field}: got {port}, must be a port, 1 to 65535")
    if len({int(port) for port in ports}) < len(ports):
        raise ValueError(
            f"{field}: a port stands twice in {', '.join(str(int(port)) for port in ports)}; write it once"
        )


def _check_defaults(defaults: ContainerDefaults) -> None:
    request = amount("container_defaults.memory", defaults["memory"])
    amount("container_defaults.cpu", defaults["cpu"])
    limit = amount("container_defaults.memory_limit", defaults.get("memory_limit", defaults["memory"]))
    if limit < request:
        raise ValueError(
            f"container_defaults.memory_limit: got {defaults.get('memory_limit')}, must be at least the request, "
            f"{defaults['memory']}"
        )
    if "memory_max" in defaults and amount("container_defaults.memory_max", defaults["memory_max"]) < limit:
        raise ValueError(
            f"container_defaults.memory_max: got {defaults['memory_max']}, must be at least what a container gets "
            f"without asking, {defaults.get('memory_limit', defaults['memory'])}"
        )


def _check_quota(quota: Quota, defaults: ContainerDefaults) -> None:
    memory_limit = quota.get("memory_limit", quota["memory"])
    for field, total, one in (
        ("cpu", quota["cpu"], defaults["cpu"]),
        ("memory", quota["memory"], defaults["memory"]),
        ("memory_limit", memory_limit, defaults.get("memory_limit", defaults["memory"])),
    ):
        if amount(f"quota.{field}", total) < amount(f"container_defaults.{field}", one):
            raise ValueError(
                f"quota.{field}: got {total}, must hold one container of the defaults at least, which takes {one}: "
                "raise it, or lower container_defaults"
            )
    if amount("quota.memory_limit", memory_limit) < amount("quota.memory", quota["memory"]):
        raise ValueError(
            f"quota.memory_limit: got {memory_limit}, must be at least the requests, {quota['memory']}: no pod's limit "
            "is below its request, so the rest could never be used"
        )
    if int(quota["pods"]) < 1:
        raise ValueError(f"quota.pods: got {quota['pods']}, must be at least 1")
    for field, count in (("gpus", quota.get("gpus", 0)), ("volume_claims", quota.get("volume_claims", 0))):
        if int(count) < 0:
            raise ValueError(f"quota.{field}: got {count}, must be 0 or more")


_UNITS = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate(("k", "M", "G", "T"), start=1)},
    **{unit: Decimal(1024) ** power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti"), start=1)},
}


def amount(field: str, quantity: str) -> Decimal:
    """A Kubernetes quantity as a number: cores, or bytes.

    Raises:
        ValueError: With the field, if it is none above zero.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([a-zA-Z]*)", quantity)
    if match is None or match[2] not in _UNITS or not Decimal(match[1]):
        raise ValueError(f"{field}: got {quantity!r}, must be an amount above zero such as '500m', '2' or '1.5Gi'")
    return Decimal(match[1]) * _UNITS[match[2]]
