"""Waivers: what they waive, what they do not, and what is found about them."""

from dataclasses import FrozenInstanceError, replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from pulumi.runtime.proto import analyzer_pb2

from policies import waivers
from policies.catalog import all_rules
from policies.judge import Finding, judge
from policies.preview import Preview
from policies.pull_request import judged as judged_together
from policies.registry import RULES, Outcome
from policies.settings import Given, Level, settle
from policies.waivers import EXPIRED, WAIVER_RULES, Waivers, find, names, read, review, waive
from resilience.adapters.analyzer import stack_resources
from resilience.graph import Graph, Resource
from tests.policies.platform import Platform, Thing, struct
from tests.policies.reference import ALWAYS, reference
from tests.policies.serving import diagnostics, serving

TODAY = date(2026, 11, 21)
DB = "urn:pulumi:primary::tandem::aws:rds/cluster:Cluster::db"
RULES_HERE = (*all_rules(), *WAIVER_RULES)


def entry(**changed: str) -> str:
    fields = {
        "policies": "[RDS-06]",
        "stacks": "[primary]",
        "resources": f"[{{urn: '{DB}'}}]",
        "owner": "data@example.com",
        "reason": "It is rebuilt each night.",
        "expires": "2027-01-31",
    } | changed
    return "".join(f"    {name}: {value}\n" for name, value in fields.items() if value)


def waiver(**changed: str) -> str:
    return f"exceptions:\n  rebuilt:\n{entry(**changed)}"


def given(tmp_path: Path, text: str) -> Waivers:
    file = tmp_path / "policies.waivers.yaml"
    file.write_text(text)
    return read(file, all_rules())


def found(platform: Platform, given: Waivers, today: date = TODAY, **config: Given) -> list[Finding]:
    """Findings that nobody expects of one stack alone, with those about waivers."""
    graph = Graph(stack_resources(platform.stack_request().resources))
    settings = settle(RULES_HERE, {name.replace("_", "-"): each for name, each in config.items()})
    seen = waive(judge(all_rules(), graph, settings), given, today, names(each.urn for each in graph.resources))
    seen += review(given, graph, seen, settings, all_rules(), today)
    alone = {each.rstrip("?") for each in ALWAYS}
    return [each for each in seen if each.waiver or each.rule.id not in alone]


def broken() -> Platform:
    return reference().put("db", "deletionProtection", False)


def ids(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(each.rule.id, each.level.value) for each in findings]


def test_a_waived_finding_stays_in_sight_as_advice(tmp_path: Path) -> None:
    [one] = found(broken(), given(tmp_path, waiver()))
    assert (one.rule.id, one.urn, one.level, one.outcome) == ("RDS-06", DB, Level.ADVISORY, Outcome.FAIL)
    assert one.message.startswith(
        "waived by data@example.com until 2027-01-31 (rebuilt): It is rebuilt each night. A database cannot"
    )
    assert "deletionProtection is false" in one.message
    assert one.waiver
    assert (one.waiver.id, one.waiver.line) == ("rebuilt", 3)


def test_without_a_file_nothing_is_waived() -> None:
    assert ids(found(broken(), read(None, all_rules()))) == [("RDS-06", "mandatory")]


def test_what_is_not_known_yet_is_waived_too(tmp_path: Path) -> None:
    [one] = found(reference().hide("db", "deletionProtection"), given(tmp_path, waiver()))
    assert (one.outcome, one.level) == (Outcome.UNPROVEN, Level.ADVISORY)


@pytest.mark.parametrize(
    "resource",
    [
        "[{type: 'aws:rds/cluster:Cluster', name: db}]",
        "[{type: 'aws:rds/cluster:Cluster', name: db, properties: [deletionProtection]}]",
    ],
)
def test_a_resource_is_named_by_type_and_name_too(tmp_path: Path, resource: str) -> None:
    assert ids(found(broken(), given(tmp_path, waiver(resources=resource)))) == [("RDS-06", "advisory")]


NEAR = [
    ("another rule", {"policies": "[RDS-09]"}, "RDS-09 has nothing against"),
    ("another name", {"resources": "[{type: 'aws:rds/cluster:Cluster', name: dbs}]"}, "no resource of primary is"),
    ("another type", {"resources": "[{type: 'aws:rds/instance:Instance', name: db}]"}, "no resource of primary is"),
    ("a part of the name", {"resources": f"[{{urn: '{DB[:-1]}'}}]"}, f"did you mean {DB}?"),
    (
        "another property",
        {"resources": f"[{{urn: '{DB}', properties: [deletion]}}]"},
        "RDS-06 has nothing about deletion against",
    ),
]


@pytest.mark.parametrize(("changed", "said"), [row[1:] for row in NEAR], ids=[row[0] for row in NEAR])
def test_what_is_nearly_right_waives_nothing_and_is_found(
    tmp_path: Path, changed: dict[str, str], said: str
) -> None:  # fmt: skip
    first, second = found(broken(), given(tmp_path, waiver(**changed)))
    assert ids([first, second]) == [("RDS-06", "mandatory"), ("WAIVER-04", "mandatory")]
    assert said in second.message


def test_a_property_waives_what_is_in_it_and_no_more(tmp_path: Path) -> None:
    nodes = "[{type: 'aws:eks/nodeGroup:NodeGroup', name: nodes, properties: [scalingConfig]}]"
    of_nodes = given(tmp_path, waiver(policies="[EKS-03]", resources=nodes))
    floor = reference().put("nodes", "scalingConfig/minSize", 0)
    assert ("EKS-03", "advisory") in ids(found(floor, of_nodes))


def test_one_of_two_resources_that_is_left_over_is_found(tmp_path: Path) -> None:
    key = "{type: 'aws:kms/key:Key', name: kept}"
    seen = found(broken(), given(tmp_path, waiver(resources=f"[{{urn: '{DB}'}}, {key}]")))
    assert ids(seen) == [("RDS-06", "advisory"), ("WAIVER-04", "mandatory")]
    assert "no resource of primary is aws:kms/key:Key kept" in seen[1].message


def test_what_is_mended_leaves_a_waiver_over(tmp_path: Path) -> None:
    [one] = found(reference(), given(tmp_path, waiver()))
    assert one.message.startswith("A waiver waives something. policies.waivers.yaml:")
    assert f"rebuilt of data@example.com: RDS-06 has nothing against {DB}. Fix: " in one.message


def test_one_rule_of_two_that_is_left_over_is_found(tmp_path: Path) -> None:
    first, second = found(broken(), given(tmp_path, waiver(policies="[RDS-06, RDS-07]")))
    assert ids([first, second]) == [("RDS-06", "advisory"), ("WAIVER-04", "mandatory")]
    assert "RDS-07 has nothing against its resources in primary" in second.message


def test_a_rule_that_is_off_leaves_its_waiver_over(tmp_path: Path) -> None:
    seen = found(broken(), given(tmp_path, waiver()), RDS_06=Given(Level.DISABLED, {}))
    assert "RDS-06 is disabled in primary" in "".join(each.message for each in seen)


def test_a_waiver_of_another_stack_is_left_alone(tmp_path: Path) -> None:
    elsewhere = DB.replace("primary", "staging")
    text = waiver(stacks="[staging]", resources=f"[{{urn: '{elsewhere}'}}]")
    assert ids(found(broken(), given(tmp_path, text))) == [("RDS-06", "mandatory")]
    graph = Graph(stack_resources(broken().stack_request().resources))
    assert waivers.elsewhere(given(tmp_path, text), graph) == ["staging"]


def test_a_waiver_of_another_stack_hides_none_of_this(tmp_path: Path) -> None:
    far = entry(stacks="[staging]", resources="[{type: 'aws:rds/cluster:Cluster', name: db}]")
    seen = found(reference(), given(tmp_path, f"exceptions:\n  far:\n{far}  near:\n{entry()}"))
    assert ids(seen) == [("WAIVER-04", "mandatory")]


