"""Bring the sandbox's two stacks up and down, and say what stands."""

import sys
from collections.abc import Callable, Mapping, Set
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import boto3
from rich.console import Console
from rich.markup import escape

from sandbox import environment, local_aws, paths, summary
from sandbox.cloud.aws import SANDBOX_ACCOUNT
from sandbox.cloud.mirror import Mirror
from sandbox.cloud.world import World
from sandbox.engine import run

POLICIES = "policies"

# The inputs AWS calls its deletion protection by: Aurora, EKS and RDS; load balancers; DynamoDB.
DELETION_PROTECTIONS = ("deletionProtection", "enableDeletionProtection", "deletionProtectionEnabled")

Progress = Callable[[str], None]


class StepFailed(Exception):
    """A step ended with an exit code that is the command's too; the message says what to do."""

    def __init__(self, code: int, message: str) -> None:
        """Leave with `code` after saying `message`."""
        super().__init__(message)
        self.code = code


BOTH = "both regions together"
"""What is judged beside each stack."""


def up(progress: Progress, console: Console, project: Path = paths.ROOT) -> None:
    """Preview and bring up the primary, then the secondary, judged by the policy pack."""
    variables = environment.applied(environment.prepare(progress, project))
    verdicts: dict[str, run.Outcome] = {}
    changed = 0
    for stack in environment.STACKS:
        recover(stack, project, variables, progress)
        checked = ["-s", stack, "--policy-pack", POLICIES]
        console.rule(f"{stack}: preview", align="left")
        step(["preview", *checked], project, variables, stack)
        console.rule(f"{stack}: up", align="left")
        verdicts[stack] = step(["up", *checked, "--yes", "--skip-preview"], project, variables, stack)
        changed += verdicts[stack].changed
    verdicts[BOTH] = together(project, variables)
    summarise(console, project, variables, verdicts)
    if not changed:
        console.print("No changes: both stacks stand as the program describes them.")


def together(project: Path, variables: Mapping[str, str]) -> run.Outcome:
    """Judge both stacks' states as one: what only both regions together can prove."""
    whole: dict[str, Any] = {"version": 3, "deployment": {}}
    for stack in environment.STACKS:
        deployment = run.export(stack, project, variables)
        resources = whole["deployment"].get("resources", [])
        whole["deployment"] = {**deployment, "resources": resources + deployment.get("resources", [])}
    return run.analyze(whole, POLICIES, project, variables)


def step(arguments: list[str], project: Path, variables: Mapping[str, str], stack: str) -> run.Outcome:
    """Run one engine command; a failure ends the whole with its exit code."""
    outcome = run.pulumi(arguments, project, variables, events=True)
    if outcome.code == run.INTERRUPTED:
        so_far = "Nothing was changed" if arguments[0] == "preview" else "What was made is recorded"
        raise StepFailed(
            outcome.code,
            f"Interrupted during `{arguments[0]}` of {stack}. {so_far}: "
            "run `make up` to go on from there, `make down` to remove what stands.",
        )
    if outcome.code == run.KILLED:
        raise StepFailed(
            outcome.code, f"The engine was killed (signal 9) during `{arguments[0]}` of {stack}; `make up` goes on."
        )
    if outcome.code:
        mandatory = sorted(
            {found["policyName"] for found in outcome.violations if found["enforcementLevel"] == "mandatory"}
        )
        because = f" Policies violated: {', '.join(mandatory)}." if mandatory else ""
        raise StepFailed(
            outcome.code,
            f"`pulumi {' '.join(arguments)}` ended with exit code {outcome.code}.{because} "
            "The reason stands above; correct it and run the same command again: it goes on from what stands.",
        )
    return outcome


