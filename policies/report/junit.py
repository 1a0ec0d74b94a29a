"""JUnit: a suite for each stack, a case for each rule.

A mandatory finding fails its case. Advice, what is not proved and what is waived is told in a case that is skipped: it
is in sight, and stops nothing.
"""

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from policies.judge import Finding
from policies.preview import Preview
from policies.registry import Outcome
from policies.report.contents import Report
from policies.servicer import PACK
from policies.settings import Level
from resilience.graph import home_of
from resilience.words import counted, plain, shown_name


def render(report: Report) -> str:
    """The report."""
    suites = ElementTree.Element("testsuites", {"name": PACK})
    for preview in report.previews:
        _suite(suites, report, report.stack(preview.home), _by_rule(report.of(preview.home)), preview)
    # What is wrong with a file is in no stack.
    if nowhere := _by_rule(report.of(home_of(""))):
        _suite(suites, report, "both", nowhere, None)
    for name in ("tests", "failures", "errors", "skipped"):
        suites.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    ElementTree.indent(suites)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{ElementTree.tostring(suites, encoding='unicode')}\n"


def _by_rule(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for each in findings:
        found.setdefault(each.rule.id, []).append(each)
    return found


def _suite(
    parent: ElementTree.Element, report: Report, name: str, found: dict[str, list[Finding]], preview: Preview | None
) -> None:
    suite = ElementTree.SubElement(parent, "testsuite", {"name": plain(name)})
    failure = preview.failure if preview else ""
    if failure:
        case = ElementTree.SubElement(suite, "testcase", {"name": "preview", "classname": plain(name)})
        ElementTree.SubElement(case, "error", {"message": "could not be judged"}).text = _lines(failure)
    for rule in report.rules:
        findings = found.get(rule.id, [])
        if preview is None and not findings:
            continue
        case = ElementTree.SubElement(suite, "testcase", {"name": f"{rule.id} {rule.title}", "classname": plain(name)})
        if findings:
            _told(case, report, findings)
        elif report.settings[rule.id].level is Level.DISABLED:
            ElementTree.SubElement(case, "skipped", {"message": "disabled"})
        elif failure:
            ElementTree.SubElement(case, "skipped", {"message": "not judged"})
    for kind, counter in (("testcase", "tests"), ("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(counter, str(len(suite.findall(f".//{kind}"))))


def _told(case: ElementTree.Element, report: Report, findings: Sequence[Finding]) -> None:
    """A case has one result: the worst of its findings', with the text of all."""
    kind = "skipped"
    if any(each.level is Level.MANDATORY for each in findings):
        kind = "failure"
    if any(each.outcome is Outcome.CRASHED for each in findings):
        kind = "error"
    stopping = sum(each.level is Level.MANDATORY for each in findings)
    message = f"{counted(len(findings), 'finding')}, {stopping:,} mandatory"
    text: list[str] = []
    for each in findings:
        where = next((f" {place.file}:{place.line}" for place in report.places(each)), "")
        text.append(plain(f"{each.level.value} {shown_name(each.urn)}{where}: {each.message} [{each.urn}]"))
    ElementTree.SubElement(case, kind, {"message": message}).text = "\n".join(text)


def _lines(text: str) -> str:
    return "\n".join(plain(line) for line in text.splitlines())