def test_a_waiver_of_both_stacks_is_looked_for_in_each(tmp_path: Path) -> None:
    text = waiver(stacks="[primary, secondary]", resources="[{type: 'aws:rds/cluster:Cluster', name: db}]")
    assert ids(found(broken(), given(tmp_path, text))) == [("RDS-06", "advisory")]
    both = broken().add("far", Thing("aws:kms/key:Key", {}, protect=True, stack="secondary"))
    left = [each.message for each in found(both, given(tmp_path, text)) if each.rule.id == "WAIVER-04"]
    assert len(left) == 1
    assert "no resource of secondary is aws:rds/cluster:Cluster db" in left[0]


def test_a_rule_over_both_stacks_is_not_missed_in_one(tmp_path: Path) -> None:
    # EKS-16 is content, or would be: one stack alone cannot say.
    vpc = "[{type: 'aws:rds/cluster:Cluster', name: db}]"
    given_here = given(tmp_path, waiver(policies="[EKS-16]", resources=vpc))
    assert ids(found(reference(), given_here)) == []
    both = reference().add("far", Thing("aws:kms/key:Key", {}, protect=True, stack="secondary"))
    assert "WAIVER-04" in {each.rule.id for each in found(both, given_here)}


def test_the_last_day_counts_and_the_next_does_not(tmp_path: Path) -> None:
    text = given(tmp_path, waiver(expires="2026-11-21"))
    assert ids(found(broken(), text)) == [("RDS-06", "advisory")]
    late = found(broken(), text, date(2026, 11, 22))
    assert ids(late) == [("RDS-06", "mandatory"), ("WAIVER-03", "mandatory")]
    assert "policies.waivers.yaml:3: rebuilt of data@example.com expired on 2026-11-21" in late[1].message


def test_one_that_has_expired_hides_no_other(tmp_path: Path) -> None:
    both = (
        f"exceptions:\n  one:\n{entry(expires='2026-01-31')}  two:\n{entry(policies='[RDS-07]', expires='2026-02-28')}"
    )
    late = [each.evidence.partition(": ")[2] for each in found(broken(), given(tmp_path, both)) if each.rule is EXPIRED]
    assert late == ["one of data@example.com expired on 2026-01-31", "two of data@example.com expired on 2026-02-28"]


def test_a_waiver_ends_within_the_days_that_are_set(tmp_path: Path) -> None:
    text = given(tmp_path, waiver(expires="2027-11-21"))
    assert ids(found(broken(), text)) == [("RDS-06", "advisory")]
    [_, far] = found(broken(), text, WAIVER_02=Given(None, {"maxDays": 364}))
    assert far.rule.id == "WAIVER-02"
    assert "expires in 365 days, on 2027-11-21; it must be within 364" in far.message


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"policies": "['*']"}, "rebuilt: policies: is '*'; nothing in a waiver is a pattern"),
        ({"policies": "[all]"}, "rebuilt: policies: is 'all'"),
        ({"policies": "[RDS-*]"}, "rebuilt: policies: is 'RDS-*'"),
        ({"stacks": "['*']"}, "rebuilt: stacks: is '*'"),
        ({"resources": "[{type: 'aws:rds/*', name: db}]"}, "rebuilt: resources[0].type: is 'aws:rds/*'"),
        ({"resources": "[{type: 'aws:rds/cluster:Cluster', name: '*'}]"}, "rebuilt: resources[0].name: is '*'"),
    ],
)
def test_a_pattern_is_too_wide_and_waives_nothing(tmp_path: Path, changed: dict[str, str], said: str) -> None:
    seen = found(broken(), given(tmp_path, waiver(**changed)))
    assert ("RDS-06", "mandatory") in ids(seen)
    assert {each.rule.id for each in seen} == {"RDS-06", "WAIVER-02"}
    assert said in seen[-1].message


