"""What selectors match, and when nobody can say: the answers that rules of workloads stand on."""

from typing import Any

import pytest

from resilience.graph import UNKNOWN, Graph, Provider, Read, Resource
from resilience.selectors import (
    HOST,
    NAMESPACE,
    RELEASE,
    ZONE,
    Index,
    any_of,
    every,
    has_labels,
    keeps_apart,
    namespace,
    neighbours,
    pair,
    pairs,
    rarest,
    same_namespace,
    selects,
    spreads,
)

POD = "kubernetes:core/v1:Pod"
WEB = {"app": "web"}


def read(content: Any) -> Read:
    return Resource("urn", "t", "n", {"it": content}).read("it")


def thing(name: str, home: Any, *, type_: str = POD, stack: str = "primary", cluster: str = "eks") -> Resource:
    """An object in a namespace, whose value comes from the namespaces of its name."""
    place = {"namespace": home}
    properties = place if type_ == RELEASE else {"metadata": place}
    urn = f"urn:pulumi:{stack}::tandem::{type_}::{name}"
    return Resource(urn, type_, name, properties, provider=Provider(cluster, "pulumi:providers:kubernetes", {}))


def out_of(made: Resource, *homes: Resource) -> Resource:
    """The same, with a namespace that comes from others."""
    where = "namespace" if made.type == RELEASE else "metadata"
    edges = {where: tuple(home.urn for home in homes)}
    return Resource(made.urn, made.type, made.name, made.properties, provider=made.provider, edges=edges)


def expression(operator: Any, *values: Any, key: Any = "app") -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "labels", "answer"),
    [
        (None, WEB, False),
        ({}, WEB, True),
        ({}, None, True),
        (UNKNOWN, WEB, None),
        ({}, UNKNOWN, None),
        ({"matchLabels": WEB}, WEB, True),
        ({"matchLabels": WEB}, {**WEB, "tier": "front"}, True),
        ({"matchLabels": {**WEB, "tier": "front"}}, WEB, False),
        ({"matchLabels": WEB}, {"app": "api"}, False),
        ({"matchLabels": WEB}, {"app": UNKNOWN}, None),
        ({"matchLabels": {"app": UNKNOWN}}, WEB, None),
        ({"matchLabels": {"app": UNKNOWN, "tier": "front"}}, WEB, False),
        ({"matchLabels": UNKNOWN}, WEB, None),
        ({"matchLabels": UNKNOWN, **expression("NotIn", "web")}, WEB, False),
        ({"matchLabels": WEB, **expression("In", "api")}, WEB, False),
        ({"matchExpressions": UNKNOWN}, WEB, None),
        (expression("In", "api", "web"), WEB, True),
        (expression("In", "api"), WEB, False),
        (expression("In", "api"), {}, False),
        (expression("In", "api", UNKNOWN), WEB, None),
        (expression("In", "web", UNKNOWN), WEB, True),
        (expression("In", "web"), {"app": UNKNOWN}, None),
        (expression("NotIn", "api"), WEB, True),
        (expression("NotIn", "api"), {}, True),
        (expression("NotIn", "api", "web"), WEB, False),
        (expression("NotIn", "api", UNKNOWN), WEB, None),
        (expression("Exists"), WEB, True),
        (expression("Exists"), {"app": UNKNOWN}, True),
        (expression("Exists"), {}, False),
        (expression("DoesNotExist"), WEB, False),
        (expression("DoesNotExist"), {"app": UNKNOWN}, False),
        (expression("DoesNotExist"), {}, True),
        (expression(UNKNOWN, "web"), WEB, None),
        (expression("In", "web", key=UNKNOWN), WEB, None),
    ],
)
def test_a_selector_matches_or_nobody_can_say(selector: Any, labels: Any, answer: bool | None) -> None:
    assert selects(read(selector), read(labels)) is answer


@pytest.mark.parametrize(
    ("wanted", "labels", "answer"),
    [
        (WEB, WEB, True),
        (WEB, {**WEB, "tier": "front"}, True),
        ({**WEB, "tier": "front"}, WEB, False),
        (WEB, {"app": UNKNOWN}, None),
        ({}, WEB, False),
        (None, WEB, False),
        (UNKNOWN, WEB, None),
        (WEB, UNKNOWN, None),
    ],
)
def test_a_plain_map_of_labels_matches_all_but_when_it_is_empty(wanted: Any, labels: Any, answer: bool | None) -> None:
    assert has_labels(read(wanted), read(labels)) is answer


