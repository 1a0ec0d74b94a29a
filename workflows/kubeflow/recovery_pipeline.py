r"""The reference recovery workflow of Kubeflow Pipelines 2.

    RECOVERY_IMAGE=registry.example.com/recovery:1 CHECKPOINT_BUCKET=... ARTIFACT_BUCKET=... FAILOVER_ENDPOINT=... \
        python workflows/kubeflow/recovery_pipeline.py recovery.yaml

writes the pipeline, to be uploaded and run with the parameter ``run``. The image needs this project's ``workflows`` on
its path, and boto3. A step fails, is retried, and goes on after the last good checkpoint. When the region is gone, run
the pipeline that was compiled for the other one with the same ``run``: its steps pass over what was done.
"""

import os
import sys

from kfp import compiler, dsl

BATCHES = 5

ENVIRONMENT = (
    "FAILOVER_ENDPOINT",
    "CHECKPOINT_BUCKET",
    "ARTIFACT_BUCKET",
    "FAILOVER_CHECKPOINT_BUCKET",
    "FAILOVER_REGION",
    "PUBLISH_ENDPOINT",
    "FAILOVER_PUBLISH_ENDPOINT",
    "AWS_DEFAULT_REGION",
)
"""What the steps get of the environment that the pipeline is compiled in; a pipeline knows no other."""


@dsl.component(
    base_image=os.environ.get("RECOVERY_IMAGE", "registry.example.com/recovery:1"), install_kfp_package=False
)
def advance(run: str, batch: int, fail_at: int) -> int:
    """Bring the run to the end of a batch; return the sum so far."""
    from workflows import reference

    return reference.advance(run, batch, fail_at=fail_at)["total"]


@dsl.pipeline(name="recovery", description="Do the whole job, or what is left of it.")
def recovery(run: str, fail_at: int = -1) -> int:
    """Go through the batches in order; a batch that is done is passed over."""
    step = None
    for batch in range(BATCHES):
        before, step = step, advance(run=run, batch=batch, fail_at=fail_at)
        step.set_display_name(f"batch-{batch}")
        # Mistakes are retried, too: the pipeline's language knows no condition.
        step.set_retry(num_retries=4, backoff_duration="5s", backoff_factor=2, backoff_max_duration="120s")
        # What a step did is in the bucket, and only there.
        step.set_caching_options(False)
        for name in ENVIRONMENT:
            if name in os.environ:
                step.set_env_variable(name, os.environ[name])
        if before is not None:
            step.after(before)
    return step.output


if __name__ == "__main__":
    compiler.Compiler().compile(recovery, sys.argv[1])
