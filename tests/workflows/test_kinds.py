"""Every orchestrator's reference workflow: checkpoint, fail, resume; once with its promises, once with its package."""

import asyncio
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.double import S3, refusal
from tests.workflows.orchestrators import KINDS, Attempts, Run
from workflows import recovery, reference

TOTAL = sum(reference.score(batch) for batch in range(5))
ROOT = Path(reference.__file__).parent


@pytest.fixture
def regions(monkeypatch: pytest.MonkeyPatch) -> dict[str | None, S3]:
    """S3 of this region, which a client without a region has, and of the other."""
    found: dict[str | None, S3] = {None: S3(), "us-west-2": S3()}
    for region, buckets in ((None, ("checkpoints", "artifacts")), ("us-west-2", ("checkpoints-west",))):
        for bucket in buckets:
            found[region].create_bucket(bucket)
    monkeypatch.setattr(recovery, "client", lambda region=None: found[region])
    for name, value in {
        "CHECKPOINT_BUCKET": "checkpoints",
        "ARTIFACT_BUCKET": "artifacts",
        "FAILOVER_CHECKPOINT_BUCKET": "checkpoints-west",
        "FAILOVER_REGION": "us-west-2",
    }.items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture
def attempts() -> Attempts:
    return Attempts()


@pytest.fixture(params=sorted(KINDS))
def run(request: pytest.FixtureRequest, regions: Any, monkeypatch: pytest.MonkeyPatch, attempts: Attempts) -> Run:
    del regions
    return KINDS[request.param](monkeypatch, attempts)


def results(s3: S3) -> dict[str, Any]:
    return {key: json.loads(body) for key, body in s3.buckets["artifacts"].items() if key.startswith("results/")}


def test_the_job_fails_once_and_goes_on_after_its_last_checkpoint(
    run: Run, regions: dict[str | None, S3], attempts: Attempts
) -> None:
    had = list[int]()
    real = reference.score
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "score", lambda batch: (had.append(batch), real(batch))[1])
        assert run("nightly", 2) == TOTAL
    # Batches before the one that failed are not done again, and that one is.
    assert had == [0, 1, 2, 2, 3, 4]
    assert max(attempts.count(each) for each in attempts) == 2
    here = regions[None]
    assert results(here) == {
        f"results/nightly/batch-{batch}.json": {"batch": batch, "adds": reference.score(batch)} for batch in range(5)
    }
    manifests = [key for key in here.buckets["checkpoints"] if "/manifests/" in key]
    assert len(manifests) == 5


def test_a_run_that_is_started_again_passes_over_what_was_done(run: Run, regions: dict[str | None, S3]) -> None:
    assert run("nightly", None) == TOTAL
    before = dict(regions[None].buckets["checkpoints"])
    assert run("nightly", None) == TOTAL
    assert regions[None].buckets["checkpoints"] == before


