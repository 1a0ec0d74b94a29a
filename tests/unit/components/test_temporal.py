"""Temporal: every service in every zone, one region at a time, and a database whose writer it finds."""

import copy
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.helm import Temporal
from components.helm.temporal import TEMPORAL_SERVICES
from tests.house.recorder import Recording, record

BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
EXTERNAL_SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"
RELEASE = "kubernetes:helm.sh/v3:Release"


def args(**changes: Any) -> Any:
    return {
        "namespace": "temporal",
        "database_host": "db.example.com",
        "database_port": 5432,
        "persistence": {"name": "temporal", "username": "keeper", "secret": "tandem/temporal"},
        "visibility": {"name": "temporal_visibility", "username": "finder", "secret": "tandem/temporal_visibility"},
        **changes,
    }


def installed(*, preview: bool = False, **changes: Any) -> Recording:
    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        namespace = k8s.core.v1.Namespace(
            "temporal",
            metadata=k8s.meta.v1.ObjectMetaArgs(name="temporal"),
            opts=pulumi.ResourceOptions(provider=provider),
        )
        arguments = args(**changes)
        if preview:
            arguments["database_host"] = pulumi.Output.from_input(pulumi.UNKNOWN)
        made = Temporal("flows", arguments, pulumi.ResourceOptions(providers=[provider], depends_on=[namespace]))
        pulumi.export("services", [made.service_name, made.ui_service_name])

    return record(program, preview=preview)


@pytest.fixture(scope="module")
def whole() -> Recording:
    return installed()


def values(recording: Recording) -> dict[str, Any]:
    return recording.one(RELEASE).plain["values"]


def stores(recording: Recording) -> dict[str, Any]:
    found = values(recording)["server"]["config"]["persistence"]["datastores"]
    return {role: store["sql"] for role, store in found.items()}


def test_every_service_runs_in_every_zone_and_the_interface_twice(whole: Recording) -> None:
    said = values(whole)
    assert (said["server"]["replicaCount"], said["web"]["replicaCount"]) == (3, 2)
    for component, part in {**{name: said["server"][name] for name in TEMPORAL_SERVICES}, "web": said["web"]}.items():
        assert part["enabled"] is True
        assert "replicaCount" not in part or component == "web", "a service's own number would win over the server's"
        zones, hosts = part["topologySpreadConstraints"]
        assert (zones["topologyKey"], hosts["topologyKey"]) == ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        assert zones["labelSelector"]["matchLabels"] == {
            "app.kubernetes.io/name": "temporal",
            "app.kubernetes.io/instance": "flows",
            "app.kubernetes.io/component": component,
        }


@pytest.mark.parametrize("standby", [False, True])
def test_every_pod_has_one_budget_even_before_there_is_a_pod(standby: bool) -> None:
    recording = installed(standby=standby)
    found = {
        each.plain["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"] for each in recording.all(BUDGET)
    }
    assert found == {*TEMPORAL_SERVICES, "web"}
    said = values(recording)
    assert not any(
        "podDisruptionBudget" in part for part in (*(said["server"][name] for name in TEMPORAL_SERVICES), said["web"])
    )


def test_a_standby_differs_by_having_no_servers_and_leaving_the_schema_alone(whole: Recording) -> None:
    waiting, working = values(installed(standby=True)), values(whole)
    assert (waiting["server"]["replicaCount"], working["server"]["replicaCount"]) == (0, 3)
    same = copy.deepcopy(working)
    same["server"]["replicaCount"] = 0
    # Nobody there would make them, and the other region has.
    assert same["server"]["config"]["namespaces"].pop("create") is True
    same["server"]["config"]["namespaces"]["create"] = False
    for store in same["server"]["config"]["persistence"]["datastores"].values():
        assert store["sql"]["manageSchema"] is True
        store["sql"]["manageSchema"] = False
    assert waiting == same


def test_connections_lead_to_whoever_writes_encrypted(whole: Recording) -> None:
    for store in stores(whole).values():
        assert store["pluginName"] == store["driverName"] == "postgres12_pgx"
        assert store["connectAddr"] == "db.example.com:5432"
        assert store["connectAttributes"] == {"target_session_attrs": "read-write"}
        assert store["maxConnLifetime"] == "60s"
        assert store["tls"]["enabled"] is True


def test_each_database_has_an_owner_and_a_secret_of_its_own_and_exists_already(whole: Recording) -> None:
    found = stores(whole)
    assert {role: (store["databaseName"], store["user"]) for role, store in found.items()} == {
        "default": ("temporal", "keeper"),
        "visibility": ("temporal_visibility", "finder"),
    }
    for store in found.values():
        assert (store["createDatabase"], store["manageSchema"]) == (False, True)
        assert "password" not in store
        secret = whole.one(EXTERNAL_SECRET, store["existingSecret"]).plain["spec"]
        assert store["secretKey"] in secret["target"]["template"]["data"]
        expected = "tandem/temporal" if store is found["default"] else "tandem/temporal_visibility"
        assert [each["remoteRef"] for each in secret["data"]] == [{"key": expected, "property": "password"}]