MALFORMED = [
    ("no owner", waiver(owner=""), ["3: rebuilt: owner must be given"]),
    ("an empty reason", waiver(reason="''"), ["7: rebuilt: reason: must be text"]),
    ("no rule", waiver(policies="[]"), ["3: rebuilt: policies: must be a list of at least one"]),
    ("an unknown rule", waiver(policies="[RDS-6]"), ["3: rebuilt: policies: no rule is RDS-6; did you mean RDS-"]),
    ("a rule of waivers", waiver(policies="[WAIVER-03]"), ["no rule is WAIVER-03"]),
    ("a rule twice", waiver(policies="[RDS-06, RDS-06]"), ["rebuilt: policies: RDS-06 is given twice"]),
    ("an unknown field", waiver(expiry="2027-01-31"), ["9: rebuilt: expiry is no field; did you mean expires?"]),
    ("no day", waiver(expires="soon"), ["8: rebuilt: expires: is 'soon', must be a day such as 2027-01-31"]),
    ("no such day", waiver(expires="2027-02-30"), ["rebuilt: expires: is '2027-02-30'"]),
    ("a day of another form", waiver(expires="20270131"), ["rebuilt: expires: is '20270131'"]),
    ("no resource", waiver(resources="[]"), ["rebuilt: resources: must be a list of at least one"]),
    ("a resource that is text", waiver(resources=f"['{DB}']"), ["rebuilt: resources[0]: must be an object"]),
    ("a type alone", waiver(resources="[{type: 'a:b/c:C'}]"), ["resources[0]: must have a urn, or a type and a name"]),
    ("both ways", waiver(resources=f"[{{urn: '{DB}', name: db}}]"), ["resources[0]: must have a urn, or a type"]),
    ("no urn", waiver(resources="[{urn: db}]"), ["5: rebuilt: resources[0].urn: is 'db', must be urn:pulumi:<stack>"]),
    (
        "half a urn",
        waiver(resources="[{urn: 'urn:pulumi:primary::tandem::db'}]"),
        ["resources[0].urn: is 'urn:pulumi:p"],
    ),
    (
        "another stack's urn",
        waiver(stacks="[dev]"),
        ["resources[0].urn: is of primary, which is not one of its stacks"],
    ),
    ("a name twice", f"{waiver()}  rebuilt:\n{entry()}", ["9: exceptions: rebuilt is given twice"]),
    ("a list", "- a\n", ["1: the file: must be an object"]),
    ("another field", "waivers: {}\n", ["1: the file: waivers is no field; there are exceptions"]),
    ("no YAML", "a: [\n", ["2: is not YAML (expected the node content"]),
    ("a name that is none", "exceptions:\n  ? [a]\n  : {}\n", ["2: exceptions: a name must be text"]),
    ("two mistakes", waiver(owner="", expires="x"), ["rebuilt: owner must be", "rebuilt: expires: is 'x'"]),
    ("everything", "exceptions: {a: }\n", ["1: a: must be an object"]),
    ("itself", "exceptions: &a\n  b: *a\n", ["1: b: b is no field; there are expires", "b: owner must be given"]),
    ("deep", "[" * 5000, ["1: is nested too deeply"]),
    ("binary", "\x00", ["1: is not YAML"]),
]


@pytest.mark.parametrize(("text", "said"), [row[1:] for row in MALFORMED], ids=[row[0] for row in MALFORMED])
def test_a_malformed_waiver_is_found_with_its_line_and_waives_nothing(
    tmp_path: Path, text: str, said: list[str]
) -> None:
    seen = found(broken(), given(tmp_path, text))
    assert ("RDS-06", "mandatory") in ids(seen) or "twice" in said[0]
    wrong = [each.evidence for each in seen if each.rule.id == "WAIVER-01"]
    assert [each.level for each in seen if each.rule.id == "WAIVER-01"] == [Level.MANDATORY] * len(wrong)
    for each in said:
        assert [line for line in wrong if each in line], wrong
    assert len({line.partition(": ")[2] for line in wrong}) == len(wrong)


