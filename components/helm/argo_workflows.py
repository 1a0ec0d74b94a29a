"""Argo Workflows: its controllers, servers and what every workflow gets by default."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s
import yaml

from components._pod_security import CONFINED, POD_SECURITY, READ_ONLY
from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import ARGO_WORKFLOWS
from components.helm._budget import disruption_budget
from components.helm._release import release
from components.helm.external_secret import ExternalSecret
from components.helm.runs import RunFailoverArgs, render_run_environment
from components.iam import allow, document
from components.kubernetes import Priority

ARGO_PORT = 2746
"""Port of the servers: API and user interface, without TLS."""

ARGO_METRICS_PORT = 9090
"""Port of the controllers' metrics."""

ARGO_SERVER_SERVICE_ACCOUNT = "argo-server"
"""Of the servers, who read artifacts and logs for the user interface (argo_server_policy)."""

ARGO_RUNS_SERVICE_ACCOUNT = "argo-runs"
"""Of workflow pods, in each of the runs' namespaces (argo_runs_policy)."""

CONTROLLERS = 2
"""One leads, one stands by: more do not share the work (argo-workflows v4.0.6, docs/high-availability.md)."""

SESSION_SECONDS = 60
"""A session with the database that is older is not used again, so that sessions find who writes after a failover."""

CONNECT_SECONDS = 5
"""Time that each host of the database gets to answer. The driver's own is until TCP gives up, about two minutes."""

RETRY_EXIT_CODE = 75
"""A step that ends with it asks to be tried again (EX_TEMPFAIL of sysexits.h)."""

RETRIED = " || ".join(
    [
        # Asked for, or stopped from outside.
        f'lastRetry.exitCode in ["{RETRY_EXIT_CODE}", "143"]',
        # Killed, as on a node that went away; not what took more memory than it may.
        'lastRetry.exitCode == "137" && not (lastRetry.message contains "OOMKilled")',
        # From its beginning on: steps and DAGs repeat what their children said, and are not to be retried for it, too.
        'lastRetry.message matches "^(pod deleted|init: |wait: |Pod failed before |Preempted in order to'
        '|Pod was terminated in response to imminent node shutdown|The node (was low on resource|had condition))"',
    ]
)
"""What of a step's ends is nobody's mistake: nodes and buckets that went away. Words: argo-workflows v4.0.6,
workflow/controller/operator.go (podReconciliation, inferFailedReason); kubelet's eviction, preemption and shutdown."""

RUNS_USER = 8737
"""User of Argo's own images (docs/workflow-pod-security-context.md)."""

DAY = 86400

CONTAINER_SECURITY = {**READ_ONLY, "runAsNonRoot": True}


class ArgoSignInArgs(TypedDict):
    """People sign in with OpenID Connect."""

    issuer: str
    """Root URL of the provider."""
    secret: pulumi.Input[str]
    """Secret of Secrets Manager, by name or ARN, with ``client_id`` and ``client_secret``."""
    public_url: str
    """Where browsers reach the servers, without a final slash; ``<public_url>/oauth2/callback`` is where the provider
    sends them back."""
    scopes: NotRequired[list[str]]
    """Default ``openid``, ``profile``, ``email`` and ``groups``."""


class ArgoRecoveryArgs(TypedDict):
    """The reference workflow."""

    image: pulumi.Input[str]
    """Image with Python 3.11 or later and boto3 1.36 or later, which writes conditionally."""
    folder: str
    """The project's ``workflows``, from the folder that the program runs in."""


