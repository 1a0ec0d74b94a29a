"""Both stacks, as the program registers them."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from infra import settings
from infra.layers.below import own_namespaces
from infra.peer import PeerError
from sandbox.values import Secret, unwrapped
from tests.house import stacks
from tests.house.iam import granted
from tests.house.recorder import Recording

BOTH = pytest.mark.parametrize("stack", stacks.STACKS)


@BOTH
def test_names_parents_and_types_are_as_promised(stack: str) -> None:
    assert stacks.golden_text(stacks.recorded(stack)) == (stacks.GOLDEN / f"{stack}.txt").read_text()


@BOTH
def test_every_component_says_when_it_is_done(stack: str) -> None:
    assert stacks.recorded(stack).unregistered_components() == []


@BOTH
def test_everything_in_aws_goes_through_the_guarded_provider(stack: str) -> None:
    recording = stacks.recorded(stack)
    guarded = recording.one("pulumi:providers:aws")
    # A provider's lists and maps travel as JSON text.
    assert json.loads(guarded.plain["allowedAccountIds"]) == ["000000000000"]
    made = [child for child in recording.registrations if child.type.startswith("aws:")]
    assert made
    assert {child.provider.split("::")[-2] for child in made} == {"aws"}


@BOTH
def test_everything_in_the_cluster_goes_through_the_stack_s_own_provider(stack: str) -> None:
    recording = stacks.recorded(stack)
    made = [child for child in recording.registrations if child.type.startswith("kubernetes:")]
    assert made
    assert {child.provider.split("::")[-2] for child in made} == {"kubernetes"}


@BOTH
def test_who_follows_a_repository_is_reached_by_its_own_name(stack: str) -> None:
    recording = stacks.recorded_example(stack, "large")
    region = recording.one("pulumi:providers:aws").plain["region"]
    host = recording.one("kubernetes:helm.sh/v3:Release", "argo-cd").plain["values"]["global"]["domain"]
    (condition,) = recording.one("aws:lb/listenerRule:ListenerRule", "tandem-argo-cd").plain["conditions"]
    assert condition["hostHeader"]["values"] == [host, f"argo-cd.{region}.{host.removeprefix('argo-cd.')}"]
    group = recording.one("aws:lb/targetGroup:TargetGroup", "tandem-argo-cd").plain
    binding = recording.one("kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding", "argo-cd").plain
    assert binding["spec"]["serviceRef"] == {"name": "argo-cd-server", "port": 80}
    # The load balancer ends TLS and speaks plain text to the pods.
    server = recording.one("kubernetes:helm.sh/v3:Release", "argo-cd").plain["values"]["server"]
    assert group["protocol"] == "HTTP"
    assert "--insecure" in server["extraArgs"]
    names = {each.plain["name"] for each in recording.all("aws:route53/record:Record")}
    assert f"argo-cd.{region}.{host.removeprefix('argo-cd.')}" in names


@BOTH
def test_a_browser_comes_back_to_the_pod_that_knows_its_sign_in(stack: str) -> None:
    groups = stacks.recorded(stack).all("aws:lb/targetGroup:TargetGroup")
    sticky = {each.name: each.plain["stickiness"] for each in groups if each.plain.get("stickiness")}
    assert sticky == {"tandem-grafana": {"type": "lb_cookie", "cookieDuration": 86400, "enabled": True}}


@BOTH
def test_the_cluster_is_destroyed_workloads_first_and_access_last(stack: str) -> None:
    recording = stacks.recorded(stack)
    needed = {recording.by_urn(urn).type for urn in recording.one("pulumi:providers:kubernetes").dependencies}
    assert {
        "aws:eks/nodeGroup:NodeGroup",
        "aws:eks/addon:Addon",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    } <= needed


@BOTH
def test_nothing_of_aws_is_left_to_go_with_the_cluster(stack: str) -> None:
    recording = stacks.recorded(stack)
    by_urn = {one.urn: one for one in recording.registrations}

    def goes_with(urn: str) -> str:
        # The engine hands the option down from parent to child.
        return by_urn[urn].deleted_with or (goes_with(by_urn[urn].parent) if by_urn[urn].parent else "")

    with_cluster = {one.type.split(":")[0] for one in recording.registrations if one.custom and goes_with(one.urn)}
    assert with_cluster == {"kubernetes"}


@BOTH
def test_every_gpu_pool_stands_in_one_zone_and_every_zone_has_one(stack: str) -> None:
    recording = stacks.recorded(stack)
    zones = [
        recording.by_urn(urn).plain["availabilityZone"]
        for pool in recording.all("aws:eks/nodeGroup:NodeGroup")
        if "taints" in pool.plain
        for urn in pool.property_dependencies["subnetIds"]
        if recording.by_urn(urn).type == "aws:ec2/subnet:Subnet"
    ]
    assert sorted(zones) == json.loads(stacks.stack_config(stack)["tandem:region"])["zones"]


@BOTH
def test_what_opens_doors_is_exported_secret(stack: str) -> None:
    recording = stacks.recorded(stack)
    secret = {name for name, value in recording.outputs.items() if isinstance(value, Secret)}
    assert secret == {"kubeconfig", "grafanaSignInPassword", "signInPassword"}


@BOTH
def test_a_first_preview_needs_nothing_that_is_not_there_yet(stack: str) -> None:
    previewed, made = stacks.recorded(stack, preview=True), stacks.recorded(stack)
    assert {one.urn for one in previewed.registrations} == {one.urn for one in made.registrations}


def joined() -> Recording:
    return stacks.recorded("secondary")


def test_every_bucket_but_the_logs_is_copied_both_ways_each_from_its_own_region() -> None:
    copied = {
        (config.plain["region"], config.plain["bucket"]): config.plain["rules"][0]["destination"]["bucket"]
        for config in joined().all("aws:s3/bucketReplicationConfig:BucketReplicationConfig")
    }

    def bucket(holds: str, region: str) -> str:
        return f"tandem-{holds}-000000000000-{region}"

    pairs = [("us-east-1", "us-west-2"), ("us-west-2", "us-east-1")]
    assert copied == {
        (here, bucket(holds, here)): f"arn:aws:s3:::{bucket(holds, there)}"
        for holds in ("artifacts", "checkpoints", "models", "audit", "volumes")
        for here, there in pairs
    }


def test_the_founder_refers_to_nobody_and_makes_nothing_elsewhere() -> None:
    primary = stacks.recorded("primary")
    assert not primary.all("pulumi:pulumi:StackReference")
    assert "us-west-2" not in {one.plain.get("region") for one in primary.registrations}
    # AWS copies secrets by itself, when it can.
    copied = [
        one.plain["replicas"] for one in primary.all("aws:secretsmanager/secret:Secret") if "replicas" in one.plain
    ]
    assert copied == [[{"region": "us-west-2"}]] * len(stacks.recorded("primary").outputs["contract"]["secret_arns"])


def test_a_founder_alone_makes_nothing_elsewhere() -> None:
    config = stacks.stack_config("primary")
    platform = json.loads(config["tandem:platform"])
    del platform["network"]["cidrs"]["us-west-2"]
    alone = stacks.record_program("primary", config | {"tandem:platform": json.dumps(platform)})
    assert "us-west-2" not in {one.plain.get("region") for one in alone.registrations}
    assert all("replicas" not in one.plain for one in alone.all("aws:secretsmanager/secret:Secret"))


@BOTH
def test_both_regions_hold_the_same_credentials(stack: str) -> None:
    arns = {name: arn.split(":")[3:] for name, arn in stacks.recorded(stack).outputs["contract"]["secret_arns"].items()}
    region = json.loads(json.dumps(stacks.stack_config(stack)))["aws:region"]
    founders = stacks.recorded("primary").outputs["contract"]["secret_arns"]
    assert set(arns) >= {"prefect", "signIn"}
    assert arns == {name: [region, *founders[name].split(":")[4:]] for name in arns}


EXTERNAL_SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"


def settings_of(size: str) -> settings.Settings:
    return settings.parse(stacks.example_config("primary", size))


def connection_of_prefect(recording: Recording) -> str:
    secret = recording.one(EXTERNAL_SECRET, "prefect-database")
    return secret.plain["spec"]["target"]["template"]["data"]["connection-string"]


def test_no_password_of_an_orchestrator_passes_through_the_state() -> None:
    for stack in stacks.STACKS:
        secrets = stacks.recorded(stack).all("kubernetes:core/v1:Secret")
        # Alertmanager's configuration holds none while nobody is told but the topic.
        assert [each.name for each in secrets] == ["alertmanager-routing"]


@BOTH
def test_each_way_to_the_writer_is_tried_in_order(stack: str) -> None:
    recording = stacks.recorded(stack)
    cluster = recording.one("aws:rds/cluster:Cluster").outputs
    url = connection_of_prefect(recording)
    assert f"?host={cluster['endpoint']}:5432&host={cluster['readerEndpoint']}:5432&" in url


@pytest.mark.parametrize("change", [("network", "link", "peering"), ("database", "write_forwarding", False)])
def test_clients_that_can_or_must_use_the_global_writer_endpoint_do(change: tuple[str, str, Any]) -> None:
    section, key, value = change
    config = stacks.stack_config("primary")
    platform = json.loads(config["tandem:platform"])
    platform[section][key] = value
    recording = stacks.record_program("primary", config | {"tandem:platform": json.dumps(platform)})
    shell = recording.one("aws:rds/globalCluster:GlobalCluster").outputs
    assert f"@/prefect?host={shell['endpoint']}:5432&ssl" in connection_of_prefect(recording)


def test_destroying_the_founder_begins_with_what_every_joining_stack_holds() -> None:
    primary = stacks.recorded("primary")
    hold = primary.one("aws:iam/policy:Policy", "destroy-joining-stacks-first")
    custom = {one.urn for one in primary.registrations if one.custom and not one.type.startswith("pulumi:providers:")}
    assert custom - {hold.urn} <= set(hold.dependencies)
    held = joined().one("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "founder-hold")
    assert held.plain["policyArn"] == hold.outputs["arn"]


def test_the_hold_is_the_first_thing_a_joining_stack_makes_and_the_last_it_lets_go() -> None:
    recording = joined()
    held = recording.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "founder-hold")
    by_urn = {one.urn: one for one in recording.registrations}

    def waits(urn: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether a resource, or a component it is in, waits for the hold."""
        if urn == held.urn:
            return True
        one = by_urn.get(urn)
        if one is None or urn in seen:
            return False
        awaited = [*one.dependencies, one.parent, one.provider.rpartition("::")[0]]
        return any(waits(other, seen | {urn}) for other in awaited if other)

    before = {one.name for one in recording.registrations if one.type.startswith("aws:") and not waits(one.urn)}
    assert before == {"founder-hold"}


