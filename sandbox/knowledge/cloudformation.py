"""What AWS refuses, from the resource schemas and extensions that cfn-lint ships.

Inputs of a Pulumi resource are laid out as the CloudFormation properties they correspond to (names.py), then judged
by the resource's schema and by cfn-lint's extension schemas: instance classes by region and engine, engine versions,
what excludes what. The judgement is three-valued: where a condition depends on something unknown, or on something
that has no counterpart, neither of its branches is applied.
"""

import ipaddress
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from sandbox.knowledge import sdk
from sandbox.knowledge.failure import Failure, choices, did_you_mean, index_path, key_path
from sandbox.knowledge.names import COUNTERPARTS, EVERYWHERE, REPLACED_WITHOUT_COUNTERPART, Counterpart
from sandbox.knowledge.regions import cfnlint_folder, regions, zones
from sandbox.values import UNKNOWN

_Json = Mapping[str, Any]
_Pointer = tuple[str | int, ...]


@dataclass(frozen=True)
class _Extension:
    """One of cfn-lint's extension schemas: where it lies, and where in the resource it applies."""

    file: str
    at: str = ""
    regional: bool = False


_NODE_TYPES = "aws_elasticache_cachecluster/cachenodetype_enum"
_INSTANCE_TYPES = "aws_ec2_instance/instancetype_enum"

# As cfn-lint's own rules apply them (rules/resources/*), plus EKS node groups, which take EC2's instance types, and
# replication groups and global clusters, which take the versions of their members. Left out: warnings, rules about
# required properties (the SDK knows what the provider requires), and db_instance_class.json, whose engines are mixed
# up (it gives aurora-postgresql the classes of PostgreSQL 16.12).
_EXTENSIONS: Mapping[str, Sequence[_Extension]] = {
    "RDS::DBCluster": (
        _Extension("aws_rds_dbcluster/aurora"),
        _Extension("aws_rds_dbcluster/engine_version"),
        _Extension("aws_rds_dbcluster/dbclusterinstanceclass_enum", regional=True),
    ),
    "RDS::DBInstance": (
        _Extension("aws_rds_dbinstance/engine_version"),
        _Extension("aws_rds_dbinstance/dbinstanceclass_enum", regional=True),
    ),
    "RDS::GlobalCluster": (_Extension("aws_rds_dbcluster/engine_version"),),
    "ElastiCache::ReplicationGroup": (
        _Extension("aws_elasticache_cachecluster/engine_version"),
        _Extension(_NODE_TYPES, at="CacheNodeType", regional=True),
    ),
    "EC2::Instance": (_Extension(_INSTANCE_TYPES, at="InstanceType", regional=True),),
    "EC2::LaunchTemplate": (_Extension(_INSTANCE_TYPES, at="LaunchTemplateData.InstanceType", regional=True),),
    "EKS::Nodegroup": (_Extension(_INSTANCE_TYPES, at="InstanceTypes.*", regional=True),),
    "ElasticLoadBalancingV2::LoadBalancer": (
        _Extension("aws_elasticloadbalancingv2_loadbalancer/application_subnets"),
    ),
    "ElasticLoadBalancingV2::TargetGroup": (
        _Extension("aws_elasticloadbalancingv2_targetgroup/protocol_restrictions"),
        _Extension("aws_elasticloadbalancingv2_targetgroup/targettype_restrictions"),
    ),
    "Route53::RecordSet": (_Extension("aws_route53_recordset/recordset_pattern"),),
    "CloudWatch::Alarm": (_Extension("aws_cloudwatch_alarm/period"),),
    "SNS::Subscription": (_Extension("aws_sns_subscription/subscription_endpoint_protocol"),),
}

# How a person would call the values of an enum that depends on region or engine.
_NOUNS: Mapping[str, str] = {
    "DBInstanceClass": "an instance class offered",
    "DBClusterInstanceClass": "an instance class offered",
    "CacheNodeType": "a node type offered",
    "InstanceType": "an instance type offered",
    "InstanceTypes": "an instance type offered",
    "EngineVersion": "an engine version",
}