HOMES = [thing(name, None, type_=NAMESPACE) for name in ("serving", "tools")]
SERVING, TOOLS = HOMES


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        (thing("a", "serving"), thing("b", "serving"), True),
        (thing("a", "serving"), thing("b", "serving", type_=RELEASE), True),
        (thing("a", "serving"), thing("b", "tools"), False),
        (thing("a", "default"), thing("b", None), True),
        (thing("a", None), thing("b", "default", type_=RELEASE), True),
        (thing("a", None), thing("b", "serving"), False),
        (thing("a", "serving"), thing("b", "serving", stack="secondary"), False),
        (thing("a", "serving"), thing("b", "serving", cluster="other"), False),
        (thing("a", UNKNOWN), thing("b", "serving"), None),
        (thing("a", "serving"), thing("b", UNKNOWN), None),
        (thing("a", UNKNOWN), thing("b", UNKNOWN), None),
        (out_of(thing("a", UNKNOWN), SERVING), out_of(thing("b", UNKNOWN), SERVING), True),
        (out_of(thing("a", UNKNOWN), SERVING), out_of(thing("b", UNKNOWN, type_=RELEASE), SERVING), True),
        (out_of(thing("a", UNKNOWN), SERVING), out_of(thing("b", UNKNOWN), TOOLS), None),
        (out_of(thing("a", UNKNOWN), *HOMES), out_of(thing("b", UNKNOWN), *HOMES), None),
        (out_of(thing("a", UNKNOWN), SERVING), thing("b", UNKNOWN), None),
        (out_of(thing("a", UNKNOWN), SERVING), out_of(thing("b", "tools"), SERVING), True),
    ],
)
def test_two_are_in_one_namespace_by_its_name_or_by_where_it_comes_from(
    one: Resource, other: Resource, answer: bool | None
) -> None:
    assert same_namespace(one, other, Graph([one, other, *HOMES])) is answer


def test_what_no_provider_makes_is_in_the_cluster_of_its_like() -> None:
    one, other = (Resource(f"urn:pulumi:primary::t::{POD}::{name}", POD, name, {}) for name in "ab")
    assert same_namespace(one, other, Graph([one, other])) is True


def test_a_release_says_its_namespace_elsewhere() -> None:
    assert namespace(thing("a", "serving", type_=RELEASE)).path == "namespace"
    assert namespace(thing("a", "serving")).path == "metadata.namespace"


AROUND = [
    thing("here", "serving"),
    thing("there", "tools"),
    thing("default", None),
    thing("somewhere", UNKNOWN),
    thing("other-cluster", "serving", cluster="other"),
    thing("other-stack", "serving", stack="secondary"),
    thing("release", "serving", type_=RELEASE),
]


@pytest.mark.parametrize(
    ("home", "found"),
    [
        ("serving", {"here", "somewhere"}),
        ("default", {"default", "somewhere"}),
        (None, {"default", "somewhere"}),
        ("empty", {"somewhere"}),
        (UNKNOWN, {"here", "there", "default", "somewhere"}),
    ],
)
def test_neighbours_are_what_is_or_may_be_in_a_namespace(home: Any, found: set[str]) -> None:
    place, graph = thing("place", home, type_="kubernetes:core/v1:Service"), Graph(AROUND)
    assert {each.name for each in neighbours(place, graph, POD)} == found
    index = Index((each.name, each, None) for each in graph.of(POD))
    assert set(index.near(place, None)) == found
    assert set(index.near(place, ["any"])) == found


def test_a_release_is_a_neighbour_where_releases_are_asked_for() -> None:
    place = thing("place", "serving")
    assert {each.name for each in neighbours(place, Graph(AROUND), POD, RELEASE)} == {"here", "somewhere", "release"}


def test_nothing_is_near_in_a_cluster_that_has_nothing() -> None:
    index = Index((each.name, each, None) for each in AROUND)
    assert index.near(thing("place", UNKNOWN, cluster="third"), None) == []
    assert neighbours(thing("place", UNKNOWN, cluster="third"), Graph(AROUND), POD) == ()


def test_what_is_known_of_keys_narrows_the_search_and_nothing_else() -> None:
    here = thing("x", "serving")
    index = Index([("a", here, ["k"]), ("b", here, ["k", "l"]), ("c", here, ["m"]), ("d", here, None), ("e", here, [])])
    assert set(index.near(here, ["k"])) == {"a", "b", "d"}
    assert set(index.near(here, ["l", "m"])) == {"b", "c", "d"}
    assert set(index.near(here, [])) == {"d"}
    assert set(index.near(here, None)) == {"a", "b", "c", "d", "e"}
    assert sorted(index.near(here, ["k", "l"])) == ["a", "b", "d"]


