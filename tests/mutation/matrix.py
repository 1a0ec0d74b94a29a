"""Which rule finds which mutant of the graphs: docs/mutation/kill-matrix.md, and what must hold of it."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import astuple, dataclass, field, fields, replace
from functools import cache

from policies.registry import Outcome, Rule
from tests.mutation.classes import Bound, Class, Company, bounds, matters_in
from tests.mutation.graphs import RULES, Golden, Judgement, Place, Spot, changes, normal, worse
from tests.mutation.paths import SPOTS
from tests.policies.other_region import with_other_region
from tests.policies.platform import Mutate
from tests.policies.reference import MUTANTS, TABLES, reference

PROVES_ANYWAY: dict[tuple[str, str], str] = {
    ("MON-01", "alarmActions[*]"): "an action is one before its ARN is known",
    ("EKS-23", "encryptionConfig.provider.keyArn"): "a key is one before its ARN is known",
    ("DNS-03", "failoverRoutingPolicies"): "DNS-01 says that nobody knows the pair",
    ("SYS-01", "healthCheck.timeout"): "what checks leave unknown is the model's to say, and it says so of the journey",
    ("SYS-05", "healthCheck.timeout"): "what checks leave unknown is the model's to say, and it says so of the journey",
    ("SYS-04", "*"): "what is not known yet is computed from a resource, and it waits for that: those are followed",
}
"""What may be unknown and good though without it the rule fails, with the reason. One that is not needed fails."""

PROVES_WHEN_UP: dict[tuple[str, str], str] = {
    ("DNS-11", "childHealthchecks[*]"): "a child is one before its id is known",
    ("EC-10", "userGroupIds[*]"): "a group is one before its id is known",
    ("NET-03", "subnetIds[*]"): "a subnet is one before its id is known, and its edge says which",
    ("RDS-03", "subnetIds[*]"): "a subnet is one before its id is known, and its edge says which",
    ("RDS-03", "availabilityZone"): "its id of the zone is known, and stands for it",
}
"""The same of what is deployed only, where ids are known."""

SILENT_ANYWAY: dict[tuple[str, str], str] = {
    **dict.fromkeys(
        [(id_, "replicateSourceDb") for id_ in ("RDS-05", "RDS-07", "RDS-20")],
        "whatever it comes to be, a source is given: it is a replica, and its source is judged",
    ),
    **dict.fromkeys(
        [(id_, "masterInstanceName") for id_ in ("GCP-08", "GCP-09", "GCP-11")],
        "whatever it comes to be, a master is given: it is a replica, and its master is judged",
    ),
    ("EC-09", "globalReplicationGroupId"): "whatever it comes to be, a datastore is given, and its founder is judged",
    ("EKS-04", "*"): "not held: of which kind nodes are, where each kind's are in one zone, is read as known",
    ("K8S-14", "*"): "not held: which autoscaler scales what is read as known",
    ("LB-07", "*"): "not held: in which region a balancer and a web ACL are is read as known",
    ("SYS-04", "location"): "not held: a cluster of Google's whose place is not known is passed over",
}
"""Where a rule falls silent once something is not known, with the reason. One that is not needed fails."""

THROUGH_ALL = {
    "SYS-04": "it looks for a region's name in whatever properties there are",
    **dict.fromkeys(("SYS-01", "SYS-02", "SYS-05"), "it asks the model of what a plan survives, which is told all"),
}
"""Rules that go through all that there is, of which most means nothing to them: no second change is tried."""

IDLE: dict[tuple[str, str], str] = {
    ("EKS-03", "amiType"): "only an image for GPUs means anything, and no mutator names one",
    ("EKS-04", "amiType"): "only an image for GPUs means anything, and no mutator names one",
    ("LB-06", "loadBalancerType"): "only network and gateway mean anything, and no mutator says them",
    ("EKS-20", "*"): "read in following what waits for what, and another way leads there too",
    ("EKS-21", "*"): "read in following what waits for what, and another way leads there too",
    ("S3-04", "*"): "read in following what waits for what, and another way leads there too",
    ("HELM-02", "*"): "what a release is called; no mutator calls it what another is",
    ("HELM-03", "*"): "what a release, or what it makes, is called; no mutator calls it what another is",
    ("HELM-05", "*"): "what a release is called; no mutator calls it what another is",
    ("HELM-06", "*"): "what a release is called; no mutator calls it what another is",
    ("K8S-29", "*"): "what pods are called by; no mutator calls them what another's selector wants",
    ("K8S-02", "*"): "a selector of other pods, that is compared and does not fit",
    ("K8S-05", "*"): "a selector of other pods, that is compared and does not fit",
    ("LB-05", "*"): "a label that no selector wants",
    ("K8S-04", "*"): "read of all pods at once, whether a budget selects them or not",
    ("K8S-24", "*"): "read of all pods at once, whether a service selects them or not",
    ("*", "spec.template.spec.containers[*].name"): "it says which container is meant",
    ("RDS-10", "promotionTier"): "all instances are of one class: whichever is promoted is as large",
    ("DNS-03", "<edge>.aliases"): "the edge of its records leads there too",
    ("EC-06", "*"): "who founds a datastore is found by its name as well",
    ("GCP-14", "*"): "the floor of nodes is the same whichever zones they are in",
    ("K8S-14", "*"): "read only for those with a strategy of two colours, or a service of it",
    ("K8S-16", "*"): "one of several services of that pod",
    ("MON-01", "<edge>.cloudwatchAlarmName"): "a health check by another name is found by its property",
    ("NET-05", "*"): "subnets of other networks, that are passed over",
    ("RDS-01", "engineMode"): "only a mode that Aurora no longer starts means anything, and no mutator says it",
    ("RDS-14", "engineMode"): "only a mode that Aurora no longer starts means anything, and no mutator says it",
    ("RDS-18", "engineMode"): "only a mode that Aurora no longer starts means anything, and no mutator says it",
    ("SEC-03", "policy"): "a role has no such property; its policies' documents are read alike",
    ("SEC-05", "<edge>.securityGroups"): "the groups of all mount targets are read, and another has the same",
    ("K8S-24", "spec.type"): "only a name for what is outside means anything, and no mutator says it",
    ("STK-03", "<ignored>"): "none of its properties here is one that a rule reads",
}
"""What changes nothing wherever it is tried, by rule and path, ``*`` for any, with the reason."""

TAKEN = ("deleted", "emptied", "flipped", "edge dropped", "resource dropped", "unprotected")
"""Mutators that take away what is there."""

FATES = ("found", "out of view", "found by another", "same")
"""What becomes of a mutant, for the rule that looked there."""

MUTATORS = (
    *("deleted", "unknown", "set", "flipped", "off by one", "zero", "far off", "another zone", "other text", "emptied"),
    *(
        "widened",
        "names another region",
        "member dropped",
        "members alike",
        "edge dropped",
        "resource dropped",
        "another region",
    ),
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
    classes: dict[Spot, Class] = field(default_factory=dict[Spot, Class])
    fates: Counter[tuple[Spot, str, str]] = field(default_factory=Counter[tuple[Spot, str, str]])
    """By spot, mutator and fate: how many."""
    bounds: dict[Spot, set[Bound]] = field(default_factory=dict[Spot, set[Bound]])
    passed: dict[Spot, str] = field(default_factory=dict[Spot, str])
    """Where a value makes the rule fail and an unknown one does not keep it from passing, with the mutators."""
    silent: set[Spot] = field(default_factory=set[Spot])
    """Where nothing is said any more of a resource once this is not known."""
    crashed: set[str] = field(default_factory=set[str])
    open: set[str] = field(default_factory=set[str])
    """What the graphs, as they are, leave unproven, or fail."""

    def add(self, golden: Golden, sample: Mapping[Spot, list[Place]] | None = None) -> None:
        """Break the places of a graph that stand for all, or those given, and class their spots by it."""
        for judgement, said in golden.said.items():
            if said[Outcome.FAIL] or said[Outcome.CRASHED]:
                self.open.add(judgement.id)
            elif said[Outcome.UNPROVEN]:
                self.open.add(f"{judgement.id}?")
        sample = golden.sample() if sample is None else sample
        for place in sorted({place for places in sample.values() for place in places}, key=str):
            self._break(golden, place)
        for spot in sample:
            self.classes.setdefault(spot, Class.IDLE)

    def explain(self, golden: Golden, spots: Collection[Spot]) -> None:
        """Class what no single change explains, by changing two things."""
        companies: dict[Judgement, Company] = {}
        for spot, places in sorted(golden.sample().items()):
            for place in places if spot in spots else ():
                if self.classes.get(spot) is not Class.IDLE:
                    break
                judgement = next(each for each in sorted(golden.touched[place]) if golden.spot(each, place) == spot)
                company = companies.setdefault(judgement, Company(golden, judgement))
                self.classes[spot] = company.matters(spot)

    def _break(self, golden: Golden, place: Place) -> None:
        urn, path = place
        asked = golden.asked(place)
        spots = {judgement: golden.spot(judgement, place) for judgement in asked}
        ids = {judgement.id for judgement in asked}
        failed_by: defaultdict[Judgement, set[str]] = defaultdict(set)
        unknown_by: set[Judgement] | None = None
        for change in changes(golden.resources[urn], path):
            self.mutants += 1
            said = golden.judged(golden.broken([change]), asked)
            found = {judgement for judgement, now in said.items() if worse(now, golden.said[judgement])}
            killed_by = {judgement.id for judgement in found}
            self.made.update((id_, change.mutator) for id_ in ids)
            self.killed.update((id_, change.mutator) for id_ in killed_by)
            self.alone.update(killed_by if len(killed_by) == 1 else ())
            for judgement, now in said.items():
                spot, before = spots[judgement], golden.said[judgement]
                if now[Outcome.CRASHED]:
                    self.crashed.add(f"{judgement.id} at {change.mutator} of {normal(path)} of {urn}")
                if change.mutator == "unknown" and before.total() and not now.total():
                    self.silent.add(spot)
                if now[Outcome.FAIL] > before[Outcome.FAIL]:
                    failed_by[judgement].add(change.mutator)
                if judgement in found and change.mutator != "unknown":
                    self.classes[spot] = Class.DECIDES
                elif now != before and change.mutator != "unknown" and self.classes.get(spot) in (None, Class.IDLE):
                    self.classes[spot] = Class.SCOPES
            for spot in {spots[judgement] for judgement in said}:
                mine = {judgement for judgement in said if spots[judgement] == spot}
                changed = any(said[judgement] != golden.said[judgement] for judgement in mine)
                fate = (
                    *("found" if mine & found else "", "out of view" if changed else ""),
                    *("found by another" if killed_by else "", "same"),
                )
                self.fates[spot, change.mutator, next(each for each in fate if each)] += 1
            if change.mutator == "unknown":
                unknown_by = found
        for judgement in asked:
            spot = spots[judgement]
            if spot.kind == "number" and spot not in self.bounds and self.classes.get(spot) is Class.DECIDES:
                self.bounds[spot] = set(bounds(golden, judgement, place))
        if unknown_by is None or str(path[0]).startswith("<"):
            return
        told = {judgement.id for judgement in unknown_by}
        for judgement in failed_by:
            if judgement.id not in told and not golden.said[judgement][Outcome.UNPROVEN]:
                self.passed[spots[judgement]] = ", ".join(sorted(failed_by[judgement]))


def exempt(spot: Spot, *, up: bool = False) -> tuple[str, str] | None:
    """What allows a spot to be unknown and good."""
    known: set[tuple[str, str]] = PROVES_ANYWAY.keys() | (PROVES_WHEN_UP.keys() if up else set[tuple[str, str]]())
    return next((key for key in ((spot.id, spot.path), (spot.id, "*")) if key in known), None)


def silenced(spot: Spot) -> tuple[str, str] | None:
    """What allows a rule to be silent where a spot is unknown."""
    return next((key for key in ((spot.id, spot.path), (spot.id, "*")) if key in SILENT_ANYWAY), None)


def goldens() -> list[Golden]:
    """The small platform of the tests, which has something for every rule, in one region and in two."""
    return [Golden(each.resources().values()) for each in (reference(), with_other_region(reference()))]


@cache
def of_reference() -> Kills:
    """Single changes of the tests' platform.

    What a rule is about need not be in it: then what its domain's table calls good is broken, until the rule has found
    something.
    """
    kills = Kills()
    for golden in goldens():
        kills.add(golden)
    for rule in RULES:
        for vary in by_hand(rule, broken=False):
            if any(id_ == rule.id for id_, _ in kills.killed):
                break
            golden = Golden(vary(reference()).resources().values(), [rule])
            kills.add(golden, golden.sample(each=1, paths=6, of=THROUGH_ALL))
    return kills


def by_hand(rule: Rule, *, broken: bool) -> list[Mutate]:
    """Platforms that the table of a rule's domain calls good, and, ``broken``, those that break this rule."""
    name = f"tests.policies.mutants_{rule.judge.__module__.rpartition('.')[2]}"
    rows = [row for each in TABLES if each.__name__ == name for row in each.GOOD]
    if broken:
        rows += [row for row in MUTANTS if any(id_.rstrip("?") == rule.id for id_ in row[2])]
    return [row[1] for row in rows]