def test_what_the_parser_finds_in_no_line_is_in_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def compose(*_: object) -> None:
        raise yaml.MarkedYAMLError(problem="is too odd")

    monkeypatch.setattr(yaml, "compose", compose)
    [mistake] = given(tmp_path, "a: b\n").mistakes
    assert (mistake.line, mistake.text) == (1, "is not YAML (is too odd)")


@pytest.mark.parametrize(("days", "said"), [(1, ""), (1830, ""), (0, "from 1 to 1830"), (1831, "from 1 to 1830")])
def test_the_days_that_may_be_set(days: int, said: str) -> None:
    given_days = {"WAIVER-02": Given(None, {"maxDays": days})}
    if not said:
        assert settle(RULES_HERE, given_days)["WAIVER-02"].options["maxDays"] == days
        return
    with pytest.raises(ValueError, match=said):
        settle(RULES_HERE, given_days)


def test_what_is_read_stays_as_it_is(tmp_path: Path) -> None:
    read_here = given(tmp_path, "- a\n")
    for made, name in ((read_here, "file"), (read_here.mistakes[0], "text")):
        assert name in made.__slots__
        with pytest.raises(FrozenInstanceError, match=name):
            setattr(made, name, "other")


def test_a_file_that_is_named_and_missing_is_found(tmp_path: Path) -> None:
    [_, one] = found(broken(), read(tmp_path / "none.yaml", all_rules()))
    assert (one.rule.id, one.evidence) == ("WAIVER-01", "none.yaml:1: No such file or directory")


def test_an_empty_file_waives_nothing(tmp_path: Path) -> None:
    assert ids(found(broken(), given(tmp_path, "# none\n"))) == [("RDS-06", "mandatory")]
    assert ids(found(broken(), given(tmp_path, "exceptions: {}\n"))) == [("RDS-06", "mandatory")]


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        (f"urn: '{DB}'", f"urn: '{DB}'", True),
        (f"urn: '{DB}'", "type: 'aws:rds/cluster:Cluster', name: db", True),
        ("type: 'a:b/c:D', name: x, properties: [a]", "type: 'a:b/c:D', name: x", True),
        ("type: 'a:b/c:D', name: x, properties: [a]", "type: 'a:b/c:D', name: x, properties: [a.b]", True),
        ("type: 'a:b/c:D', name: x, properties: [a.b]", "type: 'a:b/c:D', name: x, properties: [a]", True),
        ("type: 'a:b/c:D', name: x, properties: [a]", "type: 'a:b/c:D', name: x, properties: [b]", False),
        ("type: 'a:b/c:D', name: x", "type: 'a:b/c:D', name: y", False),
        (f"urn: '{DB}'", f"urn: '{DB}s'", False),
    ],
)
def test_two_waivers_of_one_thing_are_found(tmp_path: Path, first: str, second: str, meet: bool) -> None:
    one, two = entry(resources=f"[{{{first}}}]"), entry(resources=f"[{{{second}}}]")
    wrong = given(tmp_path, f"exceptions:\n  one:\n{one}  two:\n{two}").mistakes
    assert [each.rule.id for each in wrong] == (["WAIVER-05"] if meet else [])
    assert all("two: RDS-06 of" in each.text and "is waived in one, line 5 too" in each.text for each in wrong)


def test_two_waivers_of_two_stacks_are_two(tmp_path: Path) -> None:
    far = entry(stacks="[staging]", resources=f"[{{urn: '{DB.replace('primary', 'staging')}'}}]")
    typed = "[{type: 'aws:rds/cluster:Cluster', name: db}]"
    far_too = entry(stacks="[staging]", resources=typed)
    assert given(tmp_path, f"exceptions:\n  one:\n{entry()}  two:\n{far}").mistakes == ()
    assert given(tmp_path, f"exceptions:\n  one:\n{entry(resources=typed)}  two:\n{far_too}").mistakes == ()


