"""One private sandbox for every engine test of a session: engine, state, providers, cloud and local AWS."""

import os
from collections.abc import Iterator

import pytest

from sandbox import engine as sandbox_engine
from sandbox import environment, home, local_aws
from tests.house.engine import Engine


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("sandbox")
    before = os.environ.get("TANDEM_SANDBOX_HOME")
    os.environ["TANDEM_SANDBOX_HOME"] = str(folder)
    try:
        binaries = home.install(sandbox_engine.ensure(print))
        variables = environment.base(binaries) | environment.aws(local_aws.start(print))
        yield Engine(folder, variables)
    finally:
        local_aws.stop()
        if before is None:
            del os.environ["TANDEM_SANDBOX_HOME"]
        else:
            os.environ["TANDEM_SANDBOX_HOME"] = before
