"""docs/orchestrators.md says what the program does: its names are those of the stacks, and its links lead somewhere."""

import re
from pathlib import Path

import pytest

from infra.namespaces import TEMPORAL_WORKERS, WORKFLOWS
from tests.house import stacks

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "orchestrators.md"
TEXT = PAGE.read_text()
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]}
RELEASE = "kubernetes:helm.sh/v3:Release"


def slug(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_links_lead_to_files_and_headings_that_are_there() -> None:
    found = re.findall(r"\]\(([^)#]+)(?:#([^)]+))?\)", TEXT)
    assert len(found) > 5
    for path, heading in found:
        target = (PAGE.parent / path).resolve()
        assert target.exists(), path
        if heading:
            headings = re.findall(r"^#+ (.+)$", target.read_text(), flags=re.MULTILINE)
            assert heading in map(slug, headings), heading


def test_files_it_names_are_there() -> None:
    named = set(re.findall(r"\bworkflows/[a-z]+/\w+\.(?:py|yaml)", TEXT))
    assert len(named) >= 3
    assert [each for each in named if not (ROOT / each).is_file()] == []


def test_settings_it_names_are_in_the_reference() -> None:
    reference = (ROOT / "docs" / "settings.md").read_text()
    named = set(re.findall(r"`((?:prefect|argo_workflows|airflow|temporal|traffic|network)\.(?!py)\w+)`", TEXT))
    assert len(named) >= 8
    for each in named:
        section, _, setting = each.partition(".")
        listed = reference.partition(f"\n## `tandem:platform.{section}`\n")[2].partition("\n## `tandem:region")[0]
        own = rf"^\| `{setting}` \||^## `tandem:platform\.{section}\.{setting}(\[\])?`"
        assert re.search(own, listed, flags=re.MULTILINE), each


@pytest.mark.parametrize(
    ("size", "section", "outputs"),
    [
        ("default", "Prefect", {"signInPassword"}),
        ("argo-workflows", "Argo Workflows", set[str]()),
        ("airflow", "Airflow", {"airflowSignInPassword"}),
        ("temporal", "Temporal", set[str]()),
    ],
)
def test_passwords_it_tells_of_are_those_of_the_stack(size: str, section: str, outputs: set[str]) -> None:
    recording = stacks.recorded_example("primary", size)
    there = {name for name in recording.outputs if name.endswith("Password")} - {"grafanaSignInPassword"}
    assert there == outputs == set(re.findall(r"(\w+Password) --show-secrets", SECTIONS[section]))


def test_people_find_the_namespaces_the_template_and_the_pool_that_it_names() -> None:
    argo = stacks.recorded_example("primary", "argo-workflows")
    template = argo.one("kubernetes:argoproj.io/v1alpha1:WorkflowTemplate").plain["metadata"]
    assert f"-n {template['namespace']} --from workflowtemplate/{template['name']} " in SECTIONS["Argo Workflows"]
    assert template["namespace"] == WORKFLOWS
    # The chart names its roles for people after the release.
    assert f"--clusterrole={argo.one(RELEASE, 'argo-workflows').name}-edit" in SECTIONS["Argo Workflows"]
    temporal = stacks.recorded_example("primary", "temporal")
    told = temporal.one("kubernetes:core/v1:ConfigMap", TEMPORAL_WORKERS).plain["data"]
    assert {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"} <= told.keys()
    for name in told:
        assert f"`{name}`" in TEXT
    prefect = stacks.recorded_example("primary", "default")
    pools = {
        each.plain["values"]["worker"]["config"]["workPool"]
        for each in prefect.all(RELEASE)
        if each.name.startswith("prefect-worker-")
    }
    (pool,) = re.findall(r"work_pool: \{name: (\w+),", SECTIONS["Prefect"])
    assert pool in pools
