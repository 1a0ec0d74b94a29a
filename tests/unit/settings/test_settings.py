"""What a user may write in the YAML files, and what he is told when he may not."""

import copy
import json
import pathlib
import subprocess
import sys
from ipaddress import IPv4Network
from typing import Any

import jsonschema
import pytest
import yaml

from infra import settings

ROOT = pathlib.Path(__file__).parents[3]


def yaml_config(stack: str) -> dict[str, Any]:
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    own = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    return {
        "platform": project["tandem:platform"]["value"],
        "region": own["tandem:region"],
        "aws": own["aws:region"],
    }


def flat(config: dict[str, Any]) -> dict[str, str]:
    return {
        "tandem:platform": json.dumps(config["platform"]),
        "tandem:region": json.dumps(config["region"]),
        "aws:region": config["aws"],
    }


def changed(path: str, value: Any, stack: str = "primary") -> dict[str, str]:
    """The stack's settings with the value at a dotted path replaced, added, or (DELETED) taken away."""
    config = copy.deepcopy(yaml_config(stack))
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    here: Any = config
    for part in parents:
        here = here[part]
    if value is DELETED:
        del here[last]
    else:
        here[last] = value
    return flat(config)


DELETED = object()

INVALID: list[tuple[str, Any, str]] = [
    ("platform.name", "Tandem", "tandem:platform.name: must be lower-case letters"),
    ("platform.name", "t", "tandem:platform.name: string should have at least 2 characters"),
    ("platform.name", "a-name-of-more-than-twenty", "tandem:platform.name: string should have at most 20 characters"),
    ("platform.name", DELETED, "tandem:platform.name: is missing"),
    ("platform.account_id", 123456789012, "tandem:platform.account_id: must be text: put it in quotes (got 123"),
    ("platform.account_id", "12345", 'tandem:platform.account_id: must be twelve digits, in quotes (got "12345")'),
    ("platform.dns.zone_name", "Example.com", "tandem:platform.dns.zone_name: must be a domain name such as"),
    ("platform.dns.zone_name", "example.com.", "without a final dot"),
    ("platform.dns.ttl_seconds", 0, "tandem:platform.dns.ttl_seconds: must be greater than or equal to 1 (got 0)"),
    ("platform.dns.ttl_seconds", 301, "tandem:platform.dns.ttl_seconds: must be less than or equal to 300"),
    ("platform.dns.ttl_seconds", "30", "tandem:platform.dns.ttl_seconds: must be a valid integer"),
    ("platform.dns.ttl", 30, "tandem:platform.dns.ttl: is not a setting; did you mean ttl_seconds?"),
    ("platform.dns.health_check_interval_seconds", 20, "health_check_interval_seconds: must be 10 or 30 (got 20)"),
    ("platform.dns.health_check_failure_threshold", 11, "must be less than or equal to 10 (got 11)"),
    ("platform.dns.create_zone", "yes", "tandem:platform.dns.create_zone: must be a valid boolean"),
    ("platform.traffic.allowed_cidrs", [], "tandem:platform.traffic.allowed_cidrs: must have at least 1 item"),
    ("platform.traffic.allowed_cidrs.0", "203.0.113.9/24", "allowed_cidrs[0]: must be an IPv4 network such as"),
    ("platform.traffic.allowed_cidrs.0", "everywhere", "allowed_cidrs[0]: must be an IPv4 network such as"),
    ("platform.kubernetes.version", "1.12", "tandem:platform.kubernetes.version: must be one of 1.32, 1.33"),
    ("platform.kubernetes.version", 1.33, "tandem:platform.kubernetes.version: must be text: put it in quotes"),
    ("platform.kubernetes.admin_role_arns", [], "admin_role_arns: must have at least 1 item"),
    ("platform.kubernetes.admin_role_arns.0", "platform-admin", "admin_role_arns[0]: must be the ARN of an IAM role"),
    ("platform.kubernetes.public_access_cidrs", ["0.0.0.0/0"], "public_access_cidrs[0]: must not be everybody"),
    ("platform.kubernetes.system_nodes", DELETED, "tandem:platform.kubernetes.system_nodes: is missing"),
    ("platform.kubernetes.system_nodes.instance_types", [], "instance_types: must have at least 1 item"),
    ("platform.kubernetes.system_nodes.instance_types.0", "xlarge", "must be an EC2 instance type such as m7i.xlarge"),
    ("platform.kubernetes.system_nodes.floor_per_zone", 0, "floor_per_zone: must be greater than or equal to 1"),
    ("platform.kubernetes.system_nodes.max_per_zone", 1, "system_nodes.max_per_zone: must be at least 2: with 3 zones"),
    ("platform.kubernetes.gpu_nodes.floor_per_zone", 5, "gpu_nodes.max_per_zone: must be at least floor_per_zone (5)"),
    ("platform.kubernetes.gpu_node", {}, "kubernetes.gpu_node: is not a setting; did you mean gpu_nodes?"),
    ("platform.nat_gateways", "one", "tandem:platform.nat_gateways: must be 'per-zone' or 'single' (got \"one\")"),
    ("platform.database.engine_version", 17.5, "engine_version: must be text: put it in quotes (got 17.5)"),
    ("platform.database.engine_version", "17", "must be an Aurora PostgreSQL version in quotes such as"),
    ("platform.database.instance_class", "r6g.large", "must be an Aurora instance class such as db.r6g.large"),
    ("platform.database.instances", 1, "tandem:platform.database.instances: must be greater than or equal to 2"),
    ("platform.database.instances", 16, "tandem:platform.database.instances: must be less than or equal to 15"),
    ("platform.database.backup_retention_days", 1, "backup_retention_days: must be greater than or equal to 7"),
    ("platform.database.engine_vesion", "17.5", "is not a setting; did you mean engine_version?"),
    ("platform.cache.node_type", "r7g.large", "must be an ElastiCache node type such as cache.r7g.large"),
    ("platform.cache.replicas", 0, "tandem:platform.cache.replicas: must be greater than or equal to 1"),
    ("platform.cache", DELETED, "tandem:platform.cache: is missing"),
    ("platform.artifacts", {"noncurrent_days": 5}, "noncurrent_days: must be greater than or equal to 30 (got 5)"),
    ("platform.prefect.servers", 1, "tandem:platform.prefect.servers: must be greater than or equal to 2"),
    ("platform.prefect.work_pool", "My Pool", "tandem:platform.prefect.work_pool: must be lower-case letters"),
    ("platform.models", [], "tandem:platform.models: must have at least 1 item"),
    ("platform.models.0.replicas", 1, "tandem:platform.models[0].replicas: must be greater than or equal to 2"),
    ("platform.models.0.max_replicas", 2, "models[0].max_replicas: must be above replicas (2) (got 2)"),
    ("platform.models.0.gpus_per_replica", 9, "models[0].gpus_per_replica: must be less than or equal to 8"),
    ("platform.models.0.repository_prefix", "/models", "must be a path of letters, digits"),
    ("platform.models.0.paths", ["v2"], "models[0].paths[0]: must be a path pattern such as /v2/*"),
    ("platform.models", [{"name": "aa"}, {"name": "aa", "paths": ["/b/*"]}], "models: must not name aa twice"),
    ("platform.models", [{"name": "aa"}, {"name": "bb"}], "tandem:platform.models: must not name /v2/* twice"),
    ("region.cidr", "10.0.0.0/8", "tandem:region.cidr: must be a /16 or a /17"),
    ("region.cidr", "10.10.0.1/16", "tandem:region.cidr: must be an IPv4 network such as 10.10.0.0/16"),
    ("region.cidr", "8.8.0.0/16", "tandem:region.cidr: must lie in 10.0.0.0/8"),
    ("region.zones", ["us-east-1a"], "tandem:region.zones: must have at least 2 items"),
    ("region.zones", ["us-east-1a"] * 2, "tandem:region.zones: must not name us-east-1a twice"),
    ("region.zones.1", "us-west-2b", "tandem:region.zones[1]: must be a zone of us-east-1 such as us-east-1a"),
    ("region.zone", ["us-east-1a"], "tandem:region.zone: is not a setting; did you mean zones?"),
    ("region.joins", "Primary!", "tandem:region.joins: must be the name of a stack"),
    ("region.protected", "no", "tandem:region.protected: must be a valid boolean"),
    ("aws", "useast1", 'aws:region: must be an AWS region such as us-east-1 (got "useast1")'),
    ("aws", "us-west-2", "tandem:region.zones[0]: must be a zone of us-west-2 such as us-west-2a"),
]


