"""One command for a pull request: preview the stacks, judge them together, and say so in every form.

What both stacks are to be is judged in one picture, before anything of it is deployed; so a rule over both regions
that neither preview can settle is settled here, and told once. What is said of one stack alone the pack has said in its
preview, with the values of secrets in hand. Another command, for whoever has previewed already,
tells in the same forms what the engine's events say; these hold no picture, so nothing more is judged.
"""

import argparse
import contextlib
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from policies import events
from policies.catalog import all_rules
from policies.judge import in_order, judge
from policies.preview import EngineMissing, Preview, preview
from policies.registry import Rule, Scope
from policies.report import junit, markdown, sarif, text
from policies.report.contents import Report
from policies.servicer import PACK
from policies.settings import RuleSettings, baseline, read_config, settle
from policies.waivers import WAIVER_RULES, Waivers, elsewhere, find, names, read, review, waive
from resilience.adapters import picture
from resilience.graph import Graph

CLEAN, FINDINGS, NOT_JUDGED = 0, 1, 2
"""Exit codes: nothing that stops; mandatory findings; a stack could not be judged."""
INTERRUPTED = 130

SARIF, JUNIT, MARKDOWN = "policies.sarif", "policies.xml", "policies.md"
"""Files of the report."""
OUT = Path("build/policies")

Previews = Callable[[Sequence[Rule], Mapping[str, RuleSettings]], Sequence[Preview]]
"""Gives stacks, with what the given rules say of each alone."""


def parser() -> argparse.ArgumentParser:
    """Describe the command for a pull request."""
    made = argparse.ArgumentParser(
        prog="python -m policies pull-request",
        description="Preview stacks with the policies, judge them together, and write the findings as SARIF, JUnit "
        "and Markdown. Nothing is deployed. Exit code 0: nothing mandatory; 1: mandatory findings; 2: a stack could "
        "not be judged.",
    )
    made.add_argument("stacks", nargs="+", metavar="STACK", help="as `pulumi -s` takes it; all are judged together")
    made.add_argument(
        "--pictures", type=Path, help="folder to keep the planned stacks in, a file each, for `python -m resilience`"
    )
    return with_options(made)


def report_parser() -> argparse.ArgumentParser:
    """Describe the command for events that are there."""
    made = argparse.ArgumentParser(
        prog="python -m policies report",
        description="Write what the engine's events say as SARIF, JUnit and Markdown. The same exit codes.",
    )
    made.add_argument(
        "events",
        nargs="+",
        type=Path,
        metavar="EVENTS",
        help="of a stack each: PULUMI_ENABLE_STREAMING_JSON_PREVIEW=1 pulumi preview --json, "
        "pulumi policy analyze --json, or an event log",
    )
    return with_options(made)


def with_options(made: argparse.ArgumentParser, out: Path | None = OUT) -> argparse.ArgumentParser:
    """Add what every command of the report takes; ``out`` is where it is written if nothing is said."""
    said = f"folder of the report, as SARIF, JUnit and Markdown ({out or 'default: none is written'})"
    made.add_argument("--out", type=Path, default=out, help=said)
    which = made.add_mutually_exclusive_group()
    which.add_argument("--config", type=Path, help="levels and numbers, as `pulumi --policy-pack-config` takes them")
    which.add_argument("--baseline", help="dev, prod or critical")
    return made


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Preview and judge, in the folder of the project; return the exit code."""
    options = parser()
    asked = options.parse_args(arguments)
    own = Counter(stack.rpartition("/")[2] for stack in dict.fromkeys(asked.stacks))
    if twice := [stack for stack in asked.stacks if own[stack.rpartition("/")[2]] > 1]:
        options.error(f"{', '.join(twice)}: have one name, and their resources the same URNs; give one of them")
    project = Path.cwd()
    if not (project / "Pulumi.yaml").exists():
        tell(f"{project}: has no Pulumi.yaml; run this in the folder of the project")
        return NOT_JUDGED

    def previews(rules: Sequence[Rule], settings: Mapping[str, RuleSettings]) -> list[Preview]:
        found = [
            preview(stack, project, tell, rules, settings, _config(asked)) for stack in dict.fromkeys(asked.stacks)
        ]
        if asked.pictures is not None:
            asked.pictures.mkdir(parents=True, exist_ok=True)
            for each in found:
                file = asked.pictures / picture.name_for(each.stack)
                file.unlink(missing_ok=True)
                if each.resources:
                    picture.write(file, each.resources)
        return found

    return report_on(asked, previews, environment)


def report_main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Tell what events say; return the exit code."""
    options = report_parser()
    asked = options.parse_args(arguments)
    twice = [file for file, count in Counter(file.resolve() for file in asked.events).items() if count > 1]
    if twice:
        options.error(f"{', '.join(map(str, twice))}: is given twice; give the events of each stack once")
    try:
        told = {file: _told(file) for file in asked.events}
    except ValueError as error:
        tell(str(error))
        return NOT_JUDGED

    def previews(rules: Sequence[Rule], settings: Mapping[str, RuleSettings]) -> list[Preview]:
        known = (*rules, *WAIVER_RULES)
        return [
            Preview(
                each.stack or file.stem,
                events.failure(each, PACK, known),
                changes=each.changes,
                violations=each.violations,
            )
            for file, each in told.items()
        ]

    return report_on(asked, previews, environment)