def test_the_member_joins_the_founder_s_database_and_key() -> None:
    recording, founder = joined(), stacks.recorded("primary")
    contract: Any = unwrapped(founder.outputs)["contract"]
    cluster = recording.one("aws:rds/cluster:Cluster")
    assert cluster.plain["globalClusterIdentifier"] == contract["global_cluster_identifier"]
    assert not recording.all("aws:rds/globalCluster:GlobalCluster")
    assert recording.one("aws:kms/replicaKey:ReplicaKey").plain["primaryKeyArn"] == contract["data_key_arn"]


def test_only_links_touch_the_founder_s_region() -> None:
    away = [one for one in joined().registrations if one.plain.get("region") == "us-east-1"]
    assert {one.type for one in away} == {
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "aws:ecr/replicationConfiguration:ReplicationConfiguration",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        # What the failover plan may do in the founder's cluster.
        "aws:eks/accessEntry:AccessEntry",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    }


@BOTH
def test_runs_reach_the_platform_by_its_name_in_their_own_region(stack: str) -> None:
    recording = stacks.recorded(stack)
    addresses = {one.outputs["publicIp"] for one in recording.all("aws:ec2/eip:Eip") if one.outputs}
    let_in = {
        rule.plain.get("cidrIpv4")
        for rule in recording.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if rule.name.startswith("tandem-lb-from-address")
    }
    assert len(addresses) == 3
    assert let_in == {f"{address}/32" for address in addresses}


