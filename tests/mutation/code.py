"""Breaks the rules' own code, one place at a time, and looks whether the tests see it.

Cosmic Ray makes the mutants and keeps the books (a session file that an interrupted run goes on with); what tests a
mutant is here. A command a mutant, as Cosmic Ray would run, takes seconds; a fork of a process that has everything
ready takes a tenth. A rule's mutant has to say of every platform in its domain's table (tests/policies/mutants_*.py)
exactly what the table says, in the words that it quotes, with options as their pages have them; what all rules stand on
is tried by its own test files first, then by a part of the tables.

mutmut 3 was no choice: it leaves decorated functions alone, and every rule is one.
"""

import ast
import contextlib
import gc
import hashlib
import importlib
import io
import os
import re
import signal
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

from cosmic_ray.ast import get_ast  # pyright: ignore[reportMissingModuleSource]
from cosmic_ray.commands.init import _all_work_items  # pyright: ignore[reportPrivateUsage, reportMissingModuleSource]
from cosmic_ray.mutating import MutationVisitor  # pyright: ignore[reportMissingModuleSource]
from cosmic_ray.plugins import get_operator  # pyright: ignore[reportMissingModuleSource]
from cosmic_ray.work_db import WorkDB, use_db  # pyright: ignore[reportMissingModuleSource]
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult  # pyright: ignore[reportMissingModuleSource]

from tests.mutation import equivalent
from tests.mutation.equivalent import EQUIVALENT, Change
from tests.mutation.paths import ROOT

SECONDS = 30
"""Of the processor's time. A mutant that takes more never ends: killed."""
MOST_SECONDS = 300
"""One that waits so long for something waits for ever; a busy machine is slower than a mutant that calculates."""

OPERATORS = re.compile(
    r"core/("
    r"ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is|Lt_(LtE|GtE)|LtE_(Lt|Gt)|Gt_(GtE|LtE)|GtE_(Gt|Lt))"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_FloorDiv|FloorDiv_Mul|Div_Mul|Mod_Mul|BitOr_BitAnd|BitAnd_BitOr)"
    r"|ReplaceUnaryOperator_Delete_Not|AddNot|ReplaceTrueWithFalse|ReplaceFalseWithTrue|ReplaceAndWithOr"
    r"|ReplaceOrWithAnd|ReplaceBreakWithContinue|ReplaceContinueWithBreak|NumberReplacer|ZeroIterationForLoop"
    r")"
)
"""Cosmic Ray has some more that make nonsense of this code, such as subtracting words. It breaks at once, and would
only make the score look better."""

SHARED: dict[str, tuple[str, ...]] = {
    "resilience/graph.py": ("tests/resilience/test_graph.py",),
    "resilience/selectors.py": ("tests/resilience/test_selectors.py",),
    "policies/documents.py": ("tests/policies/test_documents.py",),
    "policies/schedules.py": ("tests/policies/test_schedules.py",),
    "policies/registry.py": ("tests/policies/test_registry.py",),
    "policies/judge.py": ("tests/policies/test_judge.py",),
    "policies/settings.py": ("tests/policies/test_settings.py",),
    "policies/addresses.py": ("tests/policies/test_addresses.py",),
    "policies/waivers.py": ("tests/policies/test_waivers.py",),
}
"""What all rules stand on, with the test files of its own."""
NTH = 7
"""Of all tables, every so many mutants try what is shared."""


def modules() -> list[str]:
    rules = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "policies/rules").glob("[a-z]*.py"))
    return [*SHARED, *rules]


def books_of(module: str, sessions: Path) -> Path:
    """Where the results of a module are kept, as it and its tests are now."""
    tests = SHARED.get(module, (f"tests/policies/mutants_{Path(module).stem}.py",))
    text = "".join((ROOT / each).read_text() for each in (module, *tests))
    return sessions / f"{module.replace('/', '.')}.{hashlib.sha256(text.encode()).hexdigest()[:12]}.sqlite"


