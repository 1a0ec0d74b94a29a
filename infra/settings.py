"""What a stack is told: one frozen, fully checked model of the settings in Pulumi.yaml and Pulumi.<stack>.yaml.

This is the only reader of ``pulumi.Config``. Every mistake is reported at once, before the first resource is
registered: the path as the user wrote it, the value, what is allowed, and the nearest valid name of a misspelt key.
``python -m infra.settings`` prints the JSON schema that editors complete the YAML files from,
``python -m infra.settings reference`` the page of every setting.
"""

import difflib
import json
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from components.kubernetes import amount, gpu_room, least_per_zone
from infra.sections import Misplaced, Nodes, Platform, Region, Section, SectionT
from infra.sections.measurable import UNITS

PLATFORM_KEY = "tandem:platform"
REGION_KEY = "tandem:region"
AWS_REGION_KEY = "aws:region"
SECRET_KEYS = ("pagerduty_url", "opsgenie_url", "webhook_url")
"""Secrets, each a key of its own: a secret inside a structured value would lose its mark."""

DEFAULT_ZONES = "abc"


class SettingsError(pulumi.RunError):
    """The settings cannot be used. The message lists every mistake; no resource has been registered."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        count = "1 mistake" if len(self.mistakes) == 1 else f"{len(self.mistakes)} mistakes"
        super().__init__("\n".join([f"{count} in the settings; nothing was changed.", *self.mistakes]))


@dataclass(frozen=True)
class Settings:
    """Everything one stack is told."""

    platform: Platform
    region: Region
    region_name: str
    """AWS region of the stack."""

    @property
    def founds(self) -> bool:
        """Whether this stack founds the platform, rather than joining it."""
        return self.region.joins is None

    @property
    def cidr(self) -> str:
        """Network of this region's VPC."""
        return self.platform.network.cidrs[self.region_name]

    @property
    def zones(self) -> list[str]:
        """Availability zones, in an order that never changes."""
        return self.region.zones or [f"{self.region_name}{letter}" for letter in DEFAULT_ZONES]

    @property
    def other_region(self) -> str | None:
        """AWS region of the other half of the pair, whether or not it stands; None if there is to be one alone."""
        return next((name for name in self.platform.network.cidrs if name != self.region_name), None)

    @property
    def regional_name(self) -> str:
        """Physical name of what there is one of in each region, such as ``tandem-us-east-1``."""
        return self.regional_name_in(self.region_name)

    def regional_name_in(self, region_name: str) -> str:
        """The same of a given region."""
        return f"{self.platform.name}-{region_name}"

    def bucket_name(self, holds: str) -> str:
        """Physical name of this region's bucket for something: unique in the world, computable anywhere."""
        return self.bucket_name_in(self.region_name, holds)

    def bucket_name_in(self, region_name: str, holds: str) -> str:
        """The same of a given region."""
        return f"{self.platform.name}-{holds}-{self.platform.account_id}-{region_name}"


def parse(values: Mapping[str, str]) -> Settings:
    """Check a stack's configuration as the engine hands it over: full keys, structured values as JSON text.

    Raises:
        SettingsError: With one line for each mistake.
    """
    mistakes = list(_unknown_keys(values))
    platform = _section(Platform, PLATFORM_KEY, values, mistakes)
    region = _section(Region, REGION_KEY, values, mistakes)
    region_name = values.get(AWS_REGION_KEY, "")
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", region_name):
        mistakes.append(_mistake(AWS_REGION_KEY, region_name or None, "must be an AWS region such as us-east-1"))
    else:
        mistakes += _elsewhere(platform, region, region_name)
    if platform is not None:
        mistakes += _missing_secrets(platform, values)
        mistakes += _unknown_journeys(platform)
        mistakes += _wrong_measurements(platform)
        mistakes += _too_large_for_gpu_nodes(platform)
    if platform is not None and region is not None:
        mistakes += _lost_zone_room(platform, len(region.zones or DEFAULT_ZONES))
    if mistakes or platform is None or region is None:
        raise SettingsError(mistakes)
    return Settings(platform, region, region_name)


def load() -> Settings:
    """Settings of the running stack.

    Raises:
        SettingsError: With one line for each mistake.
    """
    secret = {f"tandem:{key}" for key in SECRET_KEYS}
    given = {*pulumi.runtime.get_config_env(), PLATFORM_KEY, REGION_KEY, AWS_REGION_KEY}
    # Of a secret it is enough, here, that it is there.
    values = {key: "" if key in secret else _read(key) for key in given}
    return parse({key: value for key, value in values.items() if value is not None})