def recover(stack: str, project: Path, variables: Mapping[str, str], progress: Progress) -> None:
    """Clear what a killed update left: the lock of a dead process, and operations nobody saw the end of."""
    for lock in run.stale_locks(stack):
        progress(f"{stack}: an update was killed and left its lock; removing it")
        lock.unlink()
    deployment = run.export(stack, project, variables)
    pending: list[dict[str, Any]] = deployment.get("pending_operations") or []
    if not pending:
        return
    interrupted = sorted(
        f"{each['type']} {summary.kind(each['resource']['type'])} {each['resource']['urn'].split('::')[-1]}"
        for each in pending
    )
    progress(f"{stack}: an update was killed while {', '.join(interrupted)}; asking the cloud what became of it")
    recorded = {resource["urn"] for resource in deployment.get("resources", [])}
    lost = {each["resource"]["urn"] for each in pending if each["type"] == "creating"} - recorded
    mirror = Mirror(SANDBOX_ACCOUNT)
    with closing(World(paths.cloud())) as world:
        for resource in world.everything():
            if resource.urn in lost:
                progress(f"{stack}: {resource.type} {resource.id} was made and not recorded; removing it")
                if mirror.mirrors(resource.type):
                    mirror.remove(resource.type, resource.id, resource.inputs, resource.region)
                world.delete(resource)
    refreshed = run.pulumi(
        ["refresh", "-s", stack, "--yes", "--skip-preview", "--clear-pending-creates"], project, variables
    )
    if refreshed.code:
        raise StepFailed(
            refreshed.code, f"{stack} could not be refreshed after the killed update; the reason stands above."
        )


def down(progress: Progress, console: Console, project: Path = paths.ROOT) -> None:
    """Destroy the secondary, then the primary, and prove that nothing is left."""
    if not stands_anything():
        console.print("Nothing stands: there is nothing to take down.")
        return
    variables = environment.applied(environment.prepare(progress, project))
    for stack in reversed(environment.STACKS):
        recover(stack, project, variables, progress)
        resources = run.export(stack, project, variables).get("resources", [])
        if not resources:
            progress(f"{stack}: nothing stands")
            continue
        protected = sum(1 for resource in resources if resource.get("protect"))
        if protected:
            lifted = run.pulumi(["state", "unprotect", "--all", "--yes", "-s", stack], project, variables)
            if lifted.code:
                raise StepFailed(lifted.code, f"The resources of {stack} could not be unprotected.")
        guarded = lift_deletion_protection({resource["urn"] for resource in resources})
        if protected or guarded:
            progress(
                f"{stack}: lifted Pulumi's protection of {protected} resources and the cloud's deletion protection of "
                f"{guarded}. On AWS these are two reviewed changes of the program, not a command"
            )
        console.rule(f"{stack}: destroy", align="left")
        step(["destroy", "-s", stack, "--yes", "--skip-preview"], project, variables, stack)
    left = leftovers(project, variables)
    if left:
        listed = "\n".join(f"  {line}" for line in left)
        raise StepFailed(1, f"Both stacks are destroyed, and this is left:\n{listed}")
    local_aws.stop()
    local_aws.forget()
    console.print(
        "Down: both stacks are empty, and nothing is left in the simulated cloud or the local AWS.", soft_wrap=True
    )


def lift_deletion_protection(urns: Set[str]) -> int:
    """Switch off in the simulated cloud what would refuse a delete; return how many resources."""
    lifted = 0
    with closing(World(paths.cloud())) as world:
        for resource in world.everything():
            on = [name for name in DELETION_PROTECTIONS if resource.inputs.get(name) is True]
            if on and resource.urn in urns:
                world.update(replace(resource, inputs={**resource.inputs, **dict.fromkeys(on, False)}))
                lifted += 1
    return lifted


def leftovers(project: Path, variables: Mapping[str, str]) -> list[str]:
    """Return what a destroy should have removed, one line each."""
    left: list[str] = []
    for stack in environment.STACKS:
        left += [
            f"state of {stack}: {resource['urn']}"
            for resource in run.export(stack, project, variables).get("resources", [])
        ]
    with closing(World(paths.cloud())) as world:
        left += [f"simulated cloud: {resource.type} {resource.id}" for resource in world.everything()]
    if found := local_aws.endpoint():
        left += [f"local AWS: {line}" for line in standing_in_local_aws(found)]
    return left


def standing_in_local_aws(endpoint: str) -> list[str]:
    """Return what the mirrored services hold, in the regions of the two stacks."""
    lines: list[str] = []

    def client(service: str, region: str) -> Any:
        return cast(Any, boto3).client(
            service,
            region_name=region,
            endpoint_url=endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106
        )

    lines += [f"bucket {each['Name']}" for each in client("s3", "us-east-1").list_buckets()["Buckets"]]
    route53 = client("route53", "us-east-1")
    lines += [f"hosted zone {each['Name']}" for each in route53.list_hosted_zones()["HostedZones"]]
    lines += [f"health check {each['Id']}" for each in route53.list_health_checks()["HealthChecks"]]
    for region in ("us-east-1", "us-west-2"):
        rds = client("rds", region)
        lines += [
            f"{region} global cluster {each['GlobalClusterIdentifier']}"
            for each in rds.describe_global_clusters()["GlobalClusters"]
        ]
        lines += [
            f"{region} cluster {each['DBClusterIdentifier']}" for each in rds.describe_db_clusters()["DBClusters"]
        ]
        lines += [f"{region} topic {each['TopicArn']}" for each in client("sns", region).list_topics()["Topics"]]
        lines += [
            f"{region} secret {each['Name']}" for each in client("secretsmanager", region).list_secrets()["SecretList"]
        ]
    # Deleting a KMS key schedules its end, days away, as in AWS; so keys are no leftovers.
    return list(dict.fromkeys(lines))


