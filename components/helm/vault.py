"""A secret store of the cluster's own: HashiCorp Vault."""

from typing import Any, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._pod_security import POD_SECURITY, READ_ONLY
from components._scheduling import ZONE, node_loss_tolerations, resources, spread
from components.charts import VAULT
from components.helm._release import release
from components.iam import allow, document
from components.kubernetes import Priority

VAULT_SERVICE_ACCOUNT = "vault"
"""Service account of its servers."""

VAULT_PORT = 8200
"""Port of its API, over TLS."""

VAULT_CLUSTER_PORT = 8201
"""Port by which its servers reach each other."""

INJECTOR_PORT = 8080
"""Port of the injector's pods that the API server calls."""

CERTIFICATES = "/vault/tls"

RELOAD = (
    "seen=$(sha256sum {path}/tls.crt); while sleep 60; do now=$(sha256sum {path}/tls.crt); "
    '[ "$now" = "$seen" ] || {{ kill -HUP $(pidof vault) && seen=$now; }}; done'
)
"""Vault reads its certificate when it starts and when it is told to (developer.hashicorp.com, "TCP listener"): without
this, servers would go on with one that has expired until somebody restarts them."""


class CertificateIssuer(TypedDict):
    """Who signs."""

    kind: str
    """``Issuer`` of the same namespace, or ``ClusterIssuer``."""
    name: pulumi.Input[str]
    """Its name."""


class VaultArgs(TypedDict):
    """Inputs of Vault."""

    namespace: pulumi.Input[str]
    """Existing namespace, of its own."""
    region: str
    """Region of the key."""
    key_arn: pulumi.Input[str]
    """Key that unseals it. Losing the key is losing every secret; so is losing sight of it, for as long."""
    issuer: CertificateIssuer
    """Issuer of cert-manager's that signs the servers' certificate and gives its own along (``ca.crt``)."""
    storage_class: pulumi.Input[str]
    """Class of the disks: encrypted, bound when a pod waits (StorageClass)."""
    data_gib: int
    """Disk of each server, at least 1."""
    audit_gib: int
    """Disk of each server's audit log, at least 1. With it full, Vault answers nobody: watch it."""
    replicas: int
    """Servers, 3 or 5: a majority must be there to write and to elect."""


