"""The worker that teams start from: what the cluster's door lets in, and what a kubelet can tell and stop."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import pytest
import yaml

from components.kubernetes import Priority
from components.kubernetes.admission import RULES, Rule
from infra.namespaces import TEMPORAL_WORKERS
from sandbox.knowledge import kubernetes
from tests.unit.components.test_admission import judged
from tests.workflows.orchestrators import KINDS, Attempts
from workflows import reference

OBJECTS: dict[str, dict[str, Any]] = {
    each["kind"]: each
    for each in yaml.safe_load_all((Path(reference.__file__).parent / "temporal" / "worker.yaml").read_text())
}
POD = OBJECTS["Deployment"]["spec"]["template"]
(CONTAINER,) = POD["spec"]["containers"]


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    KINDS["temporal"](monkeypatch, Attempts())
    loaded = sys.modules["loaded_recovery_workflow"]
    monkeypatch.setattr(loaded, "ALIVE", str(tmp_path / "alive"))
    return loaded


@pytest.mark.parametrize("kind", sorted(OBJECTS))
def test_the_api_server_takes_it(kind: str) -> None:
    given = OBJECTS[kind]
    assert kubernetes.check(f"kubernetes:{given['apiVersion']}:{kind}", given) == []


@pytest.mark.parametrize(
    ("rule", "kind"),
    [(rule, kind.kind) for rule in RULES for kind in rule.kinds if kind.kind in OBJECTS],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_the_door_lets_it_in(rule: Rule, kind: str) -> None:
    assert judged(rule, OBJECTS[kind])


def test_it_stands_where_the_platform_keeps_an_account_and_an_environment_for_it() -> None:
    assert {each["metadata"]["namespace"] for each in OBJECTS.values()} == {TEMPORAL_WORKERS}
    assert POD["spec"]["serviceAccountName"] == TEMPORAL_WORKERS
    assert CONTAINER["envFrom"] == [{"configMapRef": {"name": TEMPORAL_WORKERS}}]
    assert POD["spec"]["priorityClassName"] == Priority.RUNS


def test_its_budget_selects_its_pods() -> None:
    (selected,) = OBJECTS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"].items()
    assert selected in POD["metadata"]["labels"].items()


def test_a_worker_told_to_stop_lets_activities_end_within_the_pod_s_time(
    module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: dict[str, Any] = {}
    ended: list[bool] = []

    class Worker:
        def __init__(self, client: object, **rest: Any) -> None:
            said.update(rest)

        async def __aenter__(self) -> Self:
            asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)
            return self

        async def __aexit__(self, *_: object) -> None:
            ended.append(True)

    monkeypatch.setattr(module, "Worker", Worker)
    before = signal.getsignal(signal.SIGTERM)
    asyncio.run(asyncio.wait_for(module.work(object()), 5))
    signal.signal(signal.SIGTERM, before)
    assert ended == [True]
    assert Path(module.ALIVE).is_file()
    assert said["graceful_shutdown_timeout"] == module.STOPPING
    assert module.STOPPING.total_seconds() < POD["spec"]["terminationGracePeriodSeconds"]


def test_a_worker_waits_alive_where_no_servers_run_and_begins_when_they_do(
    module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[object] = [RuntimeError("Failed client connect: nobody"), RuntimeError("again"), "client"]
    slept: list[float] = []

    class Client:
        @staticmethod
        async def connect(address: str, *, namespace: str) -> object:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        assert Path(module.ALIVE).is_file()

    monkeypatch.setattr(module, "Client", Client)
    monkeypatch.setattr(module.asyncio, "sleep", sleep)
    assert asyncio.run(module.wait_for_servers()) == "client"
    assert slept == [module.BEAT_SECONDS] * 2


def test_a_worker_whose_loop_turns_is_alive_and_one_whose_loop_hangs_is_not(module: Any, tmp_path: Path) -> None:
    python, flag, program = CONTAINER["livenessProbe"]["exec"]["command"]
    assert (python, flag) == ("python", "-c")
    assert "/tmp/alive" in program
    file = tmp_path / "alive"
    here = program.replace("/tmp/alive", str(file))

    def alive() -> bool:
        return subprocess.run([sys.executable, "-c", here], capture_output=True, check=False).returncode == 0

    assert not alive()
    file.touch()
    assert alive()
    late = file.stat().st_mtime - 6 * module.BEAT_SECONDS
    os.utime(file, (late, late))
    assert not alive()