def test_a_run_goes_on_in_the_other_bucket_when_its_own_is_dark(
    run: Run, regions: dict[str | None, S3], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = regions[None], regions["us-west-2"]
    store = recovery.Checkpoints(here, "checkpoints", "nightly")
    reference.go_on(store, None, 2, publish=lambda key, result: reference.put_once(here, "artifacts", key, result))
    there.buckets["checkpoints-west"] = {}
    for key, body in here.buckets["checkpoints"].items():
        there.put_object(Bucket="checkpoints-west", Key=key, Body=body)
    here.dark = True
    # Artifacts are the other region's, too; its own pods name that bucket.
    there.buckets["artifacts"] = here.buckets["artifacts"]
    monkeypatch.setattr(
        reference.recovery, "client", lambda region=None: there if region else _Split(here, there, "artifacts")
    )
    assert run("nightly", None) == TOTAL
    assert len([key for key in there.buckets["checkpoints-west"] if key.endswith("-checkpoints-west")]) == 2


class _Split:
    """A client whose checkpoints are dark and whose artifacts are not."""

    def __init__(self, dark: S3, light: S3, bucket: str) -> None:
        self._dark, self._light, self._bucket = dark, light, bucket

    def put_object(self, **said: Any) -> Any:
        return (self._light if said["Bucket"] == self._bucket else self._dark).put_object(**said)

    def get_object(self, **said: Any) -> Any:
        return self._dark.get_object(**said)

    def get_paginator(self, operation: str) -> Any:
        return self._dark.get_paginator(operation)


@pytest.mark.parametrize("run", sorted(set(KINDS) - {"kubeflow"}), indirect=True)
@pytest.mark.parametrize("error", [ValueError("a mistake"), refusal("AccessDenied", 403, "PutObject")], ids=str)
def test_a_mistake_is_not_retried(
    run: Run, error: Exception, attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def score(batch: int) -> int:
        raise error

    monkeypatch.setattr(reference, "score", score)
    with pytest.raises(Exception, match=r"a mistake|AccessDenied|exit code 1"):
        run("nightly", None)
    assert len(attempts) == 1


def test_argo_keeps_how_a_workflow_ended(regions: dict[str | None, S3], monkeypatch: pytest.MonkeyPatch) -> None:
    run = KINDS["argo"](monkeypatch, Attempts())
    run("nightly", None)
    kept = json.loads(regions[None].buckets["artifacts"]["outcomes/recovery-x7k2p.json"])
    assert kept == {"run": "recovery-x7k2p", "status": "Succeeded"}


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ({}, ("localhost:7233", "default")),
        ({"TEMPORAL_ADDRESS": "flows:7233", "TEMPORAL_NAMESPACE": "training"}, ("flows:7233", "training")),
    ],
)
def test_temporal_s_workers_work_in_the_namespace_they_are_told_of(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, str], asked: tuple[str, str]
) -> None:
    connected: list[tuple[str, str]] = []

    class Client:
        @staticmethod
        async def connect(address: str, *, namespace: str) -> "Client":
            connected.append((address, namespace))
            return Client()

        async def execute_workflow(self, *_: Any, **said: str) -> str:
            return said["id"]

    KINDS["temporal"](monkeypatch, Attempts())
    module = sys.modules["loaded_recovery_workflow"]
    monkeypatch.setattr(module, "Client", Client)
    monkeypatch.setattr(sys, "argv", ["recovery_workflow.py", "start", "nightly"])
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    asyncio.run(module.main())
    assert connected == [asked]


# --- with the real packages, where they are installed: they are none of the project's requirements


def load(monkeypatch: pytest.MonkeyPatch, folder: str, module: str) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / folder))
    monkeypatch.delitem(sys.modules, module, raising=False)
    return importlib.import_module(module)


@pytest.mark.filterwarnings("default")
@pytest.mark.usefixtures("regions")
def test_prefect_runs_the_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("prefect", reason="Prefect is not installed")
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness():
        assert load(monkeypatch, "prefect", "recovery_flow").recovery("nightly", 3, 1) == {"done": 3, "total": 14}


@pytest.mark.filterwarnings("default")
@pytest.mark.usefixtures("regions")
def test_temporal_takes_the_workflow_and_runs_the_activity(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("temporalio", reason="Temporal's SDK is not installed")
    from temporalio import workflow
    from temporalio.exceptions import ApplicationError
    from temporalio.testing import ActivityEnvironment
    from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

    module = load(monkeypatch, "temporal", "recovery_workflow")

    async def prepare() -> None:
        SandboxedWorkflowRunner().prepare_workflow(workflow._Definition.must_from_class(module.Recovery))

    asyncio.run(prepare())
    job, environment = module.Job("nightly", 3, 1), ActivityEnvironment()
    with pytest.raises(reference.Rehearsal, match="failing at batch 1"):
        environment.run(module.advance, job, 2)
    assert environment.run(module.advance, job, 2) == {"done": 3, "total": 14}
    monkeypatch.setattr(reference, "score", lambda batch: 1 // 0)
    with pytest.raises(ApplicationError, match="by zero") as raised:
        environment.run(module.advance, module.Job("other", 3), 0)
    assert raised.value.non_retryable


@pytest.mark.filterwarnings("default")
def test_kubeflow_compiles_the_pipeline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("kfp", reason="Kubeflow Pipelines' SDK is not installed")
    from kfp import compiler

    monkeypatch.setenv("FAILOVER_ENDPOINT", "https://api.us-west-2.example.com")
    module = load(monkeypatch, "kubeflow", "recovery_pipeline")
    compiler.Compiler().compile(module.recovery, str(tmp_path / "recovery.yaml"))
    text = (tmp_path / "recovery.yaml").read_text()
    assert text.count("https://api.us-west-2.example.com") == module.BATCHES
    assert text.count("maxRetryCount: 4") == module.BATCHES


@pytest.mark.filterwarnings("default")
def test_airflow_reads_the_dag(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("airflow.sdk", reason="Airflow is not installed")
    dag = load(monkeypatch, "airflow", "recovery_dag").recovery_dag
    assert dag.task_ids == [f"batch_{batch}" for batch in range(5)]
    assert all(task.retries == 4 for task in dag.tasks)
    assert dag.get_task("batch_3").upstream_task_ids == {"batch_2"}