def unexplained(kills: Kills) -> list[Spot]:
    """Spots that no single change explains, of rules that do not go through all that there is."""
    return sorted(spot for spot, each in kills.classes.items() if each is Class.IDLE and spot.id not in THROUGH_ALL)


def explained(tell: Callable[[str], None]) -> dict[Spot, Class]:
    """What no single change explains, by changing two things, or by changing it on other platforms.

    What was tried before, and still is looked at, is not tried again: without the file all is.
    """
    kills = replace(of_reference(), classes=dict(of_reference().classes))
    first = unexplained(kills)
    before = kept_spots() if SPOTS.exists() else {}
    kills.classes |= {spot: before[spot] for spot in first if spot in before}

    def left() -> list[Spot]:
        return [spot for spot in unexplained(kills) if spot not in before]

    tell(f"{len(left())} spots to explain")
    for rule in RULES:
        for vary in by_hand(rule, broken=True):
            if idle := [spot for spot in left() if spot.id == rule.id]:
                other = Golden(vary(reference()).resources().values(), [rule])
                kills.classes |= {spot: Class.ELSEWHERE for spot in idle if matters_in(other, spot)}
    tell(f"{len(left())} that nothing on other platforms explains")
    for golden in goldens():
        kills.explain(golden, set(left()))
        tell(f"{len(left())} that no two changes explain")
    return {spot: kills.classes[spot] for spot in first}


