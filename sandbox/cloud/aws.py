"""Amazon Web Services: where its resources stand, what they are called, and what reading them answers."""

import json
from collections.abc import Mapping
from typing import Any, cast

from sandbox.cloud import regions
from sandbox.cloud.errors import Refused
from sandbox.cloud.identity import Facts, auto_name, characters
from sandbox.cloud.kinds import CONTROL_PLANE_REGION, GLOBAL_MODULES, KINDS, SERVICE_OF_MODULE, Kind, Scope
from sandbox.cloud.service import Place
from sandbox.knowledge.sdk import inputs_of
from sandbox.values import UNKNOWN, has_unknown, listed

SANDBOX_ACCOUNT = "000000000000"

# Longest physical names, where they are shorter than what a program's names grow to
# (API references of the services, read 2026-11).
_NAME_LIMITS: Mapping[str, int] = {
    "aws:lb/loadBalancer:LoadBalancer": 32,
    "aws:lb/targetGroup:TargetGroup": 32,
    "aws:elasticache/replicationGroup:ReplicationGroup": 40,
    "aws:s3/bucket:Bucket": 63,
    "aws:rds/cluster:Cluster": 63,
    "aws:rds/clusterInstance:ClusterInstance": 63,
    "aws:iam/role:Role": 64,
    "aws:eks/nodeGroup:NodeGroup": 63,
}
_NAME_LIMIT = 128
_NOTHING = Kind()


