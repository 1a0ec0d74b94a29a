"""Nobody may do everything to everything: every policy document of both stacks, wherever it stands.

The simulated cloud evaluates no policy, so this reads them: identity policies for what they allow on what, resource
policies for whom they let in (in them `"Resource": "*"` is the resource that carries them).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sandbox.cloud.aws import SANDBOX_ACCOUNT
from sandbox.values import mapped
from tests.house import stacks
from tests.house.recorder import Recording

BOTH = pytest.mark.parametrize("stack", stacks.STACKS)

DOCUMENTS = re.compile(
    r"(?i)(^policy$|policy_?(document|text|json)$|^(assumeRole|resource|access|key|inline)Polic(y|ies)$)"
)
"""Properties that AWS reads a policy document in, whatever stands in them."""

OTHER_JSON = frozenset(
    {
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate.lifecyclePolicy",
    }
)
"""Types whose policy is JSON of another kind: it lets nobody in."""

NARROWING = frozenset(
    {
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalOrgID",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceOrgID",
        "kms:CallerAccount",
        "kms:EncryptionContext:aws:logs:arn",
    }
)
"""Condition keys that say who is behind a request; a region or a service in between says nothing of that."""

MATCHING = frozenset({"StringEquals", "StringLike", "ArnEquals", "ArnLike", "StringEqualsIgnoreCase"})
"""Operators that refuse a request without the key; those that end in IfExists, and Null, let it through."""


@dataclass(frozen=True)
class Document:
    """A policy document and where it stands."""

    where: str
    text: str


def documents(recording: Recording) -> Iterator[Document]:
    """Every policy document that a stack registers: by the property's name, and by the look of the text."""
    for made in recording.registrations:
        for path, value in texts(made.plain, ""):
            named = DOCUMENTS.search(path.rpartition(".")[2]) is not None and made.type.startswith("aws:")
            looks = '"Statement"' in value and value.lstrip().startswith("{")
            if (named or looks) and not {made.type, f"{made.type}.{path}"} & OTHER_JSON:
                yield Document(f"{made.type} {made.name}.{path}", value)


def texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text at any depth, with the names that lead to it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in mapped(value).items():
            yield from texts(item, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from texts(item, path)


def too_much(text: str, account: str) -> list[str]:
    """What is wrong with a policy document, one line a mistake: what AWS would refuse, and what allows too much."""
    try:
        document = mapped(json.loads(text, object_pairs_hook=without_repetition))
    except ValueError as error:
        return [f"does not parse: {error}"]
    if "Statement" not in document:
        return ["has no Statement"]
    wrong: list[str] = []
    if document.get("Version") != "2012-10-17":
        # The older language has no policy variables, and takes them for text.
        wrong.append("is not of version 2012-10-17")
    for position, statement in enumerate(listed(document["Statement"])):
        name = statement.get("Sid", f"statement {position}")
        wrong += [f"{name}: {mistake}" for mistake in judged(statement, account)]
    return wrong


def without_repetition(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a key twice is refused, as AWS does, where Python would take the last."""
    keys = [key for key, _ in pairs]
    repeated = sorted({key for key in keys if keys.count(key) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)} stands twice")
    return dict(pairs)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]


def judged(statement: Mapping[str, Any], account: str) -> Iterator[str]:
    """What is wrong with one statement."""
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield "Effect is neither Allow nor Deny"
    if ("Action" in statement) == ("NotAction" in statement):
        yield "has not exactly one of Action and NotAction"
        return
    actions = [str(action) for action in listed(statement.get("Action", "*"))]
    if unknown := [action for action in actions if not re.fullmatch(r"\*|[a-z0-9-]+:[\w*?]+", action)]:
        yield f"{', '.join(unknown)} is no action"
    let_in = "Principal" in statement or "NotPrincipal" in statement
    if not let_in and ("Resource" in statement) == ("NotResource" in statement):
        yield "has not exactly one of Resource and NotResource"
    if statement.get("Effect") != "Allow":
        return
    wild = [action for action in actions if "*" in action or "?" in action]
    if let_in:
        yield from admitted(statement, wild, account)
    elif wild and any(boundless(str(resource)) for resource in listed(statement.get("Resource", "*"))):
        yield f"allows {', '.join(wild)} on everything"


def boundless(resource: str) -> bool:
    """Whether a resource names nothing in particular: `*`, or an ARN that ends in wildcards after its type."""
    if not (resource.startswith("arn:") and resource.count(":") >= 5):
        return re.fullmatch(r"[*?:]+", resource) is not None
    _, _, service, _, _, own = resource.split(":", 5)
    # Buckets have no type before their name.
    kind = "" if service == "s3" else r"([a-z-]+[/:])?"
    return re.fullmatch(kind + r"[*?/:]+", own) is not None


def admitted(statement: Mapping[str, Any], wild: Sequence[str], account: str) -> Iterator[str]:
    """What is wrong with a statement of a resource policy that lets somebody in."""
    if "NotPrincipal" in statement:
        yield "lets in everybody but some"
        return
    principals = [*principals_of(statement["Principal"])]
    narrowed = who_is_said(statement.get("Condition", {}))
    who = ", ".join(text for _, text in principals)
    if "*" in who and not narrowed:
        yield "lets in everybody, under no condition that says who"
    # The statement by which a key or a vault hands its rights to IAM, where they are judged one by one.
    to_iam = principals in ([("AWS", f"arn:aws:iam::{account}:root")], [("AWS", account)])
    if wild and not to_iam:
        if whole := [action for action in wild if action.partition(":")[2] in ("", "*")]:
            yield f"lets {who} do {', '.join(whole)}"
        elif not narrowed:
            yield f"lets {who} do {', '.join(wild)}, under no condition that says who"


def principals_of(principal: Any) -> Iterator[tuple[str, str]]:
    """Kind and text of everybody let in."""
    if not isinstance(principal, Mapping):
        yield "AWS", str(principal)
        return
    for kind, names in mapped(principal).items():
        yield from ((kind, str(name)) for name in listed(names))


def who_is_said(condition: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a condition lets through only requests of somebody it names."""
    return any(
        key.lower() in {known.lower() for known in NARROWING}
        and not any(set(str(text)) <= set("*?:") for text in listed(texts_))
        for operator, tests in condition.items()
        if operator.removeprefix("ForAnyValue:") in MATCHING
        for key, texts_ in tests.items()
    )


@BOTH
def test_no_document_allows_everything_or_lets_in_everybody(stack: str) -> None:
    found = list(documents(stacks.recorded(stack)))
    wrong = [f"{each.where}: {mistake}" for each in found for mistake in too_much(each.text, SANDBOX_ACCOUNT)]
    assert wrong == []


@BOTH
def test_the_documents_of_every_kind_of_resource_are_read(stack: str) -> None:
    read = {each.where.split(" ")[0] for each in documents(stacks.recorded(stack))}
    # What carries one in any platform; a kind that is added is read by its property's name.
    assert {
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:kms/key:Key",
        "aws:s3/bucketPolicy:BucketPolicy",
    } <= read


WHOLESALE = re.compile(r"/(AdministratorAccess|PowerUserAccess|IAMFullAccess|\w*FullAccess(V\d+)?)$")


@BOTH
def test_no_role_is_given_everything_by_a_policy_of_aws(stack: str) -> None:
    given = {
        f"{made.name}: {made.plain['policyArn']}"
        for made in stacks.recorded(stack).all("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    }
    assert given
    assert [line for line in given if WHOLESALE.search(line)] == []
    assert WHOLESALE.search("arn:aws:iam::aws:policy/AmazonS3FullAccess")


def allowing(**changes: Any) -> str:
    """A document of one statement that is in order but for the changes; None leaves a key out."""
    statement = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::models/*"], **changes}
    kept = {key: value for key, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


ROOT_OF_ACCOUNT = {"AWS": "arn:aws:iam::111122223333:root"}
OWN = {"StringEquals": {"aws:SourceAccount": "111122223333"}}


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("{", "does not parse"),
        ('{"Version": "2012-10-17", "Statement": [], "Statement": []}', "Statement stands twice"),
        ('{"Version": "2012-10-17"}', "has no Statement"),
        ('["Statement"]', "has no Statement"),
        (allowing().replace("2012-10-17", "2008-10-17"), "is not of version 2012-10-17"),
        (allowing(Effect="allow"), "Effect is neither"),
        (allowing(Action=None), "not exactly one of Action"),
        (allowing(NotAction="s3:PutObject"), "not exactly one of Action"),
        (allowing(Action="GetObject"), "is no action"),
        (allowing(Resource=None), "not exactly one of Resource"),
        # Identity policies.
        (allowing(Action="*", Resource="*"), r"allows \* on everything"),
        (allowing(Action=["s3:GetObject", "s3:*"], Resource=["*"]), r"allows s3:\* on everything"),
        (allowing(Action="ec2:Describe*", Resource="*"), r"allows ec2:Describe\* on everything"),
        (allowing(Action="ec2:Describe?pcs", Resource="*"), "on everything"),
        (allowing(Action="s3:*", Resource=["arn:aws:s3:::models", "arn:aws:s3:::*"]), "on everything"),
        (allowing(Action="kms:*", Resource="arn:aws:kms:us-east-1:111122223333:key/*"), "on everything"),
        (allowing(Action="sqs:*", Resource="arn:aws:sqs:*:*:*"), "on everything"),
        (
            allowing(Action="elasticloadbalancing:*", Resource="arn:*:elasticloadbalancing:*:*:targetgroup/*/*"),
            "everything",
        ),
        (allowing(Action=None, NotAction="iam:*", Resource="*"), r"allows \* on everything"),
        (allowing(Action="s3:*", Resource=None, NotResource="arn:aws:s3:::audit"), "on everything"),
        # A condition on what is done says nothing of what it is done to.
        (allowing(Action="s3:*", Resource="*", Condition={"Bool": {"aws:SecureTransport": "true"}}), "on everything"),
        # Resource policies.
        (allowing(Principal="*"), "lets in everybody"),
        (allowing(Principal={"AWS": ["arn:aws:iam::111122223333:root", "*"]}), "lets in everybody"),
        (allowing(Principal={"AWS": "*"}, Condition={"Bool": {"aws:SecureTransport": "true"}}), "lets in everybody"),
        (allowing(Principal={"AWS": "*"}, Condition={"StringLike": {"aws:SourceAccount": "*"}}), "lets in everybody"),
        (
            allowing(Principal={"AWS": "*"}, Condition={"StringEqualsIfExists": OWN["StringEquals"]}),
            "lets in everybody",
        ),
        (allowing(Principal={"AWS": "*"}, Condition={"StringNotEquals": OWN["StringEquals"]}), "lets in everybody"),
        (allowing(Principal=None, NotPrincipal={"AWS": "arn:aws:iam::111122223333:root"}), "everybody but some"),
        (allowing(Action="kms:*", Resource="*", Principal={"AWS": "arn:aws:iam::999999999999:root"}), r"do kms:\*"),
        (
            allowing(Action="sqs:*", Resource="*", Principal={"Service": "events.amazonaws.com"}, Condition=OWN),
            r"do sqs:\*",
        ),
        (allowing(Action="*", Resource="*", Principal={"AWS": "*"}, Condition=OWN), r"do \*"),
        (
            allowing(Action="kms:GenerateDataKey*", Resource="*", Principal={"Service": "sns.amazonaws.com"}),
            "under no condition that says who",
        ),
        (allowing(Action="sts:*", Resource=None, Principal={"Service": "ec2.amazonaws.com"}), r"do sts:\*"),
    ],
)
def test_a_bad_document_is_noticed(document: str, told: str) -> None:
    wrong = too_much(document, "111122223333")
    assert len(wrong) == 1
    assert re.search(told, wrong[0])


@pytest.mark.parametrize(
    "document",
    [
        allowing(),
        # What AWS gives no resource-level permission for.
        allowing(Action=["ec2:DescribeVpcs", "ec2:DescribeSubnets"], Resource="*"),
        allowing(Action="s3:Get*"),
        allowing(Action="s3:*", Resource=["arn:aws:s3:::models", "arn:aws:s3:::models/*"]),
        allowing(
            Action="elasticloadbalancing:RegisterTargets", Resource="arn:aws:elasticloadbalancing:*:*:targetgroup/*/*"
        ),
        allowing(Effect="Deny", Action="*", Resource="*"),
        allowing(Effect="Deny", Action="s3:*", Principal="*"),
        allowing(Action="kms:*", Resource="*", Principal=ROOT_OF_ACCOUNT),
        allowing(Action="sts:AssumeRole", Resource=None, Principal={"Service": "ec2.amazonaws.com"}),
        allowing(
            Action="kms:GenerateDataKey*", Resource="*", Principal={"Service": "sns.amazonaws.com"}, Condition=OWN
        ),
        allowing(
            Action=["kms:Encrypt*"],
            Resource="*",
            Principal={"AWS": "*"},
            Condition={"StringEquals": {"kms:CallerAccount": "111122223333"}},
        ),
    ],
)
def test_a_document_in_order_is_left_alone(document: str) -> None:
    assert too_much(document, "111122223333") == []


def test_a_document_is_found_wherever_it_stands() -> None:
    recording = stacks.recorded("primary")
    made = recording.one("aws:iam/rolePolicy:RolePolicy", "models-triton-rights")
    props = {
        "policy": "not JSON at all",
        "inlinePolicies": [{"policy": "{}"}],
        "values": {"deep": [{"text": allowing()}]},
        "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
    }
    changed = Recording([replace(made, props=props)], [], {}, recording.world)
    assert {each.where.partition(".")[2] for each in documents(changed)} == {
        "policy",
        "inlinePolicies.policy",
        "values.deep.text",
    }