def write_spots(found: Mapping[Spot, Class]) -> None:
    """Keep what `explained` found."""
    with SPOTS.open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow((*(each.name for each in fields(Spot)), "class"))
        rows.writerows((*astuple(spot), each.value) for spot, each in found.items())


@cache
def kept_spots() -> dict[Spot, Class]:
    """What `explained` found when it was last run."""
    with SPOTS.open(newline="") as file:
        return {Spot(*each): Class(class_) for *each, class_ in list(csv.reader(file))[1:]}


def classes() -> dict[Spot, Class]:
    """All spots of the tests' platform: those that a single change explains as it is now, the others as kept."""
    return {
        spot: kept_spots().get(spot, each) if each is Class.IDLE else each
        for spot, each in of_reference().classes.items()
        if each is not Class.IDLE or spot.id not in THROUGH_ALL
    }


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


def left_good(kills: Kills) -> dict[str, list[str]]:
    """By rule, places that decide and may be taken away all the same: what is left out is good by the rule."""
    paths: defaultdict[str, set[str]] = defaultdict(set)
    for spot, class_ in kills.classes.items():
        taken = [kills.fates[spot, mutator, "same"] for mutator in TAKEN]
        found = [kills.fates[spot, mutator, "found"] for mutator in TAKEN]
        if class_ is Class.DECIDES and spot.kind not in ("missing", "unknown") and any(taken) and not any(found):
            paths[spot.id].add(f"`{spot.path}`")
    return {rule.id: sorted(paths[rule.id]) for rule in RULES if paths[rule.id]}


def turns(kills: Kills) -> list[str]:
    """Where each number that decides turns: the last good, and the first that is found."""
    lines: dict[str, None] = {}
    for spot, found in sorted(kills.bounds.items()):
        both = ", ".join(f"{each.good} is good and {each.found} found" for each in sorted(found))
        if both:
            lines[f"| {spot.id} | `{spot.path}` | {both} |"] = None
    return list(lines)


def fates(kills: Kills) -> list[str]:
    """Mutators by fates, at places that decide."""
    counted: Counter[tuple[str, str]] = Counter()
    for (spot, mutator, fate), count in kills.fates.items():
        if kills.classes.get(spot) is Class.DECIDES:
            counted[mutator, fate] += count
    used = [mutator for mutator in MUTATORS if any(counted[mutator, fate] for fate in FATES)]
    return [
        f"| Mutator | {' | '.join(FATES)} |",
        f"|---|{'--:|' * len(FATES)}",
        *[f"| {each} | {' | '.join(str(counted[each, fate] or '') for fate in FATES)} |" for each in used],
    ]


def by_class(found: Mapping[Spot, Class]) -> list[str]:
    """Rules by classes: how many spots."""
    counted = Counter((spot.id, each) for spot, each in found.items())
    return [
        f"| Rule | {' | '.join(each.value for each in Class)} |",
        f"|---|{'--:|' * len(Class)}",
        *[
            f"| {rule.id} | {' | '.join(str(counted[rule.id, each] or '') for each in Class)} |"
            for rule in RULES
            if any(counted[rule.id, each] for each in Class)
        ],
    ]


