"""The pack as the engine sees it: every rule under its own name, each resource decoded once.

The SDK's own servicer decodes each resource again for each policy, and gives up a policy for the whole stack at the
first unknown value (pulumi-policy 1.21.0, policy.py; pulumi-policy#305).
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from policies import kept as verdicts
from policies.judge import Finding, alone, judge
from policies.registry import Rule, Scope, Severity
from policies.settings import Given, Level, RuleSettings, schema, settle
from policies.waivers import WAIVER_RULES, Waivers, names, review, waive
from resilience.adapters import picture
from resilience.adapters.analyzer import checked_resource, stack_resources
from resilience.adapters.bridged import bridged, set_in
from resilience.graph import Graph, Resource

PACK = "tandem-resilience"
VERSION = "0.1.0"
"""The engine prefers the one in PulumiPolicy.yaml; a test holds the two together."""
PICTURE = "TANDEM_PICTURE"
"""Environment variable with the file that the stack's picture is kept in."""

LEVELS = {
    Level.ADVISORY: analyzer_pb2.ADVISORY,
    Level.MANDATORY: analyzer_pb2.MANDATORY,
    Level.DISABLED: analyzer_pb2.DISABLED,
}
GIVEN_LEVELS = {wire: level for level, wire in LEVELS.items()} | {analyzer_pb2.REMEDIATE: Level.MANDATORY}
"""Nothing here is remediated, so who asks for it gets told."""
SEVERITIES = {
    Severity.LOW: analyzer_pb2.POLICY_SEVERITY_LOW,
    Severity.MEDIUM: analyzer_pb2.POLICY_SEVERITY_MEDIUM,
    Severity.HIGH: analyzer_pb2.POLICY_SEVERITY_HIGH,
    Severity.CRITICAL: analyzer_pb2.POLICY_SEVERITY_CRITICAL,
}


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """Answers the engine for one operation."""

    def __init__(
        self,
        rules: Iterable[Rule],
        on_cancel: Callable[[], None],
        waivers: Waivers | None = None,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
        kept: Path | None = None,
    ) -> None:
        """Serve these rules, and those about waivers; ``on_cancel`` is called when the engine gives up.

        The stack's picture goes to the file ``kept``, for someone who judges it with others', and what the rules over
        one stack say of it beside it: a picture holds no secret, and they may ask for one. Nothing found here stops the
        engine then: at the first mandatory finding it would show no more.
        """
        self._kept = kept
        self._rules = tuple(rules)
        self._announced = (*self._rules, *WAIVER_RULES)
        self._on_cancel = on_cancel
        self._waivers = waivers or Waivers()
        self._today = today
        self._settings: dict[str, RuleSettings] = settle(self._announced, {})
        self._checked: dict[str, Resource] = {}
        # Counted as they come: each resource is judged for itself, and there may be thousands.
        self._called = names([])
        self._found: dict[str, list[Finding]] = {}
        self._lock = threading.Lock()

    def Handshake(
        self, request: analyzer_pb2.AnalyzerHandshakeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerHandshakeResponse:
        """Nothing of the engine's is needed."""
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def ConfigureStack(
        self, request: analyzer_pb2.AnalyzerStackConfigureRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerStackConfigureResponse:
        """Rules depend on no stack's name or configuration."""
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Version of the pack."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetAnalyzerInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> analyzer_pb2.AnalyzerInfo:
        """Every rule with all that is told about it."""
        return analyzer_pb2.AnalyzerInfo(
            name=PACK,
            displayName="tandem resilience",
            version=VERSION,
            supportsConfig=True,
            policies=[_policy(rule) for rule in self._announced],
        )

    def Configure(
        self, request: analyzer_pb2.ConfigureAnalyzerRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Take the user's settings, or refuse them with every mistake in them."""
        given = {
            # A level that this version of the protocol does not know is the rule's own.
            name: Given(GIVEN_LEVELS.get(config.enforcementLevel), dict(config.properties))
            for name, config in request.policyConfig.items()
        }
        try:
            self._settings = settle(self._announced, given)
        except ValueError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"policy configuration of {PACK}:\n{error}")
        return empty_pb2.Empty()

    def Analyze(
        self, request: analyzer_pb2.AnalyzeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzeResponse:
        """Judge a resource before it is touched, by what can be said of it alone."""
        resource = checked_resource(request)
        found = judge(filter(alone, self._rules), Graph([resource]), self._settings)
        with self._lock:
            if resource.urn not in self._checked:
                self._called.update(names([resource.urn]))
            self._checked[resource.urn] = resource
            self._found[resource.urn] = found
        return self._respond(waive(found, self._waivers, self._today(), self._called))

    def AnalyzeStack(
        self, request: analyzer_pb2.AnalyzeStackRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzeResponse:
        """Judge the stack as a whole."""
        with self._lock:
            checked = dict(self._checked)
            earlier = [finding for found in self._found.values() for finding in found]
        resources = [_told(each, checked.get(each.urn)) for each in stack_resources(request.resources)]
        graph, today = Graph(resources), self._today()
        found = judge((rule for rule in self._rules if not alone(rule)), graph, self._settings)
        if self._kept:
            own = [each for each in (*earlier, *found) if each.rule.scope is not Scope.STACKS]
            self._keep(self._kept, resources, own, context)
        called = names(each.urn for each in graph.resources)
        found = waive(found, self._waivers, today, called)
        # Only now is it known what no rule, of a resource or of the stack, has found.
        all_found = [*waive(earlier, self._waivers, today, called), *found]
        found += review(self._waivers, graph, all_found, self._settings, self._rules, today, checked)
        return self._respond(found)

    def Remediate(
        self, request: analyzer_pb2.AnalyzeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.RemediateResponse:
        """Nothing is changed behind the program's back."""
        return analyzer_pb2.RemediateResponse()

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """End."""
        self._on_cancel()
        return empty_pb2.Empty()

    def _respond(self, findings: list[Finding]) -> analyzer_pb2.AnalyzeResponse:
        diagnostics = [_diagnostic(finding) for finding in findings]
        if self._kept:
            for each in diagnostics:
                each.enforcementLevel = analyzer_pb2.ADVISORY
        return analyzer_pb2.AnalyzeResponse(diagnostics=diagnostics)

    def _keep(self, file: Path, resources: list[Resource], found: list[Finding], context: grpc.ServicerContext) -> None:
        try:
            picture.write(file, resources)
            verdicts.write(verdicts.findings_of(file), found)
        except OSError as error:
            context.abort(grpc.StatusCode.UNKNOWN, f"{file}: the stack's picture cannot be kept: {error.strerror}")


def _told(planned: Resource, checked: Resource | None) -> Resource:
    """A resource as its provider plans or keeps it, without what nobody set, and with what only its inputs tell."""
    told = planned.known_better_by(checked) if checked else planned
    if not bridged(planned.type):
        return told
    # Only now: what is taken out of a set's element before would be filled in from another's.
    return replace(told, properties=set_in(told.properties, checked.properties if checked else {}))


def _policy(rule: Rule) -> analyzer_pb2.PolicyInfo:
    properties = struct_pb2.Struct()
    properties.update(schema(rule))
    framework = None
    if rule.frameworks:
        name, _, reference = rule.frameworks[0].rpartition(" ")
        framework = analyzer_pb2.PolicyComplianceFramework(name=name, reference=reference)
    return analyzer_pb2.PolicyInfo(
        name=rule.id,
        displayName=rule.title,
        description=f"{rule.title}. {rule.why}",
        enforcementLevel=analyzer_pb2.MANDATORY,
        configSchema=analyzer_pb2.PolicyConfigSchema(properties=properties),
        policy_type=analyzer_pb2.POLICY_TYPE_RESOURCE if alone(rule) else analyzer_pb2.POLICY_TYPE_STACK,
        severity=SEVERITIES[rule.severity],
        framework=framework,
        tags=[rule.id.partition("-")[0].lower(), rule.scope.value],
        remediation_steps=rule.fix,
    )


def _diagnostic(finding: Finding) -> analyzer_pb2.AnalyzeDiagnostic:
    return analyzer_pb2.AnalyzeDiagnostic(
        policyName=finding.rule.id,
        policyPackName=PACK,
        policyPackVersion=VERSION,
        description=finding.rule.title,
        message=finding.message,
        enforcementLevel=LEVELS[finding.level],
        urn=finding.urn,
        severity=SEVERITIES[finding.rule.severity],
    )