def secret(key: str) -> pulumi.Output[str]:
    """One of SECRET_KEYS. That it is there is checked by ``parse`` when it is needed."""
    return pulumi.Config("tandem").require_secret(key)


def json_schema() -> dict[str, Any]:
    """JSON schema (2020-12) of the ``config`` part of Pulumi.yaml and Pulumi.<stack>.yaml."""
    platform = Platform.model_json_schema(ref_template="#/$defs/{model}")
    region = Region.model_json_schema(ref_template="#/$defs/{model}")
    definitions = {**platform.pop("$defs", {}), **region.pop("$defs", {}), "Platform": platform, "Region": region}
    # Pulumi.yaml wraps a structured value in `value:`, a stack file does not.
    wrapped = {"type": "object", "properties": {"value": {"$ref": "#/$defs/Platform"}}, "required": ["value"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of tandem",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {
                    AWS_REGION_KEY: {"type": "string", "description": "AWS region of the stack."},
                    PLATFORM_KEY: {"anyOf": [wrapped, {"$ref": "#/$defs/Platform"}]},
                    REGION_KEY: {"$ref": "#/$defs/Region"},
                },
            }
        },
        "$defs": definitions,
    }


def _read(key: str) -> str | None:
    namespace, name = key.split(":", 1)
    return pulumi.Config(namespace).get(name)


def _unknown_keys(values: Mapping[str, str]) -> Iterator[str]:
    known = (PLATFORM_KEY, REGION_KEY, *(f"tandem:{key}" for key in SECRET_KEYS))
    for key in sorted(values):
        if key.startswith("tandem:") and key not in known:
            yield _mistake(key, None, f"is not a setting{_nearest(key, known)}")


def _section(model: type[SectionT], key: str, values: Mapping[str, str], mistakes: list[str]) -> SectionT | None:
    text = values.get(key)
    if text is None:
        mistakes.append(f"{key}: is missing")
        return None
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        mistakes += [_explain(key, model, detail) for detail in error.errors(include_url=False)]
        return None


def _explain(key: str, model: type[Section], detail: ErrorDetails) -> str:
    location, context = detail["loc"], detail.get("ctx", {})
    names_key = location[-1:] == ("[key]",)
    if names_key:
        location = location[:-1]
    path = _path(key, location)
    misplaced = context.get("error")
    if isinstance(misplaced, Misplaced):
        return _mistake(f"{path}.{misplaced.path}", misplaced.value, misplaced.reason)
    if isinstance(misplaced, ValueError):
        return _mistake(path, detail["input"], str(misplaced))
    match detail["type"]:
        case "extra_forbidden":
            names = _fields_at(model, location[:-1])
            return _mistake(path, None, f"is not a setting{_nearest(str(location[-1]), names)}")
        case "missing":
            return f"{path}: is missing"
        case "json_invalid":
            return _mistake(path, None, f"must be a mapping of settings ({detail['msg']})")
        case "string_pattern_mismatch":
            said_of = location[:-1] if names_key else location
            return _mistake(path, detail["input"], _meaning(said_of) or f"must match {context['pattern']}")
        case "string_type" if isinstance(detail["input"], int | float):
            return _mistake(path, detail["input"], "must be text: put it in quotes")
        case _:
            message = detail["msg"].replace("Input should be", "must be").replace("List should have", "must have")
            return _mistake(path, detail["input"], message[:1].lower() + message[1:])


def _path(key: str, location: tuple[int | str, ...]) -> str:
    return key + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)


def _fields_at(model: type[Section], location: tuple[int | str, ...]) -> list[str]:
    schema: dict[str, Any] = model.model_json_schema()
    here = schema
    for part in location:
        members = here.get("properties", {})
        here = here["items"] if isinstance(part, int) else members.get(part) or here["additionalProperties"]
        here = next((option for option in here.get("anyOf", []) if option.get("type") != "null"), here)
        while "$ref" in here:
            here = schema["$defs"][here["$ref"].rsplit("/", 1)[-1]]
    return list(here.get("properties", {}))