def status(console: Console, project: Path = paths.ROOT) -> None:
    """Say what stands and what is dark."""
    if not stands_anything():
        console.print("Nothing stands. `make up` brings both regions up.")
        return
    variables = environment.applied(environment.prepare(lambda _: None, project))
    summarise(console, project, variables, {})


def stands_anything() -> bool:
    """Whether any stack has a state, or the cloud a resource; asks no engine, so it builds none."""
    with closing(World(paths.cloud())) as world:
        empty = world.is_empty()
    return not empty or any(paths.state().glob(".pulumi/stacks/*/*.json"))


def summarise(
    console: Console, project: Path, variables: Mapping[str, str], verdicts: Mapping[str, run.Outcome]
) -> None:
    """Print what stands in each region and zone, the endpoints, the policies' verdict, and how to go on."""
    found: list[summary.Standing] = []
    outputs: dict[str, dict[str, Any]] = {}
    exports: dict[str, dict[str, Any]] = {}
    for stack in environment.STACKS:
        exports[stack] = run.export(stack, project, variables)
        resources: list[dict[str, Any]] = exports[stack].get("resources", [])
        stands = summary.standing(stack, resources)
        if stands is not None:
            found.append(stands)
            # A stack whose first update was cut short has no outputs yet.
            outputs[stack] = {}
            for resource in resources:
                if resource["type"] == summary.STACK:
                    outputs[stack] = resource.get("outputs") or {}
    if not found:
        console.print("Nothing stands. `make up` brings both regions up.")
        return
    dark = darkened()
    if dark:
        console.print(
            f"[bold red]Dark now: {', '.join(sorted(dark))}.[/] What the tables show there stands and cannot be "
            "reached; `python -m sandbox light --all` ends it.\n",
            soft_wrap=True,
        )
    for stands in found:
        console.print(summary.render(stands))
    for stack, values in outputs.items():
        if reached := sorted(summary.addresses(values)):
            console.print(f"[bold]{stack}[/] answers at")
            for name, address in reached:
                console.print(f"  {name.removeprefix('endpoints.')}: {escape(address)}", soft_wrap=True)
    if verdicts:
        console.print()
    both = verdicts.get(BOTH)
    for judged, outcome in verdicts.items():
        open_, settled = summary.unsettled(outcome.violations, both.violations if both else None)
        told = "none violated" if not open_ else "1 finding:" if len(open_) == 1 else f"{len(open_)} findings:"
        rules = f"{len(outcome.rules)} rules judged, " if outcome.rules else ""
        rest = f" ({settled} that one stack alone cannot prove hold over both)" if settled else ""
        console.print(f"Policies on [bold]{judged}[/]: {rules}{told}{rest}")
        for finding in open_:
            name = finding.get("resourceUrn", "").rpartition("::")[2]
            line = f"  {finding['policyName']} ({finding['enforcementLevel']}) {name}: {finding['message'].strip()}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    if verdicts:
        console.print("\n[bold]What it survives[/]")
        console.print(summary.survived(exports, console))
    console.print(
        "\nGo on:\n"
        '  eval "$(.venv/bin/python -m sandbox env)"      then plain commands work, for instance\n'
        "  pulumi preview -s primary --policy-pack policies\n"
        "  make report                                    what it survives, in full and as a page\n"
        "  .venv/bin/python -m sandbox dark us-east-1     take a region down; `light us-east-1` brings it back\n"
        "  make down                                      remove everything",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def darkened() -> frozenset[str]:
    """Return the regions and zones that are dark now."""
    with closing(World(paths.cloud())) as world:
        return world.darkened()


def stop() -> bool:
    """Stop the local AWS, keeping what stands in it; return whether it ran."""
    return local_aws.stop()


def news(line: str) -> None:
    """Tell the person at the keyboard, on stderr: stdout may be evaluated by a shell."""
    sys.stderr.write(f"sandbox: {line}\n")
    sys.stderr.flush()