# cfn-lint's format keywords (rules/formats), as far as they can be judged without the account.
_ARN = r"arn:aws[a-z-]*:"
_FORMAT_PATTERNS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "AWS::ACM::Certificate.Arn": (re.compile(_ARN + r"(acm|iam):.*"), "the ARN of a certificate"),
    "AWS::EC2::Image.Id": (
        re.compile(r"ami-[0-9a-z]{8,17}|resolve:ssm:.+"),
        "an image id such as 'ami-0123456789abcdef0'",
    ),
    "AWS::EC2::SecurityGroup.Id": (re.compile(r"sg-[0-9a-fA-F]{8,17}"), "a security group id such as 'sg-0123abcd'"),
    "AWS::EC2::Subnet.Id": (re.compile(r"subnet-[0-9a-fA-F]{8,17}"), "a subnet id such as 'subnet-0123abcd'"),
    "AWS::EC2::VPC.Id": (re.compile(r"vpc-[0-9a-fA-F]{8,17}"), "a VPC id such as 'vpc-0123abcd'"),
    "AWS::IAM::Role.Arn": (re.compile(_ARN + r"iam::\d{12}:role/.+"), "the ARN of an IAM role"),
    "AWS::KMS::Alias.AliasName": (re.compile(r"alias/[a-zA-Z0-9:/_-]+"), "a key alias such as 'alias/name'"),
    "AWS::KMS::Key.Arn": (re.compile(_ARN + r"kms:[a-z0-9-]+:\d{12}:(key|alias)/.+"), "the ARN of a KMS key"),
    "AWS::KMS::Key.Id": (re.compile(r"(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"), "a KMS key id"),
    "AWS::Lambda::Function.Arn": (re.compile(_ARN + r"lambda:[a-z0-9-]+:\d{12}:function:.+"), "the ARN of a function"),
    "AWS::Logs::LogGroup.Name": (re.compile(r"[.\-_/#A-Za-z0-9]{1,512}"), "a log group name"),
    "AWS::S3::Bucket.Name": (
        re.compile(r"(?![.-])(?!.*(\.\.|-\.|\.-))[a-z0-9.-]{3,63}(?<![.-])"),
        "a bucket name: 3 to 63 lower-case letters, digits, '-' and '.'",
    ),
    "AWS::SNS::Topic.Arn": (re.compile(_ARN + r"sns:[a-z0-9-]+:\d{12}:.+"), "the ARN of a topic"),
    "AWS::SQS::Queue.Arn": (re.compile(_ARN + r"sqs:[a-z0-9-]+:\d{12}:.+"), "the ARN of a queue"),
}

_ADDRESSES: Mapping[str, tuple[Callable[[str], object], str]] = {
    "ipv4": (ipaddress.IPv4Address, "an IPv4 address"),
    "ipv6": (ipaddress.IPv6Address, "an IPv6 address"),
    "ipv4-network": (ipaddress.IPv4Network, "an IPv4 network in CIDR notation such as '10.0.0.0/16'"),
    "ipv6-network": (ipaddress.IPv6Network, "an IPv6 network in CIDR notation such as '2001:db8::/56'"),
}

# S3 parts of a bucket name the bucket; by id or by access point ARN in rare cases, so only the bucket itself is judged.
_OWN_NAME_ONLY = "BucketName"


def check(type_: str, inputs: _Json, region: str | None) -> list[Failure]:
    """Judge an AWS resource's inputs; `region` is where it will stand, None when that is not known."""
    named: list[Failure] = []
    _check_by_name(inputs, "", region, named)
    counterpart = COUNTERPARTS.get(type_)
    if counterpart is None:
        return named
    if region is not None and not _offered(counterpart.type, region):
        return [*named, Failure("", f"AWS::{counterpart.type} is not offered in {region}")]
    failures: list[Failure] = []
    layout = _lay_out(type_, counterpart, inputs)
    schema = _schema(counterpart.type)
    judge = _Judge(schema, region, layout, failures)
    judge.judge(schema, layout.properties, ())
    for extension in _EXTENSIONS.get(counterpart.type, ()):
        _judge_extension(extension, region, layout, failures)
    for rule in _RULES.get(type_, ()):
        rule(inputs, failures)
    already = {failure.property for failure in named}
    return named + [failure for failure in _distinct(failures) if failure.property not in already]


@cache
def replaces(type_: str) -> frozenset[str]:
    """Dotted Pulumi properties whose change replaces the resource, from CloudFormation's createOnlyProperties."""
    inputs = sdk.inputs_of(type_)
    found = {"region"} | REPLACED_WITHOUT_COUNTERPART.get(type_, frozenset[str]())
    counterpart = COUNTERPARTS.get(type_)
    if counterpart is not None:
        found |= _create_only(counterpart, inputs) | counterpart.replaced
        found -= counterpart.updated
    found |= {f"{name}Prefix" for name in found if "." not in name}
    return frozenset(name for name in found if name.partition(".")[0] in inputs)


