"""One command for a pull request: preview the stacks, judge them together, and say so in every form.

What both stacks are to be is judged in one picture, before anything of it is deployed; so a rule over both regions
that neither preview can settle is settled here, and told once.
"""

import argparse
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from policies import events
from policies.catalog import all_rules
from policies.judge import Finding, judge
from policies.preview import EngineMissing, Preview, preview
from policies.registry import Rule
from policies.report import junit, markdown, sarif, text
from policies.report.contents import Report
from policies.servicer import PACK
from policies.settings import RuleSettings, baseline, read_config, settle
from policies.waivers import WAIVER_RULES, Waivers, find, read, review, waive
from resilience.graph import Graph

CLEAN, FINDINGS, NOT_JUDGED = 0, 1, 2
"""Exit codes: nothing that stops; mandatory findings; a stack could not be judged."""
INTERRUPTED = 130

SARIF, JUNIT, MARKDOWN = "policies.sarif", "policies.xml", "policies.md"
"""Files of the report."""


def parser() -> argparse.ArgumentParser:
    """Describe the command."""
    made = argparse.ArgumentParser(
        prog="python -m policies pull-request",
        description="Preview stacks with the policies, judge them together, and write the findings as SARIF, JUnit "
        "and Markdown. Nothing is deployed. Exit code 0: nothing mandatory; 1: mandatory findings; 2: a stack could "
        "not be judged.",
    )
    made.add_argument("stacks", nargs="+", metavar="STACK", help="as `pulumi -s` takes it; all are judged together")
    made.add_argument("--out", type=Path, default=Path("build/policies"), help="folder of the report (%(default)s)")
    which = made.add_mutually_exclusive_group()
    which.add_argument("--config", type=Path, help="levels and numbers, as `pulumi --policy-pack-config` takes them")
    which.add_argument("--baseline", help="dev, prod or critical")
    return made


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command in the folder of the project; return its exit code."""
    asked = parser().parse_args(arguments)
    # Whoever cancels a job sends this first; the engine is to stop in order then too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    project = Path.cwd()
    stacks = tuple(dict.fromkeys(asked.stacks))
    files = [asked.out / name for name in (SARIF, JUNIT, MARKDOWN)]
    try:
        config = baseline(asked.baseline) if asked.baseline else asked.config
        given = read_config(config) if config else {}
        rules = all_rules()
        settings = settle((*rules, *WAIVER_RULES), given)
        waivers = read(find(project, environment), rules)
        if not (project / "Pulumi.yaml").exists():
            raise ValueError(f"{project}: has no Pulumi.yaml; run this in the folder of the project")
        asked.out.mkdir(parents=True, exist_ok=True)
        for file in files:
            # What an earlier run has found is not to be taken for what this one finds.
            file.unlink(missing_ok=True)
        previews = [preview(stack, project, _tell) for stack in stacks]
        _tell(f"judging {' and '.join(stacks)} together")
        report = judged(rules, previews, settings, waivers, datetime.now(UTC).date())
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
    previews: Iterable[Preview],
    settings: Mapping[str, RuleSettings],
    waivers: Waivers,
    today: date,
) -> Report:
    """Judge stacks in one picture.

    Of a stack whose preview failed there is none; what the engine has passed on of it until then is told.
    """
    previews = tuple(previews)
    graph = Graph([resource for each in previews for resource in each.resources])
    found = judge(rules, graph, settings)
    for each in previews:
        if each.failure:
            found += events.findings(each.violations, PACK, rules, settings)
    found = waive(found, waivers, today)
    whole = [each for each in previews if not each.failure]
    if whole:
        found += review(waivers, graph, found, settings, rules, today)
    return Report((*rules, *WAIVER_RULES), settings, previews, tuple(_sorted(found)))


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