def test_runs_reach_the_platform_in_the_other_region() -> None:
    here, founder = joined(), stacks.recorded("primary")
    rules = {rule.name: rule for rule in here.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")}
    there = [rule.plain for name, rule in rules.items() if name.startswith("founder-from-here")]
    assert {rule["securityGroupId"] for rule in there} == {founder.outputs["contract"]["entrance_security_group"]}
    assert len({rule["cidrIpv4"] for rule in there}) == 3
    runs = here.one("aws:ec2/managedPrefixList:ManagedPrefixList")
    assert {entry["cidr"] for entry in runs.plain["entries"]} == {
        f"{address}/32" for address in founder.outputs["contract"]["nat_addresses"]
    }
    assert rules["here-from-founder"].property_dependencies["prefixListId"] == [runs.urn]


def test_a_zone_that_was_made_says_what_to_delegate_to() -> None:
    assert len(stacks.recorded("primary").outputs["nameServers"]) == 4
    assert "nameServers" not in joined().outputs


@BOTH
def test_each_service_account_may_do_what_it_needs_and_no_more(stack: str) -> None:
    recording = stacks.recorded(stack)
    artifacts, checkpoints, models = (
        recording.one("aws:s3/bucket:Bucket", holds).outputs["arn"] for holds in ("artifacts", "checkpoints", "models")
    )
    here, there = ("us-east-1", "us-west-2") if stack == "primary" else ("us-west-2", "us-east-1")
    # A run goes on from the copy of its checkpoint where this region's bucket is dark.
    written = {artifacts, checkpoints, checkpoints.replace(here, there)}
    key = recording.one("aws:kms/key:Key" if stack == "primary" else "aws:kms/replicaKey:ReplicaKey", "data-key")

    def rights(name: str) -> dict[str, set[str]]:
        return granted(recording.one("aws:iam/rolePolicy:RolePolicy", name).plain["policy"])

    assert rights("prefect-prefect-flows-kubernetes-rights") == {
        "s3:ListBucket": written,
        **{
            f"s3:{action}": {f"{bucket}/*" for bucket in written}
            for action in ("GetObject", "GetObjectVersion", "PutObject")
        },
        **{
            f"kms:{action}": {key.outputs["arn"], key.outputs["arn"].replace(here, there)}
            for action in ("Decrypt", "GenerateDataKey")
        },
    }
    assert rights("models-triton-rights") == {
        "s3:ListBucket": {models},
        "s3:GetObject": {f"{models}/models/triton/*"},
        "kms:Decrypt": {key.outputs["arn"]},
    }
    controller = rights("kube-system-aws-load-balancer-controller-rights")
    changing = {action for action in controller if ":Describe" not in action}
    assert changing == {"elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"}


def test_a_model_may_have_the_name_of_any_service_account() -> None:
    config = stacks.stack_config("primary")
    platform = json.loads(config["tandem:platform"])
    identities = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
    accounts = {each.plain["serviceAccount"] for each in stacks.recorded("primary").all(identities)}
    # A name has 20 characters at most, and Grafana answers to its own.
    names = sorted({each for each in accounts if len(each) <= 20} - {"grafana"})
    assert "velero" in names
    platform["models"] = [{"name": name, "paths": [f"/{name}/*"]} for name in names]
    recording = stacks.record_program("primary", config | {"tandem:platform": json.dumps(platform)}, preview=True)
    served = [each.plain for each in recording.all(identities) if each.plain["namespace"] == "models"]
    assert sorted(each["serviceAccount"] for each in served) == names


def records_of(recording: Recording, name: str) -> dict[str, Any]:
    """Records of a name, by what tells them apart."""
    return {
        one.plain.get("setIdentifier", ""): one.plain
        for one in recording.all("aws:route53/record:Record")
        if one.plain["name"] == name
    }


@BOTH
def test_runs_know_where_the_other_region_answers(stack: str) -> None:
    told = stacks.recorded(stack).one("kubernetes:core/v1:ConfigMap", "prefect-worker-kubernetes-flows").plain["data"]
    other = {"primary": "us-west-2", "secondary": "us-east-1"}[stack]
    assert told["FAILOVER_ENDPOINT"] == f"https://{other}.api.tandem.example.com/api"
    assert told["FAILOVER_REGION"] == other
    assert told["FAILOVER_CHECKPOINT_BUCKET"] == f"tandem-checkpoints-000000000000-{other}"


def test_the_founder_answers_alone_until_somebody_lays_a_name_over_both() -> None:
    [alone] = records_of(stacks.recorded("primary"), "api.tandem.example.com").values()
    assert alone["weightedRoutingPolicies"] == [{"weight": 0}]
    [laid_over] = records_of(joined(), "api.tandem.example.com").values()
    assert laid_over["weightedRoutingPolicies"] == [{"weight": 1}]
    assert laid_over["records"] == ["switch.api.tandem.example.com"]


def test_the_regions_answer_for_one_name_first_and_second() -> None:
    switched = records_of(joined(), "switch.api.tandem.example.com")
    assert {region: one["failoverRoutingPolicies"] for region, one in switched.items()} == {
        "us-east-1": [{"type": "PRIMARY"}],
        "us-west-2": [{"type": "SECONDARY"}],
    }


def test_detection_and_the_answers_ages_come_from_the_objective() -> None:
    recording = joined()
    checks = [one.plain for one in recording.all("aws:route53/healthCheck:HealthCheck") if one.plain["type"] == "HTTPS"]
    assert [(check["requestInterval"], check["failureThreshold"]) for check in checks] == [(10, 2)]
    ages = {one.plain["ttl"] for one in recording.all("aws:route53/record:Record") if "setIdentifier" in one.plain}
    assert ages == {34}
    # 10 s x (2 + 1) + 6 s + 34 s is the objective of 70 s.


def active(stack: str, **traffic: str) -> Recording:
    """A stack of a platform whose regions both serve."""
    peer: Recording | None = None
    for name in ("primary", "secondary"):
        config = stacks.stack_config(name)
        platform = json.loads(config["tandem:platform"]) | {"mode": "active-active"}
        platform["traffic"] |= traffic
        config["tandem:platform"] = json.dumps(platform)
        peer = stacks.record_program(
            name, config, peer=peer.outputs if peer else None, world=peer.world if peer else None
        )
        if name == stack:
            break
    assert peer is not None
    return peer


@pytest.mark.parametrize(
    ("traffic", "policy"),
    [
        ({}, {"latencyRoutingPolicies": [{"region": "us-west-2"}]}),
        ({"active_routing": "weighted"}, {"weightedRoutingPolicies": [{"weight": 100}]}),
    ],
)
def test_in_active_active_both_regions_answer(traffic: dict[str, str], policy: dict[str, Any]) -> None:
    here = records_of(active("secondary", **traffic), "switch.api.tandem.example.com")["us-west-2"]
    assert {name: here.get(name) for name in policy} == policy
    assert "failoverRoutingPolicies" not in here


def with_peer(peer: Mapping[str, Any]) -> Recording:
    return stacks.record_program("secondary", stacks.stack_config("secondary"), preview=True, peer=peer)


def test_joining_a_stack_that_is_not_up_says_what_to_run() -> None:
    with pytest.raises(PeerError, match=r"stack primary is not up yet.*run `pulumi up -s primary` first"):
        with_peer({})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"version": 1}, "exports version 1 of its contract, this program reads version 3"),
        ({"region": "us-west-2"}, "a pair in one region survives no region"),
        ({"region": "eu-west-1"}, "has no network for eu-west-1, the region of stack primary"),
        ({"cidr": "10.20.128.0/17"}, r"10\.20\.0\.0/16 overlaps 10\.20\.128\.0/17 of stack primary"),
    ],
)
def test_a_peer_that_cannot_be_joined_says_why(change: dict[str, Any], told: str) -> None:
    outputs = stacks.recorded("primary").outputs
    with pytest.raises(PeerError, match=told):
        with_peer({**outputs, "contract": {**outputs["contract"], **change}})


