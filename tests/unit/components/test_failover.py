"""A plan moves everything in an order that leaves somebody serving, back as well as there, and may do no more."""

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

import pulumi
import pulumi_aws as aws
import pytest

from components.failover import Approach, FailoverPlan, FailoverPlanArgs, SwitchedName, SwitchedNameArgs
from components.failover.region_switch import execution_policy
from tests.house.iam import granted
from tests.house.recorder import Recording, Registration, record

ACCOUNT = "000000000000"
HERE, THERE = "us-west-2", "us-east-1"
REGIONS = [THERE, HERE]
PLAN = "aws:arcregionswitch/plan:Plan"
CHECKS = "aws:arcregionswitch/getRoute53HealthChecks:getRoute53HealthChecks"
ENTRY, ASSOCIATION = "aws:eks/accessEntry:AccessEntry", "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
RECORD = "aws:route53/record:Record"
ROLE, POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
PLAN_ARNS = f"arn:aws:arc-region-switch::{ACCOUNT}:plan/tandem:*"


def arn(service: str, region: str, resource: str) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


def each_region(make: Callable[[str], Any]) -> dict[str, Any]:
    return {region: make(region) for region in REGIONS}


DATABASE: Any = {
    "global_cluster_identifier": "tandem",
    "cluster_arns": each_region(lambda region: arn("rds", region, "cluster:tandem")),
    "accept_loss": True,
}
WORKLOADS: Any = [
    {"namespace": "prefect", "deployment": "server", "hpa": "server"},
    {"namespace": "prefect", "deployment": "worker"},
    {"namespace": "models", "deployment": "chat"},
]
ALARMS: Any = each_region(
    lambda region: {
        "health_arn": arn("cloudwatch", region, "alarm:serves"),
        "trigger_arn": arn("cloudwatch", region, "alarm:cannot-serve"),
    }
)
REPORT: Any = {"bucket_name": "tandem-audit", "prefix": "region-switch", "key_arn": arn("kms", HERE, "key/audit")}


def make_plan(*, without: tuple[str, ...] = (), **changes: Any) -> FailoverPlan:
    zone = aws.route53.Zone("zone", name="example.com")
    clusters = each_region(
        lambda region: aws.eks.Cluster(
            f"tandem-{region}",
            name=f"tandem-{region}",
            role_arn=f"arn:aws:iam::{ACCOUNT}:role/cluster",
            vpc_config=aws.eks.ClusterVpcConfigArgs(subnet_ids=[]),
            region=region,
        )
    )
    args: Any = {
        "name": "tandem",
        "account_id": ACCOUNT,
        "regions": REGIONS,
        "primary_region": THERE,
        "recovery_time_minutes": 15,
        "approval": True,
        "database": DATABASE,
        "clusters": each_region(
            lambda region: {"cluster_name": clusters[region].name, "cluster_arn": clusters[region].arn}
        ),
        "workloads": WORKLOADS,
        "records": {
            "zone_id": zone.zone_id,
            "name": "switch.example.com",
            "identifiers": each_region(lambda region: region),
        },
        "alarms": ALARMS,
        "report": REPORT,
        "region": HERE,
        **changes,
    }
    given: FailoverPlanArgs = {key: value for key, value in args.items() if key not in without}  # type: ignore[assignment]
    return FailoverPlan("plan", given)


def plan(*, preview: bool = False, without: tuple[str, ...] = (), **changes: Any) -> Recording:
    return record(lambda: make_plan(without=without, **changes), region=HERE, preview=preview)


def steps(recording: Recording, action: str = "activate") -> list[Mapping[str, Any]]:
    [workflow] = [
        each
        for each in recording.one(PLAN).plain["workflows"]
        if each["workflowTargetAction"] == action and "workflowTargetRegion" not in each
    ]
    return workflow["steps"]


def blocks(recording: Recording, action: str = "activate") -> list[str]:
    return [step["executionBlockType"] for step in steps(recording, action)]


def configuration(recording: Recording, block: str) -> Mapping[str, Any]:
    """What the step of a block is told."""
    [step] = [step for step in steps(recording) if step["executionBlockType"] == block]
    [[config]] = [value for key, value in step.items() if key.endswith("Configs")]
    return config