def mutants(module: str) -> Iterator[WorkItem]:
    """What Cosmic Ray makes of a module, without what types and defaults of annotations say: they do nothing."""
    path = ROOT / module
    dead = _annotations(path.read_text())
    for item in _all_work_items([path], {}):
        mutation = item.mutations[0]
        if OPERATORS.fullmatch(mutation.operator_name) and not any(
            first <= tuple(mutation.start_pos) < last for first, last in dead
        ):
            yield item


def _annotations(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            found.append(node.returns)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
    return [
        ((each.lineno, each.col_offset), (each.end_lineno or 0, each.end_col_offset or 0))
        for each in found
        if each is not None
    ]


def mutated(module: str, item: WorkItem) -> str:
    """The module as the mutant has it; the books may be of another clone."""
    return _broken(get_ast((ROOT / module).read_text()), item)


def _broken(tree: Any, item: WorkItem) -> str:
    mutation = item.mutations[0]
    visitor = MutationVisitor(mutation.occurrence, get_operator(mutation.operator_name)(**mutation.operator_args))
    code = visitor.walk(tree).get_code()
    assert visitor.mutation_applied, f"{mutation} changes nothing"
    return code


class Survived(Exception):
    """Nothing in the tests sees the mutant."""


@dataclass(frozen=True)
class Case:
    """A platform of a table, with what the module's rules must say of it."""

    name: str
    whole: Any
    single: tuple[Any, ...]
    said: frozenset[str]
    evidence: frozenset[str]
    """Some of the findings, word for word."""


def run(sessions: Path, module: str, tell: Callable[[str], None]) -> None:
    """Try every mutant of a module that has not been tried, and keep what came out."""
    with use_db(str(books_of(module, sessions)), WorkDB.Mode.create) as books:
        if not books.num_work_items:
            books.add_work_items(mutants(module))
        prepared = _shared(module) if module in SHARED else _rules(module)
        source = (ROOT / module).read_text()
        unbroken = _tried(prepared, lambda: source, None)
        if unbroken is not TestOutcome.SURVIVED:
            raise ValueError(
                f"{module}: is {unbroken.value} as it is; mend its tests first, or every mutant looks killed"
            )
        pending = list(books.pending_work_items)
        # Parsed once: a child breaks its own copy.
        tree, spans = get_ast(source), _spans(source)
        # What is there by now stays: no child's collector touches, and so copies, it.
        gc.freeze()
        for number, item in enumerate(pending, 1):
            line = item.mutations[0].start_pos[0]
            name = next((name for first, last, name in spans if first <= line <= last), None)
            outcome = _tried(prepared, partial(_broken, tree, item), name)
            books.set_result(item.job_id, WorkResult(WorkerOutcome.NORMAL, test_outcome=outcome))
            if number % 50 == 0:
                tell(f"{module}: {number} of {len(pending)}")


Prepared = Callable[[str, str | None], None]
"""Tries code; with the name of what is broken in it, None: anything may be."""


def _spans(source: str) -> list[tuple[int, int, str | None]]:
    """First and last lines of what a module defines, decorators and all."""
    return [
        (min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))]), node.end_lineno or 0, name)
        for node, names in _definitions(source)
        for name in names[:1]
    ]


def _definitions(source: str) -> list[tuple[ast.stmt, tuple[str, ...]]]:
    found: list[tuple[ast.stmt, tuple[str, ...]]] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.append((node, (node.name,)))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.append((node, tuple(each.id for each in targets if isinstance(each, ast.Name))))
    return found