def _create_only(counterpart: Counterpart, inputs: frozenset[str]) -> set[str]:
    schema = _schema(counterpart.type)
    pointers = [p.removeprefix("/properties/").replace("/", ".") for p in schema.get("createOnlyProperties", [])]
    node = _node_at(schema, schema, counterpart.at)
    prefix = f"{counterpart.at}." if counterpart.at else ""
    found: set[str] = set()
    for name in inputs:
        target = _target(counterpart, schema, node, name, name)
        if target is None:
            continue
        full = target[1:] if target.startswith("/") else prefix + target
        for pointer in pointers:
            if pointer == full:
                found.add(name)
            elif full and pointer.startswith(f"{full}.") and "*" not in pointer:
                rest = pointer.removeprefix(f"{full}.")
                found.add(f"{name}.{rest[0].lower()}{rest[1:]}")
    return found


# --- The schemas -----------------------------------------------------------------------------------------------------


@cache
def _read(path: str) -> _Json:
    return json.loads((cfnlint_folder() / "data" / "schemas" / path).read_text(encoding="utf-8"))


@cache
def _schema(cfn_type: str) -> _Json:
    # The schema of us-east-1 has every property; regions differ in whether the type is offered.
    return _read(f"resources/{_read('providers/us-east-1.json')[f'AWS::{cfn_type}']}.json")


def _offered(cfn_type: str, region: str) -> bool:
    # A region cfn-lint does not know yet is not judged.
    return region not in _provider_regions() or f"AWS::{cfn_type}" in _read(f"providers/{region}.json")


@cache
def _provider_regions() -> frozenset[str]:
    return frozenset(path.stem for path in (cfnlint_folder() / "data" / "schemas" / "providers").glob("*-*.json"))


def _resolved(schema: _Json, node: Any) -> _Json:
    for _ in range(20):
        if not isinstance(node, Mapping) or "$ref" not in node:
            break
        pointer = cast(_Json, node)["$ref"]
        node = schema
        for part in pointer.removeprefix("#/").split("/"):
            node = cast(_Json, node)[part]
    return cast(_Json, node) if isinstance(node, Mapping) else {}


def _node_at(schema: _Json, node: Any, path: str) -> _Json:
    node = _resolved(schema, node)
    for part in path.split(".") if path else []:
        node = _items(schema, node)
        if part != "*":
            node = _resolved(schema, node.get("properties", {}).get(part, {}))
    return _items(schema, node)


def _items(schema: _Json, node: _Json) -> _Json:
    return _resolved(schema, node["items"]) if "items" in node and "properties" not in node else node


# --- Laying Pulumi inputs out as CloudFormation properties -----------------------------------------------------------


@dataclass
class _Layout:
    """CloudFormation properties, and which Pulumi path each value came from."""

    properties: dict[str, Any] = field(default_factory=dict[str, Any])
    paths: dict[_Pointer, str] = field(default_factory=dict[_Pointer, str])

    def pulumi_path(self, pointer: _Pointer) -> str:
        while pointer and pointer not in self.paths:
            pointer = pointer[:-1]
        return self.paths.get(pointer, "")


@cache
def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _target(counterpart: Counterpart, schema: _Json, node: _Json, key: str, dotted: str) -> str | None:
    if dotted in counterpart.names:
        return counterpart.names[dotted]
    if dotted in EVERYWHERE:
        return None
    folded = _folded(key)
    for name in node.get("properties", {}):
        if _folded(name) == folded:
            return name
    return None


def _lay_out(type_: str, counterpart: Counterpart, inputs: _Json) -> _Layout:
    layout = _Layout()
    schema = _schema(counterpart.type)
    root: _Pointer = ()
    for part in counterpart.at.split(".") if counterpart.at else []:
        root = (*root, part)
        if "array" in _kinds(_exact_node(schema, root)):
            # The Pulumi resource is one element of the list.
            root = (*root, 0)
    _lay_out_object(counterpart, schema, inputs, root, "", "", layout)
    if type_ != "aws:s3/bucket:Bucket":
        layout.properties.pop(_OWN_NAME_ONLY, None)
    if layout.properties.get("Type") in ("TXT", "SPF"):
        # The provider adds the quotation marks that CloudFormation wants to see.
        layout.properties.pop("ResourceRecords", None)
    return layout


