import pickle

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from sandbox.values import (
    ARCHIVE_SIGNATURE,
    ASSET_SIGNATURE,
    OUTPUT_SIGNATURE,
    REFERENCE_SIGNATURE,
    SIGNATURE_KEY,
    UNKNOWN,
    Secret,
    decode,
    encode,
    has_secret,
    has_unknown,
    unwrapped,
)

# Every number is a double on the wire: beyond 2**53 whole numbers are not exact.
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"))
    | st.just(UNKNOWN)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), inner, max_size=4)
        | st.builds(Secret, inner)
    ),
    max_leaves=20,
)
PROPERTIES = st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), VALUES, max_size=5)


@given(PROPERTIES)
def test_what_is_encoded_decodes_to_the_same(properties):
    assert decode(encode(properties)) == properties


@given(PROPERTIES)
def test_whole_numbers_come_back_as_int(properties):
    decoded = decode(struct_pb2.Struct.FromString(encode({"n": 3, **properties, "n2": 3.0}).SerializeToString()))
    assert type(decoded["n2"]) is int


@given(PROPERTIES)
def test_a_receiver_without_secrets_gets_what_they_hold(properties):
    assert decode(encode(properties, keep_secrets=False)) == unwrapped(properties)


@given(PROPERTIES)
def test_nothing_unwrapped_is_secret(properties):
    assert not has_secret(unwrapped(properties))
    assert has_unknown(properties) == has_unknown(unwrapped(properties))


@pytest.mark.parametrize(
    "text",
    ["04da6b54-80e4-46f7-96ec-b56ff0331ba9", "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"],
)
def test_every_sentinel_is_unknown(text):
    struct = struct_pb2.Struct()
    struct.update({"a": text, "b": [text]})
    assert decode(struct) == {"a": UNKNOWN, "b": [UNKNOWN]}


@pytest.mark.parametrize(
    ("wire", "plain"),
    [
        ({"value": "x"}, "x"),
        ({"value": "x", "secret": True}, Secret("x")),
        ({}, UNKNOWN),
        ({"secret": True}, Secret(UNKNOWN)),
        ({"value": {"deep": 1}, "dependencies": ["urn"]}, {"deep": 1}),
    ],
)
def test_an_output_value_is_what_it_holds(wire, plain):
    struct = struct_pb2.Struct()
    struct.update({"a": {SIGNATURE_KEY: OUTPUT_SIGNATURE, **wire}})
    assert decode(struct) == {"a": plain}


@pytest.mark.parametrize("signature", [ASSET_SIGNATURE, ARCHIVE_SIGNATURE, REFERENCE_SIGNATURE])
def test_assets_archives_and_references_stay_as_they_are(signature):
    properties = {"code": {SIGNATURE_KEY: signature, "text": "x", "hash": "y"}}
    assert decode(encode(properties)) == properties


def test_a_value_that_pulumi_cannot_carry_is_named_by_its_path():
    with pytest.raises(TypeError, match=r"a\.b\[1\]: set is not"):
        encode({"a": {"b": [1, {2}]}})


def test_a_secret_is_never_printed():
    assert "hunter2" not in repr({"password": Secret("hunter2")})


def test_unknown_stays_itself_over_a_pickle():
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN
