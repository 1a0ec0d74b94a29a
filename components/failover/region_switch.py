"""Moving an application from region to region: ARC Region switch."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.failover._plan import (
    Approach,
    Block,
    check_given,
    check_prefix,
    check_regions,
    check_settings,
    other_region,
    plan_steps,
)
from components.iam import Statement, allow, document, trust

SERVICE = "arc-region-switch.amazonaws.com"
SCALING_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonARCRegionSwitchScalingPolicy"
"""What Region switch must be given in a cluster; plan evaluation accepts no other (ARC Developer Guide, "Amazon EKS
resource scaling execution block", read 2026-11)."""


class PlanDatabase(TypedDict):
    """The global database that a plan moves."""

    global_cluster_identifier: pulumi.Input[str]
    """What its members join by."""
    cluster_arns: dict[str, pulumi.Input[str]]
    """ARN of its member, by region."""
    accept_loss: bool
    """Let an ungraceful run promote a member that may lack the last writes. Without it only a switchover is possible,
    which needs both regions."""


class PlanCluster(TypedDict):
    """A cluster that a plan scales workloads in."""

    cluster_name: pulumi.Input[str]
    """Its name."""
    cluster_arn: pulumi.Input[str]
    """Its ARN."""


class PlanWorkload(TypedDict):
    """A Deployment that stands in both clusters under one name."""

    namespace: str
    """Its namespace."""
    deployment: str
    """Its name."""
    hpa: NotRequired[str]
    """Its HorizontalPodAutoscaler, which would else undo the scaling within seconds."""


class PlanRecords(TypedDict):
    """The records whose health checks a plan switches."""

    zone_id: pulumi.Input[str]
    """Their hosted zone."""
    name: str
    """The one name they have: a SwitchedName's ``switch_name``."""
    identifiers: dict[str, str]
    """Set identifier of a region's record, by region."""


class PlanAlarms(TypedDict):
    """What tells a plan how a region is. An alarm that stands in the region it watches is dark with it."""

    health_arn: pulumi.Input[str]
    """Alarm that is OK while the region serves; a run lasts until it is."""
    trigger_arn: NotRequired[pulumi.Input[str]]
    """Alarm that starts a run by itself. Default: only people start one."""


class PlanReport(TypedDict):
    """Where a plan writes what each run did."""

    bucket_name: pulumi.Input[str]
    """Bucket, of this account."""
    prefix: str
    """Folder in it, without a slash at the ends."""
    key_arn: pulumi.Input[str]
    """Key that encrypts the bucket."""


class RememberedChecks(TypedDict):
    """What a FailoverPlan found out at an earlier update: its ``memory``."""

    plan_arn: str
    """Plan that the health checks belong to."""
    health_check_ids: dict[str, str]
    """Id of the health check, by region."""


class FailoverPlanArgs(TypedDict):
    """Inputs of FailoverPlan."""

    name: str
    """Physical name, unique in the account, at most 32 characters."""
    account_id: str
    """Account of everything that the plan moves."""
    regions: list[str]
    """The two regions."""
    primary_region: str
    """The one that serves while nothing is wrong."""
    approach: NotRequired[Approach]
    """Who serves while nothing is wrong. Default active-passive."""
    recovery_time_minutes: int
    """Objective that each run is measured against, and the longest that capacity is waited for: a step that waits
    longer has missed it, and can be neither skipped nor cancelled meanwhile."""
    approval: bool
    """Let somebody who did not start a run approve it before anything moves."""
    approval_role_arn: NotRequired[pulumi.Input[str]]
    """Role whose bearers approve. Default: one is made, for whoever in the account may assume it."""
    approval_minutes: NotRequired[int]
    """Minutes that a run waits for the approval. Default 60."""
    database: NotRequired[PlanDatabase]
    """The database to move. Default: none."""
    clusters: NotRequired[dict[str, PlanCluster]]
    """Where the workloads stand, by region; with workloads only."""
    workloads: NotRequired[list[PlanWorkload]]
    """What to scale in the region that takes over. Default: nothing."""
    target_percent: NotRequired[int]
    """Replicas there, of the most that the other region had within 24 hours. Default 100; more grows with every run of
    one day, because each is measured by the last."""
    minimum_success_percent: NotRequired[int]
    """Share of those replicas that an ungraceful run goes on with, 0 to 99. Default 90."""
    records: NotRequired[PlanRecords]
    """The records to switch. Default: none, so that only their own health checks move clients."""
    alarms: NotRequired[dict[str, PlanAlarms]]
    """How each region is, by region. Default: nobody says."""
    report: NotRequired[PlanReport]
    """Where to write what each run did. Default: nowhere."""
    remembered: NotRequired[pulumi.Input[RememberedChecks | None]]
    """``memory`` of this plan at the last update. Default: the health checks are looked up at every update, which fails
    while us-east-1 is dark: only Region switch's control plane lists them (botocore, UseControlPlaneEndpoint, read
    2026-11)."""
    region: NotRequired[str]
    """Region whose endpoint is asked. Default: the provider's."""


class FailoverPlan(pulumi.ComponentResource):
    """One plan for both directions, failing over and failing back: whoever starts a run names the region.

    A run scales the workloads of the region that takes over, moves the writer of the database there, then switches the
    records. Started gracefully it switches the database over and loses nothing, which needs both regions; started
    ungracefully it promotes the member that is left and goes on with the capacity there is, if ``accept_loss`` says so.
    Losing a region does not lose the plan: runs are started at the endpoint of either region (Region switch, data
    plane). It does not find capacity that the region lacks.

    A plan knows the replicas to scale to only once it has watched them for a day. It evaluates itself every 30 minutes
    and says what it lacks; right after it was made it lacks the records, which are made after it, because they carry
    its health checks.

    Cost when idle: the plan, by the month. State: what each run did. Regions: the plan is global, the rights it has in
    each cluster are of that cluster's region.
    """

    arn: pulumi.Output[str]
    """ARN of the plan."""
    health_check_ids: dict[str, pulumi.Output[str]]
    """Health checks that the plan switches, by region, for the records it was given; empty without records."""
    memory: pulumi.Output[RememberedChecks]
    """What to hand back as ``remembered`` at the next update."""
    approval_role_arn: pulumi.Output[str] | None
    """Role whose bearers approve; None without approval."""

    def __init__(self, name: str, args: FailoverPlanArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        regions, workloads = args["regions"], args.get("workloads", [])
        check_regions(regions, args["primary_region"])
        check_settings(
            name=args["name"],
            recovery_time_minutes=int(args["recovery_time_minutes"]),
            target_percent=int(args.get("target_percent", 100)),
            minimum_success_percent=int(args.get("minimum_success_percent", 90)),
        )
        for what, given in (
            ("database.cluster_arns", args["database"]["cluster_arns"] if "database" in args else None),
            ("clusters", args.get("clusters", {}) if workloads else None),
            ("records.identifiers", args["records"]["identifiers"] if "records" in args else None),
            ("alarms", args.get("alarms")),
        ):
            if given is not None:
                check_given(what, given, regions)
        if "report" in args:
            check_prefix(args["report"]["prefix"])
        blocks = plan_steps(
            approval=args["approval"], scales=bool(workloads), database="database" in args, routes="records" in args
        )
        super().__init__("tandem:index:FailoverPlan", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        role = aws.iam.Role(name, assume_role_policy=trust(SERVICE), opts=child)
        permission = aws.iam.RolePolicy(name, role=role.id, policy=_execution_policy(args, role.arn), opts=child)
        admitted = _admit_to_clusters(name, args, role.arn, child) if workloads else []
        self.approval_role_arn = self._approval_role(name, args) if args["approval"] else None

        plan = aws.arcregionswitch.Plan(
            name,
            name=args["name"],
            description=f"Moves the platform between {' and '.join(regions)}",
            execution_role=role.arn,
            recovery_approach=_camel(args.get("approach", Approach.ACTIVE_PASSIVE)),
            regions=regions,
            primary_region=args["primary_region"],
            recovery_time_objective_minutes=int(args["recovery_time_minutes"]),
            workflows=_workflows(args, blocks, self.approval_role_arn),
            associated_alarms=_alarms(args),
            triggers=_triggers(args),
            report_configurations=_report(args),
            region=args.get("region"),
            # It evaluates itself at once, and says that it may not do what it is not yet allowed to.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission, *admitted]),
        )
        self.arn = plan.arn
        found = pulumi.Output.from_input({}) if "records" not in args else self._health_checks(args, plan.arn)
        self.health_check_ids = {region: found[region] for region in regions} if "records" in args else {}
        self.memory = pulumi.Output.all(plan_arn=plan.arn, health_check_ids=found).apply(_remember)
        self.register_outputs({"arn": self.arn})

    def _approval_role(self, name: str, args: FailoverPlanArgs) -> pulumi.Output[str]:
        if "approval_role_arn" in args:
            return pulumi.Output.from_input(args["approval_role_arn"])
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(f"{name}-approver", assume_role_policy=trust_account(args["account_id"]), opts=child)
        aws.iam.RolePolicy(
            f"{name}-approver",
            role=role.id,
            policy=approval_policy(account_id=args["account_id"], plan_name=args["name"]),
            opts=child,
        )
        return role.arn

    def _health_checks(self, args: FailoverPlanArgs, plan_arn: pulumi.Output[str]) -> pulumi.Output[dict[str, str]]:
        def find(known: Mapping[str, Any]) -> Any:
            remembered = known["remembered"]
            if remembered and remembered["plan_arn"] == known["plan_arn"]:
                return remembered["health_check_ids"]
            listed = aws.arcregionswitch.get_route53_health_checks_output(
                plan_arn=known["plan_arn"], region=args.get("region"), opts=pulumi.InvokeOutputOptions(parent=self)
            )
            return listed.health_checks.apply(lambda checks: {check.region: check.health_check_id for check in checks})

        return pulumi.Output.all(plan_arn=plan_arn, remembered=args.get("remembered")).apply(find)


def execution_policy(
    *,
    account_id: str,
    plan_name: str,
    role_arn: str,
    cluster_arns: Sequence[str] = (),
    global_cluster_identifier: str | None = None,
    database_arns: Sequence[str] = (),
    zone_id: str | None = None,
    alarms: bool = False,
    report_objects: str | None = None,
    report_key_arn: str | None = None,
) -> str:
    """What Region switch may do in a run, and to evaluate the plan: an IAM policy document.

    Step by step after AWS' sample policies (ARC Developer Guide, "Execution block permissions", read 2026-11), and no
    more: what a plan has no step for, its role may not do.
    """
    statements: list[Statement] = [
        # Plan evaluation asks IAM whether this role could take each step.
        allow(["iam:SimulatePrincipalPolicy"], [role_arn]),
        allow(
            ["arc-region-switch:GetPlan", "arc-region-switch:GetPlanExecution", "arc-region-switch:ListPlanExecutions"],
            [_plan_arns(account_id, plan_name)],
        ),
    ]
    if cluster_arns:
        statements += [
            allow(["eks:DescribeCluster"], cluster_arns),
            allow(
                ["eks:ListAssociatedAccessPolicies"],
                [f"{arn.replace(':cluster/', ':access-entry/', 1)}/*" for arn in cluster_arns],
            ),
        ]
    if global_cluster_identifier is not None:
        statements += [
            # Reading; on everything, as AWS' sample for this block has it and plan evaluation asks for.
            allow(["rds:DescribeGlobalClusters", "rds:DescribeDBClusters"], ["*"]),
            allow(
                ["rds:FailoverGlobalCluster", "rds:SwitchoverGlobalCluster"],
                [f"arn:aws:rds::{account_id}:global-cluster:{global_cluster_identifier}", *database_arns],
            ),
        ]
    if zone_id is not None:
        statements.append(allow(["route53:ListResourceRecordSets"], [f"arn:aws:route53:::hostedzone/{zone_id}"]))
    if alarms:
        # Reading; AWS shows composite alarms only to who may read all (CloudWatch API, DescribeAlarms, read 2026-11).
        statements.append(allow(["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"], ["*"]))
    if report_objects is not None and report_key_arn is not None:
        statements += [
            allow(["s3:PutObject"], [report_objects]),
            allow(["kms:GenerateDataKey", "kms:Encrypt"], [report_key_arn]),
        ]
    return document(statements)


def approval_policy(*, account_id: str, plan_name: str) -> str:
    """What somebody needs to see a run and to approve it: an IAM policy document."""
    return document(
        [
            allow(
                [
                    "arc-region-switch:ApprovePlanExecutionStep",
                    "arc-region-switch:GetPlanEvaluationStatus",
                    "arc-region-switch:GetPlanExecution",
                    "arc-region-switch:GetPlanInRegion",
                    "arc-region-switch:ListPlanExecutionEvents",
                    "arc-region-switch:ListPlanExecutions",
                ],
                [_plan_arns(account_id, plan_name)],
            )
        ]
    )


def trust_account(account_id: str) -> str:
    """The trust policy of a role for whoever the account's own policies let assume it."""
    principal = {"AWS": f"arn:aws:iam::{account_id}:root"}
    return document([{"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole"]}])


def _plan_arns(account_id: str, plan_name: str) -> str:
    # A plan's ARN ends in six characters that AWS makes up, after the roles it needs.
    return f"arn:aws:arc-region-switch::{account_id}:plan/{plan_name}:*"


def _execution_policy(args: FailoverPlanArgs, role_arn: pulumi.Output[str]) -> pulumi.Output[str]:
    database, report = args.get("database"), args.get("report")
    clusters = args.get("clusters", {}) if args.get("workloads") else {}
    return pulumi.Output.all(
        role_arn=role_arn,
        cluster_arns=[clusters[region]["cluster_arn"] for region in args["regions"] if region in clusters],
        global_cluster_identifier=database["global_cluster_identifier"] if database else None,
        database_arns=[database["cluster_arns"][region] for region in args["regions"]] if database else [],
        zone_id=args["records"]["zone_id"] if "records" in args else None,
        report_objects=(
            pulumi.Output.concat("arn:aws:s3:::", report["bucket_name"], f"/{report['prefix']}/*") if report else None
        ),
        report_key_arn=report["key_arn"] if report else None,
    ).apply(
        lambda known: execution_policy(
            account_id=args["account_id"], plan_name=args["name"], alarms="alarms" in args, **known
        )
    )


def _admit_to_clusters(
    name: str, args: FailoverPlanArgs, role_arn: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """Let the role scale in the workloads' namespaces, of both clusters: IAM alone lets it into neither."""
    admitted: list[pulumi.Resource] = []
    clusters = args.get("clusters", {})
    for region in args["regions"]:
        entry = aws.eks.AccessEntry(
            f"{name}-{region}",
            cluster_name=clusters[region]["cluster_name"],
            principal_arn=role_arn,
            region=region,
            opts=opts,
        )
        admitted.append(
            aws.eks.AccessPolicyAssociation(
                f"{name}-{region}",
                cluster_name=clusters[region]["cluster_name"],
                principal_arn=entry.principal_arn,
                policy_arn=SCALING_POLICY,
                access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(
                    type="namespace",
                    namespaces=sorted({workload["namespace"] for workload in args.get("workloads", [])}),
                ),
                region=region,
                opts=opts,
            )
        )
    return admitted


def _workflows(
    args: FailoverPlanArgs, blocks: Sequence[Block], approval_role_arn: pulumi.Output[str] | None
) -> "list[aws.arcregionswitch.PlanWorkflowArgs]":
    """One workflow for each action, for either region: ARC asks for the region when a run starts.

    With one a region pulumi-aws would show differences, because AWS lists them in any order and it sorts them by action
    alone (terraform-provider-aws, arcregionswitch/plan.go, Flatten, read 2026-11).
    """
    actions = ["activate"]
    if args.get("approach") == Approach.ACTIVE_ACTIVE:
        actions.append("deactivate")
    return [
        aws.arcregionswitch.PlanWorkflowArgs(
            workflow_target_action=action,
            workflow_description=f"To {action} the region that a run names",
            steps=[_step(args, action, block, approval_role_arn) for block in blocks],
        )
        for action in actions
    ]


def _step(
    args: FailoverPlanArgs, action: str, block: Block, approval_role_arn: pulumi.Output[str] | None
) -> "aws.arcregionswitch.PlanWorkflowStepArgs":
    """One step; only the configuration of its own block is given."""
    return aws.arcregionswitch.PlanWorkflowStepArgs(
        name=f"{action}-{_STEP_NAMES[block]}",
        execution_block_type=block.value,
        execution_approval_configs=(
            [
                aws.arcregionswitch.PlanWorkflowStepExecutionApprovalConfigArgs(
                    approval_role=approval_role_arn, timeout_minutes=int(args.get("approval_minutes", 60))
                )
            ]
            if block is Block.APPROVAL and approval_role_arn is not None
            else None
        ),
        eks_resource_scaling_configs=[_scaling(args)] if block is Block.SCALING else None,
        global_aurora_configs=[_switching(args)] if block is Block.DATABASE else None,
        route53_health_check_configs=[_routing(args)] if block is Block.ROUTING else None,
    )


_STEP_NAMES: Mapping[Block, str] = {
    Block.APPROVAL: "approved",
    Block.SCALING: "capacity",
    Block.DATABASE: "database",
    Block.ROUTING: "traffic",
}


def _scaling(args: FailoverPlanArgs) -> "aws.arcregionswitch.PlanWorkflowStepEksResourceScalingConfigArgs":
    arc = aws.arcregionswitch
    clusters = args.get("clusters", {})
    return arc.PlanWorkflowStepEksResourceScalingConfigArgs(
        # The only one there is for EKS (Region switch API, EksCapacityMonitoringApproach, read 2026-11).
        capacity_monitoring_approach="sampledMaxInLast24Hours",
        target_percent=int(args.get("target_percent", 100)),
        timeout_minutes=int(args["recovery_time_minutes"]),
        eks_clusters=[
            arc.PlanWorkflowStepEksResourceScalingConfigEksClusterArgs(cluster_arn=clusters[region]["cluster_arn"])
            for region in args["regions"]
        ],
        kubernetes_resource_types=[
            arc.PlanWorkflowStepEksResourceScalingConfigKubernetesResourceTypeArgs(
                api_version="apps/v1", kind="Deployment"
            )
        ],
        scaling_resources=[
            # What pulumi-aws calls the namespace is the key of an application, and what it calls the resource's name is
            # its region (Region switch API, KubernetesScalingApplication and RegionalScalingResource, read 2026-11).
            arc.PlanWorkflowStepEksResourceScalingConfigScalingResourceArgs(
                namespace=f"{workload['namespace']}-{workload['deployment']}",
                resources=[
                    arc.PlanWorkflowStepEksResourceScalingConfigScalingResourceResourceArgs(
                        resource_name=region,
                        namespace=workload["namespace"],
                        name=workload["deployment"],
                        hpa_name=workload.get("hpa"),
                    )
                    for region in args["regions"]
                ],
            )
            for workload in args.get("workloads", [])
        ],
        ungracefuls=[
            arc.PlanWorkflowStepEksResourceScalingConfigUngracefulArgs(
                minimum_success_percentage=int(args.get("minimum_success_percent", 90))
            )
        ],
    )


def _switching(args: FailoverPlanArgs) -> "aws.arcregionswitch.PlanWorkflowStepGlobalAuroraConfigArgs":
    arc = aws.arcregionswitch
    if "database" not in args:
        raise LookupError("a step for a database that is not given")
    database = args["database"]
    return arc.PlanWorkflowStepGlobalAuroraConfigArgs(
        # `failover` here would lose writes in graceful runs too (Region switch API, GlobalAuroraConfiguration, read
        # 2026-11).
        behavior="switchoverOnly",
        ungracefuls=(
            [arc.PlanWorkflowStepGlobalAuroraConfigUngracefulArgs(ungraceful="failover")]
            if database["accept_loss"]
            else None
        ),
        global_cluster_identifier=database["global_cluster_identifier"],
        database_cluster_arns=[database["cluster_arns"][region] for region in args["regions"]],
    )


def _routing(args: FailoverPlanArgs) -> "aws.arcregionswitch.PlanWorkflowStepRoute53HealthCheckConfigArgs":
    arc = aws.arcregionswitch
    if "records" not in args:
        raise LookupError("a step for records that are not given")
    records = args["records"]
    return arc.PlanWorkflowStepRoute53HealthCheckConfigArgs(
        hosted_zone_id=records["zone_id"],
        record_name=records["name"],
        record_sets=[
            arc.PlanWorkflowStepRoute53HealthCheckConfigRecordSetArgs(
                record_set_identifier=records["identifiers"][region], region=region
            )
            for region in args["regions"]
        ],
    )


def _alarms(args: FailoverPlanArgs) -> "list[aws.arcregionswitch.PlanAssociatedAlarmArgs] | None":
    arc = aws.arcregionswitch
    alarms = args.get("alarms")
    if alarms is None:
        return None
    associated: list[aws.arcregionswitch.PlanAssociatedAlarmArgs] = []
    for region in args["regions"]:
        watched = alarms[region]
        associated.append(
            arc.PlanAssociatedAlarmArgs(
                map_block_key=f"health-{region}",
                alarm_type="applicationHealth",
                resource_identifier=watched["health_arn"],
            )
        )
        if "trigger_arn" in watched:
            associated.append(
                arc.PlanAssociatedAlarmArgs(
                    map_block_key=f"trigger-{region}", alarm_type="trigger", resource_identifier=watched["trigger_arn"]
                )
            )
    return associated


def _triggers(args: FailoverPlanArgs) -> "list[aws.arcregionswitch.PlanTriggerArgs] | None":
    """Runs that start by themselves: away from a region whose alarm is red, unless the other's is too.

    Where one region stands by, only away from the primary: nobody fails back by accident.
    """
    arc = aws.arcregionswitch
    alarms, regions = args.get("alarms", {}), args["regions"]
    both_serve = args.get("approach") == Approach.ACTIVE_ACTIVE
    triggers = [
        arc.PlanTriggerArgs(
            description=f"{region} cannot serve",
            action="deactivate" if both_serve else "activate",
            target_region=region if both_serve else other_region(region, regions),
            conditions=[
                arc.PlanTriggerConditionArgs(associated_alarm_name=f"trigger-{alarmed}", condition=condition)
                for alarmed, condition in ((region, "red"), (other_region(region, regions), "green"))
                if "trigger_arn" in alarms[alarmed]
            ],
            # A second run may start by itself once the first must have ended.
            min_delay_minutes_between_executions=int(args["recovery_time_minutes"]),
        )
        for region in (regions if both_serve else [args["primary_region"]])
        if region in alarms and "trigger_arn" in alarms[region]
    ]
    return triggers or None


def _report(args: FailoverPlanArgs) -> "list[aws.arcregionswitch.PlanReportConfigurationArgs] | None":
    arc = aws.arcregionswitch
    if "report" not in args:
        return None
    report = args["report"]
    return [
        arc.PlanReportConfigurationArgs(
            report_outputs=[
                arc.PlanReportConfigurationReportOutputArgs(
                    s3_configurations=[
                        arc.PlanReportConfigurationReportOutputS3ConfigurationArgs(
                            bucket_owner=args["account_id"],
                            bucket_path=pulumi.Output.concat(report["bucket_name"], "/", report["prefix"]),
                        )
                    ]
                )
            ]
        )
    ]


def _remember(known: Mapping[str, Any]) -> RememberedChecks:
    return {"plan_arn": known["plan_arn"], "health_check_ids": dict(known["health_check_ids"])}


def _camel(approach: Approach) -> str:
    first, second = approach.value.split("-")
    return f"{first}{second.title()}"