def _lay_out_object(
    counterpart: Counterpart,
    schema: _Json,
    value: _Json,
    pointer: _Pointer,
    dotted: str,
    path: str,
    layout: _Layout,
) -> None:
    node = _node_at(schema, schema, ".".join("*" if isinstance(p, int) else p for p in pointer))
    for key, item in value.items():
        if key.startswith("__") or item is None:
            continue
        inner = f"{dotted}.{key}" if dotted else key
        where = key_path(path, key)
        if isinstance(item, Mapping) and any(name.startswith(f"{inner}.") for name in counterpart.names):
            target = counterpart.names.get(inner, _target(counterpart, schema, node, key, inner))
            if target is None and inner not in counterpart.names:
                # A block that CloudFormation flattens: its fields say where they belong.
                target = "/"
        else:
            target = _target(counterpart, schema, node, key, inner)
        if target is None:
            continue
        base: _Pointer = () if target.startswith("/") else pointer
        parts = [part for part in target.strip("/").split(".") if part]
        _lay_out_value(counterpart, schema, item, (*base, *parts), inner, where, layout)


def _lay_out_value(
    counterpart: Counterpart,
    schema: _Json,
    value: Any,
    pointer: _Pointer,
    dotted: str,
    path: str,
    layout: _Layout,
) -> None:
    if "*" in pointer:
        star = pointer.index("*")
        items = cast(list[Any], value) if isinstance(value, list) else []
        for index, item in enumerate(items):
            spread = (*pointer[:star], index, *pointer[star + 1 :])
            _lay_out_value(counterpart, schema, item, spread, dotted, index_path(path, index), layout)
        return
    node = _exact_node(schema, pointer)
    kinds = _kinds(node)
    if isinstance(value, Mapping):
        if "array" in kinds:
            pointer = (*pointer, 0)
            kinds = _kinds(_exact_node(schema, pointer))
        if not pointer or "object" in kinds or "properties" in _exact_node(schema, pointer):
            if pointer:
                layout.paths[pointer] = path
                _put(layout.properties, pointer, {})
            _lay_out_object(counterpart, schema, cast(_Json, value), pointer, dotted, path, layout)
        return
    if isinstance(value, list):
        elements = cast(list[Any], value)
        if not pointer or "object" in kinds or "properties" in node:
            # A block that may stand once is a list in Terraform and an object here.
            if len(elements) == 1:
                _lay_out_value(counterpart, schema, elements[0], pointer, dotted, index_path(path, 0), layout)
        elif "array" in kinds:
            layout.paths[pointer] = path
            # What cannot be laid out keeps its place, unjudged, so that the others keep theirs.
            _put(layout.properties, pointer, [UNKNOWN] * len(elements))
            for index, item in enumerate(elements):
                where = index_path(path, index)
                _lay_out_value(counterpart, schema, item, (*pointer, index), dotted, where, layout)
        return
    if pointer and (value is UNKNOWN or not kinds or _kind(value) & kinds):
        layout.paths[pointer] = path
        _put(layout.properties, pointer, value)


def _exact_node(schema: _Json, pointer: _Pointer) -> _Json:
    node = _resolved(schema, schema)
    for part in pointer:
        if isinstance(part, int):
            node = _resolved(schema, node.get("items", {}))
        else:
            node = _resolved(schema, node.get("properties", {}).get(part, {}))
    return node


def _kinds(node: _Json) -> set[str]:
    declared = node.get("type", [])
    return {declared} if isinstance(declared, str) else set(declared)


def _kind(value: Any) -> set[str]:
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int | float):
        return {"number", "integer"} if float(value).is_integer() else {"number"}
    return {"string"}


def _put(root: dict[str, Any], pointer: _Pointer, value: Any) -> None:
    holder: Any = root
    for part, following in itertools.pairwise(pointer):
        holder = _filled(holder, part, [] if isinstance(following, int) else {})
    _filled(holder, pointer[-1], value)


def _filled(holder: Any, part: str | int, value: Any) -> Any:
    """What stands at `part` of an object or list; `value`, put there, where nothing did."""
    found = _slot(holder, part)
    if found is not UNKNOWN:
        return found
    holder[part] = value
    return value


def _slot(holder: Any, part: str | int) -> Any:
    """What stands at `part`; UNKNOWN, with room made in a list, where nothing does yet."""
    if isinstance(holder, list) and isinstance(part, int):
        elements = cast(list[Any], holder)
        elements.extend([UNKNOWN] * (part + 1 - len(elements)))
        return elements[part]
    return cast(dict[str, Any], holder).get(cast(str, part), UNKNOWN) if isinstance(holder, dict) else None


