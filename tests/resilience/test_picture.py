"""A picture that is kept is the picture that was seen."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience.adapters import picture
from resilience.graph import UNKNOWN, Provider, Resource, Secret

NAMES = st.one_of(st.text(max_size=8), st.sampled_from([picture.MARK, "members", "__proto__", "urn"]))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.sampled_from([picture.HIDDEN, picture.NOT_KNOWN, picture.OBJECT]),
    st.just(UNKNOWN),
    # What stands for something else, where it stands for itself.
    st.sampled_from([picture.HIDDEN, picture.NOT_KNOWN, picture.OBJECT]).map(lambda word: {picture.MARK: word}),
    st.text(max_size=8).map(Secret),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3), inner.map(Secret)),
    max_leaves=8,
)
PROPERTIES = st.dictionaries(NAMES, TREES, max_size=4)
URNS = st.lists(st.text(max_size=8), max_size=3).map(tuple)
PROVIDERS = st.builds(Provider, st.text(max_size=4), st.text(max_size=4), PROPERTIES, st.text(max_size=4))


@st.composite
def stacks(draw: st.DrawFn) -> list[Resource]:
    providers = [None, *draw(st.lists(PROVIDERS, max_size=2))]
    text = st.text(max_size=8)
    made = st.builds(
        Resource,
        text,
        text,
        text,
        PROPERTIES,
        text,
        st.sampled_from(providers),
        st.dictionaries(NAMES, URNS, max_size=2),
        st.booleans(),
        URNS,
        URNS,
    )
    return draw(st.lists(made, max_size=4))


def hidden(content: Any) -> Any:
    """What may be kept of a tree, in a form that can be compared."""
    if isinstance(content, Secret):
        return "a secret"
    if isinstance(content, dict):
        return {"an object": {name: hidden(member) for name, member in content.items()}}
    if isinstance(content, list):
        return [hidden(element) for element in content]
    return type(content), content


def seen(resources: list[Resource]) -> list[Any]:
    return [
        (
            *(each.urn, each.type, each.name, hidden(dict(each.properties)), each.parent),
            each.provider
            and (each.provider.name, each.provider.type, each.provider.urn, hidden(dict(each.provider.properties))),
            *(dict(each.edges), each.protect, each.ignore_changes, each.dependencies),
        )
        for each in resources
    ]


@given(stacks())
def test_what_is_written_is_what_is_read(resources: list[Resource]) -> None:
    written = json.loads(json.dumps(picture.encoded(resources), sort_keys=True))
    assert seen(picture.decoded(written)) == seen(resources)


def thing(**properties: Any) -> Resource:
    return Resource("urn:pulumi:primary::tandem::aws:kms/key:Key::k", "aws:kms/key:Key", "k", properties)


def test_no_secret_reaches_the_file(tmp_path: Path) -> None:
    file = tmp_path / "picture"
    provider = Provider("p", "pulumi:providers:aws", {"token": Secret("swordfish")})
    key = Resource("urn", "type", "k", {"a": [Secret({"b": "swordfish"})]}, "", provider)
    picture.write(file, [key])
    assert "swordfish" not in file.read_text()
    [back] = picture.read(file)
    assert back.read("a[0]").unknown
    assert back.read("a[0]").secret
    assert back.provider is not None
    assert back.provider.read("token").secret


def test_others_cannot_read_it_and_half_of_it_is_never_there(tmp_path: Path) -> None:
    file = tmp_path / "picture"
    picture.write(file, [thing(a=1)])
    picture.write(file, [thing(a=2)])
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.read("a").content for each in picture.read(file)] == [2]
    assert list(tmp_path.iterdir()) == [file]


def test_a_provider_is_kept_once(tmp_path: Path) -> None:
    provider = {"region": "us-east-1", "token": "x" * 1000}
    # The wire brings it anew with each resource.
    rows = [Resource(f"urn{n}", "t", "n", {}, "", Provider("p", "t", dict(provider), "u")) for n in range(100)]
    file = tmp_path / "picture"
    picture.write(file, rows)
    assert file.read_text().count("x" * 1000) == 1
    assert {each.provider.read("region").content for each in picture.read(file) if each.provider} == {"us-east-1"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no picture of a stack"),
        ("[]", "has no `picture`, the version of its format"),
        ('{"picture": 2}', "is a picture of format 2, must be 1; take it again"),
        ('{"picture": 1}', r"is a damaged picture \(KeyError: 'providers'\)"),
        ('{"picture": 1, "providers": [], "resources": [{"urn": "u"}]}', "is a damaged picture"),
        ('{"picture": 1, "providers": [], "resources": [7]}', "is a damaged picture"),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "picture"
    file.write_text(text)
    with pytest.raises(ValueError, match=said):
        picture.read(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="none: No such file"):
        picture.read(tmp_path / "none")
