"""The same rules as one policy each on the servicer of Pulumi's own SDK: what ours is compared with."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

# It starts itself, prints its port and never returns: the pack that users make cannot be measured beside another.
from pulumi_policy.policy import (
    PolicyResource,
    _PolicyAnalyzerServicer,  # pyright: ignore[reportPrivateUsage]
)

from policies.judge import alone, judge
from policies.registry import Rule
from policies.servicer import PACK, VERSION
from policies.settings import settle
from resilience.graph import Graph, Provider, Resource


def sdk_servicer(rules: Iterable[Rule]) -> analyzer_pb2_grpc.AnalyzerServicer:
    """A pack of the SDK's that holds these rules."""
    policies: list[Policy] = [_of_one(rule) if alone(rule) else _of_all(rule) for rule in rules]
    servicer: Any = _PolicyAnalyzerServicer
    return servicer(PACK, VERSION, policies, EnforcementLevel.MANDATORY)


def _of_one(rule: Rule) -> ResourceValidationPolicy:
    settings = settle([rule], {})

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if not _judged(rule, args.resource_type):
            return
        _report(rule, settings, [_resource(args, args.resource_type)], report)

    return ResourceValidationPolicy(rule.id, rule.title, validate)


def _of_all(rule: Rule) -> StackValidationPolicy:
    settings = settle([rule], {})

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        if not any(_judged(rule, each.resource_type) for each in args.resources):
            return
        _report(rule, settings, [_resource(each, each.resource_type) for each in args.resources], report)

    return StackValidationPolicy(rule.id, rule.title, validate)


def _report(rule: Rule, settings: Any, resources: list[Resource], report: Callable[..., None]) -> None:
    for finding in judge([rule], Graph(resources), settings):
        report(finding.message, finding.urn)


def _judged(rule: Rule, type_: str) -> bool:
    return type_ in rule.types or f"{type_.partition(':')[0]}:*" in rule.types


def _resource(seen: ResourceValidationArgs | PolicyResource, type_: str) -> Resource:
    """A resource as the SDK hands it to a policy; reading what is unknown ends the policy, as the SDK has it."""
    edges: dict[str, tuple[str, ...]] = {}
    dependencies: tuple[str, ...] = ()
    parent = seen.opts.parent or ""
    if isinstance(seen, PolicyResource):
        edges = {key: tuple(each.urn for each in found) for key, found in seen.property_dependencies.items()}
        dependencies = tuple(each.urn for each in seen.dependencies)
        parent = seen.parent.urn if seen.parent else parent
    provider = seen.provider
    return Resource(
        seen.urn,
        type_,
        seen.name,
        _plain(seen.props),
        parent,
        provider and Provider(provider.name, provider.resource_type, _plain(provider.props), provider.urn),
        edges,
        seen.opts.protect,
        tuple(seen.opts.ignore_changes),
        dependencies,
    )


def _plain(content: Any) -> Any:
    """The SDK's proxies as plain values, which is when they raise at an unknown one."""
    if isinstance(content, Mapping):
        members = cast("Mapping[str, Any]", content)
        return {name: _plain(members[name]) for name in members}
    if isinstance(content, str | bool) or content is None:
        return content
    if isinstance(content, float):
        return int(content) if content.is_integer() else content
    return [_plain(each) for each in content]


def said(found: Iterable[analyzer_pb2.AnalyzeDiagnostic]) -> Counter[tuple[str, str, str]]:
    """Rule, resource and message of every finding; the SDK puts the rule's title in a line above."""
    return Counter((each.policyName, each.urn, each.message.removeprefix(f"{each.description}\n")) for each in found)


def difference(
    ours: Iterable[analyzer_pb2.AnalyzeDiagnostic], theirs: Iterable[analyzer_pb2.AnalyzeDiagnostic]
) -> list[str]:
    """A line for every finding that one servicer has and the other has not."""
    here, there = said(ours), said(theirs)
    return [
        *(f"  only ours: {' '.join(each)[:400]}" for each in here - there),
        *(f"  only theirs: {' '.join(each)[:400]}" for each in there - here),
    ]
