"""Who may import whom. The design's rules, read off the code itself."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("infra", "components", "resilience", "policies", "operations", "sandbox", "benchmarks", "workflows", "tests")
ALLOWED: dict[str, set[str]] = {
    "infra": {"components"},
    "components": set(),
    "resilience": set(),
    "policies": {"resilience"},
    "operations": {"resilience"},
    "sandbox": set(),
    # Runs in images of its own.
    "workflows": set(),
    # It times program and rules from outside, as the engine runs them.
    "benchmarks": {"components", "policies", "resilience", "sandbox", "tests"},
}


def python_files(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Dotted names a file imports; ``from a import b`` counts as ``a.b``, which may be a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def names_used(path: Path) -> set[str]:
    """Every attribute chain in a file, such as ``os.environ`` or ``pulumi.Config``."""
    return {ast.unparse(node) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("room", [room for room in ALLOWED if (ROOT / room).is_dir()])
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    files = python_files(room)
    assert files
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in imports(path)
        if name.split(".")[0] in ROOMS and name.split(".")[0] not in {room, *ALLOWED[room]}
    ]
    assert wrong == []


@pytest.mark.parametrize("path", python_files("components"), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_component_knows_no_stack_configuration_or_environment(path: Path) -> None:
    modules = {name.split(".")[0] for name in imports(path)}
    assert not modules & {"boto3", "botocore"}
    names = {name for name in imports(path)} | names_used(path)
    forbidden = {"pulumi.Config", "pulumi.StackReference", "pulumi.get_stack", "pulumi.get_project", "os.environ"}
    assert not names & forbidden


@pytest.mark.parametrize("path", python_files("components"), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_component_s_annotations_are_real(path: Path) -> None:
    # Pulumi's component host cannot read annotations that are strings.
    assert "__future__.annotations" not in set(imports(path))


def pure_files() -> list[Path]:
    return sorted(ROOT.glob("components/*/_plan.py")) + sorted(ROOT.glob("policies/rules/*.py"))


@pytest.mark.parametrize("path", pure_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_plans_and_rules_know_no_pulumi(path: Path) -> None:
    assert not [name for name in imports(path) if name.split(".")[0].startswith("pulumi")]


def one_reader(name: str) -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for path in python_files("infra") + python_files("components")
        if name in names_used(path) | set(imports(path))
    }


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("pulumi.Config", "infra/settings.py"),
        ("pulumi.StackReference", "infra/peer.py"),
        ("pulumi.export", "infra/exports.py"),
    ],
)
def test_one_file_alone_reads_or_exports(name: str, reader: str) -> None:
    assert one_reader(name) == {reader}


def test_every_test_file_is_collected() -> None:
    uncollected = [
        str(path.relative_to(ROOT))
        for path in python_files("tests")
        if not path.name.startswith("test_")
        and any(
            isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            for node in ast.parse(path.read_text()).body
        )
    ]
    assert uncollected == []


def test_every_raises_says_what_it_expects() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files("tests")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "pytest.raises"
        and not any(keyword.arg == "match" for keyword in node.keywords)
    ]
    assert silent == []


def test_the_program_is_short() -> None:
    assert len((ROOT / "infra/__main__.py").read_text().splitlines()) <= 60


def test_no_committed_file_names_a_registry_host() -> None:
    # Spelled apart, or this file would name them.
    hosts = ["pypi" + ".org", "files.python" + "hosted.org", "proxy." + "golang.org", "registry." + "npmjs.org"]
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    found = [
        f"{name}: {host}"
        for name in tracked
        if (ROOT / name).is_file()
        for host in hosts
        if host in (ROOT / name).read_text(errors="ignore")
    ]
    assert found == []
