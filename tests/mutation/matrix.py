"""Which rule finds which mutant of the graphs: docs/mutation/kill-matrix.md, and what must hold of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from policies.registry import Outcome
from resilience.graph import Resource
from tests.mutation.graphs import EDGE, ITSELF, RULES, WAITS, Golden, Place, normal
from tests.policies.other_region import with_other_region
from tests.policies.reference import TABLES, reference

Spot = tuple[str, str, str]
"""Rule, type, and path: where a rule looks, whichever resource it is."""

PROVES_ANYWAY: dict[Spot, str] = {
    ("MON-01", "aws:cloudwatch/metricAlarm:MetricAlarm", "alarmActions[*]"): "an action is one before its ARN is known",
    ("DNS-03", "aws:route53/record:Record", "failoverRoutingPolicies"): "DNS-01 says that nobody knows the pair",
    ("DNS-03", "aws:route53/record:Record", "failoverRoutingPolicies[*]"): "DNS-01 says that nobody knows the pair",
}
"""What may be unknown and good though without it the rule fails, with the reason. One that is not needed fails."""

HELD_TWICE = {
    "NET-01": "each zone of a VPC has two subnets, and no single change takes a zone away",
}
"""Rules that no single change of what is good breaks, with the reason. One that finds some fails."""

MUTATORS = (
    *("deleted", "unknown", "set", "flipped", "off by one", "zero", "far off", "another zone", "other text", "emptied"),
    *("widened", "member dropped", "members alike", "edge dropped", "resource dropped", "another region"),
    *("provider dropped", "unprotected", "changes ignored", "waits for nothing"),
)


@dataclass
class Kills:
    """What came of the mutants of some graphs."""

    mutants: int = 0
    made: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """By rule and mutator: mutants of what the rule looks at."""
    killed: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """Those that the rule finds."""
    alone: Counter[str] = field(default_factory=Counter[str])
    """Those that no other rule finds."""
    spots: set[Spot] = field(default_factory=set[Spot])
    decisive: set[Spot] = field(default_factory=set[Spot])
    """Where some mutant is found."""
    passed: dict[Spot, str] = field(default_factory=dict[Spot, str])
    """Where a value makes the rule fail and an unknown one does not keep it from passing, with the mutators."""
    crashed: set[str] = field(default_factory=set[str])
    open: set[str] = field(default_factory=set[str])
    """What the graphs, as they are, leave unproven, or fail."""

    def add(self, golden: Golden) -> None:
        """Break a graph once for each rule, type and path; all who looked there judge again."""
        for judgement, said in golden.said.items():
            if said[Outcome.FAIL] or said[Outcome.CRASHED]:
                self.open.add(judgement.id)
            elif said[Outcome.UNPROVEN]:
                self.open.add(f"{judgement.id}?")
        chosen: dict[Spot, Place] = {}
        for place in sorted(golden.touched, key=str):
            urn, path = place
            for judgement in golden.touched[place]:
                chosen.setdefault((judgement.id, golden.resources[urn].type, normal(path)), place)
        for place in sorted(set(chosen.values()), key=str):
            self._break(golden, place)

    def _break(self, golden: Golden, place: Place) -> None:
        urn, path = place
        type_, text = golden.resources[urn].type, normal(path)
        asked = {judgement.id for judgement in golden.touched[place]}
        self.spots |= {(id_, type_, text) for id_ in asked}
        failed_by: defaultdict[str, set[str]] = defaultdict(set)
        unknown_by: frozenset[str] | None = None
        for fate in golden.broken(place):
            self.mutants += 1
            self.made.update((id_, fate.mutator) for id_ in asked)
            self.killed.update((id_, fate.mutator) for id_ in fate.killed_by)
            self.decisive |= {(id_, type_, text) for id_ in fate.killed_by}
            self.alone.update(fate.killed_by if len(fate.killed_by) == 1 else ())
            self.crashed |= {f"{id_} at {fate.mutator} of {text} of {urn}" for id_ in fate.crashed}
            for judgement in fate.failed:
                failed_by[judgement.id].add(fate.mutator)
            if fate.mutator == "unknown":
                unknown_by = fate.killed_by
        if unknown_by is None or path[0] in (EDGE, ITSELF, WAITS) or str(path[0]).startswith("<"):
            return
        open_already = {judgement.id for judgement in golden.touched[place] if golden.said[judgement][Outcome.UNPROVEN]}
        for id_ in failed_by.keys() - unknown_by - open_already:
            self.passed[id_, type_, text] = ", ".join(sorted(failed_by[id_]))


@cache
def of_reference() -> Kills:
    """The small platform of the tests, which has something for every rule, in one region and in two.

    What a rule is about need not be in it: then what its domain's table calls good is broken, until the rule has found
    something.
    """
    kills = Kills()
    kills.add(Golden(reference().resources().values()))
    kills.add(Golden(with_other_region(reference()).resources().values()))
    for rule in RULES:
        table = f"tests.policies.mutants_{rule.judge.__module__.rpartition('.')[2]}"
        for _, vary, _ in (row for each in TABLES if each.__name__ == table for row in each.GOOD):
            if any(id_ == rule.id for id_, _ in kills.killed):
                break
            kills.add(Golden(vary(reference()).resources().values(), [rule]))
    return kills


def of_stacks(graphs: Iterable[Iterable[Resource]], most: int) -> Kills:
    """Real graphs, each rule at no more than so many resources of a type."""
    kills = Kills()
    for resources in graphs:
        kills.add(Golden(resources, most=most))
    return kills


def table(kills: Kills) -> list[str]:
    """Rules by mutators: found, of made."""
    used = [mutator for mutator in MUTATORS if any(each == mutator for _, each in kills.made)]
    lines = [
        f"| Rule | {' | '.join(used)} | in all | found by it alone |",
        f"|---|{'--:|' * len(used)}--:|--:|",
    ]
    for rule in RULES:
        made = sum(count for (id_, _), count in kills.made.items() if id_ == rule.id)
        killed = sum(count for (id_, _), count in kills.killed.items() if id_ == rule.id)
        cells = [
            f"{kills.killed[rule.id, each]}/{kills.made[rule.id, each]}" if kills.made[rule.id, each] else ""
            for each in used
        ]
        lines.append(f"| {rule.id} | {' | '.join(cells)} | {killed}/{made} | {kills.alone[rule.id]} |")
    return lines


def page() -> str:
    """docs/mutation/kill-matrix.md."""
    kills = of_reference()
    return "\n".join(
        [
            "# Kill matrix",
            "",
            "<!-- Made by `make kill-matrix`; a test compares. -->",
            "",
            f"{kills.mutants} mutants of the tests' small platform, in one region and in two. Nothing of it is listed",
            "by hand: a rule is put to a graph that notes what it touches, and each property, edge and resource that",
            "it touched, once for each rule, type and path, is broken in every way that fits what it is. All rules",
            "that had looked there judge again: no other can come out differently.",
            "",
            f"Rules look at {len(kills.spots)} spots (rule, type, path). At {len(kills.decisive)} a single change of a",
            "good platform is found. What is left takes two changes, or makes no difference while all else is good: a",
            "default that is good, a property that only says to whom a rule applies, a second way to the same. Those",
            "are the hand-written mutants' (`tests/policies/mutants_*.py`), of which each must be found by exactly the",
            "rules that it names, and each rule alone must find three.",
            "",
            "Tests hold, of all of it: the platform as it is breaks no rule; no mutant makes a rule crash; every rule",
            "finds some; and where any value makes a rule fail, an unknown one never passes. From that are exempt:",
            "",
            *[f"- {id_}: {why}" for id_, why in HELD_TWICE.items()],
            *[f"- {id_}, `{path}` of `{type_}`: {why}" for (id_, type_, path), why in PROVES_ANYWAY.items()],
            "",
            "A cell says how many of the mutants that a rule could have seen it found: `2/3`. Not every one should be",
            "found: one day less of backups than 14 is still more than enough.",
            "",
            *table(kills),
            "",
        ]
    )