def test_linked_regions_need_as_many_zones() -> None:
    config = stacks.stack_config("secondary")
    platform = json.loads(config["tandem:platform"])
    platform["network"]["link"] = "peering"
    outputs = stacks.recorded("primary").outputs
    peer = {**outputs, "contract": {**outputs["contract"], "zones": 2}}
    with pytest.raises(PeerError, match="3 here, 2 in stack primary; linked regions need as many routes each"):
        stacks.record_program("secondary", config | {"tandem:platform": json.dumps(platform)}, preview=True, peer=peer)


def test_joining_a_platform_of_one_region_is_refused() -> None:
    config = stacks.stack_config("secondary")
    platform = json.loads(config["tandem:platform"])
    del platform["network"]["cidrs"]["us-east-1"]
    with pytest.raises(PeerError, match="names us-west-2 alone, which joins stack primary"):
        stacks.record_program("secondary", config | {"tandem:platform": json.dumps(platform)}, preview=True)


def test_one_nat_gateway_must_be_asked_for() -> None:
    config = stacks.stack_config("primary")
    platform = json.loads(config["tandem:platform"])
    platform["network"]["nat_gateways"] = "single"
    config["tandem:platform"] = json.dumps(platform)
    assert len(stacks.record_program("primary", config).all("aws:ec2/natGateway:NatGateway")) == 1
    assert len(stacks.recorded("primary").all("aws:ec2/natGateway:NatGateway")) == 3