@pytest.mark.parametrize(
    ("labels", "keys"),
    [
        ({"app": "web", "tier": 1}, [("app", "web"), ("tier", "1")]),
        ({}, []),
        (None, []),
        (UNKNOWN, None),
        ({"app": "web", "tier": UNKNOWN}, None),
    ],
)
def test_pods_are_found_by_all_of_their_labels(labels: Any, keys: Any) -> None:
    assert pairs(read(labels)) == keys


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (WEB, [("app", "web")]),
        ({"app": "web", "tier": UNKNOWN}, [("app", "web")]),
        ({"app": UNKNOWN}, None),
        ({}, None),
        (UNKNOWN, None),
    ],
)
def test_a_selector_looks_for_one_label_that_is_known(wanted: Any, keys: Any) -> None:
    assert pair(read(wanted)) == keys


def test_a_selector_of_two_labels_looks_for_either() -> None:
    [key] = pair(read({"app": "web", "tier": "front"})) or []
    assert key in [("app", "web"), ("tier", "front")]


def test_of_several_selectors_each_looks_for_what_fewest_others_want() -> None:
    maps = [{"app": "a", "part-of": "all"}, {"app": "b", "part-of": "all"}, {"part-of": "all"}, {"app": UNKNOWN}, {}]
    assert rarest([read(each) for each in maps]) == [[("app", "a")], [("app", "b")], [("part-of", "all")], None, None]
    # Whatever the label is called.
    maps = [{"part": "a", "all": "same"}, {"part": "b", "all": "same"}, {"part": UNKNOWN, "all": "same"}, UNKNOWN]
    assert rarest([read(each) for each in maps]) == [[("part", "a")], [("part", "b")], [("all", "same")], None]


def constraint(**changes: Any) -> dict[str, Any]:
    return {"topologyKey": ZONE, "maxSkew": 1, "labelSelector": {"matchLabels": WEB}, **changes}


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        (constraint(), True),
        (constraint(topologyKey=HOST), False),
        (constraint(topologyKey=UNKNOWN), None),
        (constraint(maxSkew=2), False),
        (constraint(maxSkew=UNKNOWN), None),
        (constraint(maxSkew=UNKNOWN, topologyKey=HOST), False),
        (constraint(labelSelector={"matchLabels": {"app": "api"}}), False),
        (constraint(labelSelector=UNKNOWN), None),
        (constraint(labelSelector=None), False),
    ],
)
def test_a_constraint_spreads_pods_of_its_labels(given: Any, answer: bool | None) -> None:
    assert spreads(read(given), read(WEB), ZONE) is answer


def test_a_chart_may_fill_in_labels_that_a_constraint_leaves_out() -> None:
    assert spreads(read(constraint(labelSelector=None)), read(WEB), ZONE, fills=True) is True
    other = constraint(labelSelector={"matchLabels": {"app": "api"}})
    assert spreads(read(other), read(WEB), ZONE, fills=True) is False


def away(key: Any, labels: Any = WEB) -> dict[str, Any]:
    return {"topologyKey": key, "labelSelector": {"matchLabels": labels}}


def required(*terms: Any) -> dict[str, Any]:
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": list(terms)}}


def preferred(*terms: Any) -> dict[str, Any]:
    weighed = [{"weight": 1, "podAffinityTerm": term} for term in terms]
    return {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": weighed}}


@pytest.mark.parametrize(
    ("affinity", "answer"),
    [
        (None, False),
        ({}, False),
        (UNKNOWN, None),
        (required(away(ZONE)), True),
        (preferred(away(ZONE)), True),
        (required(away(HOST)), False),
        (preferred(away(HOST), away(ZONE)), True),
        (required(away(ZONE, {"app": "api"})), False),
        (required(away(UNKNOWN)), None),
        (required(away(UNKNOWN, {"app": "api"})), False),
        (preferred(away(ZONE, UNKNOWN)), None),
        (required(UNKNOWN), None),
        (required(UNKNOWN, away(ZONE)), True),
        ({"podAffinity": required(away(ZONE))["podAntiAffinity"]}, False),
    ],
)
def test_an_anti_affinity_keeps_pods_of_its_labels_apart(affinity: Any, answer: bool | None) -> None:
    assert keeps_apart(read(affinity), read(WEB), ZONE) is answer


@pytest.mark.parametrize(
    ("answers", "any_", "all_"),
    [
        ([], False, True),
        ([True], True, True),
        ([False], False, False),
        ([None], None, None),
        ([True, False], True, False),
        ([True, None], True, None),
        ([False, None], None, False),
        ([True, False, None], True, False),
    ],
)
def test_what_nobody_knows_decides_nothing(answers: list[bool | None], any_: bool | None, all_: bool | None) -> None:
    assert any_of(answers) is any_
    assert every(answers) is all_
