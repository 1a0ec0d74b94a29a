"""IAM documents, read as what they grant. The simulated cloud evaluates none, so tests hold them."""

import json


def granted(policy: str) -> dict[str, set[str]]:
    """Resources by action, of everything that a policy document allows."""
    found: dict[str, set[str]] = {}
    for statement in json.loads(policy)["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in statement["Action"]:
            found.setdefault(action, set()).update(statement["Resource"])
    return found