@pytest.mark.parametrize(("path", "value", "told"), INVALID, ids=[f"{path}={value}" for path, value, _ in INVALID])
def test_a_mistake_is_told_by_path_value_and_what_is_allowed(path: str, value: Any, told: str) -> None:
    with pytest.raises(settings.SettingsError, match="nothing was changed") as raised:
        settings.parse(changed(path, value))
    assert any(told in mistake for mistake in raised.value.mistakes), raised.value.mistakes


def test_all_mistakes_are_told_at_once() -> None:
    values = changed("platform.database.instances", 1)
    region = json.loads(values["tandem:region"]) | {"cidr": "8.8.0.0/16", "zones": ["us-east-1a"]}
    values |= {"tandem:region": json.dumps(region), "tandem:platfrom": "{}"}
    with pytest.raises(settings.SettingsError, match="4 mistakes in the settings") as raised:
        settings.parse(values)
    assert raised.value.mistakes[0] == "tandem:platfrom: is not a setting; did you mean tandem:platform?"


@pytest.mark.parametrize("missing", ["tandem:platform", "tandem:region", "aws:region"])
def test_a_stack_without_its_settings_is_told_which(missing: str) -> None:
    values = flat(yaml_config("primary"))
    del values[missing]
    with pytest.raises(settings.SettingsError, match=missing):
        settings.parse(values)


