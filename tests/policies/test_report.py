"""The report in its forms: what each must have, and that nothing in a name or a value gets out of its place."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.catalog import all_rules
from policies.judge import Finding
from policies.preview import Place, Preview
from policies.registry import Outcome, Severity, Waiver
from policies.report import junit, markdown, sarif, text
from policies.report.contents import Report
from policies.settings import Given, Level, settle
from policies.waivers import EXPIRED, WAIVER_RULES
from resilience.graph import Resource

RULES = (*all_rules(), *WAIVER_RULES)
BY_ID = {rule.id: rule for rule in RULES}
DB = "urn:pulumi:primary::tandem::tandem:index:Database$aws:rds/cluster:Cluster::db"
PARENT = "urn:pulumi:primary::tandem::tandem:index:Database::database"
BUCKET = "urn:pulumi:secondary::tandem::aws:s3/bucket:Bucket::data"
WAIVER = Waiver("reports", ("S3-01",), ("secondary",), (), "data@example.com", "Made anew", date(2027, 1, 31), 3)
HOSTILE = (
    "]](http://evil)![x](y)|<script>alert(1)</script>`` ``` @octocat #1 **b** -->"
    "\r\n## x\n]]>&amp;\x00\x1b[31m\u202egnp"
)


def finding(
    id_: str = "RDS-06",
    urn: str = DB,
    outcome: Outcome = Outcome.FAIL,
    evidence: str = "deletionProtection is false; it must be true",
    level: Level = Level.MANDATORY,
    waiver: Waiver | None = None,
) -> Finding:
    return Finding(BY_ID[id_], urn, outcome, evidence, level, "deletionProtection", waiver)


ALL = (
    finding(),
    finding("S3-02", BUCKET, Outcome.UNPROVEN, "rule is not known yet", Level.ADVISORY),
    finding("S3-01", BUCKET, level=Level.ADVISORY, waiver=WAIVER),
    finding("DNS-04", DB, Outcome.CRASHED, "dns.py:7 with KeyError"),
    finding("RDS-07", DB, level=Level.ADVISORY),
    finding(EXPIRED.id, "", evidence="policies.waivers.yaml:7: reports expired"),
)


def previewed(stack: str, **more: Any) -> Preview:
    first = Resource(BUCKET, "t", "data", {}) if stack.endswith("secondary") else Resource(DB, "t", "db", {}, PARENT)
    made = Preview(stack, resources=(first,), changes={"create": 1200, "same": 3})
    return replace(made, **more)


PLACES = {PARENT: (Place("infra/layers/data base.py", 12), Place("components/db.py", 5))}


def report(findings: Sequence[Finding] = ALL, **more: Any) -> Report:
    previews = (previewed("primary", places=PLACES), previewed("secondary", **more))
    return Report(RULES, settle(RULES, {"NET-01": Given(Level.DISABLED, {})}), previews, tuple(findings))


def run(told: Report) -> dict[str, Any]:
    document = json.loads(sarif.render(told, PurePosixPath("platform")))
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("sarif-2.1.0.json")
    [only] = document["runs"]
    return only


# SARIF. The structure is that of the OASIS standard, 2.1.0, section 3; what GitHub needs is more.


def test_sarif_has_what_the_standard_and_github_need() -> None:
    told = run(report())
    driver = told["tool"]["driver"]
    assert driver["name"] == "tandem-resilience"
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids) == len(RULES)
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
        assert "**Fix:**" in rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
        secure = rule["id"] in sarif.SECURITY
        assert rule["properties"]["tags"][0] == ("security" if secure else "reliability")
        assert ("security" in rule["properties"]["tags"]) is secure
        assert ("security-severity" in rule["properties"]) is secure
        if secure:
            assert 0 < float(rule["properties"]["security-severity"]) <= 10
        else:
            assert rule["properties"]["problem.severity"] in ("error", "warning", "recommendation")
        assert len(rule["properties"]["tags"]) == len(set(rule["properties"]["tags"])) <= 20
    assert len(told["results"]) == len(ALL)
    for result in told["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        [location] = result["locations"]
        physical = location["physicalLocation"]
        assert physical["region"]["startLine"] >= 1
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", physical["artifactLocation"]["uri"])
        assert all(isinstance(print_, str) for print_ in result["partialFingerprints"].values())


def test_frameworks_are_tags_and_severity_has_github_s_numbers() -> None:
    rules = {rule["id"]: rule["properties"] for rule in run(report())["tool"]["driver"]["rules"]}
    assert set(BY_ID["RDS-06"].frameworks) <= set(rules["RDS-06"]["tags"])
    assert BY_ID["RDS-06"].frameworks
    scores = {BY_ID[id_].severity: float(rules[id_]["security-severity"]) for id_ in sarif.SECURITY}
    assert scores[Severity.CRITICAL] > 9 >= scores[Severity.HIGH] >= 7 > scores[Severity.MEDIUM] >= 4
    assert {"SEC-03", "NET-11", "S3-09"} < sarif.SECURITY
    assert not {"RDS-06", "K8S-01", "SEC-01", *(rule.id for rule in WAIVER_RULES)} & sarif.SECURITY


def results(told: Report) -> dict[str, dict[str, Any]]:
    return {result["ruleId"]: result for result in run(told)["results"]}


def uri(result: dict[str, Any]) -> tuple[str, int]:
    place = result["locations"][0]["physicalLocation"]
    return place["artifactLocation"]["uri"], place["region"]["startLine"]


def test_what_stops_is_an_error_and_what_is_not_known_a_note() -> None:
    levels = {id_: result["level"] for id_, result in results(report()).items()}
    assert levels == {
        **{"RDS-06": "error", "DNS-04": "error", EXPIRED.id: "error"},
        **{"RDS-07": "warning", "S3-01": "warning", "S3-02": "note"},
    }


def test_a_finding_is_at_the_program_s_line_or_the_nearest_that_is_known() -> None:
    told = results(report())
    # Its own line is not known, its component's is.
    assert uri(told["RDS-06"]) == ("platform/infra/layers/data%20base.py", 12)
    [component] = told["RDS-06"]["relatedLocations"]
    assert component["physicalLocation"]["artifactLocation"]["uri"] == "platform/components/db.py"
    assert uri(told["S3-02"]) == ("platform/Pulumi.secondary.yaml", 1)
    assert uri(told[EXPIRED.id]) == ("platform/policies.waivers.yaml", 7)


def test_a_finding_is_known_again_wherever_it_moves() -> None:
    before = results(report())
    moved = replace(previewed("primary"), places={PARENT: (Place("infra/other.py", 99),)})
    told = Report(RULES, settle(RULES, {}), (moved,), (finding(evidence="in other words"), finding(urn=BUCKET)))
    after = run(told)["results"]
    prints = [each["partialFingerprints"]["primaryLocationLineHash"] for each in after]
    assert before["RDS-06"]["partialFingerprints"]["primaryLocationLineHash"] == prints[0]
    assert len(set(prints)) == 2


def test_two_findings_of_one_rule_about_one_resource_are_two() -> None:
    told = run(report([finding(evidence="a"), finding(evidence="b")]))["results"]
    assert len({each["partialFingerprints"]["primaryLocationLineHash"] for each in told}) == 2


def test_what_is_waived_is_suppressed_and_stays() -> None:
    told = results(report())
    [suppressed] = told["S3-01"]["suppressions"]
    assert suppressed["kind"] == "external"
    assert suppressed["status"] == "accepted"
    assert suppressed["justification"] == "Made anew (by data@example.com, until 2027-01-31: reports)"
    assert [id_ for id_, each in told.items() if "suppressions" in each] == ["S3-01"]


def test_a_stack_that_could_not_be_judged_is_no_success() -> None:
    assert run(report())["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    [invocation] = run(report(failure="no such\nzone", resources=()))["invocations"]
    assert not invocation["executionSuccessful"]
    [note] = invocation["toolExecutionNotifications"]
    assert note == {"level": "error", "message": {"text": "secondary could not be judged: no such zone"}}


def test_more_than_github_takes_is_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sarif.MOST_RESULTS == 25_000
    monkeypatch.setattr(sarif, "MOST_RESULTS", 90)
    told = run(report([finding(evidence=str(number)) for number in range(100)]))
    assert len(told["results"]) == 90
    assert "10 findings are left out" in told["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


# JUnit.


def suites(told: Report) -> dict[str, ElementTree.Element]:
    document = ElementTree.fromstring(junit.render(told))
    assert document.tag == "testsuites"
    for name, kind in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(document.attrib[name]) == len(document.findall(f".//{kind}"))
        assert all(int(suite.attrib[name]) == len(suite.findall(f".//{kind}")) for suite in document)
    return {suite.attrib["name"]: suite for suite in document}


def case(suite: ElementTree.Element, id_: str) -> ElementTree.Element:
    [found] = [each for each in suite if each.attrib["name"].startswith(f"{id_} ")]
    return found


def test_junit_has_a_case_for_each_rule_and_stack() -> None:
    told = suites(report())
    assert set(told) == {"primary", "secondary", "both"}
    for stack in ("primary", "secondary"):
        assert [each.attrib["classname"] for each in told[stack]] == [stack] * len(RULES)
        assert len({each.attrib["name"] for each in told[stack]}) == len(RULES)
    assert len(told["both"]) == 1


def test_junit_fails_what_stops_and_skips_what_does_not() -> None:
    told = suites(report([*ALL, finding("RDS-06", level=Level.ADVISORY, evidence="also")]))
    broken = case(told["primary"], "RDS-06")[0]
    assert (broken.tag, broken.attrib["message"]) == ("failure", "2 findings, 1 mandatory")
    assert "mandatory db infra/layers/data base.py:12:" in (broken.text or "")
    assert "also" in (broken.text or "")
    kinds = {id_: case(told["primary"], id_)[0].tag for id_ in ("DNS-04", "RDS-07", "NET-01")}
    assert kinds == {"DNS-04": "error", "RDS-07": "skipped", "NET-01": "skipped"}
    assert "waived by data@example.com" in (case(told["secondary"], "S3-01")[0].text or "")
    assert len(case(told["secondary"], "RDS-06")) == 0


def test_junit_calls_nothing_good_in_a_stack_that_was_not_judged() -> None:
    told = suites(report([], failure="no such zone"))["secondary"]
    assert [each for each in told if len(each) == 0] == []
    assert told[0].attrib["name"] == "preview"
    assert told[0][0].text == "no such zone"
    assert told.attrib["errors"] == "1"


# Markdown.


def test_markdown_is_grouped_by_severity_with_fix_place_and_changes() -> None:
    told = markdown.render(report())
    assert told.startswith(f"{markdown.MARK}\n## Policies: 3 mandatory findings, 3 advisory\n")
    assert "| `primary` | 1 | 1,200 create, 3 unchanged | 2 | 1 |" in told
    assert "`primary` and `secondary` judged together." in told
    headings = [line for line in told.splitlines() if line.startswith("### ")]
    severities = [BY_ID[id_].severity.value.capitalize() for id_ in ("RDS-06", "RDS-07", EXPIRED.id)]
    wanted = [each for each in ("Critical", "High", "Medium", "Low") if each in severities]
    assert [heading.split()[1] for heading in headings] == ["Rules", *wanted, "Unproven", "Waived"]
    assert f"Fix: {BY_ID['RDS-06'].fix}" in told
    assert (
        "  - `primary db`, `aws:rds/cluster:Cluster`, `infra/layers/data base.py:12`: "
        "`deletionProtection is false; it must be true`" in told
    )
    assert "  - until 2027-01-31 by `data@example.com`: `Made anew` (`reports`)" in told


def test_markdown_says_that_all_is_well() -> None:
    told = markdown.render(report([]))
    assert "## Policies: every rule holds" in told
    assert "###" not in told


def test_markdown_shows_why_a_stack_was_not_judged() -> None:
    told = markdown.render(report([], failure="```\n" + "\n".join(f"line {n}" for n in range(100)), resources=()))
    assert "## Policies: `secondary` could not be judged" in told
    assert "| `secondary` | ? | **not judged** | 0 | 0 |" in told
    assert "(76 lines left out here)" in told
    assert "line 99" in told
    assert "line 74\n" not in told


@pytest.mark.parametrize("count", [1, 8, 9, 5000])
def test_markdown_names_some_resources_of_a_rule_and_counts_the_others(count: int) -> None:
    told = markdown.render(report([finding(evidence=f"number {number}") for number in range(count)]))
    assert len(told) < 65_536
    assert told.count("number ") == min(count, 8)
    assert ("and 4,992 more" in told) == (count == 5000)


def test_markdown_that_is_too_long_is_cut_with_a_count() -> None:
    many = [finding(rule.id, evidence=f"{number} {'x' * 390}") for rule in RULES for number in range(8)]
    told = markdown.render(report(many))
    assert len(told) <= 65_000
    [left] = re.findall(r"\*\*([\d,]+) findings more did not fit here", told)
    assert int(left.replace(",", "")) == len(many) - told.count("x" * 390)
    assert int(left.replace(",", "")) > 100


def test_markdown_that_fits_is_not_cut() -> None:
    assert "did not fit" not in markdown.render(report())


def outside_of_code(told: str) -> str:
    """What is left of Markdown without its code: what a reader's browser would make something of."""
    return re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", told))