def page() -> str:
    """docs/mutation/kill-matrix.md."""
    kills, found = of_reference(), classes()
    counted = Counter(found.values())
    idle = sorted({(spot.id, spot.path, spot.role) for spot, each in found.items() if each is Class.IDLE})
    return "\n".join(
        [
            "# Kill matrix",
            "",
            "<!-- Made by `make kill-matrix`; a test compares. -->",
            "",
            f"{kills.mutants} mutants of the tests' small platform, in one region and in two. Nothing of it is listed",
            "by hand: a rule is put to a graph that notes what it touches; each property, edge and resource that it",
            "touched is broken in every way that fits what it is; and the rules that had looked there judge again: no",
            "other can come out differently. [What is really deployed](stacks.md) is broken in the same way.",
            "",
            "## What a mutant must be for a rule to have to find it",
            "",
            f"Rules look at {len(found)} spots: a rule, a type, a path, whether it is of the resource that is judged",
            "or of another, and what kind of value is there. Up to three places stand for all of a spot. By trial,",
            "each spot is of the first of these classes that fits it:",
            "",
            f"- **decides** ({counted[Class.DECIDES]}): some known change there, by itself, is found by the rule.",
            f"- **scopes** ({counted[Class.SCOPES]}): none is found, but one takes a verdict away: it says to whom the",
            "  rule applies.",
            f"- **shared** ({counted[Class.SHARED]}): only the same change at all such places changes what is said:",
            "  several hold it together.",
            f"- **paired** ({counted[Class.PAIRED]}): only together with a change at another place: a second way to",
            "  the same, or an exception that is not taken here.",
            f"- **elsewhere** ({counted[Class.ELSEWHERE]}): only on another platform of the hand-written tables",
            "  (`tests/policies/mutants_*.py`).",
            f"- **idle** ({counted[Class.IDLE]}): nothing tried changes anything. Each is below, with its reason.",
            "",
            "A mutant matters to the high availability that a rule stands for if it is at a place that decides, and on",
            "the wrong side of where the rule turns. That is a definition by the rule's own behaviour, so it proves",
            "that no rule looks without seeing, not that it turns at the right value. That is for people, and for",
            "hand-written mutants, each of which names exactly the rules that must find it. What a person has to check",
            "is therefore listed here in full, and a change to any of it fails a test: where numbers turn, and",
            "what may be left out.",
            "",
            "Tests hold, of all of it: the platform as it is breaks no rule; no mutant makes a rule crash; every rule",
            "finds some; no spot is without a class; where any value makes a rule fail, an unknown one never passes;",
            "and no rule that says something of a resource falls silent where it is unknown. Of rules that go through",
            f"all there is ({', '.join(THROUGH_ALL)}) only spots that decide or scope",
            "are counted. Exempt are:",
            "",
            *[f"- {id_}, `{path}`: {why}" for (id_, path), why in PROVES_ANYWAY.items()],
            *[f"- {id_}, `{path}`, silent: {why}" for (id_, path), why in SILENT_ANYWAY.items()],
            "",
            "## Mutants at places that decide",
            "",
            "*Found* is by the rule that looked; *by another*, where only others did that had looked there too; *out",
            "of view*: a verdict went away with what it was about; *same*: still good by the rule. The last are not",
            "proved harmless one by one: they are numbers within their bounds, texts of which any is good, one of",
            "several, regions that the rule does not compare, and defaults. Where numbers turn and what may be taken",
            "away is listed below, for whoever doubts a rule.",
            "",
            *fates(kills),
            "",
            "## Where numbers turn",
            "",
            "By bisection from what is there, down to 0 and up to a million.",
            "",
            "| Rule | Path | |",
            "|---|---|---|",
            *turns(kills),
            "",
            "## What may be taken away",
            "",
            "Places where a wrong value is found, and none at all is good: the cloud's or the chart's default is, or",
            "the rest of a list.",
            "",
            *[f"- {id_}: {', '.join(paths)}" for id_, paths in left_good(kills).items()],
            "",
            "## What changes nothing",
            "",
            *[f"- {id_}, `{path}` ({role}): {reason(id_, path)}" for id_, path, role in idle],
            "",
            "## Rules by classes of spots",
            "",
            *by_class(found),
            "",
            "## Rules by mutators",
            "",
            "A cell says how many of the mutants that a rule could have seen it found: `2/3`. Not every one should be",
            "found: one day less of backups than 14 is still more than enough.",
            "",
            *table(kills),
            "",
        ]
    )


def reason(id_: str, path: str) -> str:
    """Why a place changes nothing, and is looked at all the same; empty if nobody has said."""
    return next((IDLE[key] for key in ((id_, path), (id_, "*"), ("*", path)) if key in IDLE), "")