class ArgoWorkflowsArgs(TypedDict):
    """Inputs of ArgoWorkflows."""

    namespace: pulumi.Input[str]
    """Existing namespace of controllers and servers."""
    cluster_name: str
    """Name of this cluster in the database, at most 63 characters, another in each region: see ArgoWorkflows."""
    runs_namespaces: list[pulumi.Input[str]]
    """Existing namespaces of workflows. In each, and in ``namespace``, ARGO_RUNS_SERVICE_ACCOUNT is made."""
    database_hosts: list[pulumi.Input[str]]
    """Hosts of PostgreSQL, tried in order by every connection."""
    database_port: pulumi.Input[int]
    """Their port."""
    database_name: pulumi.Input[str]
    """Database, existing."""
    database_secret: pulumi.Input[str]
    """Secret of Secrets Manager, by name or ARN, with ``username`` and ``password`` of who owns the database."""
    writes_are_forwarded: NotRequired[bool]
    """Whether a host is a reader that forwards writes to another region. Default False: they lead to the writer."""
    region: str
    """AWS region of the buckets below and of this cluster."""
    artifact_bucket: pulumi.Input[str]
    """Bucket of artifacts and logs: ARTIFACT_BUCKET in every workflow pod's environment."""
    artifact_key_arn: pulumi.Input[str]
    """KMS key in this region that they are encrypted with."""
    checkpoint_bucket: pulumi.Input[str]
    """Bucket for what runs resume from: CHECKPOINT_BUCKET."""
    failover_endpoint: pulumi.Input[str]
    """Where runs reach the platform in the other region: FAILOVER_ENDPOINT."""
    failover: NotRequired[RunFailoverArgs]
    """Copies of the checkpoints. Absent: this region has none elsewhere."""
    sign_in: NotRequired[ArgoSignInArgs]
    """Single sign-on, beside tokens. Absent: tokens of service accounts alone."""
    recovery: NotRequired[ArgoRecoveryArgs]
    """Install the reference workflow in each of the runs' namespaces."""
    exit_template: NotRequired[str]
    """WorkflowTemplate, in every namespace of runs, whose template ``exit`` runs after each workflow that has no exit
    handler of its own, with the parameters ``status`` and ``name``. A namespace without it can run no workflow. One pod
    more a workflow. Default: none. ``<name>-recovery`` with ``recovery`` has one."""
    servers: NotRequired[int]
    """Servers that always run, at least 2. Default 3, one a zone."""
    max_servers: NotRequired[int]
    """Most servers under load. Default 6."""
    parallelism: NotRequired[int]
    """Most workflows that run at a time; others wait. Default 200."""
    namespace_parallelism: NotRequired[int]
    """Most in each namespace. Default 100."""