_MEANINGS = {
    "account_id": "must be twelve digits, in quotes",
    "name": "must be lower-case letters, digits and inner hyphens, starting with a letter",
    "joins": "must be the name of a stack: lower-case letters, digits and inner hyphens",
    "namespaces": "must be lower-case letters, digits and inner hyphens, starting with a letter",
    "work_pool": "must be lower-case letters, digits and inner hyphens, starting with a letter",
    "zone_name": "must be a domain name such as ai.example.com, lower case, without a final dot",
    "admin_role_arns": "must be the ARN of an IAM role such as arn:aws:iam::123456789012:role/platform-admin",
    "approval_role_arn": "must be the ARN of an IAM role such as arn:aws:iam::123456789012:role/on-call",
    "cidrs": "must be an AWS region such as us-east-1",
    "weights": "must be an AWS region such as us-east-1",
    "zones": "must be an availability zone such as us-east-1a",
    "capacity_reservations": "must be a zone such as us-east-1a with a reservation such as cr-0123456789abcdef0",
    "instance_categories": "must be an EC2 instance category such as m",
    "dags_repository": "must be the address of a Git repository that begins with https://, ssh:// or git@",
    "dags_known_hosts": "must be lines of a known_hosts file, each a host, a type and a key",
    "repositories": "must be a repository name: lower-case letters and digits, with '.', '_', '-' or '/' between",
    "emails": "must be an e-mail address",
    "workspace_id": "must be a Slack workspace such as T0123ABCDEF",
    "channel_id": "must be a Slack channel such as C0123ABCDEF",
    "cpu": 'must be cores in quotes such as "2" or "500m"',
    "memory": "must be an amount such as 16Gi",
    "instance_types": "must be an EC2 instance type such as m7i.xlarge",
    "instance_class": "must be an Aurora instance class such as db.r6g.large",
    "node_type": "must be an ElastiCache node type such as cache.r7g.large",
    "engine_version": 'must be an Aurora PostgreSQL version in quotes such as "17.5"',
    "domain_arn": "must be the ARN of a domain such as arn:aws:es:us-east-1:123456789012:domain/logs",
    "manifest_digest": "must be the SHA-256 of the manifest: sixty-four hexadecimal digits",
    "environment": "must be the name of a variable: letters, digits and '_'",
    "latency_query": "must be PromQL with $selector where the labels of the model's pods go",
    "error_query": "must be PromQL with $selector where the labels of the model's pods go",
    "queue_query": "must be PromQL with $selector where the labels of the model's pods go",
    "header": "must be the name of a header: letters, digits and hyphens",
    "revision": "must be a commit: forty hexadecimal digits",
    "paths": "must be a path pattern such as /v2/*",
    "repository_prefix": "must be a path of letters, digits, '.', '_' and '-', without a leading or final slash",
}
"""What a pattern wants, in words, by the last name in the path."""


def _meaning(location: tuple[int | str, ...]) -> str | None:
    names = [part for part in location if isinstance(part, str) and part in _MEANINGS]
    return _MEANINGS[names[-1]] if names else None


def _nearest(name: str, candidates: Iterable[str]) -> str:
    allowed = sorted(candidates)
    close = difflib.get_close_matches(name, allowed, n=1, cutoff=0.6) or [known for known in allowed if name in known]
    return f"; did you mean {close[0]}?" if close else f"; allowed: {', '.join(allowed)}"


def _mistake(path: str, value: object, reason: str) -> str:
    got = "" if value is None else f" (got {json.dumps(value, default=str)})"
    return f"{path}: {reason}{got}"


def _elsewhere(platform: Platform | None, region: Region | None, region_name: str) -> Iterator[str]:
    """What is said of another region than the stack's."""
    if platform is not None and region_name not in platform.network.cidrs:
        yield _mistake(
            f"{PLATFORM_KEY}.network.cidrs", list(platform.network.cidrs), f"must have a network for {region_name}"
        )
    if region is None:
        return
    zones = {f"zones[{position}]": zone for position, zone in enumerate(region.zones or [])}
    used = region.zones or [f"{region_name}{letter}" for letter in DEFAULT_ZONES]
    for zone in region.capacity_reservations:
        if zone not in used:
            reason = f"must be a zone of this stack: {', '.join(used)}; a reservation elsewhere is paid for in vain"
            yield _mistake(f"{REGION_KEY}.capacity_reservations.{zone}", zone, reason)
    for path, zone in zones.items():
        if not re.fullmatch(re.escape(region_name) + "[a-z]", zone):
            yield _mistake(f"{REGION_KEY}.{path}", zone, f"must be a zone of {region_name} such as {region_name}a")


