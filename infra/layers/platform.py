"""What every workload in the cluster leans on, in the order in which one leans on the other."""

from dataclasses import dataclass

import pulumi

from components.helm import (
    CONTROLLER_NAMESPACE,
    CONTROLLER_SERVICE_ACCOUNT,
    EXTERNAL_DNS_SERVICE_ACCOUNT,
    EXTERNAL_SECRETS_SERVICE_ACCOUNT,
    EXTERNAL_SECRETS_WEBHOOK_PORT,
    ExternalDns,
    ExternalSecretsOperator,
    GpuDevicePlugin,
    Karpenter,
    LoadBalancerController,
    MetricsServer,
    SystemPolicies,
    SystemReleases,
    TargetGroupBinding,
    external_dns_policy,
    external_secrets_policy,
)
from components.iam import allow, document
from components.kubernetes import ElasticNodes, ElasticNodesArgs, PriorityClasses, StorageClass, needs_device_plugin
from infra.layers.below import Below
from infra.layers.data import OWNER
from infra.namespaces import ARGO_CD, EXTERNAL_DNS, EXTERNAL_SECRETS, MODELS, MONITORING
from infra.settings import Settings

APPLICATIONS = "apps"
"""Label, below the platform's zone, of the names that external-dns may write."""


LOAD_BALANCER_CONTROLLER, KARPENTER = "load-balancer-controller", "karpenter"
METRICS_SERVER, DEVICE_PLUGIN = "metrics-server", "gpu-device-plugin"
"""Releases in Kubernetes' own namespace."""


@dataclass(frozen=True)
class Services:
    """What to depend on."""

    load_balancer_controller: pulumi.Resource
    metrics: pulumi.Resource
    """Processor and memory of pods, for whoever scales by them."""
    for_gpus: list[pulumi.Resource]
    """What pods with GPUs need first."""
    elastic_nodes: ElasticNodes
    secrets: ExternalSecretsOperator
    storage_class: pulumi.Output[str]
    """Of encrypted disks."""
    priorities: pulumi.Resource

    @property
    def for_all(self) -> list[pulumi.Resource]:
        """What pods of any workload need first: their priority, and their secrets."""
        return [self.priorities, self.secrets.store]


def bind(
    below: Below,
    services: Services,
    name: str,
    namespace: pulumi.Input[str],
    service_name: pulumi.Input[str],
    port: int,
) -> TargetGroupBinding:
    """Bind the pods of a Service to the load balancer's target group of this name."""
    return TargetGroupBinding(
        name,
        {
            "namespace": namespace,
            "service_name": service_name,
            "service_port": port,
            "target_group_arn": below.entrance.load_balancer.target_group_arns[name],
        },
        below.after(services.load_balancer_controller),
    )


def controller_policy(target_group_arns: list[str]) -> str:
    """The controller binds pods to these target groups and nothing else: load balancers and groups are Pulumi's."""
    return document(
        [
            # Describing knows no resources.
            allow(
                [
                    "ec2:DescribeAvailabilityZones",
                    "ec2:DescribeInstances",
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeSecurityGroups",
                    "ec2:DescribeSubnets",
                    "ec2:DescribeVpcs",
                    "elasticloadbalancing:DescribeTargetGroups",
                    "elasticloadbalancing:DescribeTargetHealth",
                ],
                ["*"],
            ),
            allow(
                ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"], target_group_arns
            ),
        ]
    )


def build(below: Below) -> Services:
    """The controller first: bindings can be neither made nor deleted without it."""
    settings, compute = below.settings, below.compute
    priorities = PriorityClasses("priority", below.in_cluster)
    rights = below.rights(
        CONTROLLER_NAMESPACE,
        CONTROLLER_SERVICE_ACCOUNT,
        pulumi.Output.all(*below.entrance.load_balancer.target_group_arns.values()).apply(controller_policy),
    )
    device_plugin = needs_device_plugin(settings.platform.kubernetes.ami_family)
    # Before the pods that they are of.
    doors = SystemPolicies(
        "kube-system",
        {
            "releases": system_releases(settings),
            "vpc_cidrs": [settings.cidr],
            "monitoring_namespace": MONITORING,
        },
        below.in_cluster,
    )
    controller = LoadBalancerController(
        LOAD_BALANCER_CONTROLLER,
        {
            "cluster_name": compute.cluster_name,
            "region": settings.region_name,
            "vpc_id": below.network.vpc_id,
        },
        below.after(rights, doors),
    )
    disks = StorageClass(
        "encrypted", {"class_name": "encrypted", "key_arn": compute.key.arn, "default": True}, below.in_cluster
    )
    return Services(
        load_balancer_controller=controller,
        metrics=MetricsServer(METRICS_SERVER, {}, below.after(doors)),
        for_gpus=[GpuDevicePlugin(DEVICE_PLUGIN, {}, below.after(doors))] if device_plugin else [],
        elastic_nodes=_elastic_nodes(below, doors),
        secrets=_secrets(below, priorities),
        storage_class=disks.class_name,
        priorities=priorities,
    )