class ArgoWorkflows(pulumi.ComponentResource):
    """Argo Workflows with its archive in PostgreSQL, its artifacts in S3, and retries for what nobody did wrong.

    Losing a zone loses the leading controller at worst: the other leads when its lease is over (15 s by default), from
    what the API server holds. Pods of steps go on meanwhile; those in the zone are retried on other nodes
    (RETRIED, up to 5 times). Users' mistakes are not retried. The controller has no readiness probe (no key in the
    chart): one that stands by is as ready as one that leads.

    Every workflow, unless it says otherwise: ARGO_RUNS_SERVICE_ACCOUNT, which may report results and nothing else;
    the priority of what can be repeated; no user but RUNS_USER, no capabilities; a day's time; logs kept in S3;
    retries; FAILOVER_ENDPOINT and the buckets in every main container's environment, merged with its own by name.
    Files of the image stay writable, since Argo mounts no scratch folder of its own: templates that bring one set
    ``readOnlyRootFilesystem``, as the reference does. A workflow's retryStrategy replaces the default one whole.

    Two regions share one database:

    - Rows carry ``cluster_name``. It must differ: controllers remove offloaded node states of workflows that their
      cluster does not have (``workflowGarbageCollector``, workflow/controller/controller.go), so with one name the
      regions would remove each other's. Each user interface shows its own region's archive; the other's rows stay, and
      are shown by a server whose ``cluster_name`` is the other's.
    - A passive region's controllers lead, heartbeat and wait: their cluster has no workflows. Runs are objects of one
      cluster and do not move; what goes over is the checkpoint, and whoever submits the run again under its name. A
      CronWorkflow that stands in both clusters runs in both: keep it suspended in the passive one.
    - Semaphores and mutexes with ``database`` hold across both regions. A lost region's stay held: set them free with
      ``DELETE FROM sync_state WHERE controller = '<its cluster_name>'``.
    - Controllers bring the schema up when they begin to lead: upgrade one region after the other.
    - With ``writes_are_forwarded`` they leave the schema to the other region and there are no locks in the database:
      Aurora forwards no definitions of tables (they are asked for at every start, util/sqldb/migrate.go), and locks
      need SERIALIZABLE (workflow/sync/sync_manager.go), which is not forwarded, either (Aurora User Guide, "Using write
      forwarding in an Aurora global database", Aurora PostgreSQL).

    The driver is pgx, by upper/db v4.10; it takes several hosts separated by commas, with one port (tried with both at
    the versions of v4.0.6). Connections are encrypted (``sslmode=require``); the certificate is not verified, since the
    images do not hold Amazon's database CA. Controllers and servers read credentials when they start, and end if the
    database does not answer then; once started they go on without. After a change in Secrets Manager:
    ``kubectl rollout restart deployment -l app.kubernetes.io/instance=NAME``.

    The chart lets servers read secrets of all namespaces (templates/server/server-cluster-roles.yaml), for sign-on and
    artifact credentials. They show a person only what the person's token may see. The definitions it installs are the
    short ones (``crds.full`` off): a job would fetch the full ones from the Internet.

    Ports: ARGO_PORT from the load balancer; ARGO_METRICS_PORT from Prometheus. AWS rights: argo_server_policy for
    ARGO_SERVER_SERVICE_ACCOUNT in ``namespace``; argo_runs_policy for ARGO_RUNS_SERVICE_ACCOUNT in each namespace of
    runs; controllers none. Cost when idle: its pods. State: workflows in the cluster, the rest in database and bucket.
    Regions: all children regional.
    """

    service_name: pulumi.Output[str]
    """Service of the servers, on ARGO_PORT."""
    recovery_template: str | None
    """WorkflowTemplate of the reference workflow."""
    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: ArgoWorkflowsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan_cluster(args["cluster_name"], args["runs_namespaces"], args["database_hosts"])
        servers, most = plan_servers(int(args.get("servers", 3)), int(args.get("max_servers", 6)))
        parallelism = int(args.get("parallelism", 200))
        namespace_parallelism = int(args.get("namespace_parallelism", 100))
        plan_parallelism(parallelism, namespace_parallelism)
        recovery = args.get("recovery")
        files = read_recovery(recovery["folder"]) if recovery is not None else None
        namespace = args["namespace"]
        super().__init__("tandem:index:ArgoWorkflows", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        secrets: list[pulumi.Resource] = [
            ExternalSecret(
                f"{name}-database",
                {
                    "namespace": namespace,
                    "sources": {"it": {"secret": args["database_secret"], "properties": ["username", "password"]}},
                    "template": {"username": "{{ .it_username }}", "password": "{{ .it_password }}"},
                },
                child,
            )
        ]
        sign_in = args.get("sign_in")
        if sign_in is not None:
            secrets.append(
                ExternalSecret(
                    f"{name}-sign-in",
                    {
                        "namespace": namespace,
                        "sources": {"it": {"secret": sign_in["secret"], "properties": ["client_id", "client_secret"]}},
                        "template": {"client-id": "{{ .it_client_id }}", "client-secret": "{{ .it_client_secret }}"},
                    },
                    child,
                )
            )
        self.release = release(
            name,
            ARGO_WORKFLOWS,
            namespace=namespace,
            values=render_argo_workflows(
                release_name=name,
                cluster_name=args["cluster_name"],
                runs_namespaces=args["runs_namespaces"],
                database_hosts=pulumi.Output.all(*args["database_hosts"]).apply(",".join),
                database_port=args["database_port"],
                database_name=args["database_name"],
                writes_are_forwarded=bool(args.get("writes_are_forwarded", False)),
                region=args["region"],
                artifact_bucket=args["artifact_bucket"],
                artifact_key_arn=args["artifact_key_arn"],
                environment=render_run_environment(args),
                sign_in=sign_in,
                exit_template=args.get("exit_template"),
                servers=servers,
                max_servers=most,
                parallelism=parallelism,
                namespace_parallelism=namespace_parallelism,
            ),
            parent=self,
            depends_on=secrets,
        )
        # The chart's own would keep an ill pod, and with it its node.
        for component in ("workflow-controller", "server"):
            disruption_budget(
                f"{name}-{component}", namespace=namespace, labels=pod_labels(name, component), parent=self
            )
        self.recovery_template = None
        if recovery is not None and files is not None:
            self.recovery_template = f"{name}-recovery"
            for index, runs in enumerate(args["runs_namespaces"]):
                code = k8s.core.v1.ConfigMap(
                    f"{name}-recovery-{index}",
                    metadata=k8s.meta.v1.ObjectMetaArgs(name=self.recovery_template, namespace=runs),
                    data=files.code,
                    opts=child,
                )
                k8s.apiextensions.CustomResource(
                    f"{name}-recovery-template-{index}",
                    api_version="argoproj.io/v1alpha1",
                    kind="WorkflowTemplate",
                    metadata=k8s.meta.v1.ObjectMetaArgs(name=self.recovery_template, namespace=runs),
                    spec=render_recovery(files.template, image=recovery["image"], code=self.recovery_template),
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[self.release, code]),
                )
        # From the release, so that what uses the name waits for the pods behind it.
        self.service_name = self.release.name.apply(lambda _: f"{name}-server")
        self.register_outputs({"serviceName": self.service_name})