def hostile(words: str) -> Report:
    urn = f"urn:pulumi:primary::tandem::{words}::{words}"
    waiver = replace(WAIVER, owner=words, reason=words, id=words)
    found = [
        finding(urn=urn, evidence=words),
        finding("S3-01", urn, level=Level.ADVISORY, evidence=words, waiver=waiver),
        finding("DNS-04", urn, Outcome.CRASHED, words),
        finding("S3-02", urn, Outcome.UNPROVEN, words),
    ]
    places = {urn: (Place(words, 7),)}
    previews = (previewed("primary", places=places), previewed("secondary", failure=words))
    rules = tuple(each.rule for each in found)
    return Report(rules, settle(rules, {}), previews, tuple(found))


def check_hostile(words: str) -> None:
    told = hostile(words)
    shown = markdown.render(told)
    plain = markdown.render(hostile("harmless"))
    assert outside_of_code(shown) == outside_of_code(plain)
    parsed = ElementTree.fromstring(junit.render(told))
    assert len(list(parsed.iter())) == len(list(ElementTree.fromstring(junit.render(hostile("harmless"))).iter()))
    assert len(run(told)["results"]) == 4
    for result in run(told)["results"]:
        assert "](" not in result["message"]["text"]
    said = text.render(told) + junit.render(told) + sarif.render(told, PurePosixPath()) + shown
    assert not [each for each in said if each in "\x00\x07\x1b\r\u202e\u2066\u200b"]


