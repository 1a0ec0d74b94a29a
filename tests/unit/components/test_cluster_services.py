"""What every workload leans on: secrets from AWS, names, certificates of the cluster's own, and who goes first."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.helm import (
    CLUSTER_ISSUER,
    CLUSTER_STORE,
    CertManager,
    ExternalDns,
    ExternalDnsArgs,
    ExternalSecret,
    ExternalSecretArgs,
    ExternalSecretsMonitor,
    ExternalSecretsOperator,
    external_dns_policy,
    external_secrets_policy,
)
from components.helm._budget import disruption_budget
from components.helm.cert_manager import (
    AUTHORITY_HOURS,
    AUTHORITY_RENEWAL_HOURS,
    SELF_SIGNED,
    render_authority,
    render_cert_manager,
)
from components.helm.external_dns import plan_external_dns, pod_labels, render_external_dns
from components.helm.external_secret import plan_sources
from components.helm.external_secrets import render_external_secrets, render_monitor, render_store
from components.kubernetes import Priority, PriorityClasses
from components.kubernetes.priority_classes import VALUES
from tests.house.iam import granted
from tests.house.recorder import Recording, record

BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
EXTERNAL_SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"
ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"
MONITOR = "kubernetes:monitoring.coreos.com/v1:PodMonitor"
PRIORITY = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
RELEASE = "kubernetes:helm.sh/v3:Release"
STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
READY = {"pulumi.com/waitFor": "condition=Ready"}


def in_cluster(program: Callable[[pulumi.ResourceOptions], Any]) -> Recording:
    def whole() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        namespaces = [
            k8s.core.v1.Namespace(
                name, metadata=k8s.meta.v1.ObjectMetaArgs(name=name), opts=pulumi.ResourceOptions(provider=provider)
            )
            for name in ("cert-manager", "external-dns", "external-secrets", "prefect")
        ]
        program(pulumi.ResourceOptions(providers=[provider], depends_on=namespaces))

    recording = record(whole)
    assert recording.unregistered_components() == []
    return recording


def dns_args(**changes: Any) -> ExternalDnsArgs:
    arguments: ExternalDnsArgs = {
        "namespace": "external-dns",
        "region": "us-east-1",
        "owner_id": "tandem-us-east-1",
        "domains": ["apps.example.com"],
        "zone_ids": ["Z0123456789ABCDEFGHIJ"],
    }
    return {**arguments, **changes}  # type: ignore[typeddict-item]


def secret_args(**changes: Any) -> ExternalSecretArgs:
    arguments: ExternalSecretArgs = {
        "namespace": "prefect",
        "sources": {
            "database": {"secret": "tandem/prefect", "properties": ["username", "password"]},
            "cache": {"secret": "tandem/cache", "properties": ["token"]},
        },
        "template": {"url": "postgresql://{{ .database_username }}:{{ .database_password | urlquery }}@db/prefect"},
    }
    return {**arguments, **changes}  # type: ignore[typeddict-item]


# External Secrets


def operator(*, replicas: int = 2) -> Recording:
    return in_cluster(
        lambda opts: ExternalSecretsOperator(
            "external-secrets", {"namespace": "external-secrets", "region": "us-west-2", "replicas": replicas}, opts
        )
    )


def test_the_store_reads_its_own_region_with_no_credentials_in_it() -> None:
    store = operator().one(STORE)
    assert store.plain["metadata"] == {"name": CLUSTER_STORE, "annotations": READY}
    assert store.plain["spec"] == {"provider": {"aws": {"service": "SecretsManager", "region": "us-west-2"}}}


def test_the_store_comes_after_what_brings_its_definition() -> None:
    recording = operator()
    assert recording.one(RELEASE).urn in recording.one(STORE).dependencies


@pytest.mark.parametrize("replicas", [2, 3])
def test_every_part_of_external_secrets_runs_twice_probed_and_lets_one_pod_go(replicas: int) -> None:
    values = render_external_secrets(release_name="rel", replicas=replicas)
    assert values["leaderElect"] is True
    for part, name in (
        (values, "external-secrets"),
        (values["webhook"], "external-secrets-webhook"),
        (values["certController"], "external-secrets-cert-controller"),
    ):
        assert part["replicaCount"] == replicas
        assert part["podDisruptionBudget"] == {"enabled": True, "minAvailable": replicas - 1}
        assert part["livenessProbe"] == {"enabled": True}
        assert part["priorityClassName"] == "tandem-services"
        assert {each["tolerationSeconds"] for each in part["tolerations"]} == {30}
        assert part["resources"]["limits"].keys() == {"memory"}
        # As the chart labels each part's pods (its templates, 2.9.0).
        wanted = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": "rel"}
        assert [each["labelSelector"]["matchLabels"] for each in part["topologySpreadConstraints"]] == [wanted, wanted]
    # The others' readiness probes are on by default.
    assert values["readinessProbe"] == {"enabled": True}


def test_the_operator_waits_for_nothing_that_waits_for_it() -> None:
    # Prometheus brings the definition of ServiceMonitor, and Grafana's passwords come by an ExternalSecret.
    assert render_external_secrets(release_name="rel", replicas=2)["serviceMonitor"] == {"enabled": False}
    recording = in_cluster(
        lambda opts: ExternalSecretsMonitor(
            "secrets-monitor", {"namespace": "external-secrets", "operator": "rel"}, opts
        )
    )
    monitor = recording.one(MONITOR).plain
    assert monitor["metadata"] == {"name": "secrets-monitor", "namespace": "external-secrets"}
    assert monitor["spec"] == render_monitor(operator="rel")


def test_all_parts_of_the_operator_are_measured() -> None:
    selector = render_monitor(operator="rel")["selector"]
    values = render_external_secrets(release_name="rel", replicas=2)
    spreads = [part["topologySpreadConstraints"][0] for part in (values, values["webhook"], values["certController"])]
    (among,) = selector["matchExpressions"]
    for spread in spreads:
        labels = spread["labelSelector"]["matchLabels"]
        assert selector["matchLabels"].items() <= labels.items()
        assert among["operator"] == "In"
        assert labels[among["key"]] in among["values"]


def test_the_operator_reads_its_secrets_alone_and_their_keys_only_through_secrets_manager() -> None:
    secret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:tandem/*"
    key = "arn:aws:kms:us-east-1:000000000000:key/1"
    policy = external_secrets_policy([secret], [key])
    assert granted(policy) == {
        "secretsmanager:GetSecretValue": {secret},
        "secretsmanager:DescribeSecret": {secret},
        "kms:Decrypt": {key},
    }
    conditions = [each.get("Condition") for each in json.loads(policy)["Statement"]]
    assert conditions == [None, {"StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"}}]
    assert "kms:Decrypt" not in granted(external_secrets_policy([secret], []))


def test_a_policy_of_no_secrets_is_refused() -> None:
    with pytest.raises(ValueError, match=r"secret_arns: is empty; name the secrets"):
        external_secrets_policy([], [])


@pytest.mark.parametrize("replicas", [0, 1])
def test_one_replica_is_refused(replicas: int) -> None:
    with pytest.raises(ValueError, match=rf"replicas: got {replicas}, must be at least 2"):
        operator(replicas=replicas)
    with pytest.raises(ValueError, match=rf"replicas: got {replicas}, must be at least 2"):
        in_cluster(lambda opts: CertManager("certs", {"namespace": "certs", "replicas": replicas}, opts))


# A secret


def secret(**changes: Any) -> Any:
    recording = in_cluster(lambda opts: ExternalSecret("prefect-database", secret_args(**changes), opts))
    return recording.one(EXTERNAL_SECRET).plain


def test_a_secret_is_made_in_the_cluster_from_properties_of_several_and_waited_for() -> None:
    made = secret()
    assert made["metadata"] == {"name": "prefect-database", "namespace": "prefect", "annotations": READY}
    spec = made["spec"]
    assert spec["secretStoreRef"] == {"kind": "ClusterSecretStore", "name": CLUSTER_STORE}
    assert spec["data"] == [
        {"secretKey": "database_username", "remoteRef": {"key": "tandem/prefect", "property": "username"}},
        {"secretKey": "database_password", "remoteRef": {"key": "tandem/prefect", "property": "password"}},
        {"secretKey": "cache_token", "remoteRef": {"key": "tandem/cache", "property": "token"}},
    ]
    assert spec["target"]["name"] == "prefect-database"
    assert spec["target"]["template"] == {"engineVersion": "v2", "data": secret_args()["template"]}


def test_a_secret_outlives_the_one_that_it_was_read_from() -> None:
    assert secret()["spec"]["target"]["deletionPolicy"] == "Retain"
    assert secret()["spec"]["target"]["creationPolicy"] == "Owner"


def test_a_secret_is_called_as_its_component() -> None:
    made: list[str] = []
    in_cluster(lambda opts: made.append(ExternalSecret("prefect-database", secret_args(), opts).secret_name))
    assert made == ["prefect-database"]


SECRETS: list[tuple[dict[str, Any], str]] = [
    ({"sources": {}}, r"sources: is empty; name one secret"),
    ({"sources": {"a-b": {"secret": "s", "properties": ["p"]}}}, r"sources: 'a-b' must be letters, digits"),
    ({"sources": {"é": {"secret": "s", "properties": ["p"]}}}, r"sources: 'é' must be letters, digits"),
    ({"sources": {"a": {"secret": "s", "properties": []}}}, r"sources\.a\.properties: is empty; name what templates"),
    (
        {"sources": {"a": {"secret": "s", "properties": ["pass-word"]}}},
        r"sources\.a\.properties: 'pass-word' must be letters, digits",
    ),
    (
        {"sources": {"a": {"secret": "s", "properties": ["b_c"]}, "a_b": {"secret": "t", "properties": ["c"]}}},
        r"sources\.a_b\.properties: a_b_c stands for two things",
    ),
    ({"template": {}}, r"template: is empty; write a key of the Kubernetes secret"),
    (
        {"template": {"url": "{{ .database_username }}:{{ .database_passwort | urlquery }}"}},
        r"template\.url: database_passwort is not among the sources; write one of cache_token, database_password,",
    ),
]


@pytest.mark.parametrize(("changes", "message"), SECRETS)
def test_a_secret_that_could_never_be_ready_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        secret(**changes)


def test_what_is_text_in_a_template_is_no_name() -> None:
    text = '.nothing {{ printf "%s.nothing" .cache_token | b64enc }}@db.example.com {{ $x.nothing }} {{ `.nothing` }}'
    plan_sources(secret_args()["sources"], {"text": text})


def test_templates_that_are_not_known_yet_are_taken_as_they_are() -> None:
    def program(opts: pulumi.ResourceOptions) -> None:
        host = pulumi.Output.from_input("db.example.com")
        url = host.apply(lambda name: f"{{{{ .cache_token }}}}@{name}")
        ExternalSecret("cache", secret_args(template={"url": url, "user": "{{.database_username}}"}), opts)

    made = in_cluster(program).one(EXTERNAL_SECRET).plain["spec"]["target"]["template"]["data"]
    assert made == {"url": "{{ .cache_token }}@db.example.com", "user": "{{.database_username}}"}


# Names


def test_names_are_written_in_given_zones_and_domains_and_never_deleted() -> None:
    values = in_cluster(lambda opts: ExternalDns("dns", dns_args(), opts)).one(RELEASE).plain["values"]
    assert values["policy"] == "upsert-only"
    assert values["domainFilters"] == ["apps.example.com"]
    assert values["extraArgs"] == {"zone-id-filter": ["Z0123456789ABCDEFGHIJ"]}
    assert values["sources"] == ["service", "ingress"]
    assert values["env"] == [{"name": "AWS_REGION", "value": "us-east-1"}]


def test_each_cluster_owns_its_records() -> None:
    values = render_external_dns(region="us-east-1", owner_id="a", domains=["x.com"], zone_ids=["Z1"])
    assert (values["registry"], values["txtOwnerId"]) == ("txt", "a")
    # A note of a zone's apex lies in the zone only below a point.
    assert values["txtPrefix"].endswith("%{record_type}.")


def test_the_single_writer_of_names_is_back_soon_and_lets_its_node_be_drained() -> None:
    recording = in_cluster(lambda opts: ExternalDns("dns", dns_args(), opts))
    values = recording.one(RELEASE).plain["values"]
    assert values["deploymentStrategy"] == {"type": "Recreate"}
    assert values["priorityClassName"] == "tandem-services"
    assert {each["tolerationSeconds"] for each in values["tolerations"]} == {30}
    budget = recording.one(BUDGET, "dns-budget").plain
    assert budget["metadata"]["namespace"] == "external-dns"
    assert budget["spec"]["maxUnavailable"] == 1
    # The chart's selector labels (its _helpers.tpl, 1.21.1).
    assert budget["spec"]["selector"]["matchLabels"] == pod_labels(release_name="dns")
    assert pod_labels(release_name="dns") == {
        "app.kubernetes.io/name": "external-dns",
        "app.kubernetes.io/instance": "dns",
    }


def test_names_may_be_written_in_these_zones_alone() -> None:
    zone = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
    assert granted(external_dns_policy([zone])) == {
        "route53:ChangeResourceRecordSets": {zone},
        "route53:ListResourceRecordSets": {zone},
        "route53:ListTagsForResources": {zone},
        "route53:ListHostedZones": {"*"},
    }
    with pytest.raises(ValueError, match=r"zone_arns: is empty; name the hosted zones"):
        external_dns_policy([])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"owner_id": "a,b"}, r"owner_id: got 'a,b', must be letters, digits"),
        ({"owner_id": ""}, r"owner_id: got ''"),
        ({"domains": []}, r"domains: is empty, so every name of the zones could be written"),
        ({"domains": ["Example.com"]}, r"domains: got 'Example\.com', must be a domain in lower case"),
        ({"domains": ["example.com."]}, r"domains: got 'example\.com\.'"),
        ({"zone_ids": []}, r"zone_ids: is empty, so every zone of the account could be written"),
    ],
)
def test_a_writer_of_too_many_names_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        in_cluster(lambda opts: ExternalDns("dns", dns_args(**changes), opts))


def test_a_domain_of_one_zone_is_taken() -> None:
    plan_external_dns(owner_id="tandem_us-east-1.2", domains=["example.com", "a-b.c1.example.com"], zones=1)


# Certificates


def certificates() -> Recording:
    return in_cluster(lambda opts: CertManager("certs", {"namespace": "cert-manager"}, opts))


def test_the_cluster_s_authority_signs_itself_and_everything_else() -> None:
    recording = certificates()
    root, issuer = recording.one(ISSUER, "certs-self-signed"), recording.one(ISSUER, "certs-in-cluster")
    authority = recording.one(CERTIFICATE)
    assert root.plain["metadata"] == {"name": SELF_SIGNED, "annotations": READY}
    assert root.plain["spec"] == {"selfSigned": {}}
    assert authority.plain["spec"]["issuerRef"]["name"] == SELF_SIGNED
    assert authority.plain["spec"]["isCA"] is True
    assert issuer.plain["metadata"] == {"name": CLUSTER_ISSUER, "annotations": READY}
    assert issuer.plain["spec"] == {"ca": {"secretName": authority.plain["spec"]["secretName"]}}
    # A cluster's issuer reads secrets of the controller's own namespace.
    assert authority.plain["metadata"]["namespace"] == recording.one(RELEASE).plain["namespace"]


def test_certificates_are_asked_for_in_the_order_in_which_they_can_be_had() -> None:
    recording = certificates()
    release = recording.one(RELEASE)
    root, issuer = recording.one(ISSUER, "certs-self-signed"), recording.one(ISSUER, "certs-in-cluster")
    authority = recording.one(CERTIFICATE)
    assert release.urn in root.dependencies
    assert root.urn in authority.dependencies
    assert authority.urn in issuer.dependencies


def test_the_authority_is_renewed_long_before_its_end_and_keeps_its_key() -> None:
    spec = render_authority()
    assert (spec["duration"], spec["renewBefore"]) == ("87600h", "8760h")
    # cert-manager's own certificates live for 90 days.
    assert AUTHORITY_HOURS > AUTHORITY_RENEWAL_HOURS > 90 * 24
    assert spec["privateKey"]["rotationPolicy"] == "Never"


def test_every_part_of_cert_manager_runs_twice_and_lets_one_pod_go() -> None:
    values = render_cert_manager(release_name="rel", namespace="certs", replicas=2)
    for part, name in (
        (values, "cert-manager"),
        (values["webhook"], "webhook"),
        (values["cainjector"], "cainjector"),
    ):
        assert part["replicaCount"] == 2
        assert part["podDisruptionBudget"] == {
            "enabled": True,
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        }
        assert {each["tolerationSeconds"] for each in part["tolerations"]} == {30}
        assert part["resources"]["limits"].keys() == {"memory"}
        # As the chart labels each part's pods (its templates, v1.21.1).
        wanted = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": "rel"}
        assert [each["labelSelector"]["matchLabels"] for each in part["topologySpreadConstraints"]] == [wanted, wanted]
    assert values["global"]["priorityClassName"] == "tandem-services"


def test_cert_manager_elects_in_its_own_namespace_and_leaves_its_definitions_behind() -> None:
    values = certificates().one(RELEASE).plain["values"]
    assert values["global"]["leaderElection"] == {"namespace": "cert-manager"}
    assert values["crds"] == {"enabled": True, "keep": True}
    assert values["startupapicheck"]["enabled"] is True
    assert values["prometheus"]["servicemonitor"] == {"enabled": True}


# Budgets


def test_a_budget_lets_one_pod_of_exactly_these_go_and_an_ill_one_always() -> None:
    def program(opts: pulumi.ResourceOptions) -> None:
        parent = ExternalSecret("parent", secret_args(), opts)
        disruption_budget("server", namespace="prefect", labels={"app": "server", "part": "api"}, parent=parent)

    recording = in_cluster(program)
    budget = recording.one(BUDGET, "server")
    assert budget.parent == recording.one("tandem:index:ExternalSecret", "parent").urn
    assert budget.plain["metadata"] == {"name": "server", "namespace": "prefect"}
    assert budget.plain["spec"] == {
        "maxUnavailable": 1,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
        "selector": {"matchLabels": {"app": "server", "part": "api"}},
    }


def test_a_budget_without_labels_would_hold_a_whole_namespace_and_is_refused() -> None:
    with pytest.raises(ValueError, match=r"labels: is empty, which selects every pod of the namespace"):
        in_cluster(
            lambda opts: disruption_budget(
                "all", namespace="prefect", labels={}, parent=ExternalSecret("parent", secret_args(), opts)
            )
        )


# Priorities


def priorities() -> dict[str, Any]:
    recording = in_cluster(lambda opts: PriorityClasses("priorities", opts))
    return {each.plain["metadata"]["name"]: each.plain for each in recording.all(PRIORITY)}


def test_what_others_lean_on_goes_first_and_runs_go_last() -> None:
    found = priorities()
    assert sorted(found) == sorted(priority.value for priority in Priority)
    order = sorted(found, key=lambda name: -found[name]["value"])
    assert order == ["tandem-services", "tandem-serving", "tandem-orchestration", "tandem-runs"]
    assert all(0 < value < 1_000_000_000 for value in VALUES.values())


def test_a_step_of_a_run_pushes_nobody_out_and_everyone_else_does() -> None:
    assert {name: each["preemptionPolicy"] for name, each in priorities().items()} == {
        "tandem-services": "PreemptLowerPriority",
        "tandem-serving": "PreemptLowerPriority",
        "tandem-orchestration": "PreemptLowerPriority",
        "tandem-runs": "Never",
    }


def test_no_class_is_everyone_s_and_each_says_whose_it_is() -> None:
    for each in priorities().values():
        assert each["globalDefault"] is False
        assert each["description"]


def test_the_store_serves_the_namespaces_that_are_named_and_no_other() -> None:
    assert render_store("us-east-1", ["prefect", "airflow"])["conditions"] == [{"namespaces": ["prefect", "airflow"]}]
    assert "conditions" not in render_store("us-east-1")