def test_settings_that_are_no_mapping_are_refused() -> None:
    with pytest.raises(settings.SettingsError, match="must be a mapping of settings"):
        settings.parse(flat(yaml_config("primary")) | {"tandem:platform": "not json"})


@pytest.mark.parametrize("stack", ["primary", "secondary"])
def test_the_committed_stacks_are_valid(stack: str) -> None:
    loaded = settings.parse(flat(yaml_config(stack)))
    assert loaded.founds is (stack == "primary")
    assert len(loaded.region.zones) == 3


def test_the_committed_stacks_differ_only_where_regions_must() -> None:
    primary, secondary = (settings.parse(flat(yaml_config(stack))) for stack in ("primary", "secondary"))
    assert primary.platform == secondary.platform
    assert primary.region_name != secondary.region_name
    assert secondary.region.joins == "primary"


def test_the_committed_regions_have_networks_apart() -> None:
    primary, secondary = (settings.parse(flat(yaml_config(stack))) for stack in ("primary", "secondary"))
    assert not IPv4Network(primary.region.cidr).overlaps(IPv4Network(secondary.region.cidr))


def test_the_kept_schema_is_what_the_module_prints() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "infra.settings"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert (ROOT / "docs/settings.schema.json").read_text() == printed


@pytest.mark.parametrize("name", ["Pulumi.yaml", "Pulumi.primary.yaml", "Pulumi.secondary.yaml"])
def test_the_schema_accepts_the_committed_files_and_refuses_a_typo(name: str) -> None:
    schema = json.loads((ROOT / "docs/settings.schema.json").read_text())
    written = yaml.safe_load((ROOT / name).read_text())
    jsonschema.validate(written, schema)
    section = written["config"].get("tandem:region") or written["config"]["tandem:platform"]["value"]
    section["typo"] = 1
    with pytest.raises(jsonschema.ValidationError, match="typo"):
        jsonschema.validate(written, schema)


@pytest.mark.parametrize("name", ["Pulumi.yaml", "Pulumi.primary.yaml", "Pulumi.secondary.yaml"])
def test_the_yaml_files_refer_to_a_schema(name: str) -> None:
    first = (ROOT / name).read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=docs/settings.schema.json"