def rights(recording: Recording, name: str = "plan") -> dict[str, set[str]]:
    return granted(recording.one(POLICY, name).plain["policy"])


def test_somebody_approves_then_capacity_stands_before_the_database_moves_and_that_before_clients_do() -> None:
    assert blocks(plan()) == ["ManualApproval", "EKSResourceScaling", "AuroraGlobalDatabase", "Route53HealthCheck"]


def test_one_workflow_serves_failing_over_and_failing_back() -> None:
    recording = plan()
    assert len(recording.one(PLAN).plain["workflows"]) == 1
    assert "workflowTargetRegion" not in recording.one(PLAN).plain["workflows"][0]
    assert recording.one(PLAN).plain["regions"] == REGIONS


def test_where_both_regions_serve_one_can_also_be_taken_out() -> None:
    recording = plan(approach=Approach.ACTIVE_ACTIVE)
    assert recording.one(PLAN).plain["recoveryApproach"] == "activeActive"
    assert blocks(recording, "deactivate") == blocks(recording, "activate")
    names = [step["name"] for action in ("activate", "deactivate") for step in steps(recording, action)]
    assert len(set(names)) == 8


def test_without_approval_a_run_starts_at_once_and_there_is_no_role_for_it() -> None:
    recording = plan(approval=False)
    assert "ManualApproval" not in blocks(recording)
    assert [role.name for role in recording.all(ROLE)] == ["plan"]


def test_who_approves_may_see_runs_and_approve_them_and_nothing_else() -> None:
    recording = plan()
    role = recording.one(ROLE, "plan-approver")
    assert role.outputs is not None
    assert configuration(recording, "ManualApproval")["approvalRole"] == role.outputs["arn"]
    assert set().union(*rights(recording, "plan-approver").values()) == {PLAN_ARNS}
    assert "arc-region-switch:StartPlanExecution" not in rights(recording, "plan-approver")
    trusted = json.loads(role.plain["assumeRolePolicy"])["Statement"][0]["Principal"]
    assert trusted == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def test_a_role_that_is_given_approves_instead() -> None:
    given = f"arn:aws:iam::{ACCOUNT}:role/on-call"
    recording = plan(approval_role_arn=given, approval_minutes=30)
    assert [role.name for role in recording.all(ROLE)] == ["plan"]
    assert configuration(recording, "ManualApproval") == {"approvalRole": given, "timeoutMinutes": 30}


def test_a_graceful_run_never_loses_writes() -> None:
    for accept_loss in (True, False):
        assert (
            configuration(plan(database={**DATABASE, "accept_loss": accept_loss}), "AuroraGlobalDatabase")["behavior"]
            == "switchoverOnly"
        )


def test_losing_writes_must_be_accepted() -> None:
    assert configuration(plan(), "AuroraGlobalDatabase")["ungracefuls"] == [{"ungraceful": "failover"}]
    refused = plan(database={**DATABASE, "accept_loss": False})
    assert "ungracefuls" not in configuration(refused, "AuroraGlobalDatabase")


def test_each_workload_is_scaled_by_what_the_other_region_ran() -> None:
    config = configuration(plan(), "EKSResourceScaling")
    assert config["targetPercent"] == 100
    assert config["ungracefuls"] == [{"minimumSuccessPercentage": 90}]
    # The key of an application, then its region: API, KubernetesScalingApplication.
    assert [each["namespace"] for each in config["scalingResources"]] == [
        "prefect-server",
        "prefect-worker",
        "models-chat",
    ]
    server, worker, _ = config["scalingResources"]
    assert [each["resourceName"] for each in server["resources"]] == REGIONS
    assert {(each["namespace"], each["name"], each.get("hpaName")) for each in server["resources"]} == {
        ("prefect", "server", "server")
    }
    assert all("hpaName" not in each for each in worker["resources"])


def test_capacity_is_not_waited_for_beyond_the_objective() -> None:
    recording = plan(recovery_time_minutes=20)
    assert configuration(recording, "EKSResourceScaling")["timeoutMinutes"] == 20
    assert recording.one(PLAN).plain["recoveryTimeObjectiveMinutes"] == 20