def report_on(asked: argparse.Namespace, previews: Previews, environment: Mapping[str, str]) -> int:
    """Judge, write the report, tell it; return the exit code.

    An earlier report is gone before anything is judged: it is not to be taken for what this run finds. Until there is
    another, ``policies.md`` says that nothing was judged.

    Args:
        asked: What ``with_options`` has taken.
        previews: What the stacks are, or are to be.
        environment: The process's.
    """
    # Whoever cancels a job sends this first; the engine is to stop in order then too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    project = Path.cwd()
    files: list[Path] = []
    try:
        _no_report(asked.out, "the run has not come to its end; its log says why")
        config = _config(asked)
        given = read_config(config) if config else {}
        rules = all_rules()
        settings = settle((*rules, *WAIVER_RULES), given)
        waivers = read(find(project, environment), rules, project)
        report = judged(rules, previews(rules, settings), settings, waivers, datetime.now(UTC).date())
        if asked.out is not None:
            files = [asked.out / name for name in (SARIF, JUNIT, MARKDOWN)]
            for file, content in zip(files, rendered(report, _prefix(project)), strict=True):
                file.write_text(content, encoding="utf-8")
    except (EngineMissing, ValueError) as error:
        return _stopped(asked.out, str(error), NOT_JUDGED)
    except OSError as error:
        return _stopped(asked.out, f"{error.filename}: {error.strerror}", NOT_JUDGED)
    except KeyboardInterrupt:
        return _stopped(asked.out, "interrupted; nothing was changed and nothing is left behind", INTERRUPTED)
    sys.stdout.write(text.render(report))
    if files:
        tell(f"the report is in {', '.join(map(str, files))}")
    return NOT_JUDGED if report.failures else FINDINGS if report.mandatory else CLEAN


def _stopped(out: Path | None, reason: str, code: int) -> int:
    tell(reason)
    # If this fails too, that is what has been told.
    with contextlib.suppress(OSError):
        _no_report(out, reason)
    return code


def _no_report(out: Path | None, reason: str) -> None:
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    for name in (SARIF, JUNIT):
        (out / name).unlink(missing_ok=True)
    (out / MARKDOWN).write_text(markdown.not_judged(reason), encoding="utf-8")


def _config(asked: argparse.Namespace) -> Path | None:
    """Where the settings are that were asked for; None for the pack's own.

    Raises:
        ValueError: If there is no such baseline.
    """
    return baseline(asked.baseline) if asked.baseline else asked.config


def judged(
    rules: Sequence[Rule],
    previews: Sequence[Preview],
    settings: Mapping[str, RuleSettings],
    waivers: Waivers,
    today: date,
) -> Report:
    """Judge stacks in one picture, by the rules over several; what is said of each alone comes with it.

    Of a stack whose preview failed there is none; what the engine has passed on of it until then is told.
    """
    graph = Graph([resource for each in previews for resource in each.resources])
    found = judge((rule for rule in rules if rule.scope is Scope.STACKS), graph, settings)
    for each in previews:
        found += each.findings
    known = (*rules, *WAIVER_RULES)
    passed_on = [each for preview in previews if not preview.resources for each in preview.violations]
    found += events.findings(passed_on, PACK, known, settings)
    # Of a stack whose preview failed, what was found is all that is in view.
    called = names({each.urn for each in (*graph.resources, *found)})
    found = waive(found, waivers, today, called)
    if graph.resources:
        told = {(each.rule.id, each.evidence) for each in found}
        reviewed = review(waivers, graph, found, settings, rules, today)
        # What is wrong with the file, the engine may have passed on of a stack whose preview failed.
        found += [each for each in reviewed if (each.rule.id, each.evidence) not in told]
    unseen = tuple(elsewhere(waivers, graph)) if graph.resources else ()
    return Report(known, settings, tuple(previews), tuple(in_order(found)), unseen)


def _told(file: Path) -> events.Events:
    """What a file tells of a stack.

    Raises:
        ValueError: If the file cannot be read, or tells of nothing at all.
    """
    try:
        told = events.read(file.read_text(errors="replace").splitlines())
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}") from error
    if not (told.ended or told.changes or told.errors or told.violations):
        raise ValueError(f"{file}: holds no events of the engine; write them with `pulumi preview --json`, streamed")
    return told


def rendered(report: Report, prefix: PurePosixPath) -> tuple[str, str, str]:
    """SARIF, JUnit and Markdown.

    Args:
        report: What was found.
        prefix: Folder of the project, relative to the repository's root.
    """
    return sarif.render(report, prefix), junit.render(report), markdown.render(report)


def _prefix(project: Path) -> PurePosixPath:
    """Where the project is in its repository; a project in none is its own."""
    for folder in (project, *project.parents):
        if (folder / ".git").exists():
            return PurePosixPath(project.relative_to(folder).as_posix())
    return PurePosixPath()


def tell(line: str) -> None:
    """News for the person at the keyboard; stdout is for the findings."""
    sys.stderr.write(f"policies: {line}\n")
    sys.stderr.flush()