@pytest.mark.parametrize("size", ["small", "large", "airflow", "argo-workflows", "temporal", "serving"])
def test_secrets_of_the_platform_come_where_it_asks_for_them_and_nowhere_else(size: str) -> None:
    """Whoever may write an ExternalSecret where the store listens reads every secret of the platform."""
    recording = stacks.recorded_example("primary", size)
    store = recording.one("kubernetes:external-secrets.io/v1:ClusterSecretStore")
    [condition] = store.plain["spec"]["conditions"]
    asking = {each.plain["metadata"]["namespace"] for each in recording.all(EXTERNAL_SECRET)}
    assert asking == set(condition["namespaces"])
    assert not asking & {"workflows", "temporal-workers", "applications"}


def test_the_owner_s_secret_is_read_by_nobody_in_the_cluster() -> None:
    primary = stacks.recorded("primary")
    rights = primary.one("aws:iam/rolePolicy:RolePolicy", "external-secrets-external-secrets-rights").plain["policy"]
    names = {each.name: each.outputs["arn"] for each in primary.all("aws:secretsmanager/secret:Secret")}
    assert {name for name, arn in names.items() if arn in rights} >= {"prefect-credential", "grafana-credential"}
    assert names["owner-credential"] not in rights


@pytest.mark.parametrize(
    ("size", "judged"),
    [("large", {"applications", "workflows"}), ("temporal", {"temporal-workers"}), ("airflow", set[str]())],
)
def test_at_the_door_what_teams_bring_is_judged_and_nothing_else(size: str, judged: set[str]) -> None:
    recording = stacks.recorded_example("primary", size)
    made = {each.plain["metadata"]["name"] for each in recording.all("kubernetes:core/v1:Namespace")}
    assert made - set(own_namespaces(settings_of(size))) == judged