class RecoveryFiles(NamedTuple):
    """What the reference workflow is made of."""

    code: dict[str, str]
    """Text by file name."""
    template: dict[str, Any]
    """Specification."""


def read_recovery(folder: str) -> RecoveryFiles:
    """The reference workflow's code and specification.

    Raises:
        ValueError: If the folder does not hold them.
    """
    root = Path(folder)
    manifest = root / "argo" / "recovery-workflow.yaml"
    files = [root / "recovery.py", root / "reference.py", manifest]
    for path in files:
        if not path.is_file():
            raise ValueError(f"recovery.folder: {path} is not there; name the project's folder workflows")
    return RecoveryFiles(
        {path.name: path.read_text() for path in files[:2]}, yaml.safe_load(manifest.read_text())["spec"]
    )


def render_recovery(template: Mapping[str, Any], *, image: pulumi.Input[str], code: str) -> dict[str, Any]:
    """Specification of the reference WorkflowTemplate with its image, and with the code from a config map."""

    def filled(each: dict[str, Any]) -> dict[str, Any]:
        if "container" not in each:
            return each
        volumes = [
            {**volume, "configMap": {**volume["configMap"], "name": code}} if "configMap" in volume else volume
            for volume in each["volumes"]
        ]
        return {**each, "container": {**each["container"], "image": image}, "volumes": volumes}

    return {**template, "templates": [filled(each) for each in template["templates"]]}


def plan_cluster(cluster_name: str, runs_namespaces: Sequence[object], database_hosts: Sequence[object]) -> None:
    """Check what tells this cluster from others, where runs go, and where their archive is.

    Raises:
        ValueError: With what is wrong and what to write instead.
    """
    if not 0 < len(cluster_name) <= 63:
        raise ValueError(
            f"cluster_name: got {len(cluster_name)} characters, must be 1 to 63 that name this region's cluster alone"
        )
    if not runs_namespaces:
        raise ValueError("runs_namespaces: is empty; name the namespace of the workflows at least")
    if not database_hosts:
        raise ValueError("database_hosts: is empty; name the writer's endpoint at least")


def plan_servers(servers: int, most: int) -> tuple[int, int]:
    """Check the number of servers.

    Raises:
        ValueError: If a lost pod would leave none, or load could not add any.
    """
    if servers < 2:
        raise ValueError(f"servers: got {servers}, must be at least 2, better one a zone")
    if most <= servers:
        raise ValueError(f"max_servers: got {most}, must be above servers ({servers})")
    return servers, most


def plan_parallelism(parallelism: int, namespace_parallelism: int) -> None:
    """Check how many workflows may run at a time.

    Raises:
        ValueError: If none may, or one namespace may have more than all together.
    """
    if namespace_parallelism < 1:
        raise ValueError(f"namespace_parallelism: got {namespace_parallelism}, must be at least 1")
    if parallelism < namespace_parallelism:
        raise ValueError(
            f"parallelism: got {parallelism}, must be at least that of one namespace ({namespace_parallelism})"
        )


def argo_runs_policy(bucket_arns: Sequence[str], key_arns: Sequence[str]) -> str:
    """What workflow pods need: read and write artifacts, logs and checkpoints.

    Name the other region's checkpoint bucket and key, too, for runs that outlive this region's bucket.
    """
    return document(
        [
            allow(["s3:ListBucket", "s3:GetBucketLocation"], bucket_arns),
            allow(["s3:GetObject", "s3:PutObject"], [f"{arn}/*" for arn in bucket_arns]),
            allow(["kms:Decrypt", "kms:GenerateDataKey"], key_arns),
        ]
    )


def argo_server_policy(artifact_bucket_arn: str, key_arn: str) -> str:
    """What servers need to show artifacts and logs of pods that are gone."""
    return document(
        [
            allow(["s3:ListBucket", "s3:GetBucketLocation"], [artifact_bucket_arn]),
            allow(["s3:GetObject"], [f"{artifact_bucket_arn}/*"]),
            allow(["kms:Decrypt"], [key_arn]),
        ]
    )