def test_region_switch_may_scale_in_the_workloads_namespaces_of_both_clusters() -> None:
    recording = plan()
    assert {entry.region for entry in recording.all(ENTRY)} == set(REGIONS)
    for association in recording.all(ASSOCIATION):
        assert association.plain["policyArn"].endswith("/AmazonARCRegionSwitchScalingPolicy")
        assert association.plain["accessScope"] == {"type": "namespace", "namespaces": ["models", "prefect"]}
        assert association.plain["clusterName"] == f"tandem-{association.region}"
        assert recording.waits_for(recording.one(PLAN), association)


def test_the_plan_is_made_once_its_role_may_what_it_evaluates() -> None:
    recording = plan()
    assert recording.waits_for(recording.one(PLAN), recording.one(POLICY, "plan"))


def test_the_role_may_do_what_the_steps_need_and_no_more() -> None:
    recording = plan()
    role = recording.one(ROLE, "plan")
    assert role.outputs is not None
    clusters = {arn("eks", region, f"cluster/tandem-{region}") for region in REGIONS}
    zone = recording.one("aws:route53/zone:Zone")
    databases = {f"arn:aws:rds::{ACCOUNT}:global-cluster:tandem", *DATABASE["cluster_arns"].values()}
    assert rights(recording) == {
        "iam:SimulatePrincipalPolicy": {role.outputs["arn"]},
        "arc-region-switch:GetPlan": {PLAN_ARNS},
        "arc-region-switch:GetPlanExecution": {PLAN_ARNS},
        "arc-region-switch:ListPlanExecutions": {PLAN_ARNS},
        "eks:DescribeCluster": clusters,
        "eks:ListAssociatedAccessPolicies": {
            arn("eks", region, f"access-entry/tandem-{region}/*") for region in REGIONS
        },
        "rds:DescribeGlobalClusters": {"*"},
        "rds:DescribeDBClusters": {"*"},
        "rds:FailoverGlobalCluster": databases,
        "rds:SwitchoverGlobalCluster": databases,
        "route53:ListResourceRecordSets": {f"arn:aws:route53:::hostedzone/{zone.id}"},
        "cloudwatch:DescribeAlarms": {"*"},
        "cloudwatch:DescribeAlarmHistory": {"*"},
        "s3:PutObject": {"arn:aws:s3:::tandem-audit/region-switch/*"},
        "kms:GenerateDataKey": {REPORT["key_arn"]},
        "kms:Encrypt": {REPORT["key_arn"]},
    }
    trusted = json.loads(role.plain["assumeRolePolicy"])["Statement"][0]["Principal"]
    assert trusted == {"Service": "arc-region-switch.amazonaws.com"}


def test_what_a_plan_has_no_step_for_its_role_may_not_do() -> None:
    recording = plan(without=("database", "workloads", "clusters", "alarms", "report"))
    services = {action.partition(":")[0] for action in rights(recording)}
    assert services == {"iam", "arc-region-switch", "route53"}
    assert not recording.all(ENTRY)


def test_no_wildcard_action_stands_in_the_role() -> None:
    policy = execution_policy(
        account_id=ACCOUNT, plan_name="tandem", role_arn="arn:aws:iam::1:role/x", global_cluster_identifier="g"
    )
    assert not [action for action in granted(policy) if "*" in action]


def test_a_red_primary_starts_a_run_while_the_other_region_is_green_and_nothing_fails_back_by_itself() -> None:
    [trigger] = plan().one(PLAN).plain["triggers"]
    assert (trigger["action"], trigger["targetRegion"]) == ("activate", HERE)
    assert trigger["conditions"] == [
        {"associatedAlarmName": f"trigger-{THERE}", "condition": "red"},
        {"associatedAlarmName": f"trigger-{HERE}", "condition": "green"},
    ]
    associated = {each["mapBlockKey"]: each["alarmType"] for each in plan().one(PLAN).plain["associatedAlarms"]}
    assert associated == {
        f"health-{THERE}": "applicationHealth",
        f"trigger-{THERE}": "trigger",
        f"health-{HERE}": "applicationHealth",
        f"trigger-{HERE}": "trigger",
    }


def test_where_both_serve_either_red_region_is_taken_out() -> None:
    triggers = plan(approach=Approach.ACTIVE_ACTIVE).one(PLAN).plain["triggers"]
    assert [(each["action"], each["targetRegion"]) for each in triggers] == [("deactivate", each) for each in REGIONS]


