"""Write the pages about the rules: docs/policies, one a rule, an index to read and one to search.

    python -m scripts.policy_pages                    # write them, and remove pages of rules that are gone

Everything in them comes from the rules and from their tests; a test holds them together.
"""

import functools
import html
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from policies.catalog import all_rules
from policies.judge import Finding
from policies.registry import Rule, Scope, Severity
from policies.settings import LEVEL, ON_UNKNOWN, Level, RuleSettings, baseline, default_on_unknown, read_config, settle
from policies.waivers import FILE, WAIVER_RULES
from resilience.graph import name_of, type_of
from scripts.policy_examples import Example, examples, found_together

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "policies"
TEMPLATE = Path(__file__).with_name("policy_index.html")

WHEN = {
    Scope.RESOURCE: "Before each resource is touched, in `preview` and `up`",
    Scope.STACK: "Over the whole stack, at the end of `preview` and `up`",
    Scope.STACKS: "Over both stacks; in one alone it can only say that it cannot say",
}
WORST_FIRST = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
MOST_RELATED = 6
BASELINES = ("dev", "prod", "critical")
SETTINGS = ("Setting", "Default", *BASELINES, "Allowed", "Meaning")
MADE = "<!-- Made by `make docs` from the rules and their tests; a test compares. -->"
CODE = re.compile(
    r"""
    `[^`]+`                                                     # said to be code
    | \b[A-Za-z_][\w.]*=(?:"[^"]*"|\[[^\]]*\]|\{[^;]*\}(?=[\s,;.]|$)|[\w.\-/]+(?:\([^)]*\))?(?:\.\w+)*)
    | (?<![\w.])(?:aws|gcp|kubernetes|pulumi)\.(?!io/|amazon\.com)\w[\w.]*\w(?:\([^)]*\))?
    | \b(?:[\w\-]+\.)*kubernetes\.io/[\w\-]+
    | \b[A-Za-z][\w.]*_\w+(?:\.\w+)*
    """,
    re.VERBOSE,
)
"""What is code in a sentence, by whole words: assignments, classes of the SDKs, labels, names in snake case."""


def pages() -> dict[str, str]:
    """Every file of docs/policies with its text."""
    # What is wrong with a waiver stands in a file of waivers, and is no program's mistake.
    rules = (*all_rules(), *WAIVER_RULES)
    shown, related = examples(), _related(rules)
    made = {f"{rule.id}.md": page(rule, shown.get(rule.id), related[rule.id]) for rule in rules}
    made["README.md"] = index(rules)
    made["index.html"] = search_page(rules, shown, related)
    return made


def domain(rule: Rule) -> str:
    """What its file is about, in the words that the file begins with."""
    words = (inspect.getdoc(sys.modules[rule.judge.__module__]) or "").splitlines()[0]
    return words.partition(":")[0].rstrip(".")


def framework(control: str) -> str:
    """Of ``AWS FSBP RDS.15``, whose control it is."""
    return control.rpartition(" ")[0]


def _related(rules: Sequence[Rule]) -> dict[str, list[Rule]]:
    """First the rules that some mistake breaks together, then those of one domain that judge the same resources."""
    together = found_together()
    related: dict[str, list[Rule]] = {}
    for rule in rules:
        near = [other for other in rules if other.id in together.get(rule.id, ())]
        near += [
            other
            for other in rules
            if domain(other) == domain(rule) and other.types == rule.types and other not in (rule, *near)
        ]
        related[rule.id] = near[:MOST_RELATED]
    return related


@functools.cache
def _baselines() -> Mapping[str, Mapping[str, RuleSettings]]:
    """What each baseline sets, by rule."""
    rules = (*all_rules(), *WAIVER_RULES)
    return {name: settle(rules, read_config(baseline(name))) for name in BASELINES}


def _settings(rule: Rule) -> list[tuple[str, ...]]:
    """Name, default, what each baseline sets, what is allowed, and meaning of each setting."""
    chosen = [settings[rule.id] for settings in _baselines().values()]
    levels = ", ".join(f"`{level.value}`" for level in Level)
    unknown = "What it does that something is not known, so that the rule cannot say; never more than the level."
    return [
        (
            LEVEL,
            Level.MANDATORY.value,
            *(each.level.value for each in chosen),
            levels,
            "What a finding does.",
        ),
        (ON_UNKNOWN, default_on_unknown(rule).value, *(each.on_unknown.value for each in chosen), levels, unknown),
        *(
            (
                name,
                str(option.default),
                *(str(each.options[name]) for each in chosen),
                f"{option.minimum} to {option.maximum}",
                option.meaning,
            )
            for name, option in rule.options.items()
        ),
    ]


def _of(rule: Rule) -> str:
    return ", ".join(f"`{type_}`" for type_ in rule.types) or f"the waivers in `{FILE}`"


