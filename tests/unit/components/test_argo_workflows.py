"""Argo Workflows: two regions in one archive, nobody's mistakes retried, and the same environment for every step."""

import json
import re
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
import yaml

from components.helm import (
    ARGO_RUNS_SERVICE_ACCOUNT,
    ARGO_SERVER_SERVICE_ACCOUNT,
    ArgoWorkflows,
    ArgoWorkflowsArgs,
    argo_runs_policy,
    argo_server_policy,
)
from components.helm.argo_workflows import RETRIED, RETRY_EXIT_CODE, pod_labels, render_workflow_defaults
from components.kubernetes import Priority
from tests.house.recorder import Recording, record
from workflows import reference

WORKFLOWS = Path(reference.__file__).parent
EXTERNAL_SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"
RELEASE = "kubernetes:helm.sh/v3:Release"
TEMPLATE = "kubernetes:argoproj.io/v1alpha1:WorkflowTemplate"
RESTRICTED = {"allowPrivilegeEscalation": False, "runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}}


def arguments(**changes: Any) -> ArgoWorkflowsArgs:
    said: ArgoWorkflowsArgs = {
        "namespace": "argo-workflows",
        "cluster_name": "tandem-us-east-1",
        "runs_namespaces": ["runs", "training"],
        "database_hosts": ["db.example.com", "db-ro.example.com"],
        "database_port": 5432,
        "database_name": "argo_workflows",
        "database_secret": "tandem/argo-workflows",
        "region": "us-east-1",
        "artifact_bucket": "artifacts-us-east-1",
        "artifact_key_arn": "arn:aws:kms:us-east-1:123456789012:key/mrk-1",
        "checkpoint_bucket": "checkpoints-us-east-1",
        "failover_endpoint": "https://api.us-west-2.example.com",
    }
    return {**said, **changes}  # type: ignore[typeddict-item]


def cluster() -> pulumi.ResourceOptions:
    """A cluster with the namespaces."""
    provider = k8s.Provider("cluster", kubeconfig="{}")
    inside = pulumi.ResourceOptions(provider=provider)
    namespaces = [
        k8s.core.v1.Namespace(name, metadata=k8s.meta.v1.ObjectMetaArgs(name=name), opts=inside)
        for name in ("argo-workflows", "runs", "training")
    ]
    return pulumi.ResourceOptions(providers=[provider], depends_on=namespaces)


def argo(**changes: Any) -> Recording:
    return record(lambda: (ArgoWorkflows("argo-workflows", arguments(**changes), cluster()), None)[1])


def values(**changes: Any) -> dict[str, Any]:
    return argo(**changes).one(RELEASE).plain["values"]


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    return values()


def test_no_password_passes_through_pulumi_and_pods_wait_for_it() -> None:
    recording = argo(
        sign_in={
            "issuer": "https://id.example.com",
            "secret": "tandem/argo-sign-in",
            "public_url": "https://argo.example.com",
        }
    )
    assert recording.all("kubernetes:core/v1:Secret") == []
    made = {
        each.plain["metadata"]["name"]: set(each.plain["spec"]["target"]["template"]["data"])
        for each in recording.all(EXTERNAL_SECRET)
    }
    release = recording.one(RELEASE)
    for each in recording.all(EXTERNAL_SECRET):
        assert each.plain["metadata"]["namespace"] == "argo-workflows"
        assert recording.waits_for(release, each)
    found = release.plain["values"]
    named = [
        found["controller"]["persistence"]["postgresql"]["userNameSecret"],
        found["controller"]["persistence"]["postgresql"]["passwordSecret"],
        found["controller"]["synchronization"]["postgresql"]["userNameSecret"],
        found["controller"]["synchronization"]["postgresql"]["passwordSecret"],
        found["server"]["sso"]["clientId"],
        found["server"]["sso"]["clientSecret"],
    ]
    assert all(each["key"] in made[each["name"]] for each in named)
    assert found["server"]["authModes"] == ["client", "sso"]
    assert found["server"]["sso"]["redirectUrl"] == "https://argo.example.com/oauth2/callback"


def test_without_a_provider_only_tokens_sign_in(said: dict[str, Any]) -> None:
    assert said["server"]["authModes"] == ["client"]
    assert "sso" not in said["server"]


def test_the_archive_tries_every_host_encrypted_and_follows_the_writer(said: dict[str, Any]) -> None:
    stored = said["controller"]["persistence"]
    assert stored["postgresql"]["host"] == "db.example.com,db-ro.example.com"
    assert (stored["postgresql"]["ssl"], stored["postgresql"]["sslMode"]) == (True, "require")
    # A unit that Argo's own type of duration reads: config/ttl.go takes whole d, h, m or s.
    assert re.fullmatch(r"\d+s", stored["connectionPool"]["connMaxLifetime"])
    assert stored["connectionPool"]["maxOpenConns"] > 0
    for part in ("controller", "server"):
        assert {"name": "PGCONNECT_TIMEOUT", "value": "5"} in said[part]["extraEnv"]
    assert (stored["archive"], stored["nodeStatusOffLoad"]) == (True, True)


def test_regions_never_take_each_other_s_rows_or_objects_for_their_own(said: dict[str, Any]) -> None:
    other = values(cluster_name="tandem-us-west-2")
    for one, another in (
        (said["controller"]["persistence"]["clusterName"], other["controller"]["persistence"]["clusterName"]),
        (
            said["controller"]["synchronization"]["controllerName"],
            other["controller"]["synchronization"]["controllerName"],
        ),
        (
            said["artifactRepository"]["s3"]["keyFormat"],
            other["artifactRepository"]["s3"]["keyFormat"],
        ),
    ):
        assert one != another
    assert said["artifactRepository"]["s3"]["keyFormat"] == (
        "tandem-us-east-1/{{workflow.namespace}}/{{workflow.name}}/{{pod.name}}"
    )


def test_a_reader_that_forwards_writes_gets_no_definitions_and_no_locks(said: dict[str, Any]) -> None:
    forwarded = values(writes_are_forwarded=True)["controller"]
    assert forwarded["persistence"]["skipMigration"] is True
    assert "synchronization" not in forwarded
    assert said["controller"]["persistence"]["skipMigration"] is False
    assert said["controller"]["synchronization"]["postgresql"]["database"] == "argo_workflows"


def test_artifacts_and_logs_need_no_keys(said: dict[str, Any]) -> None:
    repository = said["artifactRepository"]
    assert said["useStaticCredentials"] is False
    assert repository["archiveLogs"] is True
    assert repository["s3"]["useSDKCreds"] is True
    assert repository["s3"]["endpoint"] == "s3.us-east-1.amazonaws.com"
    assert repository["s3"]["encryptionOptions"] == {
        "enableEncryption": True,
        "kmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/mrk-1",
    }


def test_every_step_knows_the_other_region() -> None:
    plain = {each["name"]: each["value"] for each in values()["mainContainer"]["env"]}
    assert plain == {
        "FAILOVER_ENDPOINT": "https://api.us-west-2.example.com",
        "ARTIFACT_BUCKET": "artifacts-us-east-1",
        "CHECKPOINT_BUCKET": "checkpoints-us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    failover = {"region": "us-west-2", "checkpoint_bucket": "checkpoints-us-west-2"}
    more = {each["name"]: each["value"] for each in values(failover=failover)["mainContainer"]["env"]}
    assert more == {
        **plain,
        "FAILOVER_REGION": "us-west-2",
        "FAILOVER_CHECKPOINT_BUCKET": "checkpoints-us-west-2",
    }


def test_workflows_are_nobody_special_and_are_left_where_they_are(said: dict[str, Any]) -> None:
    defaults = said["controller"]["workflowDefaults"]["spec"]
    assert defaults["serviceAccountName"] == ARGO_RUNS_SERVICE_ACCOUNT
    assert defaults["podPriorityClassName"] == Priority.RUNS
    assert defaults["securityContext"]["runAsNonRoot"] is True
    assert defaults["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert {each["key"] for each in defaults["tolerations"]} == {
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    }
    assert defaults["podMetadata"]["annotations"] == {"karpenter.sh/do-not-disrupt": "true"}
    assert defaults["activeDeadlineSeconds"] == 86400
    assert set(defaults["ttlStrategy"]) == {"secondsAfterSuccess", "secondsAfterFailure"}
    assert said["mainContainer"]["securityContext"] == RESTRICTED
    assert said["executor"]["securityContext"] == {**RESTRICTED, "readOnlyRootFilesystem": True}


def test_workflow_pods_have_an_account_that_may_report_results_alone(said: dict[str, Any]) -> None:
    assert said["workflow"] == {
        "serviceAccount": {"create": True, "name": ARGO_RUNS_SERVICE_ACCOUNT},
        "rbac": {"create": True},
    }
    assert said["controller"]["workflowNamespaces"] == ["runs", "training"]
    assert said["server"]["serviceAccount"]["name"] == ARGO_SERVER_SERVICE_ACCOUNT


def retried(exit_code: str, message: str) -> bool:
    """RETRIED as expr reads it, by the same words of Python."""
    expression = RETRIED.replace("||", "or").replace("&&", "and")
    contains = re.sub(r"lastRetry\.message contains (\"\w+\")", r"(\1 in message)", expression)
    matches = re.sub(r"lastRetry\.message matches (\".*\")", r"bool(re.search(\1, message))", contains)
    return eval(
        matches.replace("lastRetry.exitCode", "exit_code"), {"re": re, "exit_code": exit_code, "message": message}
    )


@pytest.mark.parametrize(
    ("exit_code", "message", "again"),
    [
        (str(RETRY_EXIT_CODE), "main: Error (exit code 75)", True),
        ("143", "main: Error (exit code 143)", True),
        ("137", "main: Error (exit code 137)", True),
        ("137", "main: OOMKilled (exit code 137)", False),
        ("1", "main: Error (exit code 1)", False),
        ("2", "main: Error (exit code 2)", False),
        ("-1", "pod deleted", True),
        ("-1", "The node was low on resource: memory. Threshold quantity: 100Mi", True),
        ("-1", "The node had condition: [DiskPressure]. ", True),
        ("-1", "Pod was terminated in response to imminent node shutdown.", True),
        ("-1", "Preempted in order to admit critical pod", True),
        ("64", "init: Error (exit code 64): failed to load artifacts", True),
        ("64", "wait: Error (exit code 64): failed to save outputs", True),
        ("-1", "child 'recovery-123' failed", False),
        ("-1", "step group deemed errored due to child recovery-123 error: pod deleted", False),
        ("-1", "Pod was active on the node longer than the specified deadline", False),
    ],
)
def test_what_nobody_did_is_retried_and_mistakes_are_not(exit_code: str, message: str, again: bool) -> None:
    assert retried(exit_code, message) is again


def test_retries_wait_longer_each_time_on_another_node_and_end_no_pod_that_works() -> None:
    strategy = render_workflow_defaults()["spec"]["retryStrategy"]
    assert strategy["retryPolicy"] == "Always"
    assert strategy["expression"] == RETRIED
    assert strategy["backoff"] == {"duration": "10s", "factor": "2", "cap": "5m"}
    assert strategy["affinity"] == {"nodeAntiAffinity": {}}


def test_a_default_exit_handler_is_there_only_if_asked_for(said: dict[str, Any]) -> None:
    assert "hooks" not in said["controller"]["workflowDefaults"]["spec"]
    hook = values(exit_template="argo-workflows-recovery")["controller"]["workflowDefaults"]["spec"]["hooks"]["exit"]
    assert hook["templateRef"] == {"name": "argo-workflows-recovery", "template": "exit"}
    reference_template = yaml.safe_load((WORKFLOWS / "argo" / "recovery-workflow.yaml").read_text())["spec"]
    (exit_,) = (each for each in reference_template["templates"] if each["name"] == "exit")
    asked = {each["name"] for each in exit_["inputs"]["parameters"]}
    assert {each["name"] for each in hook["arguments"]["parameters"]} == asked
    # It runs in other workflows, which have neither its parameters nor its volumes.
    assert "workflow.parameters" not in json.dumps(exit_)
    mounted = {each["name"] for each in exit_["container"]["volumeMounts"]}
    assert mounted == {each["name"] for each in exit_["volumes"]}


@pytest.mark.parametrize(("part", "component"), [("controller", "workflow-controller"), ("server", "server")])
def test_argo_s_pods_are_spread_important_and_drained_one_at_a_time(
    part: str, component: str, said: dict[str, Any]
) -> None:
    block = said[part]
    assert "pdb" not in block
    budget = argo().one("PodDisruptionBudget", f"argo-workflows-{component}").plain
    assert budget["metadata"] == {"name": f"argo-workflows-{component}", "namespace": "argo-workflows"}
    assert budget["spec"]["selector"]["matchLabels"] == pod_labels("argo-workflows", component)
    assert (budget["spec"]["maxUnavailable"], budget["spec"]["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")
    zones, hosts = block["topologySpreadConstraints"]
    assert (zones["topologyKey"], hosts["topologyKey"]) == ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    assert zones["labelSelector"]["matchLabels"] == pod_labels("argo-workflows", component)
    assert block["priorityClassName"] == Priority.ORCHESTRATION
    assert block["securityContext"] == {**RESTRICTED, "readOnlyRootFilesystem": True}
    assert block["podSecurityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert "cpu" not in block["resources"]["limits"]


def test_two_controllers_take_turns_and_servers_follow_load(said: dict[str, Any]) -> None:
    # The chart turns leader election off where there is one alone.
    assert said["controller"]["replicas"] == 2
    scaling = said["server"]["autoscaling"]
    assert (scaling["minReplicas"], scaling["maxReplicas"]) == (3, 6)
    assert said["server"]["livenessProbe"]["enabled"] is True
    assert said["controller"]["serviceMonitor"] == {"enabled": True}
    assert said["controller"]["metricsConfig"]["enabled"] is True


def test_nothing_is_fetched_from_the_internet_to_install_definitions(said: dict[str, Any]) -> None:
    assert said["crds"] == {"install": True, "keep": True, "full": False}


def test_runs_write_checkpoints_and_servers_only_read_artifacts() -> None:
    runs = json.loads(argo_runs_policy(["arn:aws:s3:::a", "arn:aws:s3:::c"], ["arn:aws:kms:us-east-1:1:key/k"]))
    servers = json.loads(argo_server_policy("arn:aws:s3:::a", "arn:aws:kms:us-east-1:1:key/k"))
    # Without the right to list, S3 answers 403 for a checkpoint that is not there (workflows/recovery.py).
    assert "s3:ListBucket" in runs["Statement"][0]["Action"]
    assert runs["Statement"][1]["Resource"] == ["arn:aws:s3:::a/*", "arn:aws:s3:::c/*"]
    actions = {action for each in servers["Statement"] for action in each["Action"]}
    assert not actions & {"s3:PutObject", "s3:DeleteObject", "kms:GenerateDataKey"}
    assert "*" not in {
        resource for each in [*runs["Statement"], *servers["Statement"]] for resource in each["Resource"]
    }


def test_the_reference_workflow_stands_in_every_namespace_of_runs_with_its_code() -> None:
    found: list[ArgoWorkflows] = []

    def program() -> None:
        args = arguments(recovery={"image": "registry.example.com/python:3.13", "folder": str(WORKFLOWS)})
        found.append(ArgoWorkflows("argo-workflows", args, cluster()))

    recording = record(program)
    assert found[0].recovery_template == "argo-workflows-recovery"
    templates, codes = (
        sorted(recording.all(type_), key=lambda each: each.name) for type_ in (TEMPLATE, "kubernetes:core/v1:ConfigMap")
    )
    assert [each.plain["metadata"]["namespace"] for each in templates] == ["runs", "training"]
    assert [each.plain["metadata"]["namespace"] for each in codes] == ["runs", "training"]
    for template, code in zip(templates, codes, strict=True):
        assert template.plain["metadata"]["name"] == "argo-workflows-recovery"
        assert recording.waits_for(template, recording.one(RELEASE))
        assert recording.waits_for(template, code)
        assert set(code.plain["data"]) == {"recovery.py", "reference.py"}
        assert code.plain["data"]["recovery.py"] == (WORKFLOWS / "recovery.py").read_text()
        pods = [each for each in template.plain["spec"]["templates"] if "container" in each]
        assert len(pods) == 2
        for each in pods:
            assert each["container"]["image"] == "registry.example.com/python:3.13"
            assert each["volumes"][0]["configMap"]["name"] == code.plain["metadata"]["name"]
            assert each["container"]["securityContext"]["readOnlyRootFilesystem"] is True


def test_without_an_image_there_is_no_reference_workflow() -> None:
    recording = argo()
    assert recording.all(TEMPLATE) == []
    assert recording.all("kubernetes:core/v1:ConfigMap") == []


def test_a_preview_without_a_database_shows_the_release() -> None:
    def program() -> None:
        unknown = pulumi.Output.from_input(pulumi.UNKNOWN)
        ArgoWorkflows("argo-workflows", arguments(database_hosts=[unknown], database_secret=unknown), cluster())

    assert len(record(program, preview=True).all(RELEASE)) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cluster_name": ""}, r"^cluster_name: got 0 characters, must be 1 to 63"),
        ({"cluster_name": "x" * 64}, r"^cluster_name: got 64 characters, must be 1 to 63"),
        ({"runs_namespaces": []}, r"^runs_namespaces: is empty; name the namespace"),
        ({"database_hosts": []}, r"^database_hosts: is empty; name the writer"),
        ({"servers": 1}, r"^servers: got 1, must be at least 2"),
        ({"servers": 6}, r"^max_servers: got 6, must be above servers \(6\)"),
        ({"namespace_parallelism": 0}, r"^namespace_parallelism: got 0, must be at least 1"),
        ({"parallelism": 99}, r"^parallelism: got 99, must be at least that of one namespace \(100\)"),
        ({"recovery": {"image": "x", "folder": "nowhere"}}, r"^recovery.folder: nowhere/recovery.py is not there"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_registered(changes: dict[str, Any], message: str) -> None:
    def program() -> None:
        with pytest.raises(ValueError, match=message):
            ArgoWorkflows("x", arguments(**changes))

    assert record(program).registrations == []