def _reached(source: str) -> dict[str, frozenset[str]]:
    """What each name of a module stands on: the names in its text, and the names in theirs."""
    own = {
        name: {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        for node, names in _definitions(source)
        for name in names
    }
    found: dict[str, frozenset[str]] = {}
    for name in own:
        seen, ahead = {name}, [name]
        while ahead:
            new = own.get(ahead.pop(), set()) - seen
            seen |= new
            ahead += new
        found[name] = frozenset(seen)
    return found


def _tried(prepared: Prepared, code: Callable[[], str], broken: str | None) -> TestOutcome:
    """Fork, break, try. The child says by its exit status what came of it."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        ended = os.waitstatus_to_exitcode(status)
        return {0: TestOutcome.SURVIVED, 3: TestOutcome.INCOMPETENT}.get(ended, TestOutcome.KILLED)
    status = 1
    try:
        # Both end the child by signal, unheard by any handler in Python.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.alarm(MOST_SECONDS)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            prepared(code(), broken)
        status = 0
    except (SyntaxError, Incompetent):
        status = 3
    finally:
        os._exit(status)


class Incompetent(Exception):
    """What cannot even be loaded is no mutant."""


AS_IT_IS = "as it is"
"""Name of the platform that nothing was done to."""


# Modules of rules.


def _rules(module: str) -> Prepared:
    from policies.catalog import all_rules
    from policies.judge import alone
    from policies.registry import RULES
    from policies.settings import settle
    from tests.policies.platform import Platform
    from tests.policies.reference import ALWAYS, EVIDENCE, reference

    name = module.removesuffix(".py").replace("/", ".")
    table = importlib.import_module(f"tests.policies.mutants_{name.rpartition('.')[2]}")
    own = frozenset(rule.id for rule in all_rules() if rule.judge.__module__ == name)
    always = {each for each in ALWAYS if each.rstrip("?") in own}
    singles: dict[str, Any] = {}

    def case(label: str, platform: Platform, found: set[str]) -> Case:
        from resilience.graph import Graph

        resources = platform.resources()
        one_stack = len({thing.stack for thing in platform.things.values()}) == 1
        said = {each for each in found if each.rstrip("?") in own}
        said |= {each for each in always if one_stack and each.rstrip("?") not in found}
        for key, resource in resources.items():
            thing = platform.things[key]
            singles.setdefault(f"{resource.urn} {thing}", resource)
        alone_ = tuple(singles[f"{resource.urn} {platform.things[key]}"] for key, resource in resources.items())
        words = frozenset(each for each in EVIDENCE.get(label, ()) if each.partition(":")[0] in own)
        return Case(label, Graph(resources.values()), alone_, frozenset(said), words)

    cases = [case(label, mutate(reference()), found) for label, mutate, found in [*table.MUTANTS, *table.GOOD]]
    cases.append(case(AS_IT_IS, reference(), set()))

    def check(ids: frozenset[str]) -> None:
        rules = [RULES[id_] for id_ in ids if id_ in RULES]
        _documented(rules)
        mine = [_about(each, ids) for each in cases]
        # What can be seen at all is mostly seen where these rules find something.
        _compare(sorted(mine, key=lambda each: not each.said), rules, settle(RULES.values(), {}), alone)

    check(own)
    reached = _reached((ROOT / module).read_text())
    judges = {id_: RULES[id_].judge.__name__ for id_ in own}

    def prepared(code: str, broken: str | None) -> None:
        # A rule that does not stand on what is broken says what it said.
        ids = own if broken is None else frozenset(id_ for id_ in own if broken in reached.get(judges[id_], {broken}))
        for id_ in own:
            del RULES[id_]
        _load(name, module, code)
        check(ids)

    return prepared


def _about(case: Case, ids: frozenset[str]) -> Case:
    """What a case says of some rules."""
    return replace(
        case,
        said=frozenset(each for each in case.said if each.rstrip("?") in ids),
        evidence=frozenset(each for each in case.evidence if each.partition(":")[0] in ids),
    )


def _documented(rules: Iterable[Any]) -> None:
    """Defaults and ranges are what docs/policies promises; tests/policies/test_pages.py holds all of a page."""
    from policies.settings import ON_UNKNOWN, default_on_unknown

    for rule in rules:
        page = (ROOT / f"docs/policies/{rule.id}.md").read_text()
        rows = [rf"`{ON_UNKNOWN}` \| {default_on_unknown(rule).value} \|"]
        for name, option in rule.options.items():
            rows.append(rf"`{name}` \| {option.default} \|.*\| {option.minimum} to {option.maximum} \|")
        unsaid = [row for row in rows if not re.search(row, page)]
        if unsaid:
            raise AssertionError(f"{rule.id}: its page does not say {unsaid}")


def _compare(cases: Iterable[Case], rules: list[Any], settings: Any, alone: Callable[[Any], bool]) -> None:
    from policies.judge import verdicts
    from policies.registry import Outcome
    from resilience.graph import Graph

    marks = {Outcome.FAIL: "", Outcome.UNPROVEN: "?", Outcome.CRASHED: "!"}
    known: dict[int, set[tuple[str, Outcome, str]]] = {}

    def findings(rule: Any, resource: Any, graph: Any) -> set[tuple[str, Outcome, str]]:
        return {(rule.id, each.outcome, each.evidence) for each in verdicts(rule, resource, graph, settings[rule.id])}

    for case in cases:
        open_: Counter[str] = Counter()
        found: set[tuple[str, Outcome, str]] = set()
        for resource in case.single:
            if id(resource) not in known:
                graph = Graph([resource])
                each_ = [findings(rule, each, graph) for rule in rules if alone(rule) for each in graph.of(*rule.types)]
                known[id(resource)] = set().union(*each_)
            found |= known[id(resource)]
        for rule in rules:
            if not alone(rule):
                for resource in case.whole.of(*rule.types):
                    about = findings(rule, resource, case.whole)
                    open_.update(id_ for id_, outcome, _ in about if outcome is Outcome.UNPROVEN)
                    found |= about
        said = {f"{id_}{marks[outcome]}" for id_, outcome, _ in found if outcome is not Outcome.PASS}
        if said != set(case.said):
            raise AssertionError(f"{case.name}: {sorted(said)}, not {sorted(case.said)}")
        unsaid = case.evidence - {f"{id_}: {evidence}" for id_, _, evidence in found}
        if unsaid:
            raise AssertionError(f"{case.name}: nothing says {sorted(unsaid)}")
        if case.name == AS_IT_IS and open_.total() != len(open_):
            raise AssertionError(f"{case.name}: more than one resource says what is open: {open_}")


def _load(name: str, module: str, code: str) -> types.ModuleType:
    """Put a module of this code in the place of the one that is loaded, or will be."""
    made = types.ModuleType(name)
    made.__file__ = str(ROOT / module)
    sys.modules[name] = made
    parent, _, last = name.rpartition(".")
    setattr(importlib.import_module(parent), last, made)
    compiled = compile(code, str(ROOT / module), "exec")
    try:
        exec(compiled, made.__dict__)
    except Exception as error:
        raise Incompetent(str(error)) from error
    return made


# What all rules stand on.


def _shared(module: str) -> Prepared:
    # Everything foreign is loaded before the fork, and nothing of ours: it must not know the module unbroken.
    import grpc  # noqa: F401  # pyright: ignore[reportUnusedImport]
    import hypothesis.strategies  # noqa: F401  # pyright: ignore[reportUnusedImport]
    import pytest
    import yaml  # noqa: F401  # pyright: ignore[reportUnusedImport]
    from google.protobuf import struct_pb2  # noqa: F401  # pyright: ignore[reportUnusedImport]
    from pulumi.runtime.proto import analyzer_pb2  # noqa: F401  # pyright: ignore[reportUnusedImport]

    ours = [name for name in sys.modules if name.split(".")[0] in ("policies", "resilience")]
    assert not ours, f"{ours} are loaded already"
    name = module.removesuffix(".py").replace("/", ".")
    files = [str(ROOT / file) for file in SHARED[module]]

    def prepared(code: str, _: str | None) -> None:
        _load(name, module, code)
        if files:
            arguments = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", "--tb=no", *files]
            # That plugins have been loaded before is what makes this fast.
            arguments += ["-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"]
            if pytest.main(arguments) != pytest.ExitCode.OK:
                raise AssertionError("a test of its own fails")
        _part_of_the_tables()

    return prepared


def _part_of_the_tables() -> None:
    from tests.policies.judging import said
    from tests.policies.reference import ALWAYS, GOOD, MUTANTS, reference

    rows = [*GOOD[::NTH], *MUTANTS[::NTH]]
    for name, mutate, found in rows:
        platform = mutate(reference())
        one_stack = len({thing.stack for thing in platform.things.values()}) == 1
        wanted = found | {each for each in ALWAYS if one_stack and each.rstrip("?") not in found}
        if said(platform) != wanted:
            raise AssertionError(name)


# What came of it.


def report(sessions: Path) -> str:
    """docs/mutation/code.md: the score of every module, and what survived, from the books as they are.

    Raises:
        ValueError: If something is said to be equivalent that no mutant survives for; one line each.
    """
    rows: list[str] = []
    left: list[str] = []
    total: Counter[str] = Counter()
    survived: list[Change] = []
    tried: list[str] = []
    for module in modules():
        session = books_of(module, sessions)
        if not session.exists():
            rows.append(f"| `{module}` | not tried | | | | | |")
            continue
        with use_db(str(session), WorkDB.Mode.open) as books:
            outcomes = Counter(str(cast("TestOutcome", result.test_outcome).value) for _, result in books.results)
            made = books.num_work_items
            items = [item for item, result in books.completed_work_items if not result.is_killed]
        changes = [_change(module, item) for item in sorted(items, key=lambda item: item.mutations[0].start_pos)]
        survived += changes
        if outcomes.total() == made:
            tried.append(module)
        outcomes[EQUAL] = sum(each in EQUIVALENT for each in changes)
        outcomes["survived"] -= outcomes[EQUAL]
        total += outcomes
        rows.append(f"| `{module}` | {made} | {_figures(outcomes, made)}")
        left += [f"- {each}" for each in changes if each not in EQUIVALENT]
    if mistakes := equivalent.unneeded(survived, tried):
        raise ValueError("\n".join(f"tests/mutation/equivalent.py: {each}: does not survive" for each in mistakes))
    return "\n".join(
        [
            "# Mutants of the rules' own code",
            "",
            f"As of {datetime.now(UTC):%Y-%m-%d}, by `make mutants` (Cosmic Ray {version('cosmic-ray')}). A mutant",
            "of a module of rules is killed by the module's own table of mutants alone: every platform in it must be",
            "found by exactly the rules that it names, in the words that it quotes; and an option's numbers must be",
            "those of the rule's page. What other tests of the suite would kill besides is not counted, and so the",
            "scores are lower bounds. Mutants that cannot be loaded count for nothing; annotations are left alone. A",
            "module that has changed since, or whose tests have, counts as not tried. Score: killed, of killed and",
            "survived.",
            "",
            "| Module | Mutants | Tried | Killed | Equivalent | Survived | Score |",
            "|---|--:|--:|--:|--:|--:|--:|",
            *rows,
            f"| all | {total.total()} | {_figures(total, total.total())}",
            "",
            "## Survivors",
            "",
            "As the line is, and as the mutant has it. Many differ in nothing but the words of the evidence.",
            "",
            *left,
            "",
            "## Equivalent",
            "",
            "Nobody can tell these from the code, by what [equivalent.py](../../tests/mutation/equivalent.py) says.",
            "",
            *[f"- {each}: {EQUIVALENT[each]}" for each in dict.fromkeys(survived) if each in EQUIVALENT],
            "",
        ]
    )


EQUAL = "equivalent"


def _change(module: str, item: WorkItem) -> Change:
    name = item.mutations[0].definition_name or "module"
    return equivalent.change(module, name, (ROOT / module).read_text(), mutated(module, item))


def _figures(outcomes: Counter[str], made: int) -> str:
    killed, same, survived = (outcomes[each] for each in ("killed", EQUAL, "survived"))
    tried = outcomes.total()
    score = f"{100 * killed / (killed + survived):.1f} %" if killed + survived else ""
    return f"{tried if tried != made else 'all'} | {killed} | {same} | {survived} | {score} |"
