"""The pages about the rules say what rules and tests say, and the one to search works in a browser."""

import ast
import json
import re
import time
from functools import cache
from html.parser import HTMLParser
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path

import pulumi
import pytest

from policies.catalog import all_rules
from policies.settings import ON_UNKNOWN, baseline
from policies.waivers import WAIVER_RULES
from scripts.policy_examples import examples, python_class, snake
from scripts.policy_pages import BASELINES, FOLDER, domain, framework, pages
from tests.house.browser import Page, browser

RULES = (*all_rules(), *WAIVER_RULES)
IDS = [rule.id for rule in RULES]
FRAMEWORKS = {framework(control) for rule in RULES for control in rule.frameworks}
SEARCH_PAGE = FOLDER / "index.html"


@cache
def made() -> dict[str, str]:
    return pages()


def test_the_pages_are_the_rules() -> None:
    there = {file.name: file.read_text() for file in FOLDER.iterdir()}
    assert sorted(there) == sorted(made())
    assert [name for name, text in made().items() if there[name] != text] == [], "run `make docs`"


# Not a test a rule: every process of a run would make all pages again.


def test_a_page_says_all_of_its_rule() -> None:
    for rule in RULES:
        text = made()[f"{rule.id}.md"].replace("`", "").replace("\\", "")
        for words in (
            rule.title,
            rule.why,
            rule.fix[1:],
            rule.severity.value,
            *rule.types,
            *rule.frameworks,
            ON_UNKNOWN,
        ):
            assert words.replace("`", "") in text
        for name, option in rule.options.items():
            assert f"| {name} | {option.default} | " in text
            assert f"| {option.minimum} to {option.maximum} |" in text
        # Wrapped as in a terminal.
        flat = " ".join(text.split())
        for finding in examples()[rule.id].findings if rule in all_rules() else ():
            assert " ".join(finding.message.split()).replace("`", "") in flat


def test_a_page_says_what_the_baselines_set() -> None:
    given = [json.loads(baseline(name).read_text()) for name in BASELINES]
    assert len({each["RDS-05"]["minDays"] for each in given[:2]}) == 2
    numbers = " | ".join(str(each["RDS-05"]["minDays"]) for each in given[:2])
    assert f"| `minDays` | 7 | {numbers} | " in made()["RDS-05.md"]
    assert "| `enforcementLevel` | mandatory | advisory | mandatory | mandatory | " in made()["RDS-05.md"]
    assert {file.stem for file in baseline("dev").parent.glob("*.json")} == set(BASELINES)


def test_a_mistake_is_a_difference_from_what_is_good() -> None:
    for id_, example in examples().items():
        gone = [line for mark, line in example.difference if mark == "-"]
        new = [line for mark, line in example.difference if mark == "+"]
        assert gone or new, id_
        # What was there is in the good example, line by line in its order.
        rest = iter(example.good)
        assert [line for line in gone if line not in rest] == [], id_
        kept = [line for mark, line in example.difference if mark == " "]
        assert [line for line in kept if line not in example.good] == [], id_


def test_brackets_of_a_difference_match() -> None:
    pairs = {")": "(", "]": "[", "}": "{"}
    for id_, example in examples().items():
        for left_out in "+-":
            lines = [re.sub(r'"[^"]*"|#.*', "", line) for mark, line in example.difference if mark != left_out]
            stack: list[str] = []
            for sign in re.findall(r"[\[\](){}]", "\n".join(lines)):
                if sign in pairs:
                    assert stack, f"{id_}: {sign} closes nothing"
                    assert stack.pop() == pairs[sign], id_
                else:
                    stack.append(sign)
            assert stack == [], id_


def parameters(name: str) -> set[str]:
    """What the class of an SDK takes, read from its file; importing all that are shown takes a minute."""
    package, *module, class_ = name.split(".")
    spec = find_spec(f"pulumi_{package}")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent.joinpath(*module)
    for file in folder.glob("*.py"):
        text = file.read_text()
        if not re.search(rf"^class {class_}\(pulumi\.(Custom|Provider)Resource\):", text, re.MULTILINE):
            continue
        tree = ast.parse(text)
        [found] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_]
        return {
            argument.arg
            for each in found.body
            if isinstance(each, ast.FunctionDef) and each.name in ("__init__", "_internal_init")
            for argument in (*each.args.args, *each.args.kwonlyargs)
        }
    raise AssertionError(f"{name}: the SDK has no such class")