@pytest.mark.parametrize(
    "words", [HOSTILE, "a\n```\n## x", "````", "`", "| a |\n|---|", "~~~\n## x", "</testcase>", "\ud800"]
)
def test_nothing_gets_out_of_its_place(words: str) -> None:
    check_hostile(words)


@given(
    st.text(
        alphabet=st.one_of(st.sampled_from("`|<>[]()!@#*_\\\n\r\x1b\u202e& "), st.characters()), min_size=1, max_size=40
    )
)
def test_nothing_gets_out_of_its_place_whatever_it_is(words: str) -> None:
    check_hostile(words)


# The terminal, and all of them.


def test_the_terminal_shows_the_worst_last() -> None:
    told = text.render(report()).splitlines()
    heads = [line.split()[1] for line in told if line.startswith(("mandatory", "advisory"))]
    assert heads[:2] == ["S3-01", "S3-02"]
    assert heads[-1] == "DNS-04"
    assert heads.index("RDS-06") > 2
    assert any(line.endswith("primary  db  infra/layers/data base.py:12") for line in told)
    # One is disabled, and those about waivers judge no resource.
    number = len(all_rules()) - 1
    assert told[-1] == f"{number} rules: 3 mandatory findings, 3 advisory, 1 of them unproven, 1 of them waived"
    assert f"\n{number} rules. " in markdown.render(report())


