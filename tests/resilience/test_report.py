"""The report's forms: what they say, in which order, how short, and what they do with names."""

import io
import json
import math
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from resilience import __main__ as command
from resilience.adapters import picture
from resilience.facts import Facts
from resilience.faults import Kind
from resilience.graph import UNKNOWN, Graph
from resilience.outcomes import NOTHING, Outcome, Verdict
from resilience.report import html, markdown, sources, terminal
from resilience.report.changes import Changes, same, worse
from resilience.report.contents import (
    DOWN,
    LONGER,
    MEANING,
    Report,
    after_losing,
    available,
    badness,
    cell,
    level,
    losses,
    named,
    percent,
    promised,
    report,
    sentence,
    short,
    spoken,
    touched,
)
from resilience.report.contents import (
    UNKNOWN as NOT_KNOWN,
)
from tests.resilience.small import Small
from tests.resilience.stacks import platform

ROOT = Path(__file__).parents[2]


def one(**given: Any) -> Graph:
    return Small().network().cluster().aurora().service(**given).entrance().name().graph()


def two(interval: int = 10, ttl: int = 30, replicas: int = 3) -> Graph:
    home = Small().network().cluster().aurora().service(replicas=replicas).entrance()
    other = Small("us-west-2", "two").network().cluster().aurora().service().entrance()
    home.name(role="PRIMARY", interval=interval, times=2, ttl=ttl)
    return home.graph(other.name(role="SECONDARY", ttl=ttl))


@pytest.fixture(scope="module")
def told() -> Report:
    return report(two())


def printed(found: Report, width: int = 120, **options: bool) -> str:
    console = Console(file=io.StringIO(), width=width, no_color=True)
    terminal.matrix(found, console, **options)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def explained(found: Report, fault: str, journey: str = "use-shop") -> str:
    console = Console(file=io.StringIO(), width=100, no_color=True)
    lost = next(each for each in found.faults if each.id == fault)
    terminal.explanation(found, lost, found.outcomes[journey, fault], console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


# Words.


@pytest.mark.parametrize(
    ("seconds", "few", "full"),
    [
        (0, "0 s", "0 s"),
        (16.2, "17 s", "16 s"),
        (120, "120 s", "2 min"),
        (121, "3 min", "2 min 1 s"),
        (5134, "86 min", "1 h 25 min 34 s"),
        (18900, "5.3 h", "5 h 15 min"),
        (math.inf, "no end", "no bound"),
    ],
)
def test_a_time_is_never_told_shorter_than_it_is(seconds: float, few: str, full: str) -> None:
    assert (short(seconds), spoken(seconds)) == (few, full)


@pytest.mark.parametrize(
    ("share", "words"), [(1, "100 %"), (0.999, "99 %"), (0.57, "57 %"), (0.004, "<1 %"), (0, "0 %")]
)
def test_a_share_is_never_told_larger_than_it_is(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.9985, "99.85 %"),
        (0.9999, "99.99 %"),
        (0.99998546, "99.9985 %"),
        (0.9999996, "99.99996 %"),
        (1.0, "100 %"),
        (None, "not known"),
    ],
)
def test_an_availability_has_the_digits_that_tell_nines_apart(value: float | None, words: str) -> None:
    assert available(value) == words


def test_faults_that_differ_in_a_word_are_named_in_one_breath(told: Report) -> None:
    zones = [each for each in told.faults if each.id.startswith("zone-us-east")]
    assert named(zones) == "zone us-east-1a, b, c"
    assert named(zones[:1]) == "zone us-east-1a"
    assert named(zones, 2) == "zone us-east-1a, b and 1 more"
    gateways = [each for each in told.faults if each.id.startswith("nat-us-east")]
    assert named([*zones[:2], *gateways[:1]]) == "zone us-east-1a, b; NAT gateway nat-a"


