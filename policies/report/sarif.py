"""SARIF 2.1.0, as GitHub's code scanning takes it: each finding at the line of the program that makes the resource.

What GitHub reads, and its limits: docs.github.com, "SARIF support for code scanning" (as of 2026-01).
"""

import hashlib
import json
import posixpath
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any

from policies.judge import Finding
from policies.preview import Place
from policies.registry import Outcome, Rule, Severity
from policies.report.contents import Report
from policies.servicer import PACK, VERSION
from policies.settings import Level
from resilience.graph import home_of
from resilience.words import plain, shown_name, shown_type

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 25_000
"""GitHub refuses a file with more."""
MOST_TAGS = 20
"""GitHub refuses a rule with more."""

LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "3.0"}
"""GitHub calls above 9.0 critical, from 7.0 high, from 4.0 medium, below low."""

SECURITY = frozenset(
    {
        *("BKP-03", "EC-09", "EC-10", "ECR-02", "ECR-03", "EKS-18", "EKS-19", "EKS-23", "EKS-24", "EKS-25"),
        *("K8S-27", "K8S-28", "K8S-29", "LB-07", "LB-08", "MON-02", "NET-08", "NET-11", "Q-02"),
        *("RDS-18", "RDS-21", "RDS-22", "RDS-24", "S3-05", "S3-09", "S3-10", "SEC-03", "SEC-04", "SEC-05"),
    }
)
"""Rules about who may see or change something: encryption, rights, doors, traces. The others are about staying up."""


def render(report: Report, prefix: PurePosixPath) -> str:
    """The report.

    Args:
        report: What was found.
        prefix: Folder of the project, relative to the repository's root: what places are told relative to.
    """
    fallback = {each.home: Place(f"Pulumi.{each.home[0]}.yaml", 1) for each in report.previews}

    def located(finding: Finding) -> list[Place]:
        last = fallback.get(home_of(finding.urn), Place("Pulumi.yaml", 1))
        inside = [found for place in report.places(finding) if (found := _inside(place, prefix)) is not None]
        return inside or [Place(str(prefix / last.file), last.line)]

    findings = [*report.crashed, *report.open, *report.unproven, *report.waived]
    index = {rule.id: number for number, rule in enumerate(report.rules)}
    left = len(findings) - MOST_RESULTS
    notes = [
        _note("error", f"{report.stack(each.home)} could not be judged: {each.failure}") for each in report.failures
    ]
    if left > 0:
        notes.append(_note("warning", f"{left:,} findings are left out: GitHub takes {MOST_RESULTS:,}"))
    run = {
        "tool": {
            "driver": {
                "name": PACK,
                "version": VERSION,
                "semanticVersion": VERSION,
                "rules": [_rule(rule) for rule in report.rules],
            }
        },
        # Of the same stacks, the next upload replaces the last.
        "automationDetails": {"id": f"{PACK}/{'+'.join(report.stack(each.home) for each in report.previews)}/"},
        "invocations": [{"executionSuccessful": not report.failures, "toolExecutionNotifications": notes}],
        "columnKind": "utf16CodeUnits",
        "results": list(_results(findings[:MOST_RESULTS], report, index, located)),
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _results(
    findings: Iterable[Finding], report: Report, index: dict[str, int], located: Callable[[Finding], list[Place]]
) -> Iterable[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for finding in findings:
        print_ = hashlib.sha256(f"{finding.rule.id} {finding.urn}".encode(errors="replace")).hexdigest()[:32]
        seen[print_] += 1
        first, *others = located(finding)
        result: dict[str, Any] = {
            "ruleId": finding.rule.id,
            "ruleIndex": index[finding.rule.id],
            "level": _level(finding),
            "kind": "fail",
            "message": {"text": _text(f"{shown_name(finding.urn) or finding.rule.id}: {finding.message}")},
            "locations": [
                {
                    **_physical(first),
                    "logicalLocations": [
                        {
                            "name": shown_name(finding.urn),
                            "fullyQualifiedName": plain(finding.urn),
                            "kind": "resource",
                        }
                    ],
                }
            ],
            # GitHub knows a finding again by the first, whatever line it has moved to.
            "partialFingerprints": {
                "primaryLocationLineHash": f"{print_}:{seen[print_]}",
                "ruleAndUrn/v1": f"{print_}:{seen[print_]}",
            },
            "properties": {
                "stack": report.stack(home_of(finding.urn)),
                "type": shown_type(finding.urn),
                "outcome": finding.outcome.value,
                "enforcement": finding.level.value,
                "property": plain(finding.path),
            },
        }
        if others:
            component = {"id": 1, **_physical(others[0]), "message": {"text": "the component's line that makes it"}}
            result["relatedLocations"] = [component]
        if finding.waiver is not None:
            waiver = finding.waiver
            why = f"{waiver.reason} (by {waiver.owner}, until {waiver.expires}: {waiver.id})"
            result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": plain(why)}]
        yield result


def _level(finding: Finding) -> str:
    """What stops the operation is an error; what is only not known yet is a note."""
    if finding.level is Level.MANDATORY:
        return "error"
    return "note" if finding.outcome is Outcome.UNPROVEN else "warning"


def _rule(rule: Rule) -> dict[str, Any]:
    security = rule.id in SECURITY
    problem = LEVELS[rule.severity].replace("note", "recommendation")
    frameworks = "".join(f"\n- {each}" for each in rule.frameworks)
    asked = f"\n\nAsked for by:\n{frameworks}" if frameworks else ""
    return {
        "id": rule.id,
        "name": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": f"{rule.title}. {rule.why}"},
        "help": {
            "text": f"{rule.why}\nFix: {rule.fix}{asked}",
            "markdown": f"{rule.why}\n\n**Fix:** {rule.fix}{asked}",
        },
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "tags": ["security" if security else "reliability", rule.scope.value, *rule.frameworks][:MOST_TAGS],
            "precision": "high",
            "severity": rule.severity.value,
            # GitHub asks for it where the tag is `security`; what has it is shown among the vulnerabilities.
            # Of the others it takes this.
            **({"security-severity": SCORES[rule.severity]} if security else {"problem.severity": problem}),
        },
    }


def _inside(place: Place, prefix: PurePosixPath) -> Place | None:
    """A place relative to the repository's root; None outside of it, where GitHub finds no file."""
    file = posixpath.normpath(prefix / place.file)
    return None if file.startswith(("/", "../")) else Place(file, place.line)


def _physical(place: Place) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": urllib.parse.quote(place.file, errors="replace"), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": place.line},
        }
    }


def _note(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": _text(text)}}


def _text(text: str) -> str:
    """A message. ``[words](target)`` in it would be a link, and a value that looks like one is none."""
    return plain(text).replace("](", "] (")