def test_what_is_good_is_a_program_of_the_sdks() -> None:
    used: dict[str, set[str]] = {}
    for example in examples().values():
        for node in ast.walk(ast.parse("\n".join(example.good))):
            if isinstance(node, ast.Call) and (name := ast.unparse(node.func)).startswith(("aws.", "gcp.", "kubern")):
                used.setdefault(name, set()).update(each.arg for each in node.keywords if each.arg)
    assert len(used) >= 40
    # Custom resources take anything.
    unknown = {name: given - parameters(name) for name, given in used.items() if not name.endswith(".CustomResource")}
    assert {name: sorted(given) for name, given in unknown.items() if given} == {}


def test_what_is_good_asks_pulumi_for_what_it_has() -> None:
    trees = [ast.parse("\n".join(example.good)) for example in examples().values()]
    calls = [ast.unparse(node.func) for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    own = {name.removeprefix("pulumi.") for name in calls if name.startswith("pulumi.")}
    assert {"ResourceOptions", "export"} <= own
    assert [name for name in sorted(own) if not callable(attrgetter(name)(pulumi))] == []


@pytest.mark.parametrize(
    ("wire", "python"),
    [
        ("kmsKeyId", "kms_key_id"),
        ("enableDNSSupport", "enable_dns_support"),
        ("type", "type"),
        ("lambda", "lambda_"),
        ("topology.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ],
)
def test_a_property_has_its_name_in_python(wire: str, python: str) -> None:
    assert snake(wire) == python


@pytest.mark.parametrize(
    ("token", "python"),
    [
        ("aws:rds/clusterInstance:ClusterInstance", "aws.rds.ClusterInstance"),
        ("aws:lambda/function:Function", "aws.lambda_.Function"),
        ("random:index/randomPassword:RandomPassword", "random.RandomPassword"),
        ("kubernetes:networking.k8s.io/v1:NetworkPolicy", "kubernetes.networking.v1.NetworkPolicy"),
        ("kubernetes:helm.sh/v3:Release", "kubernetes.helm.v3.Release"),
        ("kubernetes:keda.sh/v1alpha1:ScaledObject", "kubernetes.apiextensions.CustomResource"),
        ("pulumi:providers:kubernetes", "kubernetes.Provider"),
    ],
)
def test_a_type_has_its_class(token: str, python: str) -> None:
    assert python_class(token, {}) == python


def test_every_link_leads_somewhere() -> None:
    for name, text in made().items():
        if name.endswith(".md"):
            headings = {
                re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
                for heading in re.findall("^#+ (.+)$", text, re.M)
            }
            for target in re.findall(r"\]\(([^)]+)\)", text):
                known = target in made() or target.removeprefix("#") in headings
                assert known or (FOLDER / target).is_file(), f"{name}: {target}"


def test_the_index_has_every_rule_by_everything() -> None:
    by_domain, by_severity, by_scope, by_framework = re.split(r"^## By ", made()["README.md"], flags=re.MULTILINE)[1:]
    for part in (by_domain, by_severity, by_scope):
        assert sorted(re.findall(r"\[([A-Z0-9]+-\d+)\]", part)) == sorted(IDS)
    asked = [rule.id for rule in RULES for _ in rule.frameworks]
    assert sorted(re.findall(r"\[([A-Z0-9]+-\d+)\]", by_framework)) == sorted(asked)


# The page to search.

VOID = {"meta", "input", "link", "br", "hr", "img"}


class Outline(HTMLParser):
    """Elements with their attributes; anything not closed, or closed without being open, is a mistake."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.mistakes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if len({name for name, _ in attrs}) != len(attrs):
            self.mistakes.append(f"{self.getpos()}: an attribute twice")
        # A paragraph ends where one of these begins.
        if "p" in self.open and tag in ("p", "pre", "dl", "table", "h3", "details", "form"):
            self.mistakes.append(f"{self.getpos()}: <{tag}> in a paragraph")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(f"{self.getpos()}: </{tag}> closes nothing")


@cache
def outline() -> Outline:
    parser = Outline()
    parser.feed(made()["index.html"])
    parser.close()
    return parser


def test_the_search_page_is_valid() -> None:
    assert made()["index.html"].startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "{{" not in made()["index.html"]
    assert (outline().mistakes, outline().open) == ([], [])
    ids = [attributes["id"] for _, attributes in outline().elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    for tag, attributes in outline().elements:
        if tag == "label":
            assert attributes["for"] in ids
        if tag == "a":
            assert (attributes["href"] or "")[1:] in IDS


def test_the_search_page_asks_nobody() -> None:
    assert not {tag for tag, _ in outline().elements} & {"link", "img", "iframe", "object", "base"}
    named = [name for _, attributes in outline().elements for name in attributes]
    assert not {"src", "srcset", "style", "onclick"} & set(named)
    code = re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", made()["index.html"], re.DOTALL)
    assert len(code) == 2
    assert not re.search(r"https?:|url\(|@import|fetch\(|XMLHttpRequest|import\(", "".join(code))


def test_the_search_page_knows_what_it_filters_by() -> None:
    rows = {a["id"]: a for tag, a in outline().elements if tag == "details"}
    assert list(rows) == IDS
    for rule in RULES:
        row = rows[rule.id]
        frameworks = set((row["data-framework"] or "").split("|")) - {""}
        assert (row["data-domain"], row["data-severity"], row["data-scope"], frameworks) == (
            domain(rule),
            rule.severity.value,
            rule.scope.value,
            {framework(control) for control in rule.frameworks},
        )
    offered = {a["value"] for tag, a in outline().elements if tag == "option"} - {""}
    assert offered >= {rule.severity.value for rule in RULES} | {domain(rule) for rule in RULES} | FRAMEWORKS


SHOWN = "Array.from(document.querySelectorAll('details.rule')).filter(e => e.checkVisibility()).map(e => e.id)"


def test_typing_filters_in_a_browser(tmp_path: Path) -> None:
    program = browser()
    if program is None:
        pytest.skip("no chromium on PATH: the page is not tried in a browser")
    with Page(program, tmp_path) as page:
        page.open(SEARCH_PAGE.as_uri())
        assert page.run(SHOWN) == IDS
        # From the keyboard alone: to the field, words into it, down to the rule, open.
        page.press("/")
        page.type("Backup_Retention_Period corruption")
        assert page.run(SHOWN) == ["RDS-05"]
        assert page.run("document.getElementById('shown').textContent") == "1 rule"
        page.press("ArrowDown")
        page.press("Enter")
        assert page.run("document.getElementById('RDS-05').open") is True
        page.press("Escape")
        time.sleep(0.1)
        assert page.run(SHOWN) == IDS
        for name, value in (("severity", "low"), ("scope", "stacks"), ("framework", "AWS FSBP"), ("domain", "EKS")):
            page.run(
                f"document.getElementById({name!r}).value = {value!r};"
                "document.getElementById('filters').dispatchEvent(new Event('input'))"
            )
            held = {
                "severity": lambda rule: rule.severity.value == "low",
                "scope": lambda rule: rule.scope.value == "stacks",
                "framework": lambda rule: "AWS FSBP" in {framework(each) for each in rule.frameworks},
                "domain": lambda rule: domain(rule) == "EKS",
            }[name]
            assert page.run(SHOWN) == [rule.id for rule in RULES if held(rule)]
            page.press("Escape")
            time.sleep(0.1)
        page.type("no rule says this")
        assert page.run(SHOWN) == []
        assert page.run("document.getElementById('none').checkVisibility()") is True
        # A link to a rule that the filter hides shows it.
        page.run("location.hash = '#RDS-06'")
        time.sleep(0.2)
        assert page.run("document.getElementById('RDS-06').open") is True
        assert page.run(SHOWN) == IDS
        # On paper everything is open.
        page.run("dispatchEvent(new Event('beforeprint'))")
        assert page.run("document.querySelectorAll('details.rule[open]').length") == len(IDS)
        page.run("dispatchEvent(new Event('afterprint'))")
        for scheme in ("light", "dark"):
            page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            dark = page.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
            assert dark is (scheme == "dark")
        assert page.said == []
        assert [url for url in page.asked if not url.startswith(SEARCH_PAGE.as_uri())] == []


def test_code_in_a_sentence_is_marked_by_whole_words() -> None:
    made = pages()
    assert "with `rule.default_retention` (components: `object_lock_days`" in made["S3-05.md"]
    assert "`topology.kubernetes.io/zone`" in made["K8S-06.md"]
    assert "(aws.amazon.com/message/" in made["RDS-01.md"]
