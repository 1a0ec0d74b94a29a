"""IAM documents: which statements there are, and whether anybody can say."""

import json
from typing import Any

import pytest

from policies.documents import statements, texts
from resilience.graph import UNKNOWN, Read, State

ONE = {"Effect": "Deny", "Action": "s3:*"}
OTHER = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"]}


def read(content: Any) -> Read:
    return Read("policy", State.VALUE, content)


@pytest.mark.parametrize("written", [json.dumps, dict], ids=["text", "object"])
@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"Statement": [ONE, OTHER]}, [ONE, OTHER]),
        # IAM takes one statement without a list around it.
        ({"Statement": ONE}, [ONE]),
        ({"Statement": []}, []),
        ({"Statement": "Deny"}, []),
        ({"Version": "2012-10-17"}, []),
    ],
)
def test_statements_are_those_of_the_document(written: Any, given: dict[str, Any], found: list[Any]) -> None:
    said = statements(read(written(given)))
    assert said is not None
    assert [each.content for each in said] == found


@pytest.mark.parametrize(
    "document",
    [
        Read("policy", State.UNKNOWN),
        read("{"),
        read("[" * 100_000),
    ],
    ids=["unknown", "no JSON", "deeper than can be read"],
)
def test_nobody_can_say_what_cannot_be_read(document: Read) -> None:
    assert statements(document) is None


def test_a_statement_that_is_unknown_is_one() -> None:
    said = statements(read({"Statement": [ONE, UNKNOWN]}))
    assert said is not None
    assert [each.unknown for each in said] == [False, True]
    hidden = statements(read({"Statement": UNKNOWN}))
    assert hidden is not None
    assert [each.unknown for each in hidden] == [True]


def test_a_field_takes_one_text_or_a_list() -> None:
    one, other = (read(each).field("Action") for each in (ONE, OTHER))
    assert texts(one) == ["s3:*"]
    assert texts(other) == ["s3:GetObject", "s3:PutObject"]
    assert texts(read({"Action": ["s3:*", UNKNOWN]}).field("Action")) == ["s3:*"]
    assert texts(read({}).field("Action")) == []