@pytest.mark.parametrize("repository", ["git@git.example.com:data/dags.git", "ssh://git@git.example.com/data/dags.git"])
def test_dags_are_read_from_a_repository_that_asks_for_a_key(repository: str) -> None:
    config = stacks.example_config("primary", "airflow")
    platform = json.loads(config["tandem:platform"])
    hosts = "git.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==\n"
    platform["airflow"] |= {
        "dags_repository": repository,
        "dags_ssh_secret": "data/dags",
        "dags_known_hosts": hosts,
    }
    recording = stacks.record_program("primary", config | {"tandem:platform": json.dumps(platform)}, preview=False)
    sync = recording.one("kubernetes:helm.sh/v3:Release", "airflow").plain["values"]["dags"]["gitSync"]
    assert (sync["repo"], sync["sshKeySecret"], sync["knownHosts"]) == (repository, "airflow-git", hosts)
    key = recording.one(EXTERNAL_SECRET, "airflow-git").plain["spec"]
    assert [each["remoteRef"] for each in key["data"]] == [{"key": "data/dags", "property": "privateKey"}]
    reader = recording.one("aws:iam/rolePolicy:RolePolicy", "external-secrets-external-secrets-rights")
    rights = granted(reader.plain["policy"])
    may_read = "arn:aws:secretsmanager:us-east-1:000000000000:secret:data/dags-??????"
    assert may_read in rights["secretsmanager:GetSecretValue"]