def said(finding: Finding) -> str:
    """A finding as the engine prints it, wrapped."""
    what = f"{type_of(finding.urn)}: {name_of(finding.urn)}"
    head = f"[{finding.level.value}] [severity: {finding.rule.severity.value}]  {finding.rule.id}  ({what})"
    message = textwrap.wrap(finding.message, 98, break_long_words=False, break_on_hyphens=False)
    return "\n".join([head, *(f"  {line}" for line in message)])


# Markdown.


def page(rule: Rule, example: Example | None, related: Sequence[Rule]) -> str:
    """docs/policies/<ID>.md."""
    lines = [
        f"# {rule.id}: {_words(rule.title)}",
        "",
        MADE,
        "",
        _words(rule.why),
        "",
        "| | |",
        "|---|---|",
        f"| Severity | {rule.severity.value} |",
        f"| Checked | {WHEN[rule.scope]} |",
        f"| Of | {_of(rule)} |",
        *([f"| Asked for by | {', '.join(map(_cell, rule.frameworks))} |"] if rule.frameworks else []),
        "",
    ]
    if example:
        lines += [
            "## The mistake",
            "",
            f"{_capital(example.mistake)}:",
            "",
            "```diff",
            *(f"{mark or ' '}{line}".rstrip() for mark, line in example.difference),
            "```",
            "",
            "What the engine prints:",
            "",
            "```text",
            "\n\n".join(map(said, example.findings)),
            "```",
            "",
        ]
    lines += ["## The fix", "", f"{_capital(_words(rule.fix))}.", ""]
    if example and example.good:
        lines += ["```python", *example.good, "```", ""]
    lines += [
        "## Settings",
        "",
        f"| {' | '.join(SETTINGS)} |",
        f"|{'---|' * len(SETTINGS)}",
        *(f"| `{name}` | {' | '.join(values)} | {_cell(text)} |" for name, *values, text in _settings(rule)),
        "",
    ]
    if related:
        lines += ["## Related", "", *(f"- [{each.id}]({each.id}.md): {_words(each.title)}" for each in related), ""]
    return "\n".join([*lines, "[All rules](README.md)", ""])


def index(rules: Sequence[Rule]) -> str:
    """docs/policies/README.md."""
    domains = list(dict.fromkeys(map(domain, rules)))
    counts = ", ".join(
        f"{number} {severity.value}"
        for severity in WORST_FIRST
        if (number := sum(rule.severity is severity for rule in rules))
    )
    lines = [
        "# Policies",
        "",
        MADE,
        "",
        f"{len(rules)} rules ({counts}), each under its own id in the engine's output, each with a page: why it is",
        "there, the mistake it finds, what it says of it, and the fix. To search and filter them, open",
        "[index.html](index.html) from a clone in a browser; it needs no network.",
        "",
        "All are mandatory unless a policy configuration says otherwise. What cannot be known yet is reported as",
        f"unproven, never passed over; `{ON_UNKNOWN}` says what that does.",
        "",
        "```json",
        '{"all": "mandatory", "NET-01": {"enforcementLevel": "advisory", "minZones": 2},',
        ' "RDS-08": {"onUnknown": "mandatory"}}',
        "```",
        "",
        "`pulumi preview --policy-pack policies --policy-pack-config that.json`; three to begin with, for a stack that",
        "may be lost, one that users notice and one that must not stop, are in",
        "[policies/baselines](../../policies/baselines/README.md). Which invariants the rules cover, and which not:",
        "[coverage](../policies-coverage.md). Both stacks judged in a pull request: [how](../pull-request.md).",
        "",
        "- [By domain](#by-domain)",
        *(f"  - [{_words(each)}](#{_anchor(each)})" for each in domains),
        "- [By severity](#by-severity)",
        "- [By scope](#by-scope)",
        "- [By framework](#by-framework)",
        "",
        "## By domain",
        "",
    ]
    for each in domains:
        lines += [f"### {each}", "", "| Id | What must hold | Severity | Sees |", "|---|---|---|---|"]
        lines += [
            f"| [{rule.id}]({rule.id}.md) | {_cell(rule.title)} | {rule.severity.value} | {rule.scope.value} |"
            for rule in rules
            if domain(rule) == each
        ]
        lines += [""]
    lines += ["## By severity", "", "| Severity | Rules |", "|---|---|"]
    lines += _rows((severity.value, [rule for rule in rules if rule.severity is severity]) for severity in WORST_FIRST)
    lines += ["", "## By scope", "", "| Sees | Checked | Rules |", "|---|---|---|"]
    lines += _rows(
        (f"{scope.value} | {WHEN[scope]}", [rule for rule in rules if rule.scope is scope]) for scope in Scope
    )
    lines += ["", "## By framework", "", "| Framework | Control | Rules |", "|---|---|---|"]
    controls = sorted({control for rule in rules for control in rule.frameworks}, key=_natural)
    lines += _rows(
        (
            f"{_cell(framework(control))} | {_cell(control.rpartition(' ')[2])}",
            [rule for rule in rules if control in rule.frameworks],
        )
        for control in controls
    )
    return "\n".join([*lines, ""])


def _rows(groups: Iterable[tuple[str, Sequence[Rule]]]) -> list[str]:
    return [f"| {name} | {' '.join(f'[{rule.id}]({rule.id}.md)' for rule in held)} |" for name, held in groups if held]


