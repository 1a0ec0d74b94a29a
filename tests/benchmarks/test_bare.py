"""What the primary is compared with is the primary, without components."""

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from benchmarks import bare
from tests.house import stacks
from tests.house.recorder import Recording, Registration, record

SDKS = pytest.mark.parametrize("sdks", [True, False])


@functools.cache
def whole() -> Recording:
    return stacks.recorded("primary", preview=True)


@functools.cache
def flat(sdks: bool) -> Recording:
    return run(bare.render(whole(), sdks=sdks))


def run(program: str) -> Recording:
    return record(lambda: exec(program, {}), preview=True, config=stacks.stack_config("primary"))


def by_name(recording: Recording) -> Mapping[tuple[str, str], Registration]:
    return {(made.type, made.name): made for made in recording.registrations if made.custom}


def short(urns: Sequence[str]) -> set[tuple[str, str]]:
    """URNs without the components in them."""
    return {(urn.split("::")[2].rpartition("$")[2], urn.split("::")[3]) for urn in urns}


@SDKS
def test_it_registers_the_same_resources_with_the_same_inputs(sdks: bool) -> None:
    theirs = by_name(flat(sdks))
    assert {key: made.props for key, made in theirs.items()} == {
        key: made.props for key, made in by_name(whole()).items()
    }
    assert [made for made in flat(sdks).registrations if not made.custom] == []


@SDKS
def test_it_waits_protects_and_hides_alike(sdks: bool) -> None:
    def options(made: Registration) -> dict[str, Any]:
        return {
            "property_dependencies": {key: short(urns) for key, urns in made.property_dependencies.items() if urns},
            "provider": short([made.provider.rpartition("::")[0]]) if made.provider else None,
            "protect": made.protect,
            "retain_on_delete": made.retain_on_delete,
            "ignore_changes": set(made.ignore_changes),
            "additional_secret_outputs": set(made.additional_secret_outputs),
        }

    theirs = by_name(flat(sdks))
    for key, made in by_name(whole()).items():
        assert options(theirs[key]) == options(made)
        # More than the resource's own: what its components wait for, it waits for.
        assert short(theirs[key].dependencies) >= short(made.dependencies)


def test_what_a_component_waits_for_its_flat_children_wait_for() -> None:
    binding = by_name(flat(sdks=True))["kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding", "prefect"]
    assert ("kubernetes:helm.sh/v3:Release", "load-balancer-controller") in short(binding.dependencies)
    assert ("kubernetes:helm.sh/v3:Release", "load-balancer-controller") not in short(
        by_name(whole())[binding.type, binding.name].dependencies
    )


def test_it_asks_the_same_data_sources() -> None:
    assert [call.token for call in flat(sdks=True).calls] == [call.token for call in whole().calls]
    assert whole().calls


def test_with_sdks_it_is_written_as_people_write() -> None:
    program = bare.render(whole(), sdks=True)
    assert re.search(r"= pulumi_aws\.ec2\.Vpc\('network',\n    \w+=", program)
    assert "pulumi_aws" not in bare.render(whole(), sdks=False)


def test_two_resources_that_only_components_tell_apart_are_refused() -> None:
    def program() -> None:
        for kind in ("One", "Other"):
            parent = pulumi.ComponentResource(f"tandem:index:{kind}", "group")
            aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(parent=parent))

    with pytest.raises(ValueError, match=r"::vpc are one resource without their components; rename one"):
        bare.render(record(program, preview=True), sdks=False)


def test_a_secret_stays_one() -> None:
    def program() -> None:
        aws.sqs.Queue("queue", name=pulumi.Output.secret("hidden"))

    queue = run(bare.render(record(program), sdks=True)).one("aws:sqs/queue:Queue")
    assert repr(queue.props["name"]) == "Secret(...)"
    assert queue.plain["name"] == "hidden"
