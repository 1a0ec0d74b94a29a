"""What every report is worded with."""

import pytest

from resilience.words import code, counted, cut, fence, plain, shown_name, shown_type, what_of

RELEASE = "urn:pulumi:one::tandem::pkg:index:Models$kubernetes:helm.sh/v3:Release::vision::v2"
BUCKET = "urn:pulumi:one::tandem::aws:s3/bucket:Bucket::b\x1b\nc"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines\t here", "two lines here"),
        ("a\x1b[31mb", "a\ufffd[31mb"),
        ("\u202egnp", "\ufffdgnp"),
        ("ä 字", "ä 字"),
    ],
)
def test_plain_text_is_one_line_that_deceives_nobody(text: str, shown: str) -> None:
    assert plain(text) == shown
    assert plain(shown) == shown


def test_things_are_counted() -> None:
    assert [counted(number, "row") for number in (0, 1, 2, 1234)] == ["0 rows", "1 row", "2 rows", "1,234 rows"]


@pytest.mark.parametrize(("text", "shown"), [("abc", "abc"), ("abcd", "abc…"), ("", "")])
def test_what_is_cut_says_so(text: str, shown: str) -> None:
    assert cut(text, 3) == shown


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("plain", "`plain`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("a```", "```` a``` ````"),
        ("", "` `"),
        ("[x](y)\n@", "`[x](y) @`"),
        ("123456789", "`12345678…`"),
    ],
)
def test_a_code_span_shows_its_text_and_nothing_else(text: str, span: str) -> None:
    assert code(text, 8) == span


@pytest.mark.parametrize(("text", "around"), [("x", "```"), ("``", "```"), ("```", "````"), ("` ````` `", "``````")])
def test_nothing_in_a_text_closes_its_fence(text: str, around: str) -> None:
    assert fence(text, 3) == around


@pytest.mark.parametrize(
    ("urn", "name", "type_", "what"),
    [
        (RELEASE, "vision::v2", "kubernetes:helm.sh/v3:Release", "vision::v2 (Release)"),
        (BUCKET, "b\ufffd c", "aws:s3/bucket:Bucket", "b\ufffd c (Bucket)"),
        ("urn:pulumi:one::tandem::a:\x07$a:b:C\x07::x", "x", "a:b:C\ufffd", "x (C\ufffd)"),
        ("", "", "", ""),
        ("models", "models", "", "models"),
    ],
)  # fmt: skip
def test_a_resource_is_named_without_its_parents(urn: str, name: str, type_: str, what: str) -> None:
    assert (shown_name(urn), shown_type(urn), what_of(urn)) == (name, type_, what)