def _words(text: str) -> str:
    """A sentence in Markdown."""
    return _spans(text, lambda plain: re.sub(r"([*<])", r"\\\1", plain), lambda code: f"`{code}`")


def _cell(text: str) -> str:
    return _words(text).replace("|", "\\|")


def _spans(text: str, plain: Callable[[str], str], code: Callable[[str], str]) -> str:
    made, end = "", 0
    for match in CODE.finditer(text):
        made += plain(text[end : match.start()]) + code(match.group().strip("`"))
        end = match.end()
    return made + plain(text[end:])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _natural(text: str) -> list[tuple[int, str]]:
    """Numbers in it sort as numbers."""
    return [(int(part) if part.isdecimal() else 0, part) for part in re.split(r"(\d+)", text)]


# HTML.


def search_page(rules: Sequence[Rule], shown: Mapping[str, Example], related: Mapping[str, list[Rule]]) -> str:
    """docs/policies/index.html: everything, in one file that needs no other."""
    filters = {
        "domain": list(dict.fromkeys(map(domain, rules))),
        "severity": [each.value for each in WORST_FIRST if any(rule.severity is each for rule in rules)],
        "scope": [each.value for each in Scope],
        "framework": sorted({framework(control) for rule in rules for control in rule.frameworks}),
    }
    parts = {
        "count": str(len(rules)),
        "filters": "\n".join(_filter(name, values) for name, values in filters.items()),
        "rules": "\n".join(_article(rule, shown.get(rule.id), related[rule.id]) for rule in rules),
    }
    text = TEMPLATE.read_text()
    for name, part in parts.items():
        text = text.replace(f"{{{{{name}}}}}", part)
    return text


def _filter(name: str, values: Sequence[str]) -> str:
    options = "".join(f'<option value="{html.escape(value)}">{html.escape(value)}</option>' for value in values)
    choice = f'<select id="{name}"><option value="">any</option>{options}</select>'
    return f'<label for="{name}">{_capital(name)} {choice}</label>'


def _article(rule: Rule, example: Example | None, related: Sequence[Rule]) -> str:
    frameworks = list(dict.fromkeys(map(framework, rule.frameworks)))
    facts = [
        ("Severity", rule.severity.value),
        ("Checked", _inline(WHEN[rule.scope])),
        ("Of", _inline(_of(rule))),
        *([("Asked for by", html.escape(", ".join(rule.frameworks)))] if rule.frameworks else []),
    ]
    heads = "".join(f'<th scope="col">{name}</th>' for name in SETTINGS)
    settings = "".join(
        f'<tr><th scope="row"><code>{name}</code></th>{"".join(f"<td>{_inline(text)}</td>" for text in texts)}</tr>'
        for name, *texts in _settings(rule)
    )
    links = ", ".join(f'<a href="#{each.id}" title="{html.escape(each.title)}">{each.id}</a>' for each in related)
    return "\n".join(
        [
            f'<details class="rule" id="{rule.id}" data-domain="{html.escape(domain(rule))}"'
            f' data-severity="{rule.severity.value}" data-scope="{rule.scope.value}"'
            f' data-framework="{html.escape("|".join(frameworks))}">',
            f'<summary><span class="id">{rule.id}</span> <span class="title">{html.escape(rule.title)}</span>'
            f' <span class="severity {rule.severity.value}">{rule.severity.value}</span></summary>',
            f"<p>{_inline(rule.why)}</p>",
            f"<dl>{''.join(f'<dt>{name}</dt><dd>{text}</dd>' for name, text in facts)}</dl>",
            *(_bad(example) if example else []),
            f"<h3>The fix</h3><p>{_inline(_capital(rule.fix))}.</p>",
            *(
                [f'<pre tabindex="0">{html.escape(chr(10).join(example.good))}</pre>']
                if example and example.good
                else []
            ),
            f"<h3>Settings</h3><table><thead><tr>{heads}</tr></thead><tbody>{settings}</tbody></table>",
            *([f"<p>Related: {links}</p>"] if related else []),
            "</details>",
        ]
    )


def _bad(example: Example) -> list[str]:
    return [
        f"<h3>The mistake</h3><p>{html.escape(_capital(example.mistake))}:</p>",
        f'<pre class="diff" tabindex="0">{"".join(map(_marked, example.difference))}</pre>',
        f'<p>What the engine prints:</p><pre class="said" tabindex="0">'
        f"{html.escape(chr(10).join(map(said, example.findings)))}</pre>",
    ]


def _marked(row: tuple[str, str]) -> str:
    mark, line = row
    text = html.escape(f"{mark or ' '}{line}")
    element = {"-": "del", "+": "ins"}.get(mark)
    return f"<{element}>{text}</{element}>\n" if element else f"{text}\n"


def _inline(text: str) -> str:
    return _spans(text, html.escape, lambda code: f"<code>{html.escape(code)}</code>")


def main() -> int:
    """Write every page."""
    made = pages()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