def pod_labels(release_name: str, component: str) -> dict[str, str]:
    """Labels by which the chart selects the pods of one of its deployments."""
    return {
        "app.kubernetes.io/name": f"{ARGO_WORKFLOWS.name}-{component}",
        "app.kubernetes.io/instance": release_name,
    }


def render_workflow_defaults(*, exit_template: str | None = None) -> dict[str, Any]:
    """What every workflow gets that says nothing else."""
    spec: dict[str, Any] = {
        "serviceAccountName": ARGO_RUNS_SERVICE_ACCOUNT,
        "activeDeadlineSeconds": DAY,
        "retryStrategy": {
            "limit": "5",
            "retryPolicy": "Always",
            "expression": RETRIED,
            # Without maxDuration, which would end pods that are still at work.
            "backoff": {"duration": "10s", "factor": "2", "cap": "5m"},
            "affinity": {"nodeAntiAffinity": {}},
        },
        # Logs are in S3 by then; a pod that is there can still be looked into.
        "podGC": {"strategy": "OnPodCompletion", "deleteDelayDuration": "10m"},
        # Archived before they go.
        "ttlStrategy": {"secondsAfterSuccess": DAY, "secondsAfterFailure": 7 * DAY},
        "podPriorityClassName": Priority.RUNS.value,
        "tolerations": node_loss_tolerations(),
        "securityContext": {**POD_SECURITY, "runAsUser": RUNS_USER, "fsGroup": RUNS_USER},
        # A step that would be moved to a cheaper node would begin anew (karpenter.sh, "Disruption").
        "podMetadata": {"annotations": {"karpenter.sh/do-not-disrupt": "true"}},
    }
    if exit_template is not None:
        # A workflow's own onExit goes before it (GetExitHook, pkg/apis/workflow/v1alpha1/workflow_types.go).
        spec["hooks"] = {
            "exit": {
                "templateRef": {"name": exit_template, "template": "exit"},
                "arguments": {
                    "parameters": [
                        {"name": "status", "value": "{{workflow.status}}"},
                        {"name": "name", "value": "{{workflow.name}}"},
                    ]
                },
            }
        }
    return {"spec": spec}