# --- Judging ---------------------------------------------------------------------------------------------------------


@dataclass
class _Judge:
    """One pass of one schema document over the laid-out properties."""

    document: _Json
    region: str | None
    layout: _Layout
    failures: list[Failure]

    def judge(self, node: Any, value: Any, pointer: _Pointer) -> None:
        if value is UNKNOWN or value is None:
            return
        if node is False:
            self._refuse(pointer, f"cannot be set {self._circumstance() or 'here'}")
            return
        schema = _resolved(self.document, node)
        self._judge_scalar(schema, value, pointer)
        if isinstance(value, Mapping):
            properties: _Json = schema.get("properties", {})
            for key, item in cast(_Json, value).items():
                if key in properties:
                    self.judge(properties[key], item, (*pointer, key))
        elif isinstance(value, list):
            self._judge_list(schema, cast(list[Any], value), pointer)
        for part in schema.get("allOf", []):
            self.judge(part, value, pointer)
        if "if" in schema:
            held = self.holds(schema["if"], value)
            if held is not None:
                self.judge(schema.get("then" if held else "else", {}), value, pointer)
        self._judge_alternatives(schema, value, pointer)

    def holds(self, node: Any, value: Any) -> bool | None:
        """Whether a value satisfies a schema; None when that depends on something unknown or absent."""
        if isinstance(node, bool):
            return node
        if value is UNKNOWN:
            return None
        schema = _resolved(self.document, node)
        verdicts: list[bool | None] = []
        if "type" in schema and not isinstance(value, Mapping | list):
            verdicts.append(bool(_kind(value) & _kinds(schema)))
        if isinstance(value, Mapping):
            present = cast(_Json, value)
            properties: _Json = schema.get("properties", {})
            verdicts += [self.holds(properties[key], present[key]) for key in properties if key in present]
            # Absence proves nothing: the property may have no counterpart in Pulumi's names.
            verdicts += [None for key in schema.get("required", []) if present.get(key) is None]
        verdicts += [self.holds(part, value) for part in schema.get("allOf", [])]
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                verdicts.append(_any(self.holds(part, value) for part in schema[keyword]))
        if "not" in schema:
            negated = self.holds(schema["not"], value)
            verdicts.append(None if negated is None else not negated)
        trial = _Judge(self.document, self.region, self.layout, [])
        trial._judge_scalar(schema, value, ())
        verdicts.append(not trial.failures)
        return _all(verdicts)

    def _judge_alternatives(self, schema: _Json, value: Any, pointer: _Pointer) -> None:
        # Objects choose among alternatives by what is present, which names without a counterpart make uncertain.
        if isinstance(value, Mapping | list):
            return
        for keyword in ("anyOf", "oneOf"):
            options = schema.get(keyword)
            if options and _any(self.holds(option, value) for option in options) is False:
                wanted = [_wording(cast(_Json, option)) for option in options]
                self._refuse(pointer, f"{value!r} is not {' or '.join(word for word in wanted if word)}")

    def _judge_list(self, schema: _Json, value: list[Any], pointer: _Pointer) -> None:
        for index, item in enumerate(value):
            self.judge(schema.get("items", {}), item, (*pointer, index))
        if UNKNOWN in value:
            return
        least, most = schema.get("minItems"), schema.get("maxItems")
        if least is not None and len(value) < least:
            self._refuse(pointer, f"has {len(value)} of at least {least} elements")
        if most is not None and len(value) > most:
            self._refuse(pointer, f"has {len(value)} elements, {most} are allowed")

    def _judge_scalar(self, schema: _Json, value: Any, pointer: _Pointer) -> None:
        if isinstance(value, Mapping | list):
            return
        if "enum" in schema and not _among(value, schema["enum"]):
            self._refuse_choice(value, schema["enum"], pointer)
        if "const" in schema and value != schema["const"]:
            self._refuse(pointer, f"{value!r} is not {schema['const']!r}")
        if "enumCaseInsensitive" in schema and str(value).lower() not in map(str.lower, schema["enumCaseInsensitive"]):
            self._refuse_choice(value, schema["enumCaseInsensitive"], pointer)
        if isinstance(value, str):
            self._judge_text(schema, value, pointer)
        elif not isinstance(value, bool):
            self._judge_number(schema, value, pointer)

    def _judge_text(self, schema: _Json, value: str, pointer: _Pointer) -> None:
        if not value:
            # The provider leaves empty strings out of its requests.
            return
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        if len(value) < least or (most is not None and len(value) > most):
            limit = f"at least {least}" if len(value) < least else f"at most {most}"
            self._refuse(pointer, f"{_short(value)} has {len(value)} characters; {limit} are allowed")
        pattern = _pattern(schema["pattern"]) if "pattern" in schema else None
        if pattern is not None and not pattern.search(value):
            self._refuse(pointer, f"{_short(value)} does not match the pattern {schema['pattern']}")
        format_: str = schema.get("format", "")
        if not _has_format(value, format_):
            self._refuse(pointer, f"{_short(value)} is not {_format_wording(format_)}")

    def _judge_number(self, schema: _Json, value: float, pointer: _Pointer) -> None:
        least, most, above = schema.get("minimum"), schema.get("maximum"), schema.get("exclusiveMinimum")
        if least is not None and value < least:
            self._refuse(
                pointer, f"{_number(value)} is below {least}{f' (allowed: {least} to {most})' if most else ''}"
            )
        if most is not None and value > most:
            allowed = f" (allowed: {least} to {most})" if least is not None else ""
            self._refuse(pointer, f"{_number(value)} is above {most}{allowed}")
        if above is not None and value <= above:
            self._refuse(pointer, f"{_number(value)} is not above {above}")
        factor = schema.get("multipleOf")
        if factor and value % factor:
            self._refuse(pointer, f"{_number(value)} is not a multiple of {factor}")

    def _refuse_choice(self, value: Any, allowed: Sequence[Any], pointer: _Pointer) -> None:
        name = next((part for part in reversed(pointer) if isinstance(part, str)), "")
        noun = _NOUNS.get(name)
        texts = [str(choice) for choice in allowed]
        near = did_you_mean(str(value), texts)
        if noun is None:
            self._refuse(pointer, f"{value!r} is not one of {choices(allowed)}{near}")
        elif name == "EngineVersion" and _leads_to_version(str(value), texts):
            # The provider takes a leading part of a version (`16`, `16.6`) and, for Redis, `6.x`.
            return
        else:
            where = "" if name == "EngineVersion" or self.region is None else f" in {self.region}"
            engine = self.layout.properties.get("Engine")
            for_engine = f" {'of' if name == 'EngineVersion' else 'for'} {engine}" if isinstance(engine, str) else ""
            example = near or f"; {choices(texts)}"
            self._refuse(pointer, f"{value!r} is not {noun}{where}{for_engine}{example}")

    def _circumstance(self) -> str:
        engine = self.layout.properties.get("Engine")
        return f"for {engine}" if isinstance(engine, str) else ""

    def _refuse(self, pointer: _Pointer, reason: str) -> None:
        self.failures.append(Failure(self.layout.pulumi_path(pointer), reason))


