"""What every form of the report is made of."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from policies.judge import Finding
from policies.preview import Place, Preview
from policies.registry import Outcome, Rule, Severity
from policies.settings import Level, RuleSettings
from policies.waivers import WAIVER_RULES
from resilience.graph import home_of, stack_names

WORST_FIRST = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)


@dataclass(frozen=True)
class Report:
    """Everything that is told of one or several stacks, judged together."""

    rules: tuple[Rule, ...]
    """All that were put, with those about waivers."""
    settings: Mapping[str, RuleSettings]
    previews: tuple[Preview, ...]
    findings: tuple[Finding, ...]
    unseen: tuple[str, ...] = ()
    """Stacks that waivers name and that are not in view."""

    @cached_property
    def open(self) -> tuple[Finding, ...]:
        """Broken rules that nobody answers for, the worst first."""
        return self._sorted(each for each in self.findings if each.waiver is None and each.outcome is Outcome.FAIL)

    @cached_property
    def crashed(self) -> tuple[Finding, ...]:
        """Rules that broke themselves."""
        return self._sorted(each for each in self.findings if each.outcome is Outcome.CRASHED)

    @cached_property
    def unproven(self) -> tuple[Finding, ...]:
        """What nobody can say yet."""
        return self._sorted(each for each in self.findings if each.waiver is None and each.outcome is Outcome.UNPROVEN)

    @cached_property
    def waived(self) -> tuple[Finding, ...]:
        """What somebody answers for."""
        return self._sorted(each for each in self.findings if each.waiver is not None)

    @cached_property
    def failures(self) -> tuple[Preview, ...]:
        """Stacks that could not be judged."""
        return tuple(each for each in self.previews if each.failure)

    @cached_property
    def put(self) -> int:
        """How many rules were put to the stacks; those that are disabled were not, and those about waivers are none."""
        return sum(
            self.settings[each.id].level is not Level.DISABLED and each not in WAIVER_RULES for each in self.rules
        )

    @property
    def mandatory(self) -> int:
        """How many findings stop."""
        return sum(each.level is Level.MANDATORY for each in self.findings)

    def of(self, home: tuple[str, str]) -> tuple[Finding, ...]:
        """Findings about the resources of a stack, by its name and its project; both are empty where it is none."""
        return tuple(each for each in self.findings if home_of(each.urn) == home)

    def stack(self, home: tuple[str, str]) -> str:
        """What to call a stack; empty if it is none."""
        return self._stacks.get(home, "")

    @cached_property
    def _stacks(self) -> dict[tuple[str, str], str]:
        urns = (each.urn for each in self.findings if each.urn)
        return stack_names([*(each.home for each in self.previews), *map(home_of, urns)])

    def places(self, finding: Finding) -> tuple[Place, ...]:
        """Lines of the program that a finding is about, the one to change first; empty if nobody knows."""
        # What is wrong with a waiver is in the file of waivers; its evidence begins with the place.
        if finding.rule in WAIVER_RULES and (match := re.match(r"(.+?):(\d+): ", finding.evidence)):
            return (Place(match[1], int(match[2])),)
        seen: set[str] = set()
        urn = finding.urn
        while urn and urn not in seen:
            if urn in self._places:
                return self._places[urn]
            seen.add(urn)
            urn = self._parents.get(urn, "")
        return ()

    @cached_property
    def _places(self) -> dict[str, tuple[Place, ...]]:
        return {urn: places for each in self.previews for urn, places in each.places.items()}

    @cached_property
    def _parents(self) -> dict[str, str]:
        # Of what the program makes late, after an answer from the engine, the stack of calls says nothing.
        return {resource.urn: resource.parent for each in self.previews for resource in each.resources}

    def _sorted(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        order = list(WORST_FIRST)
        stops = {Level.MANDATORY: 0}
        return tuple(
            sorted(
                findings,
                key=lambda each: (
                    order.index(each.rule.severity),
                    stops.get(each.level, 1),
                    *(each.rule.id, each.urn, each.evidence),
                ),
            )
        )


def changes(preview: Preview) -> str:
    """What would happen to a stack's resources, in words."""
    told = Counter({name: count for name, count in preview.changes.items() if name != "same"})
    words = ", ".join(f"{count:,} {name}" for name, count in sorted(told.items()))
    same = preview.changes.get("same", 0)
    return ", ".join(each for each in (words, f"{same:,} unchanged" if same else "") if each) or "none told"
