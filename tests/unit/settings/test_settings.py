"""What a user may write in the YAML files, and what he is told when he may not."""

import copy
import json
import pathlib
import re
import subprocess
import sys
from enum import Enum
from ipaddress import IPv4Network
from typing import Any, get_args

import jsonschema
import pytest
import yaml
from pydantic.fields import FieldInfo

from infra import sections, settings

ROOT = pathlib.Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
STACKS = ("primary", "secondary")
FILES = ["Pulumi.yaml", *(f"{folder}Pulumi.{stack}.yaml" for folder in ("", "examples/large/") for stack in STACKS)]


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


class Deleted(Enum):
    DELETED = "deleted"


DELETED = Deleted.DELETED

INVALID: list[tuple[str, Any, str]] = [
    ("platform.name", "Tandem", "tandem:platform.name: must be lower-case letters"),
    ("platform.name", "t", "tandem:platform.name: string should have at least 2 characters"),
    ("platform.name", "a-name-of-more-than-twenty", "tandem:platform.name: string should have at most 20 characters"),
    ("platform.name", DELETED, "tandem:platform.name: is missing"),
    ("platform.account_id", 123456789012, "tandem:platform.account_id: must be text: put it in quotes (got 123"),
    ("platform.account_id", "12345", 'tandem:platform.account_id: must be twelve digits, in quotes (got "12345")'),
    ("platform.dns.zone_name", "Example.com", "tandem:platform.dns.zone_name: must be a domain name such as"),
    ("platform.dns.zone_name", "example.com.", "without a final dot"),
    ("platform.objectives.redirect_seconds", 5, "objectives.redirect_seconds: must be greater than or equal to"),
    ("platform.objectives.redirect_seconds", "30", "objectives.redirect_seconds: must be a valid integer"),
    ("platform.objectives.redirect", 30, "objectives.redirect: is not a setting; did you mean redirect_seconds?"),
    ("platform.objectives.recovery_point_seconds", 10, "recovery_point_seconds: must be greater than or equal to 20"),
    ("platform.objectives.recovery_window_days", 1, "recovery_window_days: must be greater than or equal to 7"),
    ("platform.mode", "active", "tandem:platform.mode: must be 'active-passive' or 'active-active' (got \"active\")"),
    ("platform.network.cidrs.us-west-2", "10.10.128.0/17", "cidrs.us-west-2: overlaps 10.10.0.0/16 of us-east-1"),
    ("platform.network.cidrs.us-east-1", "10.0.0.0/8", "network.cidrs.us-east-1: must be a /16 or a /17"),
    ("platform.network.cidrs.us-east-1", "10.10.0.1/16", "us-east-1: must be an IPv4 network such as 10.10.0.0/16"),
    ("platform.network.cidrs.us-east-1", "8.8.0.0/16", "network.cidrs.us-east-1: must lie in 10.0.0.0/8"),
    ("platform.network.cidrs.useast1", "10.30.0.0/16", "cidrs.useast1: must be an AWS region such as us-east-1"),
    ("platform.network.cidrs.us-east-1", DELETED, "tandem:platform.network.cidrs: must have a network for us-east-1"),
    ("platform.network.nat_gateways", "one", "network.nat_gateways: must be 'per-zone' or 'single' (got \"one\")"),
    ("platform.network.link", "vpn", "network.link: must be 'none', 'peering' or 'transit-gateway' (got \"vpn\")"),
    ("platform.logs", {"network_days": 31}, "logs.network_days: must be one of 1, 3, 5, 7, 14, 30, 60"),
    ("platform.traffic.weights", {"us-east-1": 0}, "traffic.weights.us-east-1: must be greater than or equal to 1"),
    (
        "platform.traffic.weights",
        {"eu-west-1": 9},
        "traffic.weights: must be of the platform's regions: us-east-1, us-w",
    ),
    ("platform.dns.create_zone", "yes", "tandem:platform.dns.create_zone: must be a valid boolean"),
    ("platform.traffic.allowed_cidrs", [], "tandem:platform.traffic.allowed_cidrs: must have at least 1 item"),
    ("platform.traffic.allowed_cidrs.0", "203.0.113.9/24", "allowed_cidrs[0]: must be an IPv4 network such as"),
    ("platform.traffic.allowed_cidrs.0", "everywhere", "allowed_cidrs[0]: must be an IPv4 network such as"),
    ("platform.kubernetes.version", "1.12", "tandem:platform.kubernetes.version: must be one of 1.33, 1.34"),
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
    ("platform.database.engine_version", 17.5, "engine_version: must be text: put it in quotes (got 17.5)"),
    ("platform.database.engine_version", "17", "must be an Aurora PostgreSQL version in quotes such as"),
    ("platform.database.instance_class", "r6g.large", "must be an Aurora instance class such as db.r6g.large"),
    ("platform.database.instances", 1, "tandem:platform.database.instances: must be greater than or equal to 2"),
    ("platform.database.instances", 16, "tandem:platform.database.instances: must be less than or equal to 15"),
    ("platform.database.engine_vesion", "17.5", "is not a setting; did you mean engine_version?"),
    ("platform.cache.broker.node_type", "r7g.large", "must be an ElastiCache node type such as cache.r7g.large"),
    ("platform.cache.broker.replicas", 0, "tandem:platform.cache.broker.replicas: must be greater than or equal to 1"),
    (
        "platform.cache.application",
        {"node_type": "cache.t4g.small", "global_datastore": True},
        "cache.application.node_type: must not be burstable: a global datastore takes none",
    ),
    ("platform.storage", {"noncurrent_days": 5}, "noncurrent_days: must be greater than or equal to 7 (got 5)"),
    ("platform.storage", {"noncurrent_days": 10}, "storage.noncurrent_days: must be at least objectives.recovery_win"),
    ("platform.backup", {"retention_days": 14, "lock_days": 35}, "lock_days: must be at most retention_days (14)"),
    ("platform.registry", {"repositories": ["Flows"]}, "repositories[0]: must be a repository name"),
    ("platform.registry", {"repositories": ["a", "a"]}, "registry.repositories: must not name a twice"),
    ("platform.alerts", {"emails": ["nobody"]}, "alerts.emails[0]: must be an e-mail address"),
    ("platform.alerts", {"slack": {"workspace": "T"}}, "slack.workspace: is not a setting; did you mean workspace_id?"),
    ("platform.alerts", {"pagerduty": True}, "tandem:pagerduty_url: is missing, and tandem:platform.alerts.pagerduty"),
    ("platform.failover", {"approval_role_arn": "boss"}, "approval_role_arn: must be the ARN of an IAM role such as"),
    ("platform.kubernetes.ami_family", "windows", "ami_family: must be 'al2023' or 'bottlerocket'"),
    ("platform.cache", DELETED, "tandem:platform.cache: is missing"),
    ("platform.prefect.servers", 2, "tandem:platform.prefect.servers: must be greater than or equal to 3"),
    (
        "platform.prefect.work_pools.0.name",
        "My Pool",
        "tandem:platform.prefect.work_pools[0].name: must be lower-case letters",
    ),
    (
        "platform.airflow",
        {"dags_repository": "http://git/dags"},
        "airflow.dags_repository: must be the address of a Git",
    ),
    ("platform.airflow", {"dags_repository": "git@git:dags"}, "airflow.dags_ssh_secret: must be set, because dags_rep"),
    ("platform.airflow", {"dags_repository": "ssh://git@git/dags"}, "dags_ssh_secret: must be set, because dags_repos"),
    (
        "platform.airflow",
        {"dags_repository": "ssh://git@git/dags", "dags_ssh_secret": "dags"},
        "airflow.dags_known_hosts: must be set, because dags_repository is ssh://git@git/dags",
    ),
    (
        "platform.airflow",
        {"dags_repository": "ssh://git@git/dags", "dags_ssh_secret": "dags", "dags_known_hosts": "git"},
        "airflow.dags_known_hosts: must be lines of a known_hosts file, each a host, a type and a key",
    ),
    (
        "platform.airflow",
        {"dags_repository": "https://git/dags", "dags_ssh_secret": "dags"},
        "airflow.dags_ssh_secret: means nothing unless dags_repository begins with git@ or ssh://",
    ),
    *(
        (
            "platform.services",
            {"gitops": {"repository": "https://git/apps", "namespaces": ["apps", name]}},
            f"gitops.namespaces[1]: is a namespace of the platform's or of Kubernetes'; name one that nobody has (got "
            f'"{name}")',
        )
        for name in ("models", "monitoring", "temporal-workers", "workflows", "airflow", "kube-system", "default")
    ),
    (
        "platform.models",
        [{"name": "speech"}, {"name": "speech-edge", "paths": ["/b/*"]}],
        "models[1].name: is the name of a part of speech; end it in another word than edge, preview, server, shadow",
    ),
    ("platform.temporal", {"namespaces": []}, "temporal.namespaces: must have at least 1 item"),
    ("platform.temporal", {"namespaces": ["A b"]}, "temporal.namespaces[0]: must be lower-case letters, digits"),
    ("platform.temporal", {"namespaces": ["aa", "aa"]}, "temporal.namespaces: must not name aa twice"),
    ("platform.temporal", {"retention_days": 0}, "temporal.retention_days: must be greater than or equal to 1"),
    ("platform.models", [], "tandem:platform.models: must have at least 1 item"),
    ("platform.models.0.replicas", 1, "tandem:platform.models[0].replicas: must be greater than or equal to 2"),
    ("platform.models.0.max_replicas", 2, "models[0].max_replicas: must be above replicas (2) (got 2)"),
    ("platform.models.0.gpus_per_replica", 9, "models[0].gpus_per_replica: must be less than or equal to 8"),
    ("platform.models.0.repository_prefix", "/models", "must be a path of letters, digits"),
    ("platform.models.0.paths", ["v2"], "models[0].paths[0]: must be a path pattern such as /v2/*"),
    ("platform.models", [{"name": "aa"}, {"name": "aa", "paths": ["/b/*"]}], "models: must not name aa twice"),
    ("platform.models", [{"name": "aa"}, {"name": "bb"}], "tandem:platform.models: must not name /v2/* twice"),
    ("region.zones", ["us-east-1a"], "tandem:region.zones: must have at least 2 items"),
    ("region.zones", ["us-east-1a"] * 2, "tandem:region.zones: must not name us-east-1a twice"),
    ("region.zones.1", "us-west-2b", "tandem:region.zones[1]: must be a zone of us-east-1 such as us-east-1a"),
    ("region.zones.1", "us-east", "tandem:region.zones[1]: must be an availability zone such as us-east-1a"),
    (
        "region.weight",
        1,
        "tandem:region.weight: is not a setting; allowed: capacity_reservations, joins, opensearch, protected",
    ),
    ("region.capacity_reservations", {"us-east-1a": "mine"}, "must be a zone such as us-east-1a with a reservation"),
    ("region.capacity_reservations", {"us-west-2a": "cr-0123456789"}, "must be a zone of this stack: us-east-1a, us-e"),
    ("platform.traffic.weights", {"us-east-1": 9}, "traffic.weights: mean nothing unless mode is active-active and"),
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
    region = json.loads(values["tandem:region"]) | {"protected": "no", "zones": ["us-east-1a"]}
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
    assert len(loaded.zones) == 3


def test_the_committed_stacks_differ_only_where_regions_must() -> None:
    primary, secondary = (settings.parse(flat(yaml_config(stack))) for stack in ("primary", "secondary"))
    assert primary.platform == secondary.platform
    assert primary.region_name != secondary.region_name
    assert secondary.region.joins == "primary"


def test_each_stack_knows_its_network_and_the_other_region() -> None:
    primary, secondary = (settings.parse(flat(yaml_config(stack))) for stack in ("primary", "secondary"))
    assert not IPv4Network(primary.cidr).overlaps(IPv4Network(secondary.cidr))
    assert (primary.other_region, secondary.other_region) == (secondary.region_name, primary.region_name)


def test_one_region_may_stand_alone() -> None:
    assert settings.parse(changed("platform.network.cidrs.us-west-2", DELETED)).other_region is None


def test_zones_not_named_are_the_first_three() -> None:
    assert settings.parse(changed("region.zones", DELETED)).zones == ["us-east-1a", "us-east-1b", "us-east-1c"]


def test_room_for_a_lost_zone_is_asked_of_the_default_zones_too() -> None:
    values = changed("region.zones", DELETED)
    platform = json.loads(values["tandem:platform"])
    platform["kubernetes"]["system_nodes"]["max_per_zone"] = 1
    with pytest.raises(settings.SettingsError, match="must be at least 2: with 3 zones"):
        settings.parse(values | {"tandem:platform": json.dumps(platform)})


def test_a_secret_that_is_set_satisfies_what_needs_it() -> None:
    values = changed("platform.alerts", {"pagerduty": True})
    assert settings.parse(values | {"tandem:pagerduty_url": ""}).platform.alerts.secret_keys == ["pagerduty_url"]


@pytest.mark.parametrize("size", ["small", "default", "large", "argo-workflows", "airflow", "temporal", "serving"])
def test_the_examples_tell_both_stacks_the_same(size: str) -> None:
    written = {stack: yaml.safe_load((EXAMPLES / size / f"Pulumi.{stack}.yaml").read_text()) for stack in STACKS}
    assert written["primary"]["config"]["tandem:platform"] == written["secondary"]["config"]["tandem:platform"]


@pytest.mark.parametrize("stack", ["primary", "secondary"])
def test_the_default_example_is_what_the_committed_stacks_are_told(stack: str) -> None:
    committed = yaml_config(stack)
    example = yaml.safe_load((EXAMPLES / "default" / f"Pulumi.{stack}.yaml").read_text())["config"]
    assert example["tandem:platform"] == committed["platform"]
    assert example["tandem:region"] == committed["region"]


def test_the_kept_reference_is_what_the_module_prints() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "infra.settings", "reference"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert (ROOT / "docs/settings.md").read_text() == printed


def test_the_reference_has_every_setting_with_default_unit_and_price() -> None:
    page = (ROOT / "docs/settings.md").read_text()
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    assert all(len(row) == 6 and row[4] and row[5].strip(" |") for row in rows)
    assert {row[0].strip("| `") for row in rows} == {
        name
        for section in sections_of(settings.Platform) | sections_of(settings.Region)
        for name, field in section.model_fields.items()
        if not section_in(field)
    }
    numbers = [row for row in rows if re.search(r"\d+ to \d+$", row[3]) and " of " not in row[3]]
    assert [row[0] for row in numbers if not row[2]] == []


def section_in(field: FieldInfo) -> list[type[sections.Section]]:
    """The sections that a field holds."""

    def walk(hint: Any) -> list[type[sections.Section]]:
        if isinstance(hint, type) and issubclass(hint, sections.Section):
            return [hint]
        return [found for part in get_args(hint) for found in walk(part)]

    return walk(field.annotation)


def sections_of(model: type[sections.Section]) -> set[type[sections.Section]]:
    """A section and all within it."""
    inner = [found for field in model.model_fields.values() for found in section_in(field)]
    return {model}.union(*(sections_of(one) for one in inner))


def test_the_kept_schema_is_what_the_module_prints() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "infra.settings"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert (ROOT / "docs/settings.schema.json").read_text() == printed


@pytest.mark.parametrize("name", FILES)
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
