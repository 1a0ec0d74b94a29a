"""Applications kept as a Git repository says."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import ARGO_CD
from components.helm._budget import disruption_budget
from components.helm._release import release
from components.helm.external_secret import ExternalSecret
from components.kubernetes import Priority
from components.kubernetes.admission import EXEMPT_NAMESPACES, SINGLETON

ARGO_CD_PORT = 8080
"""Port of its server's pods: API and user interface, in plain text, for a load balancer that ends TLS. The command
line goes through with ``argocd login --grpc-web``."""
ARGO_CD_SERVICE_PORT = 80
"""Port of its server's Service."""

REPLICATED = ("server", "repoServer", "applicationSet")
SINGLETONS = ("application-controller", "notifications-controller")
"""Parts that run once, by the chart's names of them."""


class ArgoCdArgs(TypedDict):
    """Inputs of ArgoCd."""

    namespace: pulumi.Input[str]
    """Existing namespace, of its own: whoever may write Applications here may deploy."""
    domain: pulumi.Input[str]
    """Host name that browsers reach it by, such as ``deploy.example.com``."""
    redis_host: pulumi.Input[str]
    """Primary endpoint of Redis or Valkey, cluster mode disabled."""
    redis_port: pulumi.Input[int]
    """Its TLS port."""
    redis_secret: pulumi.Input[str]
    """Secret of Secrets Manager with ``username`` and ``password`` for it."""
    repository_url: str
    """Git repository with the applications, over HTTPS."""
    revision: str
    """Branch, tag or commit of it that this region follows."""
    path: str
    """Folder of it with Application objects, one an application."""
    application_namespaces: list[str]
    """Namespaces that applications may write to, and nothing else does."""
    prune: NotRequired[bool]
    """Delete what the repository no longer has. Default false: a file deleted by mistake deletes no service."""
    replicas: NotRequired[int]
    """Replicas of the server, of what reads repositories and of what generates applications, at least 2. Default 2."""


class ArgoCd(pulumi.ComponentResource):
    """Argo CD on an external Redis, a project for the applications, and one application that brings the others.

    Losing a zone loses a replica of each of its three replicated parts. The application controller is a singleton by
    design: more replicas would share out clusters, not stand by, and there is one cluster. So are notifications, whose
    controller elects no leader. Both leave a lost node after 30 s and take up what they find; meanwhile applications
    run on as they are, and nothing is synchronised. Their disruption budgets let them go. Redis is a cache: with it
    gone, pages are slow and syncs wait; pods read its password when they start. Redis of the chart's own (redis-ha) is
    not offered: another quorum on hard anti-affinity beside the platform's.

    Who owns what: Pulumi owns the cloud, the cluster, definitions, controllers, namespaces with their quotas and
    policies, and Argo CD with this project and the first application. Argo CD owns what the repository puts into
    ``application_namespaces``. No object has two owners, who would undo each other for ever: the project lets no object
    without a namespace through, none of another namespace, and none from another repository; and what a Pulumi program
    deploys into a namespace keeps that namespace out of ``application_namespaces``. A region follows its own revision,
    so that a change reaches one region before the other. Whoever may push to the repository may change all of these.

    Ports: the load balancer to ARGO_CD_PORT; Prometheus to 8082 to 8084 and 9001; out to Git and Redis. Rights in AWS:
    none. A private repository's credentials go into a secret labelled ``argocd.argoproj.io/secret-type: repository``.
    Definitions of monitors must be there. Cost when idle: eight pods. State: in Git and in the cluster's objects.
    Regions: one cluster's.
    """

    service_name: pulumi.Output[str]
    """Service of the server."""
    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: ArgoCdArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = int(args.get("replicas", 2))
        plan_applications(
            replicas=replicas,
            repository_url=args["repository_url"],
            revision=args["revision"],
            path=args["path"],
            namespaces=args["application_namespaces"],
        )
        namespace = args["namespace"]
        super().__init__("tandem:index:ArgoCd", name, {}, opts)
        redis = ExternalSecret(
            f"{name}-redis",
            {
                "namespace": namespace,
                "sources": {"redis": {"secret": args["redis_secret"], "properties": ["username", "password"]}},
                "template": {
                    "redis-username": "{{ .redis_username }}",
                    "redis-password": "{{ .redis_password }}",
                },
            },
            pulumi.ResourceOptions(parent=self),
        )
        self.release = release(
            name,
            ARGO_CD,
            namespace=namespace,
            values=render_argo_cd(
                release_name=name,
                domain=args["domain"],
                redis_host=args["redis_host"],
                redis_port=args["redis_port"],
                redis_secret=redis.secret_name,
                replicas=replicas,
            ),
            parent=self,
            depends_on=[redis],
        )
        for part in SINGLETONS:
            disruption_budget(f"{name}-{part}", namespace=namespace, labels=pod_labels(name, part), parent=self)
        # Argo CD makes this project by itself, for anything and anywhere: whoever writes an Application could name it.
        locked = k8s.apiextensions.CustomResource(
            f"{name}-default-project",
            api_version="argoproj.io/v1alpha1",
            kind="AppProject",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name="default", namespace=namespace, annotations={"pulumi.com/patchForce": "true"}
            ),
            spec=LOCKED_PROJECT,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.release]),
        )
        root = k8s.apiextensions.CustomResource(
            f"{name}-root-project",
            api_version="argoproj.io/v1alpha1",
            kind="AppProject",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{name}-root", namespace=namespace),
            spec=render_root_project(namespace=namespace, repository_url=args["repository_url"]),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.release]),
        )
        project = k8s.apiextensions.CustomResource(
            f"{name}-project",
            api_version="argoproj.io/v1alpha1",
            kind="AppProject",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace),
            spec=render_project(
                repository_url=args["repository_url"],
                namespaces=args["application_namespaces"],
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.release]),
        )
        k8s.apiextensions.CustomResource(
            f"{name}-applications",
            api_version="argoproj.io/v1alpha1",
            kind="Application",
            # Without a finalizer: deleting this deletes no application.
            metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{name}-applications", namespace=namespace),
            spec=render_application(
                project=f"{name}-root",
                namespace=namespace,
                repository_url=args["repository_url"],
                revision=args["revision"],
                path=args["path"],
                prune=args.get("prune", False),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[locked, root, project]),
        )
        self.service_name = self.release.name.apply(lambda _: f"{name}-server")
        self.register_outputs({"serviceName": self.service_name})


