"""What the providers' functions answer: regions and zones as they are, and what stands in the simulated cloud."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from sandbox import knowledge
from sandbox.cloud import regions
from sandbox.cloud.aws import Aws
from sandbox.cloud.errors import NotSimulated, Refused
from sandbox.cloud.identity import characters
from sandbox.cloud.region_switch import PLAN, health_checks
from sandbox.cloud.service import Service
from sandbox.cloud.world import Resource, World
from sandbox.values import listed, mapped

_Answer = Callable[[Aws, World, Mapping[str, Any]], dict[str, Any]]

_HEX = "0123456789abcdef"


def answer(service: Service, world: World, token: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of a data source.

    Raises:
        NotSimulated: for one that is not simulated.
        Refused: as the cloud would, such as for something that does not stand.
    """
    found = _AWS.get(token)
    if found is None or not isinstance(service, Aws):
        raise NotSimulated(
            f"the sandbox does not simulate the function {token}; add it to sandbox/cloud/data_sources.py"
        )
    return found(service, world, args)


def _region(aws: Aws, args: Mapping[str, Any]) -> str:
    given = args.get("region")
    return given if isinstance(given, str) and given else aws.region


def _caller_identity(aws: Aws, world: World, args: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": aws.account,
        "accountId": aws.account,
        "arn": f"arn:aws:iam::{aws.account}:user/sandbox",
        "userId": f"AIDA{characters(aws.account, 17, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}",
    }


def _get_region(aws: Aws, world: World, args: Mapping[str, Any]) -> dict[str, Any]:
    region = args.get("name") or _region(aws, args)
    if region not in knowledge.regions():
        raise Refused(f"no matching EC2 Region found: {region}")
    return {
        "id": region,
        "name": region,
        "region": region,
        "endpoint": f"ec2.{region}.amazonaws.com",
        "description": region,
    }


def _zones(aws: Aws, world: World, args: Mapping[str, Any]) -> dict[str, Any]:
    region = _region(aws, args)
    excluded = {*listed(args.get("excludeNames")), *listed(args.get("excludeZoneIds"))}
    state = args.get("state") or "available"
    names = [
        zone
        for zone in knowledge.zones(region)
        if zone not in excluded and regions.zone_id(zone) not in excluded and state == "available"
    ]
    return {
        **args,
        "id": region,
        "region": region,
        "names": names,
        "zoneIds": [regions.zone_id(zone) for zone in names],
        "groupNames": [region],
    }


def _partition(aws: Aws, world: World, args: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}


def _policy_document(aws: Aws, world: World, args: Mapping[str, Any]) -> dict[str, Any]:
    statements = [_statement(statement) for statement in listed(args.get("statements"))]
    for source in (*listed(args.get("sourcePolicyDocuments")), *listed(args.get("overridePolicyDocuments"))):
        statements = [*cast(list[dict[str, Any]], json.loads(source)["Statement"]), *statements]
    document: dict[str, Any] = {"Version": args.get("version") or "2012-10-17"}
    if args.get("policyId"):
        document["Id"] = args["policyId"]
    document["Statement"] = statements
    text = json.dumps(document, indent=2)
    return {
        **args,
        "id": str(int(characters(text, 8, _HEX), 16)),
        "json": text,
        "minifiedJson": json.dumps(document, separators=(",", ":")),
        "version": document["Version"],
    }