def test_the_schema_job_finds_its_secrets_and_its_account(whole: Recording) -> None:
    release, account = whole.one(RELEASE), whole.one("ServiceAccount")
    for needed in (*whole.all(EXTERNAL_SECRET), account):
        assert whole.waits_for(release, needed)
    # The chart's own account is deleted and made anew at each update.
    assert values(whole)["serviceAccount"] == {"create": False, "name": account.plain["metadata"]["name"]}
    assert account.plain["automountServiceAccountToken"] is False


def test_clients_find_a_namespace_and_those_that_were_asked_for() -> None:
    made = values(installed())["server"]["config"]["namespaces"]
    assert made == {"create": True, "namespace": [{"name": "default", "retention": "7d"}]}
    made = values(installed(temporal_namespaces=["default", "training"], retention_days=30))["server"]["config"]
    assert made["namespaces"]["namespace"] == [
        {"name": "default", "retention": "30d"},
        {"name": "training", "retention": "30d"},
    ]


def test_the_job_that_makes_namespaces_outlasts_the_start_of_the_servers(whole: Recording) -> None:
    """A kubelet waits 10 s, 20 s, … 5 min at most between attempts, of which ``backoffLimit`` may fail."""
    waits = [min(10 * 2**attempt, 300) for attempt in range(values(whole)["schema"]["backoffLimit"])]
    timeout = whole.one(RELEASE).plain["timeout"]
    assert sum(waits) > timeout
    # Servers that take as long as releases are given by default are still found.
    assert timeout >= 600 + waits[-1]


def test_the_number_of_shards_is_said_and_never_left_to_the_chart() -> None:
    assert values(installed())["server"]["config"]["persistence"]["numHistoryShards"] == 512
    assert values(installed(history_shards=4096))["server"]["config"]["persistence"]["numHistoryShards"] == 4096


def test_no_service_takes_requests_before_it_can_answer(whole: Recording) -> None:
    server = values(whole)["server"]
    assert server["frontend"]["readinessProbe"]["grpc"]["port"] == 7233
    assert server["internal-frontend"]["readinessProbe"]["grpc"]["port"] == 7236
    assert server["worker"]["readinessProbe"] == {"tcpSocket": {"port": "membership"}}
    assert server["deploymentStrategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_pods_may_do_little(whole: Recording) -> None:
    said = values(whole)
    for part in (said["server"], said["web"], said["schema"]):
        assert part["securityContext"]["runAsNonRoot"] is True
        assert part["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for part in (*(said["server"][name] for name in TEMPORAL_SERVICES), said["web"], said["schema"]):
        assert part["containerSecurityContext"]["allowPrivilegeEscalation"] is False
        assert part["containerSecurityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert part["resources"]["limits"].keys() == {"memory"}
    assert all(said["server"][name]["containerSecurityContext"]["readOnlyRootFilesystem"] for name in TEMPORAL_SERVICES)


def test_metrics_are_scraped_and_admin_tools_are_not_left_running(whole: Recording) -> None:
    said = values(whole)
    assert said["server"]["metrics"] == {"serviceMonitor": {"enabled": True}}
    assert said["admintools"]["enabled"] is False


def test_services_are_named_as_the_chart_names_them(whole: Recording) -> None:
    assert whole.outputs["services"] == ["flows-frontend", "flows-web"]
    assert values(whole)["fullnameOverride"] == "flows"


def test_a_preview_without_a_database_shows_everything() -> None:
    recording = installed(preview=True)
    assert len(recording.all(BUDGET)) == 6
    assert values(recording)["server"]["replicaCount"] == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"replicas": 2}, r"^replicas: got 2, must be at least 3, one a zone; for none write standby"),
        ({"temporal_namespaces": []}, r"^temporal_namespaces: is empty; name one at least"),
        ({"temporal_namespaces": ["a; rm"]}, r"^temporal_namespaces: got 'a; rm', must be lower-case"),
        ({"temporal_namespaces": ["a" * 47]}, r"^temporal_namespaces: got 'a+', must be .* 46 at most"),
        ({"retention_days": 0}, r"^retention_days: got 0, must be at least 1"),
        ({"history_shards": 0}, r"^history_shards: got 0, must be 1 to 16384"),
        ({"history_shards": 16385}, r"^history_shards: got 16385"),
        (
            {"visibility": {"name": "temporal", "username": "finder", "secret": "s"}},
            r"^visibility\.name: got 'temporal', as persistence\.name",
        ),
    ],
)
def test_what_could_not_work_is_refused_before_anything_is_registered(changes: Any, message: str) -> None:
    def program() -> None:
        with pytest.raises(ValueError, match=message):
            Temporal("x", args(**changes))

    assert record(program).registrations == []