def plan_applications(*, replicas: int, repository_url: str, revision: str, path: str, namespaces: list[str]) -> None:
    """Check what is followed, and where it may write.

    Raises:
        ValueError: With what is wrong and what to write instead.
    """
    if replicas < 2:
        raise ValueError(f"replicas: got {replicas}, must be at least 2")
    if not repository_url.startswith("https://"):
        raise ValueError(f"repository_url: got {repository_url!r}, must begin with https://")
    if revision in ("", "HEAD"):
        raise ValueError(f"revision: got {revision!r}, must name a branch, tag or commit: regions change one by one")
    if not path or path.startswith("/"):
        raise ValueError(f"path: got {path!r}, must be a folder of the repository such as 'applications'")
    if not namespaces:
        raise ValueError("application_namespaces: is empty; name what applications may write to")
    for each in namespaces:
        if "*" in each or each in EXEMPT_NAMESPACES:
            raise ValueError(
                f"application_namespaces: got {each!r}, must be a namespace of applications alone, by name"
            )


def pod_labels(release_name: str, part: str) -> dict[str, str]:
    """Labels that a part's pods have and no others."""
    return {"app.kubernetes.io/name": f"argocd-{part}", "app.kubernetes.io/instance": release_name}


LOCKED_PROJECT: dict[str, Any] = {
    "description": "Nothing: applications name the project of the platform's",
    "sourceRepos": [],
    "destinations": [],
    "clusterResourceWhitelist": [],
}
"""Specification of Argo CD's own project ``default``."""


def render_root_project(*, namespace: pulumi.Input[str], repository_url: str) -> dict[str, Any]:
    """Specification of the project of the one application that brings the others, and may bring nothing else."""
    return {
        "description": "The application of applications",
        "sourceRepos": [repository_url],
        "destinations": [{"server": "https://kubernetes.default.svc", "namespace": namespace}],
        "clusterResourceWhitelist": [],
        "namespaceResourceWhitelist": [{"group": "argoproj.io", "kind": "Application"}],
    }