def test_what_happens_is_not_said_to_be_lost(told: Report) -> None:
    by_id = {fault.id: fault for fault in told.faults}
    assert after_losing([by_id["zone-us-east-1a"]]) == "after losing zone us-east-1a"
    assert after_losing([by_id["dns"]]) == "after Route 53 answers nobody"
    assert after_losing([by_id["bad-deployment-us-east-1-shop"]]).startswith(
        "after a version of shop that does not start"
    )


# Order.


def test_the_worst_comes_first_and_faults_that_do_the_same_share_a_row(told: Report) -> None:
    rows = [[badness(outcome) for outcome in told.row(group[0])] for group in told.groups]
    assert rows == sorted(rows, reverse=True)
    assert told.groups[0][0].id == "dns"
    assert sorted(fault.id for group in told.groups for fault in group) == sorted(fault.id for fault in told.faults)
    [zones] = [group for group in told.groups if any(each.id == "zone-us-east-1a" for each in group)]
    assert {"zone-us-east-1a", "zone-us-east-1b", "zone-us-east-1c"} <= {each.id for each in zones}


def test_levels_rise_with_what_is_lost(told: Report) -> None:
    outcome = told.outcomes["use-shop", "zone-us-west-2a"]
    assert level(outcome) == 0
    assert level(told.outcomes["use-shop", "dns"]) == DOWN
    assert level(told.outcomes["use-shop", "region-us-east-1"]) == 1
    # Half of it is missed, however soon the rest is back.
    assert level(replace(outcome, capacity=0.5)) == 1
    assert level(replace(outcome, rto=None)) == LONGER
    assert level(replace(outcome, verdict=Verdict.UNKNOWN)) == NOT_KNOWN


def test_what_nobody_can_say_is_told_so() -> None:
    found = report(one(replicas=UNKNOWN))
    outcome = found.outcomes["use-shop", "pod-us-east-1-shop"]
    assert (cell(outcome), sentence(outcome), losses(outcome)) == ("?", "nobody can say", "not known")
    assert "spec.replicas of shop is unknown" in explained(found, "pod-us-east-1-shop")


# Terminal.


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_matrix_keeps_to_the_terminal_s_width(told: Report, width: int) -> None:
    lines = printed(told, width).splitlines()
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    assert "us-east-1" in text
    assert "66 s" in text


def test_the_matrix_has_every_fault_or_says_how_many_it_leaves_out(told: Report) -> None:
    text = printed(told, 200)
    quiet = [each for each in told.faults if not level(told.outcomes["use-shop", each.id])]
    assert f"{len(quiet)} more that nobody notices" in text
    for fault in told.faults:
        if fault not in quiet and fault.kind.value not in ("zone",):
            assert fault.title in text
    few = printed(told, 200, short=True)
    assert "zone us-east-1a, b, c" in few
    assert "a pod of shop" not in few
    assert "of other kinds" in few