def test_without_trigger_alarms_only_people_start_a_run() -> None:
    health_only = {region: {"health_arn": each["health_arn"]} for region, each in ALARMS.items()}
    assert "triggers" not in plan(alarms=health_only).one(PLAN).plain


def test_a_trigger_names_no_alarm_that_there_is_not() -> None:
    one_sided = {**ALARMS, HERE: {"health_arn": ALARMS[HERE]["health_arn"]}}
    [trigger] = plan(alarms=one_sided).one(PLAN).plain["triggers"]
    assert trigger["conditions"] == [{"associatedAlarmName": f"trigger-{THERE}", "condition": "red"}]


def test_each_run_is_reported_to_the_audit_bucket() -> None:
    [configured] = plan().one(PLAN).plain["reportConfigurations"]
    [[written]] = [each["s3Configurations"] for each in configured["reportOutputs"]]
    assert written == {"bucketOwner": ACCOUNT, "bucketPath": "tandem-audit/region-switch"}


def test_the_plan_s_health_checks_are_found_for_each_region() -> None:
    found: dict[str, Any] = {}

    def program() -> None:
        made = make_plan()
        pulumi.Output.all(**made.health_check_ids).apply(found.update)
        made.memory.apply(lambda memory: found.update(memory=memory))

    recording = record(program, region=HERE)
    [call] = [call for call in recording.calls if call.token == CHECKS]
    listed = {check["region"]: check["healthCheckId"] for check in call.answer["healthChecks"]}
    assert {region: found[region] for region in REGIONS} == listed
    assert len(set(listed.values())) == 2
    assert found["memory"] == {"plan_arn": recording.one(PLAN).id, "health_check_ids": listed}


def test_with_us_east_1_dark_what_was_remembered_is_not_looked_up_again() -> None:
    ids: dict[str, Any] = {}
    first = plan()
    remembered = {"plan_arn": first.one(PLAN).id, "health_check_ids": {THERE: "there", HERE: "here"}}

    def program() -> None:
        made = make_plan(remembered=pulumi.Output.from_input(remembered))
        pulumi.Output.all(**made.health_check_ids).apply(ids.update)

    recording = record(program, region=HERE)
    assert not [call for call in recording.calls if call.token == CHECKS]
    assert ids == {THERE: "there", HERE: "here"}


def test_what_was_remembered_of_another_plan_is_looked_up_again() -> None:
    gone: Any = {"plan_arn": "arn:aws:arc-region-switch::000000000000:plan/gone:123456", "health_check_ids": {}}
    assert [call for call in plan(remembered=gone).calls if call.token == CHECKS]


def test_before_the_plan_stands_its_health_checks_are_unknown() -> None:
    recording = plan(preview=True)
    assert not [call for call in recording.calls if call.token == CHECKS]


def test_a_plan_without_records_looks_nothing_up() -> None:
    recording = plan(without=("records",))
    assert not [call for call in recording.calls if call.token == CHECKS]
    assert "Route53HealthCheck" not in blocks(recording)


def in_cloudformation(value: Any) -> Any:
    """A block as CloudFormation writes it: capital names, and an object where Terraform has a list of one."""
    if isinstance(value, list):
        return [in_cloudformation(each) for each in cast(list[Any], value)]
    if not isinstance(value, Mapping):
        return value
    told: dict[str, Any] = {}
    for key, item in cast(Mapping[str, Any], value).items():
        capital = key[0].upper() + key[1:]
        if key == "scalingResources":
            told[capital] = [
                {
                    application["namespace"]: {
                        each["resourceName"]: in_cloudformation(
                            {name: text for name, text in each.items() if name != "resourceName"}
                        )
                        for each in application["resources"]
                    }
                }
                for application in item
            ]
        elif key in ("ungracefuls", "kubernetesResourceTypes", "reportConfigurations", "s3Configurations"):
            [only] = item
            told[capital[:-1]] = in_cloudformation(only)
        elif key == "reportOutputs":
            told["ReportOutput"] = in_cloudformation(item)
        elif key == "associatedAlarms":
            told[capital] = {
                each["mapBlockKey"]: in_cloudformation({name: each[name] for name in each if name != "mapBlockKey"})
                for each in item
            }
        elif key.endswith("Configs"):
            [only] = item
            told["ExecutionBlockConfiguration"] = {capital[:-1]: in_cloudformation(only)}
        else:
            told[capital] = in_cloudformation(item)
    return told


