"""One command for a pull request: preview the stacks, judge them together, and say so in every form.

What both stacks are to be is judged in one picture, before anything of it is deployed; so a rule over both regions
that neither preview can settle is settled here, and told once. Another command, for whoever has previewed already,
tells in the same forms what the engine's events say; these hold no picture, so nothing more is judged.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from policies import events
from policies.catalog import all_rules
from policies.judge import Finding, alone, judge
from policies.preview import EngineMissing, Preview, preview
from policies.registry import Rule
from policies.report import junit, markdown, sarif, text
from policies.report.contents import Report
from policies.servicer import PACK
from policies.settings import RuleSettings, baseline, read_config, settle
from policies.waivers import WAIVER_RULES, Waivers, find, read, review, waive
from resilience.adapters import picture
from resilience.graph import Graph

CLEAN, FINDINGS, NOT_JUDGED = 0, 1, 2
"""Exit codes: nothing that stops; mandatory findings; a stack could not be judged."""
INTERRUPTED = 130

SARIF, JUNIT, MARKDOWN = "policies.sarif", "policies.xml", "policies.md"
"""Files of the report."""


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
    return _with_options(made)


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
    return _with_options(made)


def _with_options(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
    made.add_argument("--out", type=Path, default=Path("build/policies"), help="folder of the report (%(default)s)")
    which = made.add_mutually_exclusive_group()
    which.add_argument("--config", type=Path, help="levels and numbers, as `pulumi --policy-pack-config` takes them")
    which.add_argument("--baseline", help="dev, prod or critical")
    return made


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Preview and judge, in the folder of the project; return the exit code."""
    asked = parser().parse_args(arguments)
    project = Path.cwd()

    def previews() -> list[Preview]:
        if not (project / "Pulumi.yaml").exists():
            raise ValueError(f"{project}: has no Pulumi.yaml; run this in the folder of the project")
        found = [preview(stack, project, _tell) for stack in dict.fromkeys(asked.stacks)]
        if asked.pictures is not None:
            asked.pictures.mkdir(parents=True, exist_ok=True)
            for each in found:
                file = asked.pictures / picture.name_for(each.stack)
                file.unlink(missing_ok=True)
                if each.resources:
                    picture.write(file, each.resources)
        return found

    return _report(asked, previews, project, environment)


def report_main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Tell what events say; return the exit code."""
    asked = report_parser().parse_args(arguments)
    return _report(asked, lambda: [previewed(file) for file in asked.events], Path.cwd(), environment)


def _report(
    asked: argparse.Namespace,
    previews: Callable[[], Sequence[Preview]],
    project: Path,
    environment: Mapping[str, str],
) -> int:
    # Whoever cancels a job sends this first; the engine is to stop in order then too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    files = [asked.out / name for name in (SARIF, JUNIT, MARKDOWN)]
    try:
        config = baseline(asked.baseline) if asked.baseline else asked.config
        given = read_config(config) if config else {}
        rules = all_rules()
        settings = settle((*rules, *WAIVER_RULES), given)
        waivers = read(find(project, environment), rules)
        asked.out.mkdir(parents=True, exist_ok=True)
        for file in files:
            # What an earlier run has found is not to be taken for what this one finds.
            file.unlink(missing_ok=True)
        report = judged(rules, previews(), settings, waivers, datetime.now(UTC).date())
        for file, content in zip(files, rendered(report, _prefix(project)), strict=True):
            file.write_text(content, encoding="utf-8")
    except (EngineMissing, ValueError) as error:
        _tell(str(error))
        return NOT_JUDGED
    except OSError as error:
        _tell(f"{error.filename}: {error.strerror}")
        return NOT_JUDGED
    except KeyboardInterrupt:
        _tell("interrupted; nothing was changed and nothing is left behind")
        return INTERRUPTED
    sys.stdout.write(text.render(report))
    _tell(f"the report is in {', '.join(map(str, files))}")
    return NOT_JUDGED if report.failures else FINDINGS if report.mandatory else CLEAN


def judged(
    rules: Sequence[Rule],
    previews: Sequence[Preview],
    settings: Mapping[str, RuleSettings],
    waivers: Waivers,
    today: date,
) -> Report:
    """Judge stacks in one picture.

    Of a stack whose preview failed there is none; what the engine has passed on of it until then is told.
    """
    graph = Graph([resource for each in previews for resource in each.resources])
    inputs = Graph([resource for each in previews for resource in each.inputs])
    # As the pack puts them: the one kind to what is asked for, the other to what is planned.
    found = judge(filter(alone, rules), inputs, settings)
    found += judge((rule for rule in rules if not alone(rule)), graph, settings)
    for each in previews:
        if not each.resources:
            found += events.findings(each.violations, PACK, rules, settings)
    found = waive(found, waivers, today)
    if graph.resources:
        found += review(waivers, graph, found, settings, rules, today)
    return Report((*rules, *WAIVER_RULES), settings, tuple(previews), tuple(_sorted(found)))


def previewed(file: Path) -> Preview:
    """What the events in a file say of a stack.

    Raises:
        ValueError: If they tell of nothing at all.
        OSError: If the file cannot be read.
    """
    told = events.read(file.read_text(errors="replace").splitlines())
    if not (told.ended or told.changes or told.errors or told.violations):
        raise ValueError(f"{file}: holds no events of the engine; write them with `pulumi preview --json`, streamed")
    complaints = "\n".join(told.errors)
    failure = complaints if told.failed else "" if told.ended else complaints or "the engine did not come to its end"
    return Preview(told.stack or file.stem, failure, changes=told.changes, violations=told.violations)


def rendered(report: Report, prefix: PurePosixPath) -> tuple[str, str, str]:
    """SARIF, JUnit and Markdown.

    Args:
        report: What was found.
        prefix: Folder of the project, relative to the repository's root.
    """
    return sarif.render(report, prefix), junit.render(report), markdown.render(report)


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda each: (each.urn, each.rule.id, each.evidence))


def _prefix(project: Path) -> PurePosixPath:
    """Where the project is in its repository; a project in none is its own."""
    for folder in (project, *project.parents):
        if (folder / ".git").exists():
            return PurePosixPath(project.relative_to(folder).as_posix())
    return PurePosixPath()


def _tell(line: str) -> None:
    """News for the person at the keyboard; stdout is for the findings."""
    sys.stderr.write(f"policies: {line}\n")
    sys.stderr.flush()
