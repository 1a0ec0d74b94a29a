"""The reference recovery workflow of Airflow 3.

    airflow dags trigger recovery --conf '{"run": "invoices-2026-11-21", "fail_at": 2}'

A task fails, is retried by Airflow, and goes on after the last good checkpoint. When the region is gone, trigger the
DAG in the other one with the same ``run``: its tasks pass over what was done. Needs the project's root on the path of
the DAG processor and the workers, as with git-sync's folder as ``dags_folder``.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, chain, dag, task
from airflow.sdk.exceptions import AirflowFailException

from workflows import reference

BATCHES = 5


@dag(
    dag_id="recovery",
    schedule=None,
    catchup=False,
    max_active_runs=10,
    tags=["reference", "recovery"],
    params={
        # The same in every attempt, and in the other region. Empty: the DAG run's.
        "run": Param("", type="string"),
        # Batch to fail at, once.
        "fail_at": Param(None, type=["null", "integer"]),
    },
    default_args={
        "retries": 4,
        "retry_delay": timedelta(seconds=5),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=2),
    },
)
def recovery() -> None:
    """Do the whole job, or what is left of it."""

    @task
    def advance(batch: int, params: Any = None, dag_run: Any = None) -> reference.State:
        """Bring the run to the end of a batch."""
        try:
            return reference.advance(params["run"] or dag_run.run_id, batch, fail_at=params["fail_at"])
        except Exception as error:
            if reference.may_pass(error):
                raise
            raise AirflowFailException(f"not retried: {error}") from error

    chain(*[advance.override(task_id=f"batch_{batch}")(batch) for batch in range(BATCHES)])


recovery_dag = recovery()
