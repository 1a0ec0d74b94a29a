"""Words of every report: names and values come from whoever wrote the program, and deceive nobody."""

import re
import unicodedata

from resilience.graph import name_of, type_of


def plain(text: str) -> str:
    """Text in one line, without what a terminal, XML or a reader's eye could be deceived with."""
    kept = (each if not unicodedata.category(each).startswith("C") else "\ufffd" for each in " ".join(text.split()))
    return "".join(kept)


def counted(count: int, what: str) -> str:
    """``1 fault``, ``2 faults``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def cut(text: str, most: int) -> str:
    """Text of at most so many characters, and a mark where there were more."""
    return text if len(text) <= most else f"{text[:most]}…"


def code(text: str, most: int) -> str:
    """A code span of Markdown, which shows so many characters of a text, and nothing else."""
    shown = cut(plain(text), most) or " "
    around = fence(shown, 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{around}{pad}{shown}{pad}{around}"


def fence(text: str, least: int) -> str:
    """So many backticks, or as many as nothing in the text can close."""
    return "`" * max([least, *(len(run) + 1 for run in re.findall(r"`+", text))])


def shown_name(urn: str) -> str:
    """Name of a resource in its program."""
    return plain(name_of(urn))


def shown_type(urn: str) -> str:
    """Type of a resource, without its parents'; empty for no resource."""
    return plain(type_of(urn))


def what_of(urn: str) -> str:
    """Name and what it is: ``vision (Release)``."""
    kind = shown_type(urn).rpartition(":")[2]
    return f"{shown_name(urn)} ({kind})" if kind else shown_name(urn)