def _statement(given: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {}
    if given.get("sid"):
        statement["Sid"] = given["sid"]
    statement["Effect"] = given.get("effect") or "Allow"
    for key, name in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if given.get(key):
            statement[name] = _principals(given[key])
    for key, name in (
        ("actions", "Action"),
        ("notActions", "NotAction"),
        ("resources", "Resource"),
        ("notResources", "NotResource"),
    ):
        if given.get(key):
            statement[name] = _one_or_sorted(given[key])
    if given.get("conditions"):
        conditions: dict[str, dict[str, Any]] = {}
        for condition in given["conditions"]:
            tests = conditions.setdefault(condition["test"], {})
            values = list(condition["values"])
            tests[condition["variable"]] = values[0] if len(values) == 1 else values
        statement["Condition"] = conditions
    return statement


def _principals(given: Sequence[Mapping[str, Any]]) -> Any:
    if any(entry["type"] == "*" and list(entry["identifiers"]) == ["*"] for entry in given):
        return "*"
    by_type: dict[str, list[str]] = {}
    for entry in given:
        by_type.setdefault(entry["type"], []).extend(entry["identifiers"])
    return {kind: _one_or_sorted(identifiers) for kind, identifiers in by_type.items()}


def _one_or_sorted(values: Sequence[str]) -> Any:
    # As the provider renders them: one value bare, several sorted in reverse.
    return values[0] if len(values) == 1 else sorted(values, reverse=True)


def _prefix_list(aws: Aws, world: World, args: Mapping[str, Any]) -> dict[str, Any]:
    region = _region(aws, args)
    name = args.get("name") or next(
        (
            value
            for entry in listed(args.get("filters"))
            if entry["name"] == "prefix-list-name"
            for value in entry["values"]
        ),
        None,
    )
    if name is None:
        standing = world.find("aws:ec2/managedPrefixList:ManagedPrefixList", str(args.get("id")), region)
        if standing is None:
            raise Refused(f"no matching EC2 Managed Prefix List found: {args.get('id')}")
        return dict(standing.outputs)
    expected = f"com.amazonaws.{region}."
    if not name.startswith((expected, "com.amazonaws.global.")):
        raise Refused(f"no matching EC2 Managed Prefix List found: {name}; AWS' own in {region} start with {expected}")
    id_ = f"pl-{characters(name, 8, _HEX)}"
    return {
        "id": id_,
        "prefixListId": id_,
        "name": name,
        "region": region,
        "arn": f"arn:aws:ec2:{region}:aws:prefix-list/{id_}",
        "addressFamily": "IPv4",
        "maxEntries": 0,
        "ownerId": "AWS",
        "version": 0,
        "entries": [],
        "cidrBlocks": [],
        "tags": {},
    }


def _hosted_zone(aws: Aws, world: World, args: Mapping[str, Any]) -> dict[str, Any]:
    wanted = str(args.get("name") or "").rstrip(".")
    for zone in world.resources("aws:route53/zone:Zone"):
        if (wanted and zone.name.rstrip(".") == wanted) or (args.get("zoneId") and zone.id == args["zoneId"]):
            return {
                "id": zone.id,
                "zoneId": zone.id,
                "arn": zone.outputs["arn"],
                "name": zone.name.rstrip("."),
                "nameServers": zone.outputs["nameServers"],
                "primaryNameServer": zone.outputs["primaryNameServer"],
                "comment": zone.inputs.get("comment") or "",
                "callerReference": "",
                "privateZone": bool(zone.inputs.get("vpcs")),
                "resourceRecordSetCount": 2,
                "linkedServiceDescription": "",
                "linkedServicePrincipal": "",
                "tags": zone.inputs.get("tags") or {},
            }
    raise Refused(f"no matching Route 53 Hosted Zone found: {wanted or args.get('zoneId')}")


def _parameter(aws: Aws, world: World, args: Mapping[str, Any]) -> dict[str, Any]:
    region, name = _region(aws, args), str(args["name"])
    value: Any
    standing = world.find("aws:ssm/parameter:Parameter", name, region)
    if standing is not None:
        value = standing.inputs.get("value")
    elif name.startswith("/aws/service/") and name.endswith(("image_id", "recommended/image_id", "ami-id")):
        value = f"ami-0{characters(f'{region} {name}', 16, _HEX)}"
    else:
        raise Refused(f"reading SSM Parameter ({name}): couldn't find resource in {region}")
    arn = f"arn:aws:ssm:{region}:{aws.account}:parameter/{name.lstrip('/')}"
    return {"id": name, "name": name, "arn": arn, "region": region, "type": "String", "value": value,
            "insecureValue": value, "version": 1}  # fmt: skip


def _standing(type_: str, *keys: str) -> _Answer:
    """A data source that reads back a resource by the first of the keys that is given."""

    def read(aws: Aws, world: World, args: Mapping[str, Any]) -> dict[str, Any]:
        region = _region(aws, args)
        for key in keys:
            wanted = args.get(key)
            if not isinstance(wanted, str):
                continue
            for resource in world.resources(type_):
                if resource.region in (region, "") and wanted in (
                    resource.id,
                    resource.name,
                    resource.outputs.get("arn"),
                ):
                    return {**resource.outputs, **args, "id": resource.id}
            raise Refused(f"no matching {type_.rpartition(':')[2]} found in {region}: {key} {wanted!r}")
        raise Refused(f"{type_.rpartition(':')[2]}: give {' or '.join(keys)} to find it by")

    return read


def _switched_health_checks(aws: Aws, world: World, args: Mapping[str, Any]) -> dict[str, Any]:
    for plan in world.resources(PLAN):
        if plan.id == args.get("planArn"):
            return {**args, "healthChecks": health_checks(plan), "region": _region(aws, args)}
    raise Refused(f"ResourceNotFoundException: the plan {args.get('planArn')!r} does not exist")


def _subnets(aws: Aws, world: World, args: Mapping[str, Any]) -> dict[str, Any]:
    region = _region(aws, args)
    found = [s for s in world.resources("aws:ec2/subnet:Subnet") if s.region == region and _matches(s, args)]
    return {**args, "id": region, "region": region, "ids": [subnet.id for subnet in found]}


def _matches(resource: Resource, args: Mapping[str, Any]) -> bool:
    tags = mapped(resource.outputs.get("tagsAll"))
    if any(tags.get(key) != value for key, value in mapped(args.get("tags")).items()):
        return False
    for entry in listed(args.get("filters")):
        key = str(entry["name"])
        if key.startswith("tag:"):
            actual = tags.get(key.removeprefix("tag:"))
        elif key in _FILTERS:
            actual = resource.outputs.get(_FILTERS[key])
        else:
            raise NotSimulated(f"the sandbox does not simulate the filter {key!r} of {resource.type}")
        if actual not in entry["values"]:
            return False
    return True


_FILTERS = {"vpc-id": "vpcId", "availability-zone": "availabilityZone", "cidr-block": "cidrBlock", "subnet-id": "id"}


def _key(aws: Aws, world: World, args: Mapping[str, Any]) -> dict[str, Any]:
    region, wanted = _region(aws, args), str(args["keyId"])
    alias = world.find("aws:kms/alias:Alias", wanted, region)
    id_ = str(alias.inputs["targetKeyId"]) if alias else wanted.rpartition("/")[2]
    key = world.find("aws:kms/key:Key", id_, region) or world.find("aws:kms/replicaKey:ReplicaKey", id_, region)
    if key is None:
        raise Refused(f"NotFoundException: the key {wanted!r} does not exist in {region}")
    return {
        **args,
        "id": key.id,
        "keyId": wanted,
        "arn": key.outputs["arn"],
        "awsAccountId": aws.account,
        "enabled": True,
        "keyState": "Enabled",
        "multiRegion": key.id.startswith("mrk-"),
        "region": region,
    }


def _cluster_auth(aws: Aws, world: World, args: Mapping[str, Any]) -> dict[str, Any]:
    token = f"k8s-aws-v1.{characters(str(args['name']), 64, _HEX)}"
    return {"id": args["name"], "name": args["name"], "region": _region(aws, args), "token": token}


def _registry_token(aws: Aws, world: World, args: Mapping[str, Any]) -> dict[str, Any]:
    region = _region(aws, args)
    return {
        "id": region,
        "region": region,
        "authorizationToken": characters(region, 64, _HEX),
        "userName": "AWS",
        "password": characters(f"{region} password", 64, _HEX),
        "proxyEndpoint": f"https://{aws.account}.dkr.ecr.{region}.amazonaws.com",
        "expiresAt": "2026-01-01T12:00:00Z",
    }


_AWS: Mapping[str, _Answer] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _get_region,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getPartition:getPartition": _partition,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:iam/getRole:getRole": _standing("aws:iam/role:Role", "name"),
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _prefix_list,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
    "aws:ec2/getVpc:getVpc": _standing("aws:ec2/vpc:Vpc", "id"),
    "aws:ec2/getSubnet:getSubnet": _standing("aws:ec2/subnet:Subnet", "id"),
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:ec2/getSecurityGroup:getSecurityGroup": _standing("aws:ec2/securityGroup:SecurityGroup", "id", "name"),
    "aws:route53/getZone:getZone": _hosted_zone,
    "aws:arcregionswitch/getRoute53HealthChecks:getRoute53HealthChecks": _switched_health_checks,
    "aws:ssm/getParameter:getParameter": _parameter,
    "aws:eks/getCluster:getCluster": _standing("aws:eks/cluster:Cluster", "name"),
    "aws:eks/getClusterAuth:getClusterAuth": _cluster_auth,
    "aws:kms/getKey:getKey": _key,
    "aws:kms/getAlias:getAlias": _standing("aws:kms/alias:Alias", "name"),
    "aws:s3/getBucket:getBucket": _standing("aws:s3/bucket:Bucket", "bucket"),
    "aws:rds/getCluster:getCluster": _standing("aws:rds/cluster:Cluster", "clusterIdentifier"),
    "aws:secretsmanager/getSecret:getSecret": _standing("aws:secretsmanager/secret:Secret", "arn", "name"),
    "aws:lb/getLoadBalancer:getLoadBalancer": _standing("aws:lb/loadBalancer:LoadBalancer", "arn", "name"),
    "aws:ecr/getRepository:getRepository": _standing("aws:ecr/repository:Repository", "name"),
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": _registry_token,
}