def test_as_many_servers_of_prefect_as_settings_take_come_up_and_follow_load() -> None:
    config = stacks.stack_config("primary")
    platform = json.loads(config["tandem:platform"])
    platform["prefect"]["servers"] = 50
    recording = stacks.record_program("primary", config | {"tandem:platform": json.dumps(platform)}, preview=True)
    scaling = recording.one("kubernetes:helm.sh/v3:Release", "prefect").plain["values"]["server"]["autoscaling"]
    assert (scaling["minReplicas"], scaling["maxReplicas"]) == (50, 100)


@BOTH
def test_workflows_without_an_exit_handler_get_one_that_is_in_their_namespace(stack: str) -> None:
    recording = stacks.recorded_example(stack, "argo-workflows")
    controller = recording.one("kubernetes:helm.sh/v3:Release", "argo-workflows").plain["values"]["controller"]
    named = controller["workflowDefaults"]["spec"]["hooks"]["exit"]["templateRef"]
    found = {
        (each.plain["metadata"]["namespace"], each.plain["metadata"]["name"]): each.plain["spec"]["templates"]
        for each in recording.all("kubernetes:argoproj.io/v1alpha1:WorkflowTemplate")
    }
    for namespace in controller["workflowNamespaces"]:
        assert named["template"] in [each["name"] for each in found[namespace, named["name"]]]


@pytest.mark.parametrize(("stack", "makes"), [("primary", True), ("secondary", False)])
def test_temporal_s_workers_are_told_of_a_namespace_that_the_region_at_work_makes(stack: str, makes: bool) -> None:
    recording = stacks.recorded_example(stack, "temporal")
    said = recording.one("kubernetes:helm.sh/v3:Release", "temporal").plain["values"]["server"]["config"]["namespaces"]
    assert said == {"create": makes, "namespace": [{"name": "default", "retention": "7d"}]}
    told = recording.one("kubernetes:core/v1:ConfigMap", "temporal-workers").plain["data"]
    assert told["TEMPORAL_NAMESPACE"] == "default"


@pytest.mark.parametrize("stack", ["primary", "secondary"])
def test_each_orchestrator_s_runs_are_led_to_the_same_one_in_the_other_region(stack: str) -> None:
    recording = stacks.recorded_example(stack, "large")
    other = {"primary": "us-west-2", "secondary": "us-east-1"}[stack]
    release = recording.one("kubernetes:helm.sh/v3:Release", "argo-workflows").plain["values"]
    told = {each["name"]: each["value"] for each in release["mainContainer"]["env"]}
    host = f"argo-workflows.{other}.api.tandem.example.com"
    assert told["FAILOVER_ENDPOINT"] == f"https://{host}"
    there = stacks.recorded_example("secondary" if stack == "primary" else "primary", "large")
    conditions = [
        host_
        for rule in there.all("aws:lb/listenerRule:ListenerRule")
        for condition in rule.plain["conditions"]
        for host_ in condition.get("hostHeader", {}).get("values", [])
    ]
    assert host in conditions
    names = [each.plain["name"] for each in there.all("aws:route53/record:Record")]
    assert host in names