def publish_names(below: Below, services: Services, monitors: pulumi.Resource) -> None:
    """Let teams' services and ingresses have names of their own, below one label of the platform's zone."""
    domain = f"{APPLICATIONS}.{below.settings.platform.dns.zone_name}"
    rights = below.rights(
        EXTERNAL_DNS,
        EXTERNAL_DNS_SERVICE_ACCOUNT,
        below.entrance.zone_id.apply(lambda zone: external_dns_policy([f"arn:aws:route53:::hostedzone/{zone}"])),
    )
    ExternalDns(
        EXTERNAL_DNS,
        {
            "namespace": below.namespace(EXTERNAL_DNS),
            "region": below.settings.region_name,
            "owner_id": below.settings.regional_name,
            "domains": [domain],
            "zone_ids": [below.entrance.zone_id],
        },
        below.after(rights, services.priorities, monitors),
    )


def _secrets(below: Below, priorities: pulumi.Resource) -> ExternalSecretsOperator:
    settings, data = below.settings, below.data
    # Not the owner's: the job that needs it asks by itself.
    arns = [arn for name, arn in data.secret_arns.items() if name != OWNER]
    arns += data.broker_secret_arns.values()
    account, airflow = settings.platform.account_id, settings.platform.airflow
    told = [
        f"arn:aws:secretsmanager:{settings.region_name}:{account}:secret:{name}-??????"
        for name in (
            *settings.platform.alerts.receivers.values(),
            *([airflow.dags_ssh_secret] if airflow is not None and airflow.dags_ssh_secret else []),
            *_secrets_of_models(settings),
        )
    ]
    # Copies from the other region have AWS's own key here, which lets in whoever may read the secret.
    rights = below.rights(
        EXTERNAL_SECRETS,
        EXTERNAL_SECRETS_SERVICE_ACCOUNT,
        pulumi.Output.all(below.keys.secrets.arn, *arns).apply(
            lambda known: external_secrets_policy([*known[1:], *told], known[:1])
        ),
    )
    return ExternalSecretsOperator(
        EXTERNAL_SECRETS,
        {
            "namespace": below.namespace(EXTERNAL_SECRETS, webhook_ports=[EXTERNAL_SECRETS_WEBHOOK_PORT]),
            "region": settings.region_name,
            "namespaces": reading_namespaces(settings),
        },
        below.after(rights, priorities),
    )


def reading_namespaces(settings: Settings) -> list[str]:
    """Namespaces that the platform brings secrets into.

    Whoever may write an ExternalSecret in one of them reads every secret that the store reads. So nobody else's are
    among them, and that of models only where one of them has a secret.
    """
    platform = settings.platform
    return [
        MONITORING,
        *(each.value for each in platform.orchestrators),
        *([ARGO_CD] if platform.services.gitops is not None else []),
        *([MODELS] if _secrets_of_models(settings) else []),
    ]


def _secrets_of_models(settings: Settings) -> list[str]:
    """Names of secrets that models, and those who answer for them, ask for."""
    fallbacks = [model.fallback for model in settings.platform.models]
    return [
        *(stack.token_secret for stack in settings.platform.serving.vllm_stacks if stack.token_secret),
        *(each.header_secret for each in fallbacks if each is not None and each.header_secret),
    ]


def system_releases(settings: Settings) -> SystemReleases:
    """What stands in Kubernetes' own namespace."""
    releases: SystemReleases = {
        "load_balancer_controller": LOAD_BALANCER_CONTROLLER,
        "karpenter": KARPENTER,
        "metrics_server": METRICS_SERVER,
    }
    if needs_device_plugin(settings.platform.kubernetes.ami_family):
        releases["gpu_device_plugin"] = DEVICE_PLUGIN
    return releases


def _elastic_nodes(below: Below, doors: pulumi.Resource) -> ElasticNodes:
    """What comes and goes with the load, beside the floors; with GPUs of the floors' types."""
    settings, compute = below.settings, below.compute
    section = settings.platform.kubernetes
    karpenter = Karpenter(
        KARPENTER,
        {
            "cluster_name": compute.cluster_name,
            "cluster_endpoint": compute.cluster.endpoint,
            "interruption_queue": compute.karpenter.queue_name,
        },
        below.after(compute.karpenter, doors),
    )
    args: ElasticNodesArgs = {
        "instance_profile": compute.karpenter.instance_profile,
        "zones": below.network.zones,
        "subnet_ids": list(below.network.private_subnet_ids),
        "security_group_id": compute.cluster.security_group_id,
        "key_arn": compute.key.arn,
        "cpu_limit": section.elastic_nodes.cpu_limit,
        "instance_categories": section.elastic_nodes.instance_categories,
        "ami_family": section.ami_family,
        "tags": {"platform": settings.platform.name, "managed-by": "karpenter"},
    }
    if section.elastic_nodes.gpu_limit_per_zone:
        args["gpu"] = {
            "instance_types": section.gpu_nodes.instance_types,
            "limit_per_zone": section.elastic_nodes.gpu_limit_per_zone,
            "disk_gib": section.gpu_nodes.disk_gib,
        }
    return ElasticNodes("elastic", args, below.after(karpenter))
