"""IAM documents, read from their JSON text."""

import json
from typing import Any

from resilience.graph import Read, State


def statements(document: Read) -> list[Read] | None:
    """Statements of a policy document, in text or as an object; None where nobody can say which."""
    if document.unknown:
        return None
    content: Any = document.content
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except (ValueError, RecursionError):
            return None
    parsed = Read(document.path, State.VALUE, content, document.secret).field("Statement")
    return parsed.each() or ([parsed] if isinstance(parsed.content, dict) else [])


def texts(read: Read) -> list[str]:
    """What a field holds that takes one text or a list of them."""
    given = read.each() if isinstance(read.content, list) else [read]
    return [str(each.content) for each in given if each.known]