@pytest.mark.parametrize("approach", list(Approach))
def test_region_switch_takes_every_step_as_it_is(approach: Approach) -> None:
    schemas: Any = import_module("cfnlint.schema.manager")
    schema = schemas.PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", "AWS::ARCRegionSwitch::Plan").schema
    # Not checked itself: a pattern in it, of a block not used here, is no regular expression of Python's.
    judge: Any = cast(Any, import_module("jsonschema")).Draft7Validator(schema)
    told = in_cloudformation(
        {key: value for key, value in plan(approach=approach).one(PLAN).plain.items() if key != "region"}
    )
    assert not list(judge.iter_errors(told))
    told["Workflows"][0]["Steps"][1]["ExecutionBlockConfiguration"]["EksResourceScalingConfig"]["TargetPercent"] = 0
    assert list(judge.iter_errors(told))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"regions": [HERE]}, "must be two different ones"),
        ({"regions": [HERE, HERE]}, "must be two different ones"),
        ({"primary_region": "eu-west-1"}, "primary_region: got 'eu-west-1'"),
        ({"name": "tandem-"}, "name: got 'tandem-'"),
        ({"name": "t" * 33}, "must be 1 to 32 letters"),
        ({"recovery_time_minutes": 0}, "recovery_time_minutes: got 0"),
        ({"target_percent": 0}, "target_percent: got 0"),
        ({"minimum_success_percent": 100}, "minimum_success_percent: got 100"),
        ({"clusters": {}}, "clusters: is for"),
        ({"alarms": {HERE: ALARMS[HERE]}}, "alarms: is for"),
        ({"database": {**DATABASE, "cluster_arns": {}}}, "database.cluster_arns: is for"),
        ({"report": {**REPORT, "prefix": "/a/"}}, "report prefix: got '/a/'"),
    ],
)
def test_a_plan_that_region_switch_would_refuse_is_refused_first(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        plan(**changes)


def test_a_plan_that_moves_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="would move nothing"):
        plan(without=("database", "workloads", "records"))


def switched(**changes: Any) -> Recording:
    def program() -> None:
        made = make_plan()
        checks = each_region(
            lambda region: aws.route53.HealthCheck(
                region, type="HTTPS", fqdn=f"{region}.example.com", resource_path="/ready", request_interval=10,
                failure_threshold=2, port=443,
            ).id
        )  # fmt: skip
        args: Any = {
            "zone_id": aws.route53.Zone("names", name="example.org").zone_id,
            "domain_name": "app.example.org",
            "switch_name": "switch.app.example.org",
            "regions": REGIONS,
            "primary_region": THERE,
            "regional_names": each_region(lambda region: f"{region}.app.example.org"),
            "health_check_ids": checks,
            "switch_ids": made.health_check_ids,
            "ttl_seconds": 30,
            **changes,
        }
        given: SwitchedNameArgs = args
        SwitchedName("app", given)

    return record(program, region=HERE)


class Resolver:
    """Route 53's choice among records: the weightiest, the first or the nearest of those that are healthy."""

    def __init__(self, records: list[Registration], unhealthy: set[str], nearest: str = THERE) -> None:
        self.records, self.unhealthy, self.nearest = records, unhealthy, nearest

    def rank(self, entry: Registration) -> int:
        props = entry.plain
        if "weightedRoutingPolicies" in props:
            return props["weightedRoutingPolicies"][0]["weight"]
        if "latencyRoutingPolicies" in props:
            return props["latencyRoutingPolicies"][0]["region"] == self.nearest
        return props["failoverRoutingPolicies"][0]["type"] == "PRIMARY"

    def __call__(self, name: str) -> str:
        same = [entry for entry in self.records if entry.plain["name"] == name]
        if not same:
            return name
        healthy = [entry for entry in same if entry.plain.get("healthCheckId") not in self.unhealthy]
        return self(max(healthy or same, key=self.rank).plain["records"][0])