def _missing_secrets(platform: Platform, values: Mapping[str, str]) -> Iterator[str]:
    for key in platform.alerts.secret_keys:
        if f"tandem:{key}" not in values:
            yield (
                f"tandem:{key}: is missing, and {PLATFORM_KEY}.alerts.{key.removesuffix('_url')} needs it; "
                f"run `pulumi config set --secret tandem:{key}` in each stack"
            )


def _unknown_journeys(platform: Platform) -> Iterator[str]:
    for journey in platform.objectives.journeys:
        if journey not in platform.journeys:
            path = f"{PLATFORM_KEY}.objectives.journeys.{journey}"
            yield _mistake(path, None, f"is no journey of this platform{_nearest(journey, platform.journeys)}")


def _wrong_measurements(platform: Platform) -> Iterator[str]:
    """Numbers of a user's that replace nothing, or something of another unit."""
    for id_, measured in platform.objectives.measured.items():
        path = f"{PLATFORM_KEY}.objectives.measured.{id_}"
        unit = UNITS.get(id_)
        most = {"%": 100, "ratio": 1}.get(measured.unit)
        if unit is None:
            near = difflib.get_close_matches(id_, UNITS, n=1)
            hint = f"; did you mean {near[0]}?" if near else "; infra/sections/measurable.py lists them"
            yield _mistake(path, None, f"is no fact of the model{hint}")
        elif measured.unit != unit:
            yield _mistake(f"{path}.unit", measured.unit, f"must be {unit}, what the model counts it in")
        elif most is not None and measured.value > most:
            yield _mistake(f"{path}.value", measured.value, f"must be at most {most}")


def _too_large_for_gpu_nodes(platform: Platform) -> Iterator[str]:
    """Replicas that would wait for ever for a node to start on."""
    nodes = platform.kubernetes.gpu_nodes
    rooms = [room for each in nodes.instance_types if (room := gpu_room(each, nodes.disk_gib)) is not None]
    if len(rooms) < len(nodes.instance_types):
        # Nobody here knows what one of them has.
        return
    serving = platform.serving
    served = [
        *((f"models[{index}]", each, "repository_gib") for index, each in enumerate(platform.models)),
        *((f"serving.vllm_stacks[{index}]", each, "weights_gib") for index, each in enumerate(serving.vllm_stacks)),
        # What KServe copies is in no request: it has the room that there is.
        *((f"serving.inference_services[{index}]", each, "") for index, each in enumerate(serving.inference_services)),
    ]
    for path, each, disk in served:
        if not each.gpus_per_replica:
            continue
        left = rooms
        for name, asked, room_of, unit in (
            ("gpus_per_replica", each.gpus_per_replica, "gpus", ""),
            ("cpu", float(amount("cpu", each.cpu)), "cpu", ""),
            ("memory", float(amount("memory", each.memory)) / 2**30, "memory_gib", "Gi"),
            (disk, getattr(each, disk, 0), "disk_gib", ""),
        ):
            roomy = [room for room in left if asked <= getattr(room, room_of)]
            if not roomy:
                most = math.floor(10 * max(getattr(room, room_of) for room in left)) / 10
                larger = "a larger disk_gib" if name == disk else "a larger type"
                reason = (
                    f"must be at most {most:g}{unit}, which is what {' or '.join(nodes.instance_types)} has left for a "
                    f"pod; else give kubernetes.gpu_nodes {larger}"
                )
                yield _mistake(f"{PLATFORM_KEY}.{path}.{name}", getattr(each, name), reason)
                break
            left = roomy


def _lost_zone_room(platform: Platform, zones: int) -> Iterator[str]:
    for group in ("system_nodes", "gpu_nodes"):
        nodes: Nodes = getattr(platform.kubernetes, group)
        needed = least_per_zone(zones=zones, floor_per_zone=nodes.floor_per_zone)
        if nodes.max_per_zone < needed:
            reason = (
                f"must be at least {needed}: with {zones} zones and a floor of {nodes.floor_per_zone}, "
                "the others must hold the nodes of a lost one"
            )
            yield _mistake(f"{PLATFORM_KEY}.kubernetes.{group}.max_per_zone", nodes.max_per_zone, reason)


if __name__ == "__main__":
    if sys.argv[1:] == ["reference"]:
        from infra.reference import render

        sys.stdout.write(render(json_schema()))
    else:
        sys.stdout.write(json.dumps(json_schema(), indent=2) + "\n")