def render_project(*, repository_url: str, namespaces: list[str]) -> dict[str, Any]:
    """Specification of the applications' project: from where, to where, and what not."""
    return {
        "description": "Applications of the repository, in namespaces of their own",
        "sourceRepos": [repository_url],
        "destinations": [{"server": "https://kubernetes.default.svc", "namespace": each} for each in namespaces],
        "clusterResourceWhitelist": [],
        "namespaceResourceBlacklist": [
            # Pulumi sets them with the namespace.
            {"group": "", "kind": "ResourceQuota"},
            {"group": "", "kind": "LimitRange"},
            {"group": "networking.k8s.io", "kind": "NetworkPolicy"},
            # Else an application could give itself another project, or the platform's secrets.
            {"group": "argoproj.io", "kind": "AppProject"},
            {"group": "argoproj.io", "kind": "Application"},
            {"group": "external-secrets.io", "kind": "ExternalSecret"},
        ],
        "orphanedResources": {"warn": True},
    }


def render_application(
    *,
    project: str,
    namespace: pulumi.Input[str],
    repository_url: str,
    revision: str,
    path: str,
    prune: bool,
) -> dict[str, Any]:
    """Specification of the application that brings the others."""
    return {
        "project": project,
        "source": {"repoURL": repository_url, "targetRevision": revision, "path": path},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": namespace},
        "syncPolicy": {
            "automated": {"prune": prune, "selfHeal": True},
            "retry": {"limit": 5, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}},
            # Namespaces are Pulumi's. Two who apply one object on the server are told so, instead of taking turns.
            "syncOptions": ["CreateNamespace=false", "ServerSideApply=true", "FailOnSharedResource=true"],
        },
    }


def render_argo_cd(
    *,
    release_name: str,
    domain: pulumi.Input[str],
    redis_host: pulumi.Input[str],
    redis_port: pulumi.Input[int],
    redis_secret: str,
    replicas: int,
) -> dict[str, Any]:
    """Values of the argo-cd chart."""
    watched = {"enabled": True, "serviceMonitor": {"enabled": True}}
    # Who may reach what is said once, with the namespace; the chart's would let everybody in.
    closed = {"create": False}
    # Neither a setting nor the environment says so (Argo CD 3.4, util/cache).
    encrypted = ["--redis-use-tls"]

    def replicated(part: str) -> dict[str, Any]:
        return {
            "replicas": replicas,
            "pdb": {"enabled": True, "minAvailable": "", "maxUnavailable": "1"},
            "topologySpreadConstraints": spread(pod_labels(release_name, part)),
            "deploymentStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "metrics": watched,
            "networkPolicy": closed,
        }

    return {
        "fullnameOverride": release_name,
        "global": {
            "domain": domain,
            "priorityClassName": Priority.SERVICES.value,
            "tolerations": node_loss_tolerations(),
        },
        "controller": {
            "replicas": 1,
            "statefulsetAnnotations": {SINGLETON: "more replicas share out clusters and do not stand by"},
            "resources": resources("500m", "2Gi"),
            "extraArgs": encrypted,
            "metrics": watched,
            "networkPolicy": closed,
        },
        "server": {
            **replicated("server"),
            "resources": resources("100m", "512Mi"),
            "extraArgs": [*encrypted, "--insecure"],
        },
        "repoServer": {
            **replicated("repo-server"),
            "resources": resources("250m", "1Gi"),
            "copyutil": {"resources": resources("50m", "128Mi")},
            "livenessProbe": {"enabled": True},
            "readinessProbe": {"enabled": True},
            "extraArgs": encrypted,
        },
        "applicationSet": {
            **replicated("applicationset-controller"),
            "resources": resources("100m", "256Mi"),
            "livenessProbe": {"enabled": True},
            "readinessProbe": {"enabled": True},
        },
        "notifications": {
            "enabled": True,
            "deploymentAnnotations": {SINGLETON: "elects no leader; two would tell everything twice"},
            "resources": resources("50m", "256Mi"),
            "livenessProbe": {"enabled": True},
            "readinessProbe": {"enabled": True},
            "metrics": watched,
            "networkPolicy": closed,
        },
        "dex": {"enabled": False},
        "commitServer": {"enabled": False},
        "redis": {"enabled": False},
        "redis-ha": {"enabled": False},
        "redisSecretInit": {"enabled": False},
        "externalRedis": {"host": redis_host, "port": redis_port, "existingSecret": redis_secret},
    }