def test_a_rule_that_broke_is_not_waived(tmp_path: Path) -> None:
    crashed = Finding(RULES["RDS-06"], DB, Outcome.CRASHED, "x.py:1 with KeyError", Level.MANDATORY)
    assert waive([crashed], given(tmp_path, waiver()), TODAY, names([DB])) == [crashed]


def test_names_with_colons_and_types_with_parents_are_read(tmp_path: Path) -> None:
    urn = "urn:pulumi:primary::tandem::tandem:index:Database$aws:rds/cluster:Cluster::a::b"
    typed = given(tmp_path, waiver(resources="[{type: 'aws:rds/cluster:Cluster', name: 'a::b'}]"))
    one = Finding(RULES["RDS-06"], urn, Outcome.FAIL, "-", Level.MANDATORY)
    [seen] = waive([one], typed, TODAY, names([urn]))
    assert seen.level is Level.ADVISORY


BUCKET = "aws:s3/bucket:Bucket"


def two_buckets() -> list[Resource]:
    """Two of one name, in components of two types; the second may be emptied by whoever deletes it."""
    urns = [f"urn:pulumi:primary::tandem::{parent}:index:Store${BUCKET}::data" for parent in "ab"]
    return [Resource(urn, BUCKET, "data", {"forceDestroy": urn is urns[1]}, protect=True) for urn in urns]


def judged(resources: list[Resource], given: Waivers) -> list[Finding]:
    settings = settle(RULES_HERE, {})
    previews = [
        Preview(
            "primary", resources=tuple(resources), findings=tuple(judge([RULES["S3-06"]], Graph(resources), settings))
        )
    ]
    report = judged_together([RULES["S3-06"]], previews, settings, given, TODAY)
    return list(report.findings)


def test_a_type_and_a_name_of_two_resources_waive_neither(tmp_path: Path) -> None:
    one, other = two_buckets()
    typed = given(tmp_path, waiver(policies="[S3-06]", resources=f"[{{type: '{BUCKET}', name: data}}]"))
    assert ids(judged([other], typed)) == [("S3-06", "advisory")]
    seen = judged([one, other], typed)
    assert ids(seen) == [("WAIVER-02", "mandatory"), ("S3-06", "mandatory")]
    assert seen[0].evidence == (
        f"policies.waivers.yaml:5: rebuilt of data@example.com: {BUCKET} data is 2 resources of primary, and waives "
        f"none of them; give the urn of one, such as {one.urn}"
    )
    by_urn = given(tmp_path, waiver(policies="[S3-06]", resources=f"[{{urn: '{other.urn}'}}]"))
    assert ids(judged([one, other], by_urn)) == [("S3-06", "advisory")]
    # What comes after it is looked at too.
    gone = given(tmp_path, waiver(policies="[S3-06]", resources=f"[{{type: '{BUCKET}', name: data}}, {{urn: '{DB}'}}]"))
    assert [each.rule.id for each in judged([one, other], gone)] == ["WAIVER-02", "WAIVER-04", "S3-06"]
    # Beside another that it does waive, the rule is not called needless.
    both = given(
        tmp_path, waiver(policies="[S3-06]", resources=f"[{{urn: '{other.urn}'}}, {{type: '{BUCKET}', name: data}}]")
    )
    assert [each.rule.id for each in judged([one, other], both)] == ["WAIVER-02", "WAIVER-05", "S3-06"]


def test_a_name_in_stacks_of_two_projects_waives_in_neither(tmp_path: Path) -> None:
    typed = given(tmp_path, waiver(policies="[S3-06]", resources=f"[{{type: '{BUCKET}', name: data}}]"))
    there = [
        replace(each, urn=each.urn.replace("tandem", name)) for each, name in zip(two_buckets(), "ab", strict=True)
    ]
    assert ids(judged(there, typed)) == [("WAIVER-02", "mandatory"), ("S3-06", "mandatory")]
    assert waivers.elsewhere(typed, Graph(there)) == []


