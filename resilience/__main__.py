"""``python -m resilience report``: what a platform survives, and what a change does to that."""

import argparse
import difflib
import fnmatch
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from rich.console import Console

from resilience.graph import Graph
from resilience.report import html, markdown, sources, terminal
from resilience.report.changes import Changes
from resilience.report.contents import Report, report
from resilience.report.sources import SourceError

DONE, WORSE, NOT_READ = 0, 1, 2
"""Exit codes: told; something is worse, and that was to fail; a source cannot be read, or has no journey."""
INTERRUPTED = 130

MARKDOWN, HTML = "resilience.md", "resilience.html"
"""Files of the report."""


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    top = argparse.ArgumentParser(prog="python -m resilience", description=sys.modules[__name__].__doc__)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = commands.add_parser(
        "report",
        help="every fault for every journey, at the terminal and as a page",
        description="Say what every fault does to every journey. Nothing is deployed or changed. Exit code 0: told; "
        "1: something is worse, with --fail-on-worse; 2: a source cannot be read, or has no journey.",
    )
    made.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="a file of `pulumi stack export` or a picture that `python -m policies pull-request --pictures` has kept; "
        "else the name of a stack, of which is taken what stands",
    )
    made.add_argument("--planned", action="store_true", help="preview the named stacks in place of what stands")
    against = made.add_mutually_exclusive_group()
    against.add_argument("--against", nargs="+", metavar="SOURCE", help="compare with these: what a change does")
    against.add_argument(
        "--against-git",
        metavar="REVISION",
        help="compare the named stacks, as they are planned now, with what the program of this revision plans",
    )
    made.add_argument("--journey", metavar="PATTERN", help="only these, by id: `submit`, `infer-*`")
    made.add_argument(
        "--fault", metavar="PATTERN", help="only these, by id: `zone-*`; with --journey, each outcome in full"
    )
    made.add_argument("--facts", type=Path, help='what you have measured, as JSON: {"aurora.failover.typical": 12}')
    made.add_argument("--out", type=Path, help=f"folder to write {MARKDOWN} and {HTML} to")
    made.add_argument("--short", action="store_true", help="print zones, regions and what stands in them once, alone")
    made.add_argument("--fail-on-worse", action="store_true", help="exit with 1 if any outcome is worse")
    return top


def main(arguments: Sequence[str], console: Console | None = None) -> int:
    """Run a command; return the exit code."""
    options = parser()
    asked = options.parse_args(arguments)
    if asked.fail_on_worse and not (asked.against or asked.against_git):
        options.error("--fail-on-worse: needs --against or --against-git to compare with")
    if asked.against_git and (files := [each for each in asked.sources if sources.is_file(each)]):
        options.error(f"--against-git: {', '.join(files)} is a file; name stacks, which a revision plans anew")
    try:
        measured = _measured(asked.facts) if asked.facts else None
        project = Path.cwd()
        planned = asked.planned or bool(asked.against_git)
        # First the revision: a name that is none is said at once.
        before: Graph | None = None
        if asked.against_git:
            before = sources.at_revision(asked.against_git, list(dict.fromkeys(asked.sources)), project, _tell)
        now = report(sources.read(asked.sources, project, _tell, planned=planned), measured)
        if not now.diagrams and before is None and not asked.against:
            raise SourceError(
                f"{', '.join(asked.sources)}: no journey is in view: nothing leads to a workload, and nothing starts "
                "steps; name every stack of the platform, as it stands or is planned"
            )
        if asked.against:
            before = sources.read(asked.against, project, _tell)
        told = _tell_all(now, report(before, measured) if before is not None else None, asked, console or Console())
    except (SourceError, ValueError) as error:
        _tell(str(error))
        return NOT_READ
    except OSError as error:
        _tell(f"{error.filename}: {error.strerror}")
        return NOT_READ
    except KeyboardInterrupt:
        _tell("interrupted; nothing was changed")
        return INTERRUPTED
    return told


def _tell_all(now: Report, before: Report | None, asked: argparse.Namespace, console: Console) -> int:
    changes = Changes(before, now) if before is not None else None
    shown = chosen(now, asked.journey, asked.fault)
    if asked.journey and asked.fault:
        for fault in shown.faults:
            for outcome in shown.row(fault):
                terminal.explanation(shown, fault, outcome, console)
    elif changes is None or asked.journey or asked.fault:
        terminal.matrix(shown, console, short=asked.short)
    if changes is not None:
        terminal.changes(changes, console)
    if asked.out is not None:
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / MARKDOWN).write_text(markdown.render(now, changes), encoding="utf-8")
        (asked.out / HTML).write_text(html.render(now, changes), encoding="utf-8")
        _tell(f"the report is in {asked.out / MARKDOWN}, and to look at in {asked.out / HTML}")
    return WORSE if asked.fail_on_worse and changes is not None and changes.worse else DONE


def chosen(whole: Report, journeys: str | None, faults: str | None) -> Report:
    """A report of some journeys and faults alone, by patterns of their ids.

    Raises:
        ValueError: If a pattern fits none; it names the nearest.
    """
    some = [diagram.journey for diagram in whole.diagrams]
    ids = [fault.id for fault in whole.faults]
    kept = _fitting("journey", journeys, some), _fitting("fault", faults, ids)
    return Report(
        whole.graph,
        whole.facts,
        tuple(diagram for diagram in whole.diagrams if diagram.journey in kept[0]),
        tuple(fault for fault in whole.faults if fault.id in kept[1]),
        whole.outcomes,
        whole.availabilities,
        tuple(each for each in whole.promises if each.promise.journey in kept[0]),
    )


def _fitting(what: str, pattern: str | None, ids: Sequence[str]) -> frozenset[str]:
    if pattern is None:
        return frozenset(ids)
    found = frozenset(fnmatch.filter(ids, pattern))
    if not found:
        near = difflib.get_close_matches(pattern, ids, 3, 0.5) or ids[:3]
        raise ValueError(
            f"--{what} {pattern}: there is none such; there are {len(ids)}, for instance {', '.join(near)}"
        )
    return found


def _measured(file: Path) -> dict[str, float]:
    try:
        document: Any = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file}: is not JSON ({error})") from error
    except RecursionError as error:
        raise ValueError(f"{file}: is nested too deeply to be read; facts are numbers by id") from error
    if not isinstance(document, dict):
        raise ValueError(f'{file}: must be an object, as {{"aurora.failover.typical": 12}}')
    return cast("dict[str, float]", document)


def _tell(line: str) -> None:
    """News for the person at the keyboard; stdout is for the report."""
    sys.stderr.write(f"resilience: {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