def test_no_colour_means_none(told: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    for value, coloured in (("1", False), ("", True)):
        monkeypatch.setenv("NO_COLOR", value)
        console = Console(file=io.StringIO(), width=120, force_terminal=True, color_system="standard")
        terminal.matrix(told, console)
        assert isinstance(console.file, io.StringIO)
        assert (
            "\x1b[33m" in console.file.getvalue()
            or ";31m" in console.file.getvalue()
            or "\x1b[1;37;41m" in console.file.getvalue()
        ) is coloured


def test_an_outcome_in_full_has_every_term_with_its_fact_and_what_takes_over(told: Report) -> None:
    text = explained(told, "region-us-east-1")
    # 10 s x 2 + 30 s, and at worst 10 s x 3 + 6 s + 30 s.
    assert "serves again after 50 s, 1 min 6 s at most" in text
    assert "= 1 min 6 s at most, 50 s mostly" in text
    assert "at once  detect    36 s, mostly 20 s" in text
    assert "at 36 s  DNS       30 s" in text
    assert "route53.answer = 6 s, documented: Amazon Route 53 Developer Guide" in text
    assert "clients are led from us-east-1 to us-west-2 by their health check" in text
    assert "takes over, or carries on" in text


# Markdown.


def test_markdown_is_the_same_each_time_and_short(told: Report) -> None:
    text = markdown.render(told)
    assert text == markdown.render(report(two()))
    assert text.startswith(markdown.MARK)
    assert len(text) < markdown.MOST_CHARACTERS
    assert "| `zone us-east-1a, b, c` | 120 s |" in text


def test_what_was_taken_to_be_so_is_told_in_every_form(told: Report) -> None:
    found = report(platform())
    [hint] = {each for diagram in found.diagrams for each in diagram.hints if diagram.journey == "artifact"}
    assert hint in explained(found, "region-us-east-1", "artifact")
    assert hint not in explained(found, "region-us-east-1", "infer-vision")
    assert f"- `{hint.replace('|', '¦')}`" in markdown.render(found)
    assert "Taken to be so" not in markdown.render(told)


@pytest.mark.parametrize("most", [400, 700, 1000])
def test_markdown_that_does_not_fit_says_how_much_is_missing(told: Report, most: int) -> None:
    text = markdown.render(told, Changes(report(two(ttl=300)), told), most)
    assert len(text) <= most
    assert "did not fit here" in text


def test_names_are_no_markup() -> None:
    name = "a|b`c<img src=x onerror=alert(1)>@all\n# x"
    small = Small().network().cluster().service(name).entrance(name).name()
    text = markdown.render(report(small.graph()))
    line = next(line for line in text.splitlines() if "onerror" in line)
    # Four columns would be five.
    assert line.count("|") == 3
    assert "¦" in line
    assert "\n# x" not in text


def test_what_is_thinned_for_a_while_is_not_among_what_nobody_notices() -> None:
    # Nobody waits, but half of it does not serve at once.
    whole = report(one())
    key = next(key for key, each in whole.outcomes.items() if not touched(each))
    thinned = replace(whole.outcomes[key], at_once=0.5)
    assert level(thinned) == 0
    found = replace(whole, outcomes={**whole.outcomes, key: thinned})
    assert sum(not any(map(touched, whole.row(fault))) for fault in whole.faults) > 1
    quiet = sum(not any(map(touched, found.row(fault))) for fault in found.faults)
    assert f"{quiet} more that nobody notices" in printed(found)
    assert f"| {quiet} more that nobody notices |" in markdown.render(found)
    assert f"{quiet} of {len(found.faults)} faults nobody notices" in markdown.render(found)
    assert MEANING in " ".join(printed(found, 400).split())
    assert MEANING in html.render(found)
    assert MEANING in markdown.render(found)


def test_promises_of_two_regions_say_which() -> None:
    found = report(promising(journeys={"use-shop": {"region": {"rpo_seconds": 60}, "zone": {"rpo_seconds": 0}}}))
    assert all("us-east-1" in promised(each) for each in found.promises)


# What a change does.


def test_nothing_changes_where_nothing_does(told: Report) -> None:
    changes = Changes(report(two()), told)
    assert (changes.all, changes.worse, changes.better) == ((), 0, 0)
    assert terminal.told(changes) == [f"Nothing changes: {len(told.outcomes)} outcomes are as they were."]
    assert "nothing changes" in markdown.render(told, changes).splitlines()[1]


def test_a_longer_ttl_is_told_with_the_term_that_it_is_in(told: Report) -> None:
    changes = Changes(told, report(two(ttl=300)))
    assert changes.better == 0
    lines = terminal.told(changes)
    assert lines[0] == f"{changes.worse} outcomes would be worse, 0 better."
    at = next(number for number, line in enumerate(lines) if "region us-east-1" in line)
    assert lines[at].startswith("worse: use shop, after losing ")
    assert lines[at].endswith("66 s → 6 min")
    assert lines[at + 1] == "    because DNS 30 s → 5 min: resolvers keep record: ttl is 300"
    # Told once, as another length, and not as gone.
    assert not any("→ 0 s" in line for line in lines)
    back = Changes(report(two(ttl=300)), told)
    assert (back.worse, back.better) == (0, changes.worse)
    assert any(line.startswith("better: use shop") and line.endswith("6 min → 66 s") for line in terminal.told(back))


def test_what_is_worse_comes_first_and_a_mixed_change_is_worse() -> None:
    # Fewer replicas, and faster checks: what replicas cost is worse, what checks win is better.
    changes = Changes(report(two(interval=30)), report(two(interval=10, replicas=1)))
    flags = [change.worse for change in changes.all]
    assert flags == sorted(flags, reverse=True)
    assert {True, False} == set(flags)
    zone = next(change for change in changes.all if any(each.id == "zone-us-east-1a" for each in change.faults))
    assert zone.worse
    assert any("0 of 1 left" in reason for reason in zone.because)


def test_a_journey_that_nothing_leads_to_any_more_is_worse(told: Report) -> None:
    gone = Changes(told, report(Small().network().cluster().graph()))
    assert gone.journeys_gone == ("use shop",)
    assert gone.worse == len(told.faults)
    assert "worse: nothing leads to use shop any more" in terminal.told(gone)
    assert Changes(report(Small().network().cluster().graph()), told).journeys_new == ("use shop",)
    assert "- **worse**: `nothing leads to use shop any more`" in markdown.render(gone.after, gone)


def test_faults_that_come_and_go_are_told_apart_from_outcomes() -> None:
    fewer = Small().network(nats=("a",)).cluster().aurora().service().entrance().name().graph()
    changes = Changes(report(one()), report(fewer))
    assert {each.id for each in changes.faults_gone} == {"nat-us-east-1-nat-b", "nat-us-east-1-nat-c"}
    assert any(line == "no more to lose: NAT gateway nat-b, c" for line in terminal.told(changes))


def test_what_nobody_can_say_is_never_better() -> None:
    # One instance in a zone that nobody knows: any zone's loss may be its own, and where it is known one is down.
    known = Outcome("use", "zone", Verdict.DOWN, 0.0, 0.0, None, None, None)
    hidden = replace(known, verdict=Verdict.UNKNOWN, capacity=None)
    assert worse(known, hidden)
    assert not same(known, hidden)
    assert worse(hidden, known)
    assert worse(replace(known, verdict=Verdict.SURVIVES, capacity=1.0, rto=NOTHING), hidden)


def test_a_renamed_resource_hides_nothing() -> None:
    def platform_with(name: str) -> Report:
        small = Small().network().cluster().service().entrance().name().graph()
        parts = [
            replace(each, name=name, urn=each.urn.replace("::lb", f"::{name}")) if each.name == "lb" else each
            for each in small.resources
        ]
        new = next(each.urn for each in parts if each.name == name)
        old = new.removesuffix(name) + "lb"
        return report(
            Graph(
                [
                    replace(
                        each,
                        edges={
                            key: tuple(new if urn == old else urn for urn in urns) for key, urns in each.edges.items()
                        },
                    )
                    for each in parts
                ]
            )
        )

    changes = Changes(platform_with("lb"), platform_with("balancer"))
    assert [each.id for each in changes.faults_new] == ["load-balancer-us-east-1-balancer"]
    assert (changes.all, changes.worse, changes.better) == ((), 1, 0)
    said = "use shop, after losing load balancer balancer in us-east-1, which there was not: "
    said += "down until what is lost is back"
    assert f"worse: {said}" in terminal.told(changes)
    assert f"- **worse**: `{said}`" in markdown.render(changes.after, changes)
    assert said in html.render(changes.after, changes)
    assert "1 outcome would be worse, 0 better." in terminal.told(changes)


def test_a_year_and_promises_are_compared() -> None:
    measured = {"sla.elb": 99.0}
    whole, less = report(one()), report(one(), measured)
    changes = Changes(whole, less)
    assert (changes.all, changes.worse, changes.better) == ((), 1, 0)
    [line] = [line for line in terminal.told(changes) if line.startswith("worse: use shop is there ")]
    assert line.endswith(" % of a year")
    back = Changes(less, whole)
    assert (back.worse, back.better) == (0, 1)
    kept, broken = (report(promising(journeys={"use-shop": {"zone": {"rto_seconds": limit}}})) for limit in (3600, 1))
    changes = Changes(kept, broken)
    assert changes.worse == len(changes.broken_new) > 0
    assert any(
        line.startswith("worse: promise broken: use-shop, losing any zone: 1 s") for line in terminal.told(changes)
    )
    assert Changes(broken, kept).worse == 0
    # What was broken before is no news.
    assert Changes(broken, broken).worse == 0


# What three changes do to the platform.


def changed(type_: str, path: str, value: Any, name: str = "") -> Changes:
    """The platform before and after another value at a path of some resources, and at least of one."""
    whole = platform()
    wanted = [each for each in whole.resources if each.type.endswith(type_) and each.name.startswith(name)]
    assert wanted
    first, _, rest = path.partition(".")

    def put(tree: dict[str, Any] | None, way: list[str]) -> Any:
        members = tree or {}
        return {**members, way[0]: put(members.get(way[0]), way[1:])} if way else value

    edited = [
        replace(
            each,
            properties={**each.properties, first: put(each.properties.get(first), rest.split(".") if rest else [])},
        )
        if each in wanted
        else each
        for each in whole.resources
    ]
    return Changes(report(whole), report(Graph(edited)))


def test_slower_health_checks_lengthen_the_way_to_the_other_region() -> None:
    changes = changed("healthCheck:HealthCheck", "requestInterval", 30, "health-endpoint")
    assert changes.worse > 0
    assert changes.better == 0
    [line] = [line for line in terminal.told(changes) if "infer with vision" in line and "region us-east-1" in line]
    # 30 s x (2 + 1) + 6 s + 34 s in place of 10 s x (2 + 1) + 6 s + 34 s; both models in one line.
    assert line.startswith("worse: infer with triton, infer with vision, after losing ")
    assert line.endswith(": 70 s → 3 min")
    assert "    because detect 36 s → 1 min 36 s: health-endpoint asks every 30 s and believes 2 failures" in (
        terminal.told(changes)
    )


def test_one_replica_of_a_model_is_told_with_what_becomes_of_it() -> None:
    changes = changed("Release", "values.replicas.min", 1, "vision")
    lines = terminal.told(changes)
    at = next(
        number for number, line in enumerate(lines) if line.startswith("worse: infer with vision, after losing a pod")
    )
    assert any("vision servers" in line for line in lines[at : at + 5])
    assert changes.worse


def test_fewer_nodes_with_gpus_leave_room_for_fewer_steps() -> None:
    changes = changed("nodeGroup:NodeGroup", "scalingConfig.minSize", 1, "gpu-us-east-1a")
    assert any("run a GPU step" in change.titles and change.worse for change in changes.all)
    assert any("steps can start beside all that runs" in reason for change in changes.all for reason in change.because)
    assert any(line.endswith(" 7 steps") for line in terminal.told(changes))
    # Where as many can start as before, a larger share of less is no gain.
    assert changes.better == 0


# The command.


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    made: dict[str, str] = {}
    for name, graph in (("now", two(ttl=300)), ("before", two())):
        picture.write(tmp_path / f"{name}.json", graph.resources)
        made[name] = str(tmp_path / f"{name}.json")
    return made


def ran(*arguments: str) -> tuple[int, str]:
    console = Console(file=io.StringIO(), width=120, no_color=True)
    code = command.main(["report", *arguments], console)
    assert isinstance(console.file, io.StringIO)
    return code, console.file.getvalue()


def test_pictures_become_a_report_in_every_form(files: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "a/b"
    code, text = ran(files["now"], "--out", str(out))
    assert (code, text) == (command.DONE, printed(report(two(ttl=300))))
    assert sorted(each.name for each in out.iterdir()) == [command.HTML, command.MARKDOWN]
    assert (out / command.MARKDOWN).read_text() == markdown.render(report(two(ttl=300)))


def test_worse_fails_where_that_is_asked(files: dict[str, str]) -> None:
    assert ran(files["now"], "--against", files["before"])[0] == command.DONE
    code, text = ran(files["now"], "--against", files["before"], "--fail-on-worse")
    assert code == command.WORSE
    assert "66 s → 6 min" in text
    assert ran(files["before"], "--against", files["now"], "--fail-on-worse")[0] == command.DONE
    assert ran(files["now"], "--against", files["now"], "--fail-on-worse")[0] == command.DONE


def test_one_outcome_in_full_and_some_alone(files: dict[str, str]) -> None:
    assert ran(files["now"], "--fault", "region-us-east-1", "--journey", "use-shop") == (
        command.DONE,
        explained(report(two(ttl=300)), "region-us-east-1"),
    )
    _, text = ran(files["now"], "--fault", "zone-*")
    assert "zone us-east-1a, b, c" in text
    assert "load balancer" not in text


def test_what_is_measured_replaces_what_is_assumed(files: dict[str, str], tmp_path: Path) -> None:
    measured = tmp_path / "facts.json"
    measured.write_text(json.dumps({"elb.zone.worst": 61}))
    _, text = ran(files["now"], "--facts", str(measured), "--fault", "zone-us-east-1a", "--journey", "use-shop")
    assert "serves again after 1 min, 1 min 1 s at most" in text
    assert "elb.zone.worst = 61 s, measured: your own measurement" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("{now}", "--fault", "zone-us-esat-1a"), "--fault zone-us-esat-1a: there is none such; there are 35, for "),
        (
            ("{now}", "--journey", "use-shp"),
            "--journey use-shp: there is none such; there are 1, for instance use-shop",
        ),
        (("gone.json",), "gone.json: No such file or directory"),
        (("{now}", "--against", "gone.json"), "gone.json: No such file or directory"),
        (("{now}", "--facts", "{wrong}"), "facts: 'aurora.failovr.typical' is no fact; did you mean"),
        (("{now}", "--facts", "{none}"), "none.json: must be an object, as"),
        (("{now}", "--facts", "{deep}"), "deep.json: is nested too deeply to be read; facts are numbers by id"),
        (("{now}", "--facts", "{giant}"), "facts: decide.typical is more than 1e+09 s from 0, must be less"),
        (("{now}", "--facts", "{endless}"), "endless.json: is not JSON (Exceeds the limit"),
        (("{empty}",), "empty.json: no journey is in view: nothing leads to a workload, and nothing starts steps"),
        (("primary",), "has no Pulumi.yaml; run this in the folder of the project, or name a file"),
        (("primary", "--planned"), "has no Pulumi.yaml"),
    ],
)
def test_what_cannot_be_read_is_said(
    arguments: tuple[str, ...],
    said: str,
    files: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.json").write_text('{"aurora.failovr.typical": 1}')
    (tmp_path / "none.json").write_text("[1]")
    (tmp_path / "deep.json").write_text("[" * 200_000)
    (tmp_path / "giant.json").write_text('{"decide.typical": ' + "9" * 400 + "}")
    (tmp_path / "endless.json").write_text('{"decide.typical": ' + "9" * 5000 + "}")
    picture.write(tmp_path / "empty.json", Small().network().graph().resources)
    own = ("wrong", "none", "deep", "giant", "endless", "empty")
    given = {**files, **{name: f"{name}.json" for name in own}}
    assert ran(*(each.format(**given) for each in arguments))[0] == command.NOT_READ
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("{now}", "--fail-on-worse"), "--fail-on-worse: needs --against or --against-git to compare with"),
        (("{now}", "--against-git", "HEAD"), "now.json is a file; name stacks, which a revision plans anew"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: tuple[str, ...], said: str, files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        ran(*(each.format(**files) for each in arguments))
    assert said in capsys.readouterr().err


def test_the_command_stands_on_its_own(files: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "resilience", "report", files["now"], "--short"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "use shop" in done.stdout


def promising(**said: Any) -> Graph:
    """One region, whose stack promises something and has measured something."""
    stack = {"resilienceObjectives": {"version": 1, **said}}
    return Small().network().cluster().service().entrance().name().add("pulumi:pulumi:Stack", "p-one", stack).graph()


def test_promises_stand_beside_what_is_so() -> None:
    found = report(promising(journeys={"use-shop": {"zone": {"rto_seconds": 60, "rpo_seconds": 0}}}))
    broken = "broken: use-shop, losing any zone: 1 min promised until it serves again, 2 min at worst"
    # Of three pods two are left; the third is made anew later.
    broken += " with 66 % of its capacity (zone us-east-1a, b, c)"
    kept = "kept: use-shop, losing any zone: 0 s promised of writes lost, 0 s at worst (zone us-east-1a, b, c)"
    assert sorted(map(promised, found.promises)) == [broken, kept]
    share = report(promising(journeys={"use-shop": {"zone": {"capacity_percent": 60}}}))
    assert list(map(promised, share.promises)) == [
        "kept: use-shop, losing any zone: 60 % of its capacity promised when it serves again, 66 % at worst "
        "(zone us-east-1a, b, c)"
    ]
    assert f"promise {broken}" in printed(found, 200)
    assert kept in printed(found, 200)
    assert kept not in printed(found, 200, short=True)
    assert f"- `{broken}`\n- `{kept}`" in markdown.render(found)
    assert f"<li>{kept}</li>" in html.render(found)


def test_what_a_stack_has_measured_counts_and_what_is_given_counts_more() -> None:
    own = {"elb.zone.worst": {"value": 90, "unit": "s", "date": "2026-11-01", "source": "drill 7"}}
    graph = promising(journeys={}, measured=own)
    assert "elb.zone.worst = 90 s, measured: drill 7, 2026-11-01" in explained(report(graph), "zone-us-east-1a")
    assert "serves again after 1 min, 1 min 10 s at most" in explained(
        report(graph, {"elb.zone.worst": 70}), "zone-us-east-1a"
    )


def test_a_promise_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph = promising(journeys={"use-shop": {"zone": {"rto": 60}}})
    picture.write(tmp_path / "p.json", graph.resources)
    assert ran(str(tmp_path / "p.json"))[0] == command.NOT_READ
    assert "rto" in capsys.readouterr().err


# Stacks, by an engine and a pack that do as they are told; the real ones are in tests/engine.

ENGINE = """#!{python}
import shutil, sys
assert sys.argv[1:4] == ["stack", "export", "--stack"]
shutil.copy("{ready}/state.json", sys.argv[sys.argv.index("--file") + 1])
"""
PACK = """
import os, shutil, sys
assert sys.argv[1:3] == ["pull-request", "one"]
planned = open("program").read().strip()
if planned == "third":
    sys.exit("what the engine refuses")
# The program's own modules are those of the revision.
assert planned == "second" or os.environ["PYTHONPATH"] == os.getcwd()
shutil.copy("{ready}/" + planned + ".json", sys.argv[sys.argv.index("--pictures") + 1] + "/one.json")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose first revision plans three replicas, and whose work tree plans one."""
    ready, folder = tmp_path / "ready", tmp_path / "project"
    for each in (ready, folder, tmp_path / "bin"):
        each.mkdir()
    (tmp_path / "pack.py").write_text(PACK.format(ready=ready))
    monkeypatch.setattr(sources, "PACK", tmp_path / "pack.py")
    for name, graph in (("first", two()), ("second", two(replicas=1))):
        picture.write(ready / f"{name}.json", [each for each in graph.resources if each.stack == "one"])
    (ready / "state.json").write_text(json.dumps({"version": 3, "deployment": {}}))
    (tmp_path / "bin/pulumi").write_text(ENGINE.format(python=sys.executable, ready=ready))
    (tmp_path / "bin/pulumi").chmod(0o755)
    (folder / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    (folder / "program").write_text("first")
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=n", "-c", "user.email=e", "commit", "-qm", "First"],
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    (folder / "program").write_text("second")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.chdir(folder)
    return folder


def test_a_plan_that_is_refused_says_why(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "program").write_text("third")
    assert ran("one", "--planned")[0] == command.NOT_READ
    assert "what the engine refuses" in capsys.readouterr().err


def test_a_revision_is_planned_beside_the_work_tree_and_leaves_nothing(project: Path) -> None:
    code, text = ran("one", "--against-git", "HEAD", "--fail-on-worse")
    assert code == command.WORSE
    assert "worse: use shop, after losing" in text
    assert "shop has 0 of 1 left" in text
    assert (project / "program").read_text() == "second"
    listed = subprocess.run(["git", "worktree", "list"], cwd=project, capture_output=True, text=True, check=True)
    assert len(listed.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("one", "--against-git", "nowhere"), "nowhere: names no commit of the repository of"),
        (("one",), "one: nothing stands; bring it up (in the sandbox: `make up`), or use --planned"),
    ],
)
def test_a_stack_or_revision_that_is_not_there_is_said(
    arguments: tuple[str, ...], said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(*arguments)[0] == command.NOT_READ
    assert said in capsys.readouterr().err


# The page about it.

DOCS = (ROOT / "docs/resilience.md").read_text(encoding="utf-8")


def test_the_journey_computed_by_hand_is_what_the_tool_computes() -> None:
    interval, threshold, ttl, answer = 10, 2, 34, 6
    whole = platform()
    checks = [each for each in whole.resources if each.name == "health-endpoint" and each.stack == "primary"]
    assert [(each.read("requestInterval").content, each.read("failureThreshold").content) for each in checks] == [
        (interval, threshold)
    ]
    mostly, most = interval * threshold + ttl, interval * (threshold + 1) + answer + ttl
    assert (
        f"| {interval} × {threshold} = {interval * threshold} s | {interval} × ({threshold} + 1) + {answer} = " in DOCS
    )
    assert f"| **sum** | **{mostly} s** | **{most} s** |" in DOCS
    [block] = re.findall(r"--fault (\S+) --journey (\S+)\n(infer with.*?)```", DOCS, re.DOTALL)
    fault, journey, shown = block
    told = explained(report(whole), fault, journey)
    assert told.startswith(shown)
    assert f"= {spoken(most)} at most, {spoken(mostly)} mostly" in told
    outcome = report(whole).outcomes[journey, fault]
    assert outcome.rto is not None
    assert (outcome.rto.typical_seconds, outcome.rto.worst_seconds, outcome.capacity) == (mostly, most, 1.0)
    assert [term.step.value for term in outcome.rto.worst] == ["detect", "DNS"]


def test_the_page_has_every_fault_and_facts_that_exist() -> None:
    rows = re.findall(r"^\| ([^|`*]+?) \| [^|]+ \|$", DOCS, re.MULTILINE)
    assert [row for row in rows if row in {kind.value for kind in Kind}] == [kind.value for kind in Kind]
    known = [fact.id for fact in Facts()]
    for name in re.findall(r"`([a-z_]+(?:\.[a-z_*]+)+)`", DOCS.partition("## Numbers, and your own")[2]):
        assert name.endswith((".py", ".journeys", ".measured")) or any(
            id_.startswith(name.removesuffix("*")) for id_ in known
        ), name


def test_commands_and_facts_of_the_page_exist() -> None:
    commands = re.findall(r"^\$ .*?-m resilience (report [^#\n]*)", DOCS, re.MULTILINE)
    assert len(commands) >= 7
    for line in commands:
        asked = command.parser().parse_args(line.split())
        assert asked.command == "report"
    for text in re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL):
        assert Facts(json.loads(text))
    for name in re.findall(r"\]\(([\w./-]+)\)", DOCS):
        assert (ROOT / "docs" / name).exists(), name
    for name in re.findall(r"`(resilience/[\w./]+)`", DOCS):
        assert (ROOT / name).exists(), name
    assert "make report" in DOCS
    assert "\nreport: " in (ROOT / "Makefile").read_text()
