"""Judging exported states without an engine; those of both regions make one picture."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from policies.judge import judge
from policies.preview import Preview
from policies.pull_request import NOT_JUDGED, report_on, tell, with_options
from policies.registry import Rule, Scope
from policies.settings import RuleSettings
from resilience.adapters.state import read_export
from resilience.graph import Graph, Resource, home_of


def parser() -> argparse.ArgumentParser:
    """Describe the command."""
    made = argparse.ArgumentParser(
        prog="python -m policies check",
        description="Judge exported states together, without an engine: `pulumi stack export -s primary --file "
        "primary.json`. Exit code 0: nothing mandatory; 1: mandatory findings; 2: a file could not be read.",
    )
    made.add_argument("exports", nargs="+", metavar="EXPORT", type=Path, help="file of `pulumi stack export`")
    return with_options(made, None)


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command; return its exit code."""
    asked = parser().parse_args(arguments)
    try:
        resources = read_exports(asked.exports)
    except ValueError as error:
        tell(str(error))
        return NOT_JUDGED
    return report_on(asked, lambda rules, settings: stacks(resources, rules, settings), environment)


def stacks(resources: Sequence[Resource], rules: Iterable[Rule], settings: Mapping[str, RuleSettings]) -> list[Preview]:
    """Stacks as they stand, with what is said of each; rules over one see the others' too, which changes nothing."""
    found = judge((rule for rule in rules if rule.scope is not Scope.STACKS), Graph(resources), settings)
    return [
        Preview(
            home[0],
            resources=tuple(each for each in resources if home_of(each.urn) == home),
            findings=tuple(each for each in found if home_of(each.urn) == home),
        )
        for home in sorted({home_of(each.urn) for each in resources})
    ]


def read_exports(files: Iterable[Path]) -> list[Resource]:
    """Resources of all the files.

    Raises:
        ValueError: With one line a mistake: a file that is no state export, or two of one stack.
    """
    mistakes: list[str] = []
    resources: list[Resource] = []
    homes: dict[tuple[str, str], Path] = {}
    for file in files:
        try:
            read_here = read_export(file)
        except ValueError as error:
            mistakes.append(str(error))
            continue
        # A stack's name is its own within a project only.
        for home in sorted({home_of(each.urn) for each in read_here}):
            if home in homes:
                mistakes.append(f"{file}: is of stack {home[0]} of {home[1]}, and so is {homes[home]}; give each once")
            homes.setdefault(home, file)
        if not read_here:
            mistakes.append(f"{file}: has no resources; the stack is empty, or the export is of another")
        resources += read_here
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return resources
