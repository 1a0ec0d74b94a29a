"""No test may reach AWS, and an Output used as text is an error, not an apology in a resource's name."""

import os
import signal

import pytest

os.environ["PULUMI_ERROR_OUTPUT_STRING"] = "true"

# In a script's background tests are born deaf to interrupts, and so would be what they start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_cloud_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
