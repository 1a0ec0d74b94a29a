"""Orchestrators as their decorators promise, without their packages: each runs its reference workflow with retries."""

import contextlib
import importlib.util
import re
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from workflows import reference

ROOT = Path(reference.__file__).parent

Run = Callable[[str, int | None], int]
"""Does the whole job by name, failing once at a batch; returns the sum."""

MOST_ATTEMPTS = 10


class Attempts(list[str]):
    """What was called, in order; one that is called too often has no end."""

    def add(self, what: str) -> None:
        self.append(what)
        assert self.count(what) <= MOST_ATTEMPTS, f"{what} is retried without end"


def load(patch: pytest.MonkeyPatch, path: str, modules: dict[str, dict[str, Any]]) -> Any:
    """Load a workflow's file with these packages in place of real ones."""
    for name, contents in modules.items():
        module = types.ModuleType(name)
        vars(module).update(contents)
        patch.setitem(sys.modules, name, module)
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], last, module)
    spec = importlib.util.spec_from_file_location(f"loaded_{Path(path).stem}", ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    patch.setitem(sys.modules, spec.name, loaded)
    spec.loader.exec_module(loaded)
    return loaded


def prefect(patch: pytest.MonkeyPatch, attempts: Attempts) -> Run:
    class State:
        def __init__(self, error: Exception) -> None:
            self.error = error

        def result(self, raise_on_failure: bool) -> Exception:
            assert raise_on_failure is False
            return self.error

    def task(*, task_run_name: str, retries: int, retry_condition_fn: Any, **_: Any) -> Any:
        def decorate(function: Any) -> Any:
            def call(run: str, batch: int, fail_at: int | None) -> Any:
                for attempt in range(retries + 1):
                    attempts.add(task_run_name.format(batch=batch))
                    try:
                        return function(run, batch, fail_at)
                    except Exception as error:
                        if attempt == retries or not retry_condition_fn(None, None, State(error)):
                            raise
                raise AssertionError

            return call

        return decorate

    def flow(**_: Any) -> Any:
        return lambda function: function

    @contextlib.contextmanager
    def concurrency(_name: str, occupy: int) -> Iterator[None]:
        assert occupy == 1
        yield

    module = load(
        patch,
        "prefect/recovery_flow.py",
        {
            "prefect": {"flow": flow, "task": task},
            "prefect.concurrency": {},
            "prefect.concurrency.sync": {"concurrency": concurrency},
        },
    )
    return lambda run, fail_at: module.recovery(run, 5, fail_at)["total"]


def airflow(patch: pytest.MonkeyPatch, attempts: Attempts) -> Run:
    class AirflowFailException(Exception):
        pass

    class Task:
        def __init__(self, function: Any, task_id: str = "") -> None:
            self.function, self.task_id, self.batch, self.after = function, task_id, -1, []

        def override(self, task_id: str) -> "Task":
            return Task(self.function, task_id)

        def __call__(self, batch: int) -> "Task":
            self.batch = batch
            return self

    order: list[Task] = []

    def dag(*, params: dict[str, Any], default_args: dict[str, Any], **_: Any) -> Any:
        class Dag:
            def run(self, conf: dict[str, Any]) -> Any:
                state: Any = None
                for each in order:
                    for attempt in range(default_args["retries"] + 1):
                        attempts.add(each.task_id)
                        try:
                            dag_run = types.SimpleNamespace(run_id="manual__1")
                            state = each.function(each.batch, params={**params, **conf}, dag_run=dag_run)
                            break
                        except AirflowFailException:
                            raise
                        except Exception:
                            if attempt == default_args["retries"]:
                                raise
                return state

        return lambda function: lambda: (function(), Dag())[1]

    module = load(
        patch,
        "airflow/recovery_dag.py",
        {
            "airflow": {},
            "airflow.sdk": {
                "Param": lambda default, **_: default,
                "chain": lambda *tasks: order.extend(tasks),
                "dag": dag,
                "task": Task,
            },
            "airflow.sdk.exceptions": {"AirflowFailException": AirflowFailException},
        },
    )
    return lambda run, fail_at: module.recovery_dag.run({"run": run, "fail_at": fail_at})["total"]


def temporal(patch: pytest.MonkeyPatch, attempts: Attempts) -> Run:
    class ApplicationError(Exception):
        def __init__(self, message: str, *, type: str, non_retryable: bool) -> None:
            super().__init__(message)
            assert type
            self.non_retryable = non_retryable

    async def execute_activity(
        activity: Any, *, args: list[Any], start_to_close_timeout: Any, retry_policy: dict[str, Any]
    ) -> Any:
        assert start_to_close_timeout
        for attempt in range(1, retry_policy["maximum_attempts"] + 1):
            attempts.add(f"batch-{args[1]}")
            try:
                return activity(*args)
            except Exception as error:
                last = attempt == retry_policy["maximum_attempts"]
                if last or (isinstance(error, ApplicationError) and error.non_retryable):
                    raise
        raise AssertionError

    same: Any = lambda thing: thing  # noqa: E731
    module = load(
        patch,
        "temporal/recovery_workflow.py",
        {
            "temporalio": {},
            "temporalio.activity": {"defn": same},
            "temporalio.workflow": {
                "defn": same,
                "run": same,
                "execute_activity": execute_activity,
                "unsafe": types.SimpleNamespace(imports_passed_through=contextlib.nullcontext),
            },
            "temporalio.client": {"Client": object},
            "temporalio.common": {"RetryPolicy": dict},
            "temporalio.exceptions": {"ApplicationError": ApplicationError},
            "temporalio.worker": {"Worker": object},
        },
    )

    def run(name: str, fail_at: int | None) -> int:
        # No loop is needed: nothing here waits.
        steps = module.Recovery().run(module.Job(name, 5, fail_at))
        try:
            steps.send(None)
        except StopIteration as end:
            return end.value["total"]
        raise AssertionError

    return run


def kubeflow(patch: pytest.MonkeyPatch, attempts: Attempts) -> Run:
    class Step:
        def __init__(self, function: Any, said: dict[str, Any]) -> None:
            self.function, self.said, self.retries, self.name = function, said, 0, ""
            self.cached, self.environment, self.before = True, dict[str, str](), list[Step]()
            steps.append(self)

        def set_display_name(self, name: str) -> None:
            self.name = name

        def set_retry(self, *, num_retries: int, **_: Any) -> None:
            self.retries = num_retries

        def set_caching_options(self, enable_caching: bool) -> None:
            self.cached = enable_caching

        def set_env_variable(self, name: str, value: str) -> None:
            self.environment[name] = value

        def after(self, step: "Step") -> None:
            self.before.append(step)

        @property
        def output(self) -> "Step":
            return self

        def run(self) -> int:
            # A container knows what its step was given, and nothing else.
            with pytest.MonkeyPatch.context() as inside:
                for name in ("CHECKPOINT_BUCKET", "ARTIFACT_BUCKET"):
                    inside.delenv(name)
                for name, value in self.environment.items():
                    inside.setenv(name, value)
                for attempt in range(self.retries + 1):
                    attempts.add(self.name)
                    try:
                        return self.function(**self.said)
                    except Exception:
                        if attempt == self.retries:
                            raise
            raise AssertionError

    steps: list[Step] = []
    dsl = types.SimpleNamespace(
        component=lambda **_: lambda function: lambda **said: Step(function, said),
        pipeline=lambda **_: lambda function: function,
    )
    module = load(patch, "kubeflow/recovery_pipeline.py", {"kfp": {"dsl": dsl, "compiler": None}})

    def run(name: str, fail_at: int | None) -> int:
        steps.clear()
        assert module.recovery(name, -1 if fail_at is None else fail_at) is steps[-1]
        assert all(step.before == steps[index - 1 : index] and not step.cached for index, step in enumerate(steps))
        return [step.run() for step in steps][-1]

    return run


def argo(patch: pytest.MonkeyPatch, attempts: Attempts) -> Run:
    spec = yaml.safe_load((ROOT / "argo" / "recovery-workflow.yaml").read_text())["spec"]
    templates = {each["name"]: each for each in spec["templates"]}
    del patch

    def container(template: dict[str, Any], known: dict[str, str]) -> int:
        """Run a template's container with its parameters filled in; return its exit code."""

        def fill(text: str) -> str:
            text = text.replace(
                "{{=workflow.parameters.run == '' ? workflow.name : workflow.parameters.run}}",
                known["workflow.parameters.run"] or known["workflow.name"],
            )
            return re.sub(r"\{\{([\w.-]+)\}\}", lambda found: known[found[1]], text)

        python, flag, module, *rest = [fill(each) for each in template["container"]["command"]] + [
            fill(each) for each in template["container"]["args"]
        ]
        assert (python, flag, module) == ("python", "-m", "workflows.reference")
        try:
            reference.main(rest)
        except SystemExit as end:
            return int(end.code or 0)
        except Exception:
            # What Python ends with.
            return 1
        return 0

    def run(name: str, fail_at: int | None) -> int:
        known = {f"workflow.parameters.{each['name']}": each["value"] for each in spec["arguments"]["parameters"]}
        known |= {
            "workflow.name": "recovery-x7k2p",
            "workflow.parameters.run": name,
            "workflow.parameters.fail-at": str(-1 if fail_at is None else fail_at),
        }
        main = templates[spec["entrypoint"]]
        strategy = main["retryStrategy"]
        refused = re.fullmatch(r"not \(lastRetry\.exitCode in \[(.*)\]\)", strategy["expression"])
        assert refused is not None
        for _ in range(int(strategy["limit"]) + 1):
            attempts.add("main")
            code = container(main, known)
            if code == 0 or f'"{code}"' in refused[1]:
                break
        ((handler,),) = templates[spec["onExit"]]["steps"]
        known["workflow.status"] = "Succeeded" if code == 0 else "Failed"
        inputs = {
            f"inputs.parameters.{each['name']}": known[each["value"].strip("{}")]
            for each in handler["arguments"]["parameters"]
        }
        assert container(templates[handler["template"]], {**known, **inputs}) == 0
        if code:
            raise RuntimeError(f"exit code {code}")
        # What it printed is its result; here it is asked for again.
        return reference.advance(name, 4)["total"]

    return run


KINDS = {"prefect": prefect, "airflow": airflow, "temporal": temporal, "kubeflow": kubeflow, "argo": argo}
