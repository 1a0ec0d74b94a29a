"""Custom resources are refused for what their definitions refuse, or would drop without a word."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from components.charts import CHARTS, KARPENTER
from sandbox.knowledge import Failure, check
from sandbox.knowledge.kubernetes import definition
from sandbox.values import UNKNOWN
from scripts.custom_resource_tables import EMBEDDED, SOURCES, Source, build, main

NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
ANALYSIS = "kubernetes:argoproj.io/v1alpha1:AnalysisTemplate"
APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application"
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
BUS = "kubernetes:argoproj.io/v1alpha1:EventBus"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
COLLECTOR = "kubernetes:opentelemetry.io/v1beta1:OpenTelemetryCollector"
CONSTRAINT = "kubernetes:templates.gatekeeper.sh/v1:ConstraintTemplate"
CRON = "kubernetes:argoproj.io/v1alpha1:CronWorkflow"
INFERENCE = "kubernetes:serving.kserve.io/v1beta1:InferenceService"
INSTRUMENTATION = "kubernetes:opentelemetry.io/v1alpha1:Instrumentation"
ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"
LOCATION = "kubernetes:velero.io/v1:BackupStorageLocation"
MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
POD_MONITOR = "kubernetes:monitoring.coreos.com/v1:PodMonitor"
POLICY = "kubernetes:kyverno.io/v1:ClusterPolicy"
PROBE = "kubernetes:monitoring.coreos.com/v1:Probe"
PROJECT = "kubernetes:argoproj.io/v1alpha1:AppProject"
ROLLOUT = "kubernetes:argoproj.io/v1alpha1:Rollout"
RULES = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
RUNTIME = "kubernetes:serving.kserve.io/v1alpha1:ClusterServingRuntime"
SCALED = "kubernetes:keda.sh/v1alpha1:ScaledObject"
SCHEDULE = "kubernetes:velero.io/v1:Schedule"
SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"
SENSOR = "kubernetes:argoproj.io/v1alpha1:Sensor"
SOURCE = "kubernetes:argoproj.io/v1alpha1:EventSource"
STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
TRIGGER = "kubernetes:keda.sh/v1alpha1:TriggerAuthentication"
WORKFLOW = "kubernetes:argoproj.io/v1alpha1:WorkflowTemplate"
TABLE = Path(__file__).parents[2] / "sandbox" / "knowledge" / "custom_resources.json"

SPECS: dict[str, dict[str, Any]] = {
    NODE_CLASS: {
        "instanceProfile": "nodes",
        "amiSelectorTerms": [{"alias": "al2023@v20260714"}],
        "subnetSelectorTerms": [{"id": "subnet-0a1b2c3d4e5f60718"}],
        "securityGroupSelectorTerms": [{"id": "sg-0a1b2c3d4e5f60718"}],
        "capacityReservationSelectorTerms": [{"id": "cr-0a1b2c3d4e5f60718"}],
        "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1.0},
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": "100Gi", "volumeType": "gp3"}}],
        "tags": {"team": "platform"},
    },
    NODE_POOL: {
        "template": {
            "metadata": {"labels": {"team": "platform"}},
            "spec": {
                "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
                "requirements": [
                    {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["us-east-1a"]},
                    {"key": "karpenter.k8s.aws/instance-generation", "operator": "Gt", "values": ["4"]},
                ],
                "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}],
                "expireAfter": "720h",
            },
        },
        "limits": {"cpu": "64", "nvidia.com/gpu": 8.0},
        "disruption": {"consolidateAfter": "5m", "budgets": [{"nodes": "10%"}, {"nodes": "1"}]},
    },
    ANALYSIS: {
        "args": [{"name": "service"}],
        "metrics": [
            {
                "name": "errors",
                "interval": "1m",
                "count": 5,
                "failureLimit": 1.0,
                "successCondition": "result[0] < 0.01",
                "provider": {"prometheus": {"address": "http://prometheus:9090", "query": "up"}},
            },
            {
                "name": "job",
                "provider": {
                    "job": {
                        "spec": {
                            "template": {
                                "spec": {
                                    "restartPolicy": "Never",
                                    "containers": [{"name": "a", "image": "check:1"}],
                                }
                            }
                        }
                    }
                },
            },
        ],
    },
    APPLICATION: {
        "project": "platform",
        "source": {"repoURL": "https://example.com/tandem.git", "path": "apps", "targetRevision": "main"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "models"},
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}, "retry": {"limit": 5}},
    },
    BINDING: {
        "serviceRef": {"name": "prefect", "port": 4200},
        "targetGroupARN": "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/a/1",
        "targetType": "ip",
    },
    BUS: {"jetstream": {"version": "latest", "replicas": 3, "persistence": {"volumeSize": "10Gi"}}},
    CERTIFICATE: {
        "isCA": True,
        "commonName": "authority",
        "secretName": "authority",
        "duration": "87600h",
        "renewBefore": "8760h",
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Never"},
        "issuerRef": {"kind": "ClusterIssuer", "name": "self-signed"},
    },
    COLLECTOR: {
        "mode": "deployment",
        "replicas": 2,
        "config": {
            "receivers": {"otlp": {"protocols": {"grpc": {}}}},
            "exporters": {"debug": {}},
            "service": {"pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["debug"]}}},
        },
        "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "512Mi"}},
    },
    CONSTRAINT: {
        "crd": {"spec": {"names": {"kind": "NeedsLimits"}}},
        "targets": [{"target": "admission.k8s.gatekeeper.sh", "rego": "package needslimits"}],
    },
    CRON: {
        "schedules": ["0 3 * * *"],
        "concurrencyPolicy": "Forbid",
        "workflowSpec": {"workflowTemplateRef": {"name": "recover"}},
    },
    INFERENCE: {
        "predictor": {
            "minReplicas": 2,
            "serviceAccountName": "models",
            "model": {
                "modelFormat": {"name": "sklearn"},
                "storageUri": "s3://models/iris",
                "resources": {"requests": {"cpu": "1"}, "limits": {"memory": "2Gi"}},
            },
            "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
        }
    },
    INSTRUMENTATION: {"exporter": {"endpoint": "http://collector:4317"}, "propagators": ["tracecontext"]},
    ISSUER: {"ca": {"secretName": "authority"}},
    LOCATION: {
        "provider": "aws",
        "objectStorage": {"bucket": "backups", "prefix": "us-east-1"},
        "accessMode": "ReadOnly",
        "config": {"region": "us-east-1"},
    },
    MONITOR: {
        "selector": {"matchLabels": {"app": "api"}},
        "endpoints": [{"port": "metrics", "interval": "30s", "path": "/metrics"}],
    },
    POD_MONITOR: {
        "selector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["api"]}]},
        "podMetricsEndpoints": [{"port": "metrics", "interval": "30s"}],
    },
    POLICY: {
        "validationFailureAction": "Audit",
        "background": True,
        "rules": [
            {
                "name": "requests",
                "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
                "validate": {"message": "say what it needs", "pattern": {"spec": {"containers": [{"name": "?*"}]}}},
            }
        ],
    },
    PROBE: {
        "prober": {"url": "blackbox:9115"},
        "targets": {"staticConfig": {"static": ["https://api.example.com"]}},
        "interval": "60s",
    },
    PROJECT: {
        "sourceRepos": ["https://example.com/tandem.git"],
        "destinations": [{"server": "https://kubernetes.default.svc", "namespace": "models"}],
    },
    ROLLOUT: {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "model"}},
        "template": {
            "metadata": {"labels": {"app": "model"}},
            "spec": {"containers": [{"name": "server", "image": "server:1"}]},
        },
        "strategy": {
            "canary": {
                "steps": [
                    {"setWeight": 10},
                    {"pause": {"duration": "10m"}},
                    {
                        "analysis": {
                            "templates": [{"templateName": "errors"}],
                            "args": [{"name": "hash", "valueFrom": {"podTemplateHashValue": "Latest"}}],
                        }
                    },
                ]
            }
        },
    },
    RULES: {
        "groups": [
            {
                "name": "lag",
                "rules": [{"alert": "Lag", "expr": "lag > 5", "for": "5m", "labels": {"severity": "page"}}],
            }
        ]
    },
    RUNTIME: {
        "supportedModelFormats": [{"name": "sklearn", "version": "1", "autoSelect": True}],
        "containers": [{"name": "kserve-container", "image": "server:1"}],
    },
    SCALED: {
        "scaleTargetRef": {"name": "model"},
        "minReplicaCount": 2.0,
        "maxReplicaCount": 6.0,
        "triggers": [{"type": "prometheus", "metadata": {"query": "up", "threshold": "5"}}],
    },
    SCHEDULE: {
        "schedule": "0 3 * * *",
        "template": {"includedNamespaces": ["prefect"], "ttl": "720h", "snapshotMoveData": True},
    },
    SECRET: {
        "refreshInterval": "1h",
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": "aws"},
        "target": {"name": "database", "template": {"engineVersion": "v2", "data": {"url": "{{ .a }}"}}},
        "data": [{"secretKey": "a", "remoteRef": {"key": "tandem/prefect", "property": "password"}}],
    },
    SENSOR: {
        "replicas": 2,
        "template": {
            "serviceAccountName": "events",
            "container": {"resources": {"limits": {"memory": "64Mi"}}},
        },
        "dependencies": [{"name": "alert", "eventSourceName": "alerts", "eventName": "page"}],
        "triggers": [
            {
                "template": {
                    "name": "recover",
                    "k8s": {"operation": "create", "source": {"resource": {"kind": "Job"}}},
                },
                "retryStrategy": {"steps": 3, "duration": "10s"},
            }
        ],
    },
    SOURCE: {
        "replicas": 2,
        "webhook": {"page": {"port": "12000", "endpoint": "/page", "method": "POST"}},
        "kafka": {"anything": {"url": "kafka:9092"}},
    },
    STORE: {"provider": {"aws": {"service": "SecretsManager", "region": "us-east-1"}}},
    TRIGGER: {"podIdentity": {"provider": "aws"}},
    WORKFLOW: {
        "entrypoint": "main",
        "onExit": "report",
        "serviceAccountName": "workflows",
        "podGC": {"strategy": "OnPodSuccess"},
        "templates": [
            {
                "name": "main",
                "retryStrategy": {"limit": 3, "retryPolicy": "Always", "backoff": {"duration": "10s", "factor": 2}},
                "container": {"image": "step:1", "command": ["python"], "env": [{"name": "A", "value": "b"}]},
            },
            {"name": "report", "steps": [[{"name": "again", "template": "main"}]]},
        ],
    },
}


def judged(type_: str, spec: Any, **others: Any) -> dict[str, str]:
    inputs = {"metadata": {"name": "default"}, "spec": spec, **others}
    return {failure.property: failure.reason for failure in check(type_, inputs)}


def changed(type_: str, path: str, value: Any) -> dict[str, Any]:
    spec = copy.deepcopy(SPECS[type_])
    target: Any = spec
    *way, last = [int(part) if part.isdigit() else part for part in path.split()]
    for part in way:
        target = target[part]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return spec


@pytest.mark.parametrize("type_", sorted(SPECS))
def test_what_the_definition_has_is_accepted(type_: str) -> None:
    assert judged(type_, SPECS[type_]) == {}


REFUSED: list[tuple[str, str, Any, str, str]] = [
    (NODE_CLASS, "subnetSelectorTerm", [], "subnetSelectorTerm", "would be dropped; nearest: 'subnetSelectorTerms'"),
    (NODE_CLASS, "subnetSelectorTerms", ..., "subnetSelectorTerms", "is required and missing"),
    (NODE_CLASS, "amiSelectorTerms", [], "amiSelectorTerms", "has 0 items, must have at least 1"),
    (NODE_CLASS, "subnetSelectorTerms", [{}] * 31, "subnetSelectorTerms", "has 31 items, may have at most 30"),
    (NODE_CLASS, "amiSelectorTerms 0 alias", "latest", "amiSelectorTerms[0].alias", "is not family@version"),
    (
        NODE_CLASS,
        "amiSelectorTerms 0 alias",
        f"al2023@v{0:030}",
        "amiSelectorTerms[0].alias",
        "is longer than 30 characters",
    ),
    (NODE_CLASS, "amiSelectorTerms 0 id", "ami-1", "amiSelectorTerms[0].alias", "excludes every other field"),
    (NODE_CLASS, "instanceProfile", ..., "", "exactly one of role and instanceProfile; it has neither"),
    (NODE_CLASS, "role", "nodes", "", "it has role and instanceProfile"),
    (NODE_CLASS, "metadataOptions httpTokens", "always", "metadataOptions.httpTokens", "is not one of 'required'"),
    (
        NODE_CLASS,
        "metadataOptions httpPutResponseHopLimit",
        65,
        "metadataOptions.httpPutResponseHopLimit",
        "65 is above 64",
    ),
    (
        NODE_CLASS,
        "blockDeviceMappings 0 ebs encrypted",
        "true",
        "blockDeviceMappings[0].ebs.encrypted",
        "it takes: boolean",
    ),
    (
        NODE_CLASS,
        "blockDeviceMappings 0 ebs volumeSize",
        100,
        "blockDeviceMappings[0].ebs.volumeSize",
        "it takes: string",
    ),
    (NODE_CLASS, "blockDeviceMappings 0 ebs volumeSize", ..., "blockDeviceMappings[0].ebs", "needs a volumeSize"),
    (
        NODE_CLASS,
        "capacityReservationSelectorTerms 0 id",
        "r-1",
        "capacityReservationSelectorTerms[0].id",
        "does not match",
    ),
    (NODE_CLASS, "tags karpenter.sh/nodepool", "x", 'tags["karpenter.sh/nodepool"]', "Karpenter sets itself"),
    (NODE_POOL, "template spec nodeClassRef group", ..., "template.spec.nodeClassRef.group", "is required and missing"),
    (NODE_POOL, "template spec expireAfter", "30d", "template.spec.expireAfter", "'30d' does not match"),
    (NODE_POOL, "template spec taints 0 effect", "NO_SCHEDULE", "template.spec.taints[0].effect", "is not one of"),
    (
        NODE_POOL,
        "template spec requirements 0 values",
        [],
        "template.spec.requirements[0].values",
        "at least one value",
    ),
    (
        NODE_POOL,
        "template spec requirements 1 values",
        ["x"],
        "template.spec.requirements[1].values",
        "one whole number",
    ),
    (
        NODE_POOL,
        "template spec requirements 0 operator",
        "Is",
        "template.spec.requirements[0].operator",
        "is not one of",
    ),
    (NODE_POOL, "template spec requirements 0 minValues", 0, "template.spec.requirements[0].minValues", "0 is below 1"),
    (
        NODE_POOL,
        "template spec requirements 0 key",
        "karpenter.sh/nodepool",
        "template.spec.requirements[0].key",
        "by Karpenter itself",
    ),
    (NODE_POOL, "limits cpu", "many", "limits.cpu", "'many' does not match"),
    (NODE_POOL, "disruption consolidateAfter", ..., "disruption.consolidateAfter", "is required and missing"),
    (NODE_POOL, "disruption budgets 0 nodes", "101%", "disruption.budgets[0].nodes", "does not match"),
    (NODE_POOL, "disruption budgets 0 schedule", "@daily", "disruption.budgets[0]", "schedule and duration"),
    (ANALYSIS, "metrics 0 provider prometheus adress", "x", "metrics[0].provider.prometheus.adress", "'address'"),
    (
        ANALYSIS,
        "metrics 1 provider job spec template spec containers 0 imag",
        "x",
        "metrics[1].provider.job.spec.template.spec.containers[0].imag",
        "nearest: 'image'",
    ),
    (APPLICATION, "destination", ..., "destination", "is required and missing"),
    (APPLICATION, "syncPolicy automated selfheal", True, "syncPolicy.automated.selfheal", "nearest: 'selfHeal'"),
    (BINDING, "targetType", "pod", "targetType", "is not one of 'instance', 'ip'"),
    (BUS, "jetstream replica", 3, "jetstream.replica", "nearest: 'replicas'"),
    (CERTIFICATE, "privateKey algorithm", "EC", "privateKey.algorithm", "is not one of"),
    (CERTIFICATE, "issuerRef", ..., "issuerRef", "is required and missing"),
    (CERTIFICATE, "duration", "10y", "duration", "'10y' is not a length of time in h, m and s"),
    (CERTIFICATE, "renewBefore", "87600h", "renewBefore", "must be shorter than the certificate's life"),
    (COLLECTOR, "mode", "cluster", "mode", "is not one of"),
    (COLLECTOR, "resources limit", {}, "resources.limit", "nearest: 'limits'"),
    (CONSTRAINT, "crd spec names kinds", "x", "crd.spec.names.kinds", "nearest: 'kind'"),
    (CRON, "concurrencyPolicy", "Never", "concurrencyPolicy", "is not one of"),
    (CRON, "workflowSpec entrypoints", "a", "workflowSpec.entrypoints", "nearest: 'entrypoint'"),
    (INFERENCE, "predictor minReplica", 1, "predictor.minReplica", "nearest: 'minReplicas'"),
    (INFERENCE, "predictor tolerations 0 effect", "No", "predictor.tolerations[0].effect", "is not one of"),
    (INSTRUMENTATION, "exporter endpoints", "x", "exporter.endpoints", "nearest: 'endpoint'"),
    (ISSUER, "ca secret", "x", "ca.secret", "nearest: 'secretName'"),
    (LOCATION, "accessMode", "Read", "accessMode", "is not one of 'ReadOnly', 'ReadWrite'"),
    (MONITOR, "endpoints 0 interval", "30", "endpoints[0].interval", "does not match"),
    (POD_MONITOR, "selector matchLabel", {}, "selector.matchLabel", "nearest: 'matchLabels'"),
    (POLICY, "validationFailureAction", "Refuse", "validationFailureAction", "is not one of"),
    (PROBE, "targets staticConfig statics", [], "targets.staticConfig.statics", "nearest: 'static'"),
    (PROJECT, "destinations", {}, "destinations", "got dict; it takes: array"),
    (ROLLOUT, "strategy blueGreen", {"activeService": "a"}, "strategy", "it has blueGreen and canary"),
    (ROLLOUT, "template", ..., "", "needs exactly one of template and workloadRef; it has neither"),
    (
        ROLLOUT,
        "template spec containers 0 ports",
        [{}],
        "template.spec.containers[0].ports[0].containerPort",
        "missing",
    ),
    (ROLLOUT, "strategy canary steps 0 setweight", 1, "strategy.canary.steps[0].setweight", "nearest: 'setWeight'"),
    (RULES, "groups 0 rules 0 expr", ..., "groups[0].rules[0].expr", "is required and missing"),
    (RULES, "groups 0 partial_response_strategy", "no", "groups[0].partial_response_strategy", "does not match"),
    (RUNTIME, "containers 0 name", ..., "containers[0].name", "is required and missing"),
    (SCALED, "triggers 0 type", ..., "triggers[0].type", "is required and missing"),
    (SCALED, "triggers 0 metadata threshold", 5, "triggers[0].metadata.threshold", "got 5; it takes: string"),
    (SCALED, "minReplicaCount", 7.0, "minReplicaCount", "7 is above maxReplicaCount, 6"),
    (SCALED, "idleReplicaCount", 2, "idleReplicaCount", "2 must be below minReplicaCount, 2"),
    (SCHEDULE, "template includedNamespace", [], "template.includedNamespace", "nearest: 'includedNamespaces'"),
    (SECRET, "data", ..., "", "needs data or dataFrom"),
    (SECRET, "data 0 remoteRef key", ..., "data[0].remoteRef.key", "is required and missing"),
    (SECRET, "target deletionPolicy", "Keep", "target.deletionPolicy", "is not one of"),
    (SENSOR, "triggers 0 template k8s operations", "x", "triggers[0].template.k8s.operations", "nearest: 'operation'"),
    (SOURCE, "webhook page ports", "1", "webhook.page.ports", "nearest: 'port'"),
    (STORE, "provider aws service", "Secrets", "provider.aws.service", "is not one of"),
    (TRIGGER, "podIdentity provider", "eks", "podIdentity.provider", "is not one of"),
    (WORKFLOW, "templates 0 container env 0 nam", "x", "templates[0].container.env[0].nam", "nearest: 'name'"),
    (WORKFLOW, "templates 1 steps 0 0 templat", "x", "templates[1].steps[0][0].templat", "nearest: 'template'"),
]
"""Kind, field by its path, what stands there (`...` for nothing), what is refused, and why."""


@pytest.mark.parametrize(("type_", "path", "value", "property_", "reason"), REFUSED)
def test_what_the_definition_refuses_is_refused(type_: str, path: str, value: Any, property_: str, reason: str) -> None:
    failures = judged(type_, changed(type_, path, value))
    where = f"spec.{property_}" if property_ else "spec"
    assert reason in failures.get(where, f"nothing refused at {where}, but: {failures}")


def test_a_field_beside_the_spec_is_refused() -> None:
    assert "is not a field of NodePool" in judged(NODE_POOL, SPECS[NODE_POOL], limits={})["limits"]


def test_an_object_without_a_spec_is_refused() -> None:
    assert judged(NODE_POOL, None)["spec"] == "is required and missing"


@pytest.mark.parametrize("type_", sorted(SPECS))
def test_what_is_not_known_yet_is_not_judged(type_: str) -> None:
    assert judged(type_, UNKNOWN) == {}
    for key in SPECS[type_]:
        assert judged(type_, {**SPECS[type_], key: UNKNOWN}) == {}
    assert judged(NODE_POOL, changed(NODE_POOL, "template spec requirements 0 values", UNKNOWN)) == {}


@pytest.mark.parametrize("junk", [3, "text", [], {}, [None], {"amiSelectorTerms": [3]}, {"template": {"spec": 1}}])
@pytest.mark.parametrize("type_", sorted(SPECS))
def test_no_object_makes_the_check_raise(type_: str, junk: Any) -> None:
    failures = check(type_, {"metadata": {"name": "a"}, "spec": junk})
    # Some kinds need nothing: their definitions take an empty spec.
    assert failures or junk == {}
    assert all(isinstance(failure, Failure) for failure in failures)


def test_where_a_container_gets_its_name_from_its_controller_it_need_not_have_one() -> None:
    spec = changed(WORKFLOW, "templates 0 container ports", [{"containerPort": 80}])
    assert judged(WORKFLOW, spec) == {}


def test_what_this_project_never_writes_is_open() -> None:
    for open_ in ({"anything": [{"at": "all"}]}, [1, 2]):
        assert judged(STORE, changed(STORE, "provider vault", open_)) == {}
    assert "it takes: object" in judged(STORE, changed(STORE, "provider vault", "text"))["spec.provider.vault"]


def test_a_limit_that_is_not_known_yet_is_compared_with_nothing() -> None:
    assert judged(SCALED, changed(SCALED, "maxReplicaCount", UNKNOWN)) == {}
    assert judged(ROLLOUT, changed(ROLLOUT, "strategy", UNKNOWN)) == {}
    assert judged(CERTIFICATE, changed(CERTIFICATE, "duration", UNKNOWN)) == {}


def test_every_kind_of_the_table_has_an_example_above() -> None:
    kinds = {f"kubernetes:{key.replace(' ', ':')}" for key in json.loads(TABLE.read_text())}
    assert kinds == set(SPECS)


def test_the_table_is_of_the_pinned_versions_and_small() -> None:
    pinned = {chart.name: chart.version for chart in CHARTS}
    found = {entry["chart"]: entry["version"] for entry in json.loads(TABLE.read_text()).values()}
    assert found == {source.chart.name: pinned[source.chart.name] for source in SOURCES}
    assert TABLE.stat().st_size < 400_000


def test_every_part_of_the_table_leads_somewhere() -> None:
    table: dict[str, Any] = json.loads(TABLE.read_text())
    for entry in table.values():
        for path, rules in entry["fields"].items():
            said: dict[str, Any] = {} if isinstance(rules, str) else rules
            if "like" in said:
                kind, _, at = said["like"].partition("#")
                assert "like" not in table[kind]["fields"][at], path
            if "definition" in said:
                assert definition(said["definition"]) is not None, path
            re.compile(said.get("pattern", ""))


SMALL = (Source(KARPENTER, "crds", {"NodePool": "example.com/v1"}, {"NodePool spec.cloud": ("aws",)}),)


def custom(spec: Any, *, kind: str = "NodePool", version: str = "v1") -> dict[str, Any]:
    served = {"name": version, "served": True, "schema": {"openAPIV3Schema": {"properties": {"spec": spec}}}}
    return {"spec": {"group": "example.com", "names": {"kind": kind}, "scope": "Cluster", "versions": [served]}}


def fields(monkeypatch: pytest.MonkeyPatch, **properties: Any) -> dict[str, Any]:
    monkeypatch.setattr("scripts.custom_resource_tables.SOURCES", SMALL)
    spec = {"type": "object", "properties": properties, "required": list(properties)[:1]}
    table = json.loads(build({"karpenter": [custom(spec), custom(spec, kind="NodeClaim")]}))
    assert sorted(table) == ["example.com/v1 NodePool"]
    entry = table["example.com/v1 NodePool"]
    assert (entry["chart"], entry["version"], entry["scope"]) == ("karpenter", KARPENTER.version, "Cluster")
    return entry["fields"]


def test_a_table_has_the_facts_of_a_definition_and_not_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fields(
        monkeypatch,
        size={"type": "integer", "minimum": 1, "description": "how many"},
        terms={"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}},
        limits={"type": "object", "additionalProperties": {"x-kubernetes-int-or-string": True}},
        case={"type": "string", "pattern": "^(?i)(a|b)?$"},
        anything={"x-kubernetes-preserve-unknown-fields": True},
    ) == {
        "spec": {"type": "object", "required": ["size"]},
        "spec.anything": "any",
        "spec.case": {"type": "string", "pattern": "(?i)^(a|b)?$"},
        "spec.limits": "map",
        "spec.limits{}": "integer|string",
        "spec.size": {"type": "integer", "minimum": 1},
        "spec.terms": "array",
        "spec.terms[]": "object",
        "spec.terms[].id": "string",
    }


def test_what_has_a_default_is_not_required(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fields(monkeypatch, size={"type": "integer", "default": 1})["spec"] == "object"


def test_what_is_kept_though_unknown_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"type": "object", "properties": {"a": {"type": "string"}}, "x-kubernetes-preserve-unknown-fields": True}
    assert fields(monkeypatch, config=kept)["spec.config"] == {"type": "object", "keeps": True}
    assert judged(COLLECTOR, changed(COLLECTOR, "config anything", {"a": 1})) == {}


def test_fields_beside_those_that_are_taken_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    clouds = {name: {"type": "object", "properties": {"key": {"type": "string"}}} for name in ("aws", "other")}
    found = fields(monkeypatch, cloud={"type": "object", "properties": clouds})
    assert found["spec.cloud.other"] == "open"
    assert "spec.cloud.other.key" not in found
    assert found["spec.cloud.aws.key"] == "string"


def test_the_same_block_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    block = {"type": "object", "properties": {key: {"type": "string", "description": "x"} for key in "abc"}}
    other = {"type": "object", "properties": {key: {"type": "string", "description": "y"} for key in "abc"}}
    found = fields(monkeypatch, first=block, second=other)
    assert found["spec.second"] == {"type": "object", "like": "example.com/v1 NodePool#spec.first"}
    assert "spec.second.a" not in found


def test_a_copy_of_a_definition_of_kubernetes_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    text = {"type": "string"}
    selector = {
        "type": "object",
        "properties": {"matchLabels": {"type": "object", "additionalProperties": text}, "matchExpressions": {}},
    }
    reference = {
        "type": "object",
        "properties": {"name": text, "value": text, "valueFrom": {"properties": {"no": text}}},
    }
    found = fields(
        monkeypatch,
        variable={"type": "object", "properties": {"name": text, "value": text, "valueFrom": {}}},
        selector=selector,
        other=reference,
    )
    assert found["spec.selector"]["definition"].endswith(".LabelSelector")
    assert found["spec.variable"] == {
        "type": "kubernetes",
        "definition": "io.k8s.api.core.v1.EnvVar",
        "optional": ["name"],
    }
    # By the names of its fields it is one; a part of it is not.
    assert found["spec.other"] == "object"
    assert found["spec.other.valueFrom.no"] == "string"


def test_references_of_a_json_schema_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.custom_resource_tables.SOURCES", SMALL)
    schema = {
        "definitions": {
            "io.k8s.NodePool": {"properties": {"spec": {"type": "string"}}},
            "io.example.NodePool": {"properties": {"spec": {"$ref": "#/definitions/io.example.Spec"}}},
            "io.example.Spec": {
                "type": "object",
                # Go always writes it; nobody has to.
                "required": ["port"],
                "properties": {
                    "port": {"$ref": "#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString"},
                    "pod": {"$ref": "#/definitions/io.k8s.api.core.v1.PodSpec"},
                    "inner": {"$ref": "#/definitions/io.example.Spec"},
                },
            },
        }
    }
    assert json.loads(build({"karpenter": [schema]}))["example.com/v1 NodePool"]["fields"] == {
        "spec": "object",
        "spec.inner": {"type": "object", "like": "example.com/v1 NodePool#spec"},
        "spec.pod": {"type": "kubernetes", "definition": "io.k8s.api.core.v1.PodSpec"},
        "spec.port": "integer|string",
    }


def test_only_the_version_that_the_project_writes_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.custom_resource_tables.SOURCES", SMALL)
    with pytest.raises(SystemExit, match=r"no definition of example\.com/v1 NodePool \(karpenter\) is among"):
        build({"karpenter": [custom({"type": "object"}, version="v2")]})


@pytest.mark.parametrize("name", EMBEDDED)
def test_every_name_of_a_definition_is_one(name: str) -> None:
    assert definition(name) is not None


def test_a_folder_without_a_definition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"karpenter\.k8s\.aws/v1 EC2NodeClass \(karpenter\), .* is among those files"):
        main([str(tmp_path)])