def forms(told: Report) -> tuple[str, ...]:
    rendered = sarif.render(told, PurePosixPath("platform")), junit.render(told), markdown.render(told)
    return (*rendered, text.render(told))


@pytest.mark.parametrize("more", [{}, {"failure": "no such zone", "resources": ()}])
@pytest.mark.parametrize("typed", ["acme/{}", "acme/tandem/{}"])
def test_a_stack_has_one_name_however_it_was_typed(typed: str, more: dict[str, Any]) -> None:
    short = report([each for each in ALL if each.urn != BUCKET or not more], **more)
    names = [typed.format(each.stack) for each in short.previews]
    long = replace(
        short, previews=tuple(replace(each, stack=name) for each, name in zip(short.previews, names, strict=True))
    )
    assert forms(long) == forms(short)
    assert sum(len(long.of(each.home)) for each in long.previews) == sum(each.urn != "" for each in long.findings)


def test_stacks_of_one_name_in_two_projects_are_told_apart() -> None:
    urns = [f"urn:pulumi:prod::{project}::t:t:T::x" for project in ("east", "west")]
    previews = [Preview("prod", resources=(Resource(urn, "t:t:T", "x", {}),)) for urn in urns]
    found = [finding(urn=urns[0]), finding("RDS-07", urns[1])]
    told = replace(report(found), previews=tuple(previews))
    assert "| `east/prod` | 1 | none told | 1 | 0 |\n| `west/prod` | 1 | none told | 1 | 0 |" in markdown.render(told)
    assert "`east/prod` and `west/prod` judged together" in markdown.render(told)
    assert "`west/prod x`" in markdown.render(told)
    assert {name: suite.attrib["failures"] for name, suite in suites(told).items()} == {
        "east/prod": "1",
        "west/prod": "1",
    }
    assert "mandatory  RDS-07  (high)  west/prod  x\n" in text.render(told)
    assert text.render(told).splitlines()[-3:-1] == ["east/prod: 1 resource", "west/prod: 1 resource"]
    assert {each["properties"]["stack"] for each in run(told)["results"]} == {"east/prod", "west/prod"}
    assert {uri(each) for each in run(told)["results"]} == {("platform/Pulumi.prod.yaml", 1)}
    assert run(told)["automationDetails"]["id"] == "tandem-resilience/east/prod+west/prod/"


def test_the_order_of_what_is_found_changes_nothing() -> None:
    one, other = report(ALL), report(ALL[::-1])
    assert sarif.render(one, PurePosixPath()) == sarif.render(other, PurePosixPath())
    assert junit.render(one) == junit.render(other)
    assert markdown.render(one) == markdown.render(other)
    assert text.render(one) == text.render(other)