def _judge_extension(extension: _Extension, region: str | None, layout: _Layout, failures: list[Failure]) -> None:
    document: Any = _read(f"extensions/{extension.file}.json")
    if extension.regional:
        document = document.get(region) if region is not None else None
        if document is None:
            return
    judge = _Judge(document, region, layout, failures)
    for pointer, value in _values_at(layout.properties, tuple(extension.at.split(".")) if extension.at else ()):
        judge.judge(document, value, pointer)


def _values_at(value: Any, path: _Pointer, done: _Pointer = ()) -> Iterator[tuple[_Pointer, Any]]:
    if not path:
        yield done, value
    elif path[0] == "*" and isinstance(value, list):
        for index, item in enumerate(cast(list[Any], value)):
            yield from _values_at(item, path[1:], (*done, index))
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _values_at(cast(_Json, value)[cast(str, path[0])], path[1:], (*done, path[0]))


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    seen = list(verdicts)
    if True in seen:
        return True
    return None if None in seen else False


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    seen = list(verdicts)
    if False in seen:
        return False
    return None if None in seen else True


def _among(value: Any, allowed: Sequence[Any]) -> bool:
    return value in allowed or (not isinstance(value, str) and str(value) in allowed)


def _leads_to_version(value: str, versions: Sequence[str]) -> bool:
    stem = value.removesuffix("x") if value.endswith(".x") else f"{value}."
    return any(version.startswith(stem) for version in versions)


@cache
def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text)
    except re.error:
        # Unicode classes such as \p{L}, which Python's engine lacks: not judged.
        return None