def answers(recording: Recording, *, unhealthy: str = "", inactive: str = "", nearest: str = THERE) -> str:
    """The region that clients get, where health and the plan speak against some."""
    own = {entry.name: entry.id or "" for entry in recording.all("aws:route53/healthCheck:HealthCheck")}
    [call] = [call for call in recording.calls if call.token == CHECKS]
    plans = {check["region"]: check["healthCheckId"] for check in call.answer["healthChecks"]}
    against = {own[each] for each in unhealthy.split()} | {plans[each] for each in inactive.split()}
    records = recording.children_of(recording.one("tandem:index:SwitchedName"))
    return Resolver(records, against, nearest)("app.example.org").removesuffix(".app.example.org")


@pytest.mark.parametrize(
    ("unhealthy", "inactive", "answer"),
    [
        ("", "", THERE),
        ("", HERE, THERE),
        (THERE, "", HERE),
        (THERE, HERE, HERE),
        (HERE, "", THERE),
        # A run moved clients; the region they came from is healthy again, or never was anything else.
        ("", THERE, HERE),
        (HERE, THERE, THERE),
        (f"{THERE} {HERE}", "", HERE),
        ("", f"{THERE} {HERE}", THERE),
    ],
)
def test_the_plan_says_who_is_asked_first_and_health_who_answers(unhealthy: str, inactive: str, answer: str) -> None:
    assert answers(switched(), unhealthy=unhealthy, inactive=inactive) == answer


@pytest.mark.parametrize(
    ("unhealthy", "inactive", "nearest", "answer"),
    [
        ("", "", HERE, HERE),
        ("", "", THERE, THERE),
        ("", HERE, HERE, THERE),
        (HERE, "", HERE, THERE),
    ],
)
def test_where_both_serve_the_nearest_active_healthy_region_answers(
    unhealthy: str, inactive: str, nearest: str, answer: str
) -> None:
    recording = switched(approach=Approach.ACTIVE_ACTIVE)
    assert answers(recording, unhealthy=unhealthy, inactive=inactive, nearest=nearest) == answer


def test_shares_of_clients_can_be_given_where_both_serve() -> None:
    recording = switched(approach=Approach.ACTIVE_ACTIVE, weights={THERE: 80, HERE: 20})
    props = recording.one(RECORD, f"app-{HERE}").plain
    assert props["weightedRoutingPolicies"] == [{"weight": 20}]
    assert not {"latencyRoutingPolicies", "failoverRoutingPolicies"} & set(props)
    assert answers(recording, inactive=THERE) == HERE


def test_the_record_that_the_plan_switches_is_the_one_it_was_told_of() -> None:
    recording = switched(switch_name="switch.example.com")
    told = configuration(recording, "Route53HealthCheck")
    identifiers = {each["region"]: each["recordSetIdentifier"] for each in told["recordSets"]}
    for region in REGIONS:
        made = recording.one(RECORD, f"app-{region}").plain
        assert (made["name"], made["setIdentifier"]) == (told["recordName"], identifiers[region])


def test_the_founder_s_record_of_weight_0_answers_only_without_this_one() -> None:
    props = switched().one(RECORD, "app").plain
    assert (props["weightedRoutingPolicies"], props["setIdentifier"]) == ([{"weight": 1}], "switched")
    assert "healthCheckId" not in props


def test_clients_follow_the_switch_only_once_it_stands() -> None:
    recording = switched()
    first = recording.one(RECORD, "app")
    assert all(recording.waits_for(first, recording.one(RECORD, f"app-{region}")) for region in REGIONS)


def test_every_answer_is_kept_no_longer_than_told() -> None:
    assert {entry.plain["ttl"] for entry in switched(ttl_seconds=20).all(RECORD)} == {20}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"regions": [HERE]}, "must be two different ones"),
        ({"regional_names": {}}, "regional_names: is for"),
        ({"health_check_ids": {}}, "health_check_ids: is for"),
        ({"switch_ids": {}}, "switch_ids: is for"),
        ({"ttl_seconds": 0}, "ttl_seconds: got 0"),
        ({"weights": {THERE: 1, HERE: 1}}, "weights: given, but one region stands by"),
        ({"approach": Approach.ACTIVE_ACTIVE, "weights": {THERE: 1}}, "weights: is for"),
    ],
)
def test_names_that_would_not_switch_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        switched(**changes)