def test_the_engine_hears_at_the_second_that_a_name_means_two(tmp_path: Path) -> None:
    typed = given(tmp_path, waiver(policies="[S3-06]", resources=f"[{{type: '{BUCKET}', name: data}}]"))
    levels: list[int] = []
    with serving(waivers=typed, today=lambda: TODAY) as stub:
        for parent in "ab":
            urn = f"urn:pulumi:primary::tandem::{parent}:index:Store${BUCKET}::data"
            asked = analyzer_pb2.AnalyzeRequest(
                urn=urn, type=BUCKET, name="data", properties=struct({"forceDestroy": True})
            )
            levels += [each.enforcementLevel for each in stub.Analyze(asked).diagnostics if each.policyName == "S3-06"]
    assert levels == [analyzer_pb2.ADVISORY, analyzer_pb2.MANDATORY]


def test_waivers_have_levels_of_their_own(tmp_path: Path) -> None:
    seen = found(reference(), given(tmp_path, waiver()), WAIVER_04=Given(Level.ADVISORY, {}))
    assert ids(seen) == [("WAIVER-04", "advisory")]
    assert found(reference(), given(tmp_path, waiver()), WAIVER_04=Given(Level.DISABLED, {})) == []


def test_the_file_is_beside_the_project_or_named(tmp_path: Path) -> None:
    program = tmp_path / "project" / "infra"
    program.mkdir(parents=True)
    outside = tmp_path / "policies.waivers.yaml"
    outside.write_text("")
    assert find(program, {}) is None
    (tmp_path / "project" / "Pulumi.yaml").write_text("")
    assert find(program, {}) is None
    beside = tmp_path / "project" / "policies.waivers.yaml"
    beside.write_text("")
    assert find(program, {}) == beside
    assert find(program, {"TANDEM_WAIVERS": "other.yaml"}) == Path("other.yaml")


def served(platform: Platform, given: Waivers) -> dict[str, list[analyzer_pb2.AnalyzeDiagnostic]]:
    by_rule: dict[str, list[analyzer_pb2.AnalyzeDiagnostic]] = {}
    with serving(waivers=given, today=lambda: TODAY) as stub:
        for each in diagnostics(stub, platform):
            by_rule.setdefault(each.policyName, []).append(each)
    return by_rule


def test_the_engine_hears_of_a_waiver_before_the_resource_is_made(tmp_path: Path) -> None:
    by_rule = served(broken(), given(tmp_path, waiver()))
    [one] = by_rule["RDS-06"]
    assert one.enforcementLevel == analyzer_pb2.ADVISORY
    assert one.message.startswith("waived by data@example.com until 2027-01-31")
    assert not {each for each in by_rule if each.startswith("WAIVER")}


def test_the_engine_hears_of_a_waiver_left_over_at_the_end(tmp_path: Path) -> None:
    # A rule of the stack that is waived, and one of a resource that has nothing.
    platform = reference().drop("db-1")
    by_rule = served(platform, given(tmp_path, waiver(policies="[RDS-01, RDS-06]")))
    assert [each.enforcementLevel for each in by_rule["RDS-01"]] == [analyzer_pb2.ADVISORY]
    [left] = by_rule["WAIVER-04"]
    assert left.enforcementLevel == analyzer_pb2.MANDATORY
    assert "RDS-06 has nothing against its resources in primary" in left.message


def test_what_was_not_put_to_the_rules_is_not_missed(tmp_path: Path) -> None:
    # An operation on a part of the stack asks about that part, and shows the whole stack in the end.
    with serving(waivers=given(tmp_path, waiver()), today=lambda: TODAY) as stub:
        seen = stub.AnalyzeStack(broken().stack_request()).diagnostics
    assert {each.policyName for each in seen} == {each.rstrip("?") for each in ALWAYS}