def _has_format(value: str, format_: str) -> bool:
    if format_ in _FORMAT_PATTERNS:
        return _FORMAT_PATTERNS[format_][0].fullmatch(value) is not None
    if format_ in _ADDRESSES:
        try:
            _ADDRESSES[format_][0](value)
        except ValueError:
            return False
    return True


def _format_wording(format_: str) -> str:
    return _FORMAT_PATTERNS[format_][1] if format_ in _FORMAT_PATTERNS else _ADDRESSES[format_][1]


def _wording(option: _Json) -> str:
    format_: str = option.get("format", "")
    if format_ in _FORMAT_PATTERNS or format_ in _ADDRESSES:
        return _format_wording(format_)
    return option.get("pattern", "")


def _short(value: str) -> str:
    return repr(value) if len(value) <= 80 else f"{value[:77]!r}..."


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _distinct(failures: list[Failure]) -> list[Failure]:
    # Schema and extension often say the same; the extension, which comes later, says it more precisely.
    by_property: dict[str, list[Failure]] = {}
    for failure in failures:
        by_property.setdefault(failure.property, []).append(failure)
    return [found[-1] for found in by_property.values()]


# --- What a property's name alone says, for every AWS type -----------------------------------------------------------

_ZONE_NAMES = frozenset(
    {
        "availabilityZone",
        "availabilityZones",
        "preferredAvailabilityZone",
        "preferredCacheClusterAzs",
        "primaryAvailabilityZone",
        "replicaAvailabilityZones",
    }
)
_NETWORK_NAMES = frozenset(
    {
        "cidrBlock",
        "cidrBlocks",
        "cidrIpv4",
        "cidrIpv6",
        "destinationCidrBlock",
        "destinationIpv6CidrBlock",
        "ipv6CidrBlock",
        "ipv6CidrBlocks",
        "publicAccessCidrs",
        "serviceIpv4Cidr",
        "serviceIpv6Cidr",
    }
)
_POLICY_NAMES = {"policy", "assumeRolePolicy", "redrivePolicy", "filterPolicy"}
_ARN_PATTERN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws|[a-z-]*)?:.+", re.DOTALL)
_TAG_KEY_LENGTH = 128
_TAG_VALUE_LENGTH = 256
_TAGS = 50


def _check_by_name(value: Any, path: str, region: str | None, failures: list[Failure]) -> None:
    if isinstance(value, Mapping):
        for key, item in cast(_Json, value).items():
            if key.startswith("__"):
                continue
            where = key_path(path, key)
            if key == "tags" and not path:
                _check_tags(item, where, failures)
                continue
            for at, text in _texts(item, where):
                _check_text(key, text, at, region, failures)
            _check_by_name(item, where, region, failures)
    elif isinstance(value, list):
        for index, item in enumerate(cast(list[Any], value)):
            _check_by_name(item, index_path(path, index), region, failures)


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and value:
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(cast(list[Any], value)):
            if isinstance(item, str) and item:
                yield index_path(path, index), item


def _check_text(key: str, text: str, path: str, region: str | None, failures: list[Failure]) -> None:
    if key in _ZONE_NAMES:
        _check_zone(text, path, region, failures)
    elif key in _NETWORK_NAMES:
        _check_network(text, path, failures)
    elif key == "region":
        if text not in regions():
            failures.append(Failure(path, f"{text!r} is not an AWS region{did_you_mean(text, regions())}"))
    elif key in _POLICY_NAMES and not text.startswith("arn:"):
        try:
            json.loads(text)
        except ValueError as error:
            failures.append(Failure(path, f"is not valid JSON: {error}"))
    elif (key == "arn" or key.endswith(("Arn", "Arns"))) and not _ARN_PATTERN.fullmatch(text):
        failures.append(Failure(path, f"{_short(text)} is not an ARN (arn:aws:service:region:account:resource)"))


def _check_zone(text: str, path: str, region: str | None, failures: list[Failure]) -> None:
    if region is None or region not in regions() or re.fullmatch(rf"{region}-[a-z0-9]+-\d+[a-z]", text):
        # The last: local and Wavelength zones, which no table lists.
        return
    offered = zones(region)
    if text not in offered:
        near = did_you_mean(text, offered)
        failures.append(Failure(path, f"{text!r} is not a zone of {region}, which has {choices(offered)}{near}"))


def _check_network(text: str, path: str, failures: list[Failure]) -> None:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        try:
            meant = f"; did you mean {str(ipaddress.ip_network(text, strict=False))!r}?"
        except ValueError:
            meant = ""
        failures.append(Failure(path, f"{text!r} is not a network in CIDR notation such as '10.0.0.0/16'{meant}"))