def render_argo_workflows(
    *,
    release_name: str,
    cluster_name: str,
    runs_namespaces: Sequence[pulumi.Input[str]],
    database_hosts: pulumi.Input[str],
    database_port: pulumi.Input[int],
    database_name: pulumi.Input[str],
    writes_are_forwarded: bool,
    region: str,
    artifact_bucket: pulumi.Input[str],
    artifact_key_arn: pulumi.Input[str],
    environment: Mapping[str, pulumi.Input[str]],
    sign_in: ArgoSignInArgs | None,
    exit_template: str | None,
    servers: int,
    max_servers: int,
    parallelism: int,
    namespace_parallelism: int,
) -> dict[str, Any]:
    """Values of the argo-workflows chart; ``database_hosts`` separated by commas."""
    secret = f"{release_name}-database"
    database: dict[str, Any] = {
        "postgresql": {
            "host": database_hosts,
            "port": database_port,
            "database": database_name,
            "tableName": "argo_workflows",
            "userNameSecret": {"name": secret, "key": "username"},
            "passwordSecret": {"name": secret, "key": "password"},
            "ssl": True,
            "sslMode": "require",
        },
        "connectionPool": {"maxIdleConns": 5, "maxOpenConns": 10, "connMaxLifetime": f"{SESSION_SECONDS}s"},
    }
    connect = [{"name": "PGCONNECT_TIMEOUT", "value": str(CONNECT_SECONDS)}]
    controller: dict[str, Any] = {
        "replicas": CONTROLLERS,
        "topologySpreadConstraints": spread(pod_labels(release_name, "workflow-controller")),
        "tolerations": node_loss_tolerations(),
        "priorityClassName": Priority.ORCHESTRATION.value,
        "resources": resources("500m", "1Gi"),
        "podSecurityContext": POD_SECURITY,
        "securityContext": CONTAINER_SECURITY,
        "extraEnv": connect,
        "serviceAccount": {"create": True, "name": f"{release_name}-controller"},
        "workflowNamespaces": list(runs_namespaces),
        "parallelism": parallelism,
        "namespaceParallelism": namespace_parallelism,
        # Pods a second: of a thousand steps at once the API server would hear nothing else.
        "resourceRateLimit": {"limit": 20, "burst": 20},
        "metricsConfig": {"enabled": True, "port": ARGO_METRICS_PORT},
        "serviceMonitor": {"enabled": True},
        # Pods that an ill node turned away before they began, beside those that RETRIED is for.
        "failedPodRestart": {"enabled": True, "maxRestarts": 3},
        "persistence": {
            **database,
            "clusterName": cluster_name,
            "archive": True,
            "archiveTTL": "90d",
            "nodeStatusOffLoad": True,
            "skipMigration": writes_are_forwarded,
        },
        "workflowDefaults": render_workflow_defaults(exit_template=exit_template),
    }
    if not writes_are_forwarded:
        # Its name tells whose lock it is; a controller that was not seen for so long is passed over in the queue.
        controller["synchronization"] = {
            **database,
            "controllerName": cluster_name,
            "heartbeatSeconds": 30,
            "inactiveControllerSeconds": 120,
        }
    server: dict[str, Any] = {
        "autoscaling": {
            "enabled": True,
            "minReplicas": servers,
            "maxReplicas": max_servers,
            "targetCPUUtilizationPercentage": 70,
            # Off: a server keeps the memory it once took, so it would never scale down again.
            "targetMemoryUtilizationPercentage": 0,
        },
        "topologySpreadConstraints": spread(pod_labels(release_name, "server")),
        "tolerations": node_loss_tolerations(),
        "priorityClassName": Priority.ORCHESTRATION.value,
        "resources": resources("250m", "1Gi"),
        "podSecurityContext": POD_SECURITY,
        "securityContext": CONTAINER_SECURITY,
        "extraEnv": connect,
        "serviceAccount": {"create": True, "name": ARGO_SERVER_SERVICE_ACCOUNT},
        # The load balancer ends TLS.
        "secure": False,
        "servicePort": ARGO_PORT,
        "servicePortName": "web",
        "authModes": ["client"],
        "livenessProbe": {"enabled": True, "timeoutSeconds": 5},
        # Load balancers go on sending for a while to a pod that is to stop.
        "lifecycle": {"preStop": {"sleep": {"seconds": 20}}},
        "terminationGracePeriodSeconds": 60,
    }
    if sign_in is not None:
        secret = f"{release_name}-sign-in"
        server["authModes"] = ["client", "sso"]
        server["sso"] = {
            "enabled": True,
            "issuer": sign_in["issuer"],
            "clientId": {"name": secret, "key": "client-id"},
            "clientSecret": {"name": secret, "key": "client-secret"},
            "redirectUrl": f"{sign_in['public_url']}/oauth2/callback",
            # People may do what the service account may whose annotation their groups match (docs/argo-server-sso.md).
            "rbac": {"enabled": True},
            "scopes": sign_in.get("scopes", ["openid", "profile", "email", "groups"]),
        }
    return {
        "fullnameOverride": release_name,
        "crds": {"install": True, "keep": True, "full": False},
        "images": {"tag": ARGO_WORKFLOWS.app_version, "pullPolicy": "IfNotPresent"},
        "controller": controller,
        "server": server,
        "workflow": {
            "serviceAccount": {"create": True, "name": ARGO_RUNS_SERVICE_ACCOUNT},
            # Create and patch workflowtaskresults, in the runs' namespaces.
            "rbac": {"create": True},
        },
        "mainContainer": {
            "env": [
                {"name": name, "value": value} for name, value in {**environment, "AWS_DEFAULT_REGION": region}.items()
            ],
            "resources": resources("500m", "1Gi"),
            "securityContext": {**CONFINED, "runAsNonRoot": True},
        },
        "executor": {"resources": resources("100m", "256Mi"), "securityContext": CONTAINER_SECURITY},
        "useStaticCredentials": False,
        "artifactRepository": {
            "archiveLogs": True,
            "s3": {
                "bucket": artifact_bucket,
                "endpoint": f"s3.{region}.amazonaws.com",
                "region": region,
                # Pod Identity, through minio-go 7.0.70 or later (argo-workflows#13854).
                "useSDKCreds": True,
                "insecure": False,
                # Two regions copy their buckets to each other: a name of each, so that neither overwrites.
                "keyFormat": f"{cluster_name}/{{{{workflow.namespace}}}}/{{{{workflow.name}}}}/{{{{pod.name}}}}",
                "encryptionOptions": {"enableEncryption": True, "kmsKeyId": artifact_key_arn},
            },
        },
    }