class Aws:
    """AWS as one configured provider sees it."""

    remembers = True

    def __init__(self) -> None:
        """Before `configure`: the sandbox's account and the region most examples use."""
        self.region = regions.DEFAULT_REGION
        self.account = SANDBOX_ACCOUNT
        self._default_tags: Mapping[str, str] = {}

    def configure(self, config: Mapping[str, Any]) -> None:
        """Take the provider's inputs.

        Raises:
            Refused: when the account is not one the provider may touch.
        """
        region = config.get("region")
        if isinstance(region, str) and region:
            self.region = region
        self._default_tags = _mapping(_mapping(config.get("defaultTags")).get("tags"))
        allowed, forbidden = listed(config.get("allowedAccountIds")), listed(config.get("forbiddenAccountIds"))
        if (allowed and self.account not in allowed) or self.account in forbidden:
            among = f"allowed are {', '.join(map(str, allowed))}" if allowed else "it is forbidden"
            raise Refused(f"AWS account ID not allowed: {self.account} (the sandbox's); {among}")

    def name(self, urn: str, type_: str, news: Mapping[str, Any], olds: Mapping[str, Any], salt: str) -> dict[str, Any]:
        """The inputs with a physical name where the program gave none; `__defaults` says that it did not."""
        named = dict(news)
        key = self.name_property(type_)
        named["__defaults"] = []
        if key is None or key not in inputs_of(type_) or named.get(key) is not None:
            return named
        if key in listed(olds.get("__defaults")) and olds.get(key):
            named[key] = olds[key]
        else:
            prefix = news.get(f"{key}Prefix")
            logical = urn.rpartition("::")[2]
            limit = _NAME_LIMITS.get(type_, _NAME_LIMIT)
            named[key] = auto_name(
                # Names of databases, caches and buckets are lower case.
                logical.lower() if key != "name" else logical, urn, salt, limit=limit,
                prefix=prefix if isinstance(prefix, str) else None,
            )  # fmt: skip
            if type_ == "aws:kms/alias:Alias":
                named[key] = f"alias/{named[key]}"
        named["__defaults"] = [key]
        return named

    def name_property(self, type_: str) -> str | None:
        """Wire name of the input that holds the physical name."""
        kind = KINDS.get(type_)
        if kind is not None:
            return kind.name
        return "name" if "name" in inputs_of(type_) else None

    def place(self, type_: str, inputs: Mapping[str, Any]) -> Place:
        """Where a resource stands and through which control plane it is changed."""
        module = module_of(type_)
        zones = [inputs[key] for key in ("availabilityZone",) if isinstance(inputs.get(key), str)]
        if module in GLOBAL_MODULES:
            return Place("", self.account, control=CONTROL_PLANE_REGION.get(module), zones=())
        region = inputs.get("region")
        where = region if isinstance(region, str) and region else self.region
        return Place(where, self.account, control=where, zones=tuple(zones))

    def claim(self, type_: str, inputs: Mapping[str, Any]) -> str | None:
        """What the resource holds to itself, as text unique over everything; None for nothing or not yet known."""
        kind = KINDS.get(type_, _NOTHING)
        template = kind.unique or (f"{{{kind.name}}}" if kind.name else None)
        if kind.scope is None or template is None:
            return None
        place = self.place(type_, inputs)
        used = [key for key in inputs if f"{{{key}}}" in template]
        if any(has_unknown(inputs[key]) for key in used) or (kind.name and inputs.get(kind.name) is UNKNOWN):
            return None
        if "{record_id}" in template and any(has_unknown(inputs.get(key)) for key in ("zoneId", "name", "type")):
            return None
        if "{replica_key_id}" in template and has_unknown(inputs.get("primaryKeyArn")):
            return None
        what = str(self._facts(type_, "", inputs, place, name=_text(inputs.get(kind.name or ""))).fill(template))
        where = {Scope.WORLD: "", Scope.ACCOUNT: place.account, Scope.REGION: f"{place.account} {place.region}"}
        return f"{type_} {where[kind.scope]} {what}" if what.strip() else None

    def scope(self, type_: str) -> str:
        """Where the claim of this type is unique, in words."""
        scope = KINDS.get(type_, _NOTHING).scope
        return scope.value if scope else ""

    def identify(self, urn: str, type_: str, inputs: Mapping[str, Any], salt: str) -> str:
        """The id of a new resource."""
        kind = KINDS.get(type_, _NOTHING)
        place = self.place(type_, inputs)
        key = self.name_property(type_)
        name = _text(inputs.get(key or ""))
        facts = self._facts(type_, f"{type_} {urn} {salt}", inputs, place, name=name)
        if kind.arn and kind.id == "{arn}":
            return str(facts.fill(kind.arn))
        if kind.id is None:
            return name or characters(f"{type_} {urn} {salt}", 17, "0123456789abcdef")
        return str(facts.fill(kind.id))

    def outputs(
        self, urn: str, type_: str, id_: str, inputs: Mapping[str, Any], olds: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What reading the resource answers besides its inputs."""
        kind = KINDS.get(type_, _NOTHING)
        place = self.place(type_, inputs)
        key = self.name_property(type_)
        name = _text(inputs.get(key)) or id_ if key else ""
        facts = self._facts(type_, f"{type_} {place.region} {id_}", inputs, place, name=name)
        facts["id"] = id_
        arn = kind.arn or f"arn:aws:{_service(type_)}:{{region}}:{{account}}:{_kind_word(type_)}/{{id}}"
        computed: dict[str, Any] = {"id": id_, "arn": facts.fill(arn)}
        facts["arn"] = computed["arn"]
        if place.region:
            computed["region"] = place.region
        if "tags" in inputs_of(type_):
            computed["tagsAll"] = {**self._default_tags, **_mapping(inputs.get("tags"))}
        computed |= facts.fill(kind.outputs)
        if type_ == "aws:acm/certificate:Certificate":
            computed["domainValidationOptions"] = _validations(inputs)
        if type_ == "aws:ec2/launchTemplate:LaunchTemplate" and olds:
            # Every change is a version.
            computed["latestVersion"] = int(olds.get("latestVersion", 0)) + 1
            computed["defaultVersion"] = computed["latestVersion"] if inputs.get("updateDefaultVersion") else 1
        return computed

    def _facts(self, type_: str, seed: str, inputs: Mapping[str, Any], place: Place, *, name: str) -> Facts:
        region = place.region or regions.DEFAULT_REGION
        facts = Facts(f"{seed} {place.account}", {k: v for k, v in inputs.items() if not k.startswith("__")})
        facts.update(account=place.account, region=region, name_without_slash=name.lstrip("/"))
        if name or "name" not in facts:
            facts["name"] = name
        facts.update(
            zone_id=regions.zone_id(_text(inputs.get("availabilityZone"))),
            ec2_domain=regions.ec2_domain(region),
            internal_domain=regions.internal_domain(region),
            s3_zone=regions.hosted_zone(regions.S3_WEBSITE_ZONES, region),
            three_zones=regions.default_zones(region),
        )
        if "path" not in facts:
            facts["path"] = "/"
        _ADDITIONS.get(type_, _add_nothing)(facts, region, seed)
        return facts


def module_of(type_: str) -> str:
    """SDK module of a token: `ec2` of `aws:ec2/vpc:Vpc`."""
    return type_.split(":")[1].partition("/")[0]


def _service(type_: str) -> str:
    module = module_of(type_)
    return SERVICE_OF_MODULE.get(module, module)


def _kind_word(type_: str) -> str:
    word = type_.rpartition(":")[2]
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in word).lstrip("-")


def _add_nothing(facts: Facts, region: str, seed: str) -> None:
    """A kind whose templates need nothing further."""


def _add_addresses(facts: Facts, region: str, seed: str) -> None:
    public = [int(part, 16) for part in _pairs(facts["hex6"])]
    facts["public_ip"] = f"3.{public[0]}.{public[1]}.{public[2]}"
    facts["public_ip_dashed"] = facts["public_ip"].replace(".", "-")
    facts["private_ip"] = f"10.{public[2]}.{public[1]}.{public[0]}"
    facts["private_ip_dashed"] = facts["private_ip"].replace(".", "-")


def _add_accelerator(facts: Facts, region: str, seed: str) -> None:
    # Its two addresses come from two networks that share no equipment.
    _add_addresses(facts, region, seed)
    facts["second_ip"] = facts["public_ip"].replace("3.", "15.", 1)


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(0, len(text), 2)]


def _add_balancer(facts: Facts, region: str, seed: str) -> None:
    network = facts["loadBalancerType"] == "network"
    facts["lb_path"] = "net" if network else "app"
    table = regions.NETWORK_LOAD_BALANCER_ZONES if network else regions.APPLICATION_LOAD_BALANCER_ZONES
    facts["lb_zone"] = regions.hosted_zone(table, region)
    name = ("internal-" if facts["internal"] is True else "") + facts["name"]
    facts["lb_dns"] = (
        f"{name}-{facts['hex16']}.elb.{region}.amazonaws.com"
        if network
        else f"{name}-{facts['digits9']}.{region}.elb.amazonaws.com"
    )


def _add_listener(facts: Facts, region: str, seed: str) -> None:
    arn = _text(facts["loadBalancerArn"]).replace(":loadbalancer/", ":listener/")
    facts["listener_arn"] = f"{arn}/{facts['hex16']}"


def _add_listener_rule(facts: Facts, region: str, seed: str) -> None:
    arn = _text(facts["listenerArn"]).replace(":listener/", ":listener-rule/")
    facts["listener_rule_arn"] = f"{arn}/{facts['hex16']}"


def _add_key(facts: Facts, region: str, seed: str) -> None:
    facts["key_id"] = f"mrk-{facts['hex32']}" if facts["multiRegion"] is True else facts["uuid"]


def _add_replica_key(facts: Facts, region: str, seed: str) -> None:
    facts["replica_key_id"] = _text(facts["primaryKeyArn"]).rpartition("/")[2]


def _add_oidc(facts: Facts, region: str, seed: str) -> None:
    facts["url_without_scheme"] = _text(facts["url"]).removeprefix("https://")


def _add_principal(facts: Facts, region: str, seed: str) -> None:
    facts["last_of_principal"] = _text(facts["principalArn"]).rpartition("/")[2]


def _add_endpoint(facts: Facts, region: str, seed: str) -> None:
    facts["service"] = _text(facts["serviceName"]).rpartition(f"{region}.")[2]


def _add_cache(facts: Facts, region: str, seed: str) -> None:
    group = _text(facts["replicationGroupId"])
    # ElastiCache shortens a region to its id of zones without the zone: use1.
    short = regions.zone_id(f"{region}a").partition("-")[0]
    tls = facts["transitEncryptionEnabled"] is True
    front, host = ("master.", "") if tls else ("", ".ng.0001")
    domain = f"{characters(seed, 6, 'abcdefghijklmnopqrstuvwxyz')}{host}.{short}.cache.amazonaws.com"
    facts["cache_host_master"] = f"{front}{group}.{domain}"
    facts["cache_host_replica"] = f"{'replica.' if tls else ''}{group}{'' if tls else '-ro'}.{domain}"
    shards, replicas, count = facts["numNodeGroups"], facts["replicasPerNodeGroup"], facts["numCacheClusters"]
    shards = int(shards) if isinstance(shards, int | float) else 0
    # A member of a Global Datastore says how many replicas it has, never how many shards.
    sharded = shards > 1 or bool(facts["globalReplicationGroupId"] and isinstance(replicas, int | float))
    facts["cache_sharded"], facts["cache_mode"] = sharded, "enabled" if sharded else "disabled"
    facts["cache_host_configuration"] = f"clustercfg.{group}.{domain}" if sharded else ""
    nodes = int(replicas or 0) + 1 if sharded else int(count if isinstance(count, int | float) else 1)
    names = [f"{group}-{shard:04d}" for shard in range(1, (shards or 1) + 1)] if sharded else [group]
    facts["cache_members"] = [f"{name}-{node:03d}" for name in names for node in range(1, nodes + 1)]


def _add_zone(facts: Facts, region: str, seed: str) -> None:
    parts = [int(part, 16) for part in _pairs(facts["hex8"])]
    domains = ("com", "net", "org", "co.uk")
    facts["name_servers"] = [
        f"ns-{part + 512 * position}.awsdns-{part % 64:02d}.{domain}"
        for position, (part, domain) in enumerate(zip(parts, domains, strict=True))
    ]
    facts["name_server"] = facts["name_servers"][0]


def _add_record(facts: Facts, region: str, seed: str) -> None:
    fqdn = _text(facts["name"]).rstrip(".").lower()
    parts = [_text(facts["zoneId"]), fqdn, _text(facts["type"]), _text(facts["setIdentifier"])]
    facts["record_id"] = "_".join(part for part in parts if part)
    facts["record_fqdn"] = fqdn


def _add_application(facts: Facts, region: str, seed: str) -> None:
    name = _text(facts["applicationId"]).rpartition("/")[2]
    function = _text(_mapping(facts["parameters"]).get("functionName"))
    rotates = name.startswith("SecretsManager") and "Rotation" in name
    arn = f"arn:aws:lambda:{region}:{facts['account']}:function:{function}"
    facts["application_outputs"] = {"RotationLambdaARN": arn} if rotates else {}


_ADDITIONS = {
    "aws:ec2/natGateway:NatGateway": _add_addresses,
    "aws:ec2/eip:Eip": _add_addresses,
    "aws:ec2/instance:Instance": _add_addresses,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _add_endpoint,
    "aws:globalaccelerator/accelerator:Accelerator": _add_accelerator,
    "aws:lb/loadBalancer:LoadBalancer": _add_balancer,
    "aws:lb/listener:Listener": _add_listener,
    "aws:lb/listenerRule:ListenerRule": _add_listener_rule,
    "aws:kms/key:Key": _add_key,
    "aws:kms/replicaKey:ReplicaKey": _add_replica_key,
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _add_oidc,
    "aws:eks/accessEntry:AccessEntry": _add_principal,
    "aws:elasticache/replicationGroup:ReplicationGroup": _add_cache,
    "aws:route53/zone:Zone": _add_zone,
    "aws:route53/record:Record": _add_record,
    "aws:serverlessrepository/cloudFormationStack:CloudFormationStack": _add_application,
}


def _validations(inputs: Mapping[str, Any]) -> list[dict[str, str]]:
    names = [inputs.get("domainName"), *listed(inputs.get("subjectAlternativeNames"))]
    options: list[dict[str, str]] = []
    for name in dict.fromkeys(item for item in names if isinstance(item, str)):
        # A wildcard and the name under it are proved by the same record.
        domain = name.removeprefix("*.")
        label, target = (characters(f"acm {part} {domain}", 32, "0123456789abcdef") for part in ("record", "value"))
        options.append(
            {
                "domainName": name,
                "resourceRecordName": f"_{label}.{domain}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": f"_{target}.acm-validations.aws.",
            }
        )
    return options


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    # Provider inputs arrive as JSON text.
    if isinstance(value, str):
        value = json.loads(value) if value.startswith("{") else {}
    return cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}