def _check_tags(tags: Any, path: str, failures: list[Failure]) -> None:
    if not isinstance(tags, Mapping):
        return
    given = cast(_Json, tags)
    if len(given) > _TAGS:
        failures.append(Failure(path, f"has {len(given)} tags, {_TAGS} are allowed"))
    for key, value in given.items():
        where = key_path(path, key)
        if key.lower().startswith("aws:"):
            failures.append(Failure(where, f"{key!r} begins with 'aws:', which AWS reserves"))
        if len(key) > _TAG_KEY_LENGTH:
            failures.append(Failure(where, f"the key has {len(key)} characters, {_TAG_KEY_LENGTH} are allowed"))
        if isinstance(value, str) and len(value) > _TAG_VALUE_LENGTH:
            failures.append(Failure(where, f"the value has {len(value)} characters, {_TAG_VALUE_LENGTH} are allowed"))


# --- Rules that no schema holds --------------------------------------------------------------------------------------

_Rule = Callable[[_Json, list[Failure]], None]


def _ordered(*names: str, within: str = "") -> _Rule:
    """The named numbers must not fall from left to right."""

    def check_order(inputs: _Json, failures: list[Failure]) -> None:
        holder = inputs.get(within) if within else inputs
        if not isinstance(holder, Mapping):
            return
        given = [(name, cast(_Json, holder).get(name)) for name in names]
        known = [(n, v) for n, v in given if isinstance(v, int | float) and not isinstance(v, bool)]
        for (low, smaller), (high, larger) in itertools.pairwise(known):
            if smaller > larger:
                reason = f"{_number(smaller)} is more than {high}, {_number(larger)}"
                failures.append(Failure(key_path(within, low), reason))

    return check_order


def _prefix_length(name: str, least: int, most: int) -> _Rule:
    """The network at `name` must have a prefix between `least` and `most` (EC2: a block is /16 to /28)."""

    def check_prefix(inputs: _Json, failures: list[Failure]) -> None:
        text = inputs.get(name)
        try:
            prefix = ipaddress.ip_network(text).prefixlen if isinstance(text, str) else least
        except ValueError:
            return
        if not least <= prefix <= most:
            failures.append(Failure(name, f"{text!r} has a prefix of /{prefix}; AWS takes /{least} to /{most}"))

    return check_prefix


def _one_of(path: str, *allowed: Any) -> _Rule:
    """The value at a dotted path must be one of those given."""

    def check_choice(inputs: _Json, failures: list[Failure]) -> None:
        value: Any = inputs
        for part in path.split("."):
            value = cast(_Json, value).get(part) if isinstance(value, Mapping) else None
        if value is not None and value is not UNKNOWN and value not in allowed:
            near = did_you_mean(str(value), map(str, allowed))
            failures.append(Failure(path, f"{value!r} is not one of {choices(allowed)}{near}"))

    return check_choice


# CloudWatch Logs PutRetentionPolicy; 0 is the provider's word for keeping logs for ever.
_RETENTION_DAYS = (0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288)

_RULES: Mapping[str, Sequence[_Rule]] = {
    "aws:ec2/vpc:Vpc": (_prefix_length("cidrBlock", 16, 28),),
    "aws:ec2/subnet:Subnet": (_prefix_length("cidrBlock", 16, 28),),
    "aws:eks/addon:Addon": (
        _one_of("resolveConflictsOnCreate", "NONE", "OVERWRITE"),
        _one_of("resolveConflictsOnUpdate", "NONE", "OVERWRITE", "PRESERVE"),
    ),
    "aws:eks/nodeGroup:NodeGroup": (_ordered("minSize", "desiredSize", "maxSize", within="scalingConfig"),),
    "aws:autoscaling/group:Group": (_ordered("minSize", "desiredCapacity", "maxSize"),),
    "aws:rds/cluster:Cluster": (_ordered("minCapacity", "maxCapacity", within="serverlessv2ScalingConfiguration"),),
    "aws:s3/bucketVersioning:BucketVersioning": (
        _one_of("versioningConfiguration.status", "Enabled", "Suspended", "Disabled"),
    ),
    "aws:route53/healthCheck:HealthCheck": (_one_of("requestInterval", 10, 30),),
    "aws:cloudwatch/logGroup:LogGroup": (_one_of("retentionInDays", *_RETENTION_DAYS, 3653),),
}