class Vault(pulumi.ComponentResource):
    """Vault on three servers with raft, unsealed by KMS, and two injectors.

    Losing a zone loses one server of three: the others elect a leader within some 15 seconds, in which nothing is
    written. That server's disks are in its zone, so it comes back with it, and catches up; until then a second loss
    stops Vault. Servers rather wait than share a zone that another could have: disks would hold them there for good,
    and with that zone gone the majority too. Of the injectors one makes certificates, both answer; without any, pods
    start without secrets (``failurePolicy: Ignore``) and say so.

    Each region has a Vault of its own: replication is of Vault Enterprise alone. What must be the same in both is
    written to both, or stands in Secrets Manager, which replicates. Losing the region needs a snapshot (``vault
    operator raft snapshot save``, kept where the other region can read it) restored there, and the unseal key: give a
    multi-region key, and the snapshot opens with its replica.

    By hand, once: ``vault operator init`` on server 0, whose recovery keys and first token must pass through no state
    file, and ``vault audit enable file file_path=/vault/audit/audit.log`` on it. Until then the servers are not ready;
    the release does not wait for them, since pods are replaced on deletion only: after an update, delete them one at a
    time, the leader last. Clients, the injector's among them, need the issuer's certificate (``vault.hashicorp.com/
    ca-cert``). The chart's budget for servers has no policy for ill pods: one that is sealed keeps its node from being
    drained while another is away.

    Ports: clients to VAULT_PORT; servers among themselves also to VAULT_CLUSTER_PORT; the API server to INJECTOR_PORT;
    out to KMS. Rights: ``vault_policy`` for VAULT_SERVICE_ACCOUNT. Definitions of certificates and monitors must be
    there. Cost when idle: five pods, six disks. State: on the disks, which outlive the release. Regions: one cluster's.
    """

    address: pulumi.Output[str]
    """URL of the leader for pods of the cluster."""
    ca_secret: str
    """Secret with ``ca.crt``, in the same namespace, that proves it."""
    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: VaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = plan_servers(int(args["replicas"]), int(args["data_gib"]), int(args["audit_gib"]))
        if args["issuer"]["kind"] not in ("Issuer", "ClusterIssuer"):
            raise ValueError(f"issuer.kind: got {args['issuer']['kind']!r}, must be 'Issuer' or 'ClusterIssuer'")
        namespace = pulumi.Output.from_input(args["namespace"])
        super().__init__("tandem:index:Vault", name, {}, opts)
        self.ca_secret = f"{name}-tls"
        certificate = k8s.apiextensions.CustomResource(
            f"{name}-tls",
            api_version="cert-manager.io/v1",
            kind="Certificate",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=f"{name}-tls",
                namespace=args["namespace"],
                annotations={"pulumi.com/waitFor": "condition=Ready"},
            ),
            spec={
                "secretName": self.ca_secret,
                "issuerRef": {
                    "group": "cert-manager.io",
                    "kind": args["issuer"]["kind"],
                    "name": args["issuer"]["name"],
                },
                "commonName": name,
                "dnsNames": namespace.apply(lambda each: dns_names(full_name(name), each)),
                "ipAddresses": ["127.0.0.1"],
                "usages": ["server auth", "client auth"],
                "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
                "duration": "2160h",
                "renewBefore": "720h",
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.release = release(
            name,
            VAULT,
            namespace=args["namespace"],
            values=render_vault(
                release_name=name,
                region=args["region"],
                key_arn=args["key_arn"],
                storage_class=args["storage_class"],
                data_gib=int(args["data_gib"]),
                audit_gib=int(args["audit_gib"]),
                replicas=replicas,
            ),
            parent=self,
            depends_on=[certificate],
        )
        self.address = pulumi.Output.concat(
            "https://",
            self.release.name.apply(lambda _: f"{full_name(name)}-active"),
            ".",
            namespace,
            f".svc:{VAULT_PORT}",
        )
        self.register_outputs({"address": self.address, "caSecret": self.ca_secret})


def plan_servers(replicas: int, data_gib: int, audit_gib: int) -> int:
    """Check the number of servers and their disks.

    Raises:
        ValueError: If losing one could stop the rest, or there is nothing to write to.
    """
    if replicas not in (3, 5):
        raise ValueError(f"replicas: got {replicas}, must be 3 or 5: an even one adds a server and no safety")
    for field, value in (("data_gib", data_gib), ("audit_gib", audit_gib)):
        if value < 1:
            raise ValueError(f"{field}: got {value}, must be at least 1")
    return replicas


def full_name(release_name: str) -> str:
    """What the chart calls its objects by."""
    return release_name if VAULT.name in release_name else f"{release_name}-{VAULT.name}"


def dns_names(full_name: str, namespace: str) -> list[str]:
    """Names that servers are reached by: services, themselves among each other, and this pod."""
    services = [full_name, *(f"{full_name}-{each}" for each in ("active", "standby", "internal"))]
    return [
        "localhost",
        *services,
        *(f"{service}.{namespace}.svc" for service in services),
        *(f"{service}.{namespace}.svc.cluster.local" for service in services),
        f"*.{full_name}-internal",
        f"*.{full_name}-internal.{namespace}.svc.cluster.local",
    ]


def vault_policy(key_arn: str) -> str:
    """What VAULT_SERVICE_ACCOUNT may do, as JSON text: open and close its seal."""
    return document([allow(["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"], [key_arn])])


def render_configuration(full_name: str, replicas: int) -> str:
    """Configuration of each server. The seal's key and region come from its environment.

    The chart replaces words such as HOSTNAME and POD_IP in it.
    """
    joins = "\n".join(
        f"""  retry_join {{
    leader_api_addr = "https://{full_name}-{ordinal}.{full_name}-internal:{VAULT_PORT}"
    leader_ca_cert_file = "{CERTIFICATES}/ca.crt"
    leader_client_cert_file = "{CERTIFICATES}/tls.crt"
    leader_client_key_file = "{CERTIFICATES}/tls.key"
  }}"""
        for ordinal in range(replicas)
    )
    # With memory locked, raft's memory map would have to fit in it; nodes have no swap (developer.hashicorp.com,
    # "Integrated storage": Vault asks for a decision since 1.20).
    return f"""ui = true
disable_mlock = true

listener "tcp" {{
  address = "[::]:{VAULT_PORT}"
  cluster_address = "[::]:{VAULT_CLUSTER_PORT}"
  tls_cert_file = "{CERTIFICATES}/tls.crt"
  tls_key_file = "{CERTIFICATES}/tls.key"
  tls_client_ca_file = "{CERTIFICATES}/ca.crt"
  telemetry {{
    unauthenticated_metrics_access = true
  }}
}}

storage "raft" {{
  path = "/vault/data"
{joins}
}}

seal "awskms" {{}}

service_registration "kubernetes" {{}}

telemetry {{
  prometheus_retention_time = "12h"
  disable_hostname = true
}}
"""


def render_vault(
    *,
    release_name: str,
    region: str,
    key_arn: pulumi.Input[str],
    storage_class: pulumi.Input[str],
    data_gib: int,
    audit_gib: int,
    replicas: int,
) -> dict[str, Any]:
    """Values of the vault chart."""
    name = VAULT.name
    servers = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": release_name, "component": "server"}
    injectors = {
        "app.kubernetes.io/name": f"{name}-agent-injector",
        "app.kubernetes.io/instance": release_name,
        "component": "webhook",
    }
    pod = {
        **POD_SECURITY,
        "runAsUser": 100,
        "runAsGroup": 1000,
        "fsGroup": 1000,
        "fsGroupChangePolicy": "OnRootMismatch",
    }
    certificates = {"name": "tls", "mountPath": CERTIFICATES, "readOnly": True}
    return {
        "global": {"tlsDisable": False},
        "server": {
            "serviceAccount": {"create": True, "name": VAULT_SERVICE_ACCOUNT},
            "resources": resources("500m", "1Gi"),
            "extraEnvironmentVars": {
                "AWS_REGION": region,
                "VAULT_AWSKMS_SEAL_KEY_ID": key_arn,
                "VAULT_CACERT": f"{CERTIFICATES}/ca.crt",
            },
            "volumes": [
                {"name": "tls", "secret": {"secretName": f"{release_name}-tls", "defaultMode": 0o440}},
                # The chart copies the configuration there.
                {"name": "tmp", "emptyDir": {}},
            ],
            "volumeMounts": [certificates, {"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108
            "shareProcessNamespace": True,
            "extraContainers": [
                {
                    "name": "reload-certificate",
                    "image": f"hashicorp/vault:{VAULT.app_version}",
                    "command": ["/bin/sh", "-c", RELOAD.format(path=CERTIFICATES)],
                    "resources": resources("10m", "32Mi"),
                    "securityContext": READ_ONLY,
                    "volumeMounts": [certificates],
                }
            ],
            # `vault status`: a server that is sealed is asked nothing. Alive it is all the same.
            "readinessProbe": {"enabled": True},
            "livenessProbe": {
                "enabled": True,
                "path": "/v1/sys/health?standbyok=true&perfstandbyok=true&sealedcode=204&uninitcode=204",
            },
            "terminationGracePeriodSeconds": 30,
            "updateStrategyType": "OnDelete",
            "priorityClassName": Priority.SERVICES.value,
            "tolerations": node_loss_tolerations(),
            "topologySpreadConstraints": [
                {**each, "whenUnsatisfiable": "DoNotSchedule"} if each["topologyKey"] == ZONE else each
                for each in spread(servers)
            ],
            "statefulSet": {"securityContext": {"pod": pod, "container": READ_ONLY}},
            "dataStorage": {"enabled": True, "size": f"{data_gib}Gi", "storageClass": storage_class},
            "auditStorage": {"enabled": True, "size": f"{audit_gib}Gi", "storageClass": storage_class},
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
            "standalone": {"enabled": False},
            "ha": {
                "enabled": True,
                "replicas": replicas,
                # Where standbys send clients; the chart's own is the pod's address, of which no certificate speaks.
                "apiAddr": f"https://{full_name(release_name)}-active:{VAULT_PORT}",
                "disruptionBudget": {"enabled": True, "maxUnavailable": 1},
                "raft": {
                    "enabled": True,
                    "setNodeId": True,
                    "config": render_configuration(full_name(release_name), replicas),
                },
            },
        },
        "injector": {
            "enabled": True,
            "replicas": 2,
            "leaderElector": {"enabled": True},
            "webhook": {"failurePolicy": "Ignore"},
            "metrics": {"enabled": True},
            "podDisruptionBudget": {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"},
            "resources": resources("50m", "128Mi"),
            "priorityClassName": Priority.SERVICES.value,
            "tolerations": node_loss_tolerations(),
            "topologySpreadConstraints": spread(injectors),
            "securityContext": {"pod": pod, "container": READ_ONLY},
        },
        "csi": {"enabled": False},
        "serverTelemetry": {
            "serviceMonitor": {
                "enabled": True,
                "tlsConfig": {
                    "ca": {"secret": {"name": f"{release_name}-tls", "key": "ca.crt"}},
                    "serverName": full_name(release_name),
                },
            }
        },
    }
