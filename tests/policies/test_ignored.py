"""What a rule reads cannot be ignored, in a program, without a word."""

from collections import defaultdict

import pytest

from policies.catalog import all_rules
from policies.judge import judge
from policies.rules.stack import MUST_NOT_DRIFT
from policies.settings import settle
from resilience.adapters.analyzer import stack_resources
from resilience.graph import Graph, Read, Resource
from tests.policies.other_region import with_other_region
from tests.policies.reference import reference

IDENTITY = {
    *(
        "arn",
        "id",
        "region",
        "name",
        "namespace",
        "metadata",
        "bucket",
        "type",
        "zoneId",
        "setIdentifier",
        "chart",
        "addonName",
    ),
    *("clusterIdentifier", "globalClusterIdentifier", "replicationGroupId", "databaseVersion", "family", "engine"),
    *("vpcId", "securityGroupId", "targetGroupArn", "clusterName", "fileSystemId", "cluster", "provisioner"),
    *("backupVaultName", "planId", "restoreTestingPlanName", "vpnGateway", "masterInstanceName", "queueUrl"),
    *("functionName", "primaryKeyArn", "policyArn", "resourceArn", "webAclArn", "scope", "listenerArn"),
    *("endpointGroupRegion", "replicateSourceDb", "loadBalancerType", "dbClusterInstanceClass"),
}
"""What a resource is, and whose: with another value it is another resource."""
BY_ITSELF = {
    *("version", "engineVersion", "amiType", "tags", "authToken", "trafficDialPercentage", "inlinePolicies"),
    *("lambdaFunctions", "target", "endpoint", "accessScope", "bootstrapSelfManagedAddons"),
}
"""What AWS, an autoscaler or another hand changes for good reasons, and what only leads a rule to what it judges."""


def top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def test_what_rules_read_must_not_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    read = Resource.read

    def noted(self: Resource, path: str) -> Read:
        if path and not read(self, path).missing:
            seen[self.type].add(top(path))
        return read(self, path)

    monkeypatch.setattr(Resource, "read", noted)
    rules = all_rules()
    for platform in (reference(), with_other_region(reference())):
        resources = stack_resources(platform.stack_request().resources)
        judge(rules, Graph(resources), settle(rules, {}))
    held = {type_: {top(path) for path in paths} for type_, paths in MUST_NOT_DRIFT.items()}
    missing = {
        f"{type_} {name}"
        for type_, names in seen.items()
        for name in names - held.get(type_, set()) - IDENTITY - BY_ITSELF
        if type_.partition(":")[0] in ("aws", "gcp", "kubernetes")
    }
    assert missing == set()
    assert len(seen) > 50
