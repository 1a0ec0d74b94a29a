"""IAM documents as JSON text, built without asking AWS so that a preview needs no call for them."""

import json
from collections.abc import Sequence
from typing import Any

Statement = dict[str, Any]


def document(statements: Sequence[Statement]) -> str:
    """An IAM policy document of version 2012-10-17."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: Sequence[str], resources: Sequence[str], condition: dict[str, Any] | None = None) -> Statement:
    """A statement that allows actions on resources, under a condition if one is given."""
    statement: Statement = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return statement | ({"Condition": condition} if condition else {})


def trust(service: str, actions: Sequence[str] = ("sts:AssumeRole",)) -> str:
    """The trust policy of a role that one AWS service may assume."""
    return document([{"Effect": "Allow", "Principal": {"Service": service}, "Action": list(actions)}])
