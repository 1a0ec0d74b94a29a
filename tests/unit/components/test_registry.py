"""Images mean the same everywhere, are there when a region starts without the other, and vanish by no mistake."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.registry import (
    CachedUpstream,
    PullThroughCache,
    PullThroughCacheArgs,
    Registry,
    RegistryArgs,
    RegistryReplication,
    RegistryReplicationArgs,
    Scanning,
    Upstream,
)
from tests.house import ground
from tests.house.iam import granted
from tests.house.recorder import Recording, record

ACCOUNT = "000000000000"
NAMES = ["tandem/model-server", "tandem/flows"]
REPOSITORY, LIFECYCLE = "aws:ecr/repository:Repository", "aws:ecr/lifecyclePolicy:LifecyclePolicy"
SCANNING = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
REPLICATION = "aws:ecr/replicationConfiguration:ReplicationConfiguration"
RULE, TEMPLATE = (
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
)
POLICY = "aws:ecr/registryPolicy:RegistryPolicy"


def make_registry(name: str = "images", region: str = "us-east-1", **changes: Any) -> Registry:
    args: RegistryArgs = {
        "repositories": NAMES,
        "key_arn": ground.key(region).arn,
        "region": region,
        **changes,  # type: ignore[typeddict-item]
    }
    return Registry(name, args)


def registry(**changes: Any) -> Recording:
    return record(lambda: make_registry(**changes))


def test_a_tag_means_one_image_for_ever() -> None:
    assert {each.plain["imageTagMutability"] for each in registry().all(REPOSITORY)} == {"IMMUTABLE"}


def test_images_are_encrypted_with_our_key_and_scanned_as_they_arrive() -> None:
    recording = registry()
    for each in recording.all(REPOSITORY):
        assert each.plain["imageScanningConfiguration"] == {"scanOnPush": True}
        [encryption] = each.plain["encryptionConfigurations"]
        assert encryption["encryptionType"] == "KMS"
        assert recording.waits_for(each, recording.one("aws:kms/key:Key"))


def test_only_images_that_no_tag_names_ever_expire() -> None:
    recording = registry(untagged_days=30)
    policies = recording.all(LIFECYCLE)
    assert sorted(each.plain["repository"] for each in policies) == sorted(NAMES)
    for each in policies:
        [rule] = json.loads(each.plain["policy"])["rules"]
        assert (rule["selection"]["tagStatus"], rule["selection"]["countNumber"]) == ("untagged", 30)


@pytest.mark.parametrize("protected", [True, False])
def test_a_repository_with_images_goes_only_when_unprotected(protected: bool) -> None:
    for each in registry(protected=protected).all(REPOSITORY):
        assert (each.protect, each.plain["forceDelete"]) == (protected, not protected)


def test_continuous_scanning_is_asked_for_and_limited_to_our_repositories() -> None:
    assert not registry().all(SCANNING)
    props = registry(scanning=Scanning.CONTINUOUS).one(SCANNING).plain
    assert props["scanType"] == "ENHANCED"
    [rule] = props["rules"]
    assert rule["scanFrequency"] == "CONTINUOUS_SCAN"
    assert [each["filter"] for each in rule["repositoryFilters"]] == NAMES


def test_what_to_push_to_is_handed_out_by_name() -> None:
    found: dict[str, Any] = {}
    record(lambda: pulumi.Output.all(**make_registry().repository_urls).apply(found.update))
    assert found["tandem/flows"] == f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/tandem/flows"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"repositories": []}, "repositories: got none"),
        ({"repositories": ["Tandem"]}, "repositories: got 'Tandem', must be lower-case"),
        ({"repositories": ["a"]}, "repositories: got 'a'"),
        ({"repositories": ["tandem//x"]}, "repositories: got 'tandem//x'"),
        ({"repositories": ["tandem/x", "tandem/x"]}, "'tandem/x' stands twice"),
        ({"untagged_days": 0}, "untagged_days: got 0"),
    ],
)
def test_repositories_that_ecr_refuses_are_refused_first(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        registry(**changes)


def replicated(**changes: Any) -> Recording:
    def program() -> None:
        make_registry("there", "us-east-1")
        here = make_registry("here", "us-west-2")
        args: RegistryReplicationArgs = {
            "account_id": ACCOUNT,
            "source_region": "us-east-1",
            "destination_region": "us-west-2",
            "repositories": NAMES,
            "destination_arns": list(here.repository_arns.values()),
            **changes,  # type: ignore[typeddict-item]
        }
        RegistryReplication("copies", args)

    return record(program, region="us-west-2")


def test_copies_are_configured_where_images_are_pushed_to() -> None:
    config = replicated().one(REPLICATION).plain
    assert config["region"] == "us-east-1"
    [rule] = config["replicationConfiguration"]["rules"]
    assert rule["destinations"] == [{"region": "us-west-2", "registryId": ACCOUNT}]
    assert [each["filter"] for each in rule["repositoryFilters"]] == NAMES


def test_copies_arrive_in_repositories_of_ours_and_not_in_ecr_s_own() -> None:
    recording = replicated()
    here = [each for each in recording.all(REPOSITORY) if each.region == "us-west-2"]
    assert len(here) == 2
    assert all(recording.waits_for(recording.one(REPLICATION), each) for each in here)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"destination_region": "us-east-1"}, "must differ from source_region"),
        ({"repositories": []}, "repositories: got none"),
    ],
)
def test_copies_to_nowhere_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        replicated(**changes)


SECRET = f"arn:aws:secretsmanager:us-west-2:{ACCOUNT}:secret:ecr-pullthroughcache/docker-AbCdEf"
QUAY: CachedUpstream = {"upstream": Upstream.QUAY}
DOCKER: CachedUpstream = {"upstream": Upstream.DOCKER_HUB, "prefix": "docker", "credential_arn": SECRET}


def make_cache(**changes: Any) -> PullThroughCache:
    args: PullThroughCacheArgs = {
        "account_id": ACCOUNT,
        "upstreams": [QUAY, DOCKER],
        "key_arn": ground.key("us-west-2").arn,
        "region": "us-west-2",
        **changes,  # type: ignore[typeddict-item]
    }
    return PullThroughCache("cache", args)


def cached(**changes: Any) -> Recording:
    return record(lambda: make_cache(**changes), region="us-west-2")


def test_each_upstream_is_cached_under_its_prefix() -> None:
    recording = cached()
    quay, docker = recording.one(RULE, "cache-quay").plain, recording.one(RULE, "cache-docker").plain
    assert (quay["upstreamRegistryUrl"], quay["ecrRepositoryPrefix"]) == ("quay.io", "quay")
    assert (docker["upstreamRegistryUrl"], docker["credentialArn"]) == ("registry-1.docker.io", SECRET)
    assert "credentialArn" not in quay


def test_what_is_pulled_is_kept_encrypted_and_follows_the_upstream_s_tags() -> None:
    recording = cached()
    for prefix in ("quay", "docker"):
        template = recording.one(TEMPLATE, f"cache-{prefix}")
        assert template.plain["prefix"] == prefix
        assert template.plain["appliedFors"] == ["PULL_THROUGH_CACHE"]
        assert template.plain["imageTagMutability"] == "MUTABLE"
        assert template.plain["encryptionConfigurations"][0]["encryptionType"] == "KMS"
        assert recording.one("aws:kms/key:Key").urn in template.property_dependencies["encryptionConfigurations"]
        assert recording.waits_for(template, recording.one("aws:iam/rolePolicy:RolePolicy"))
        assert recording.waits_for(recording.one(RULE, f"cache-{prefix}"), template)
        [rule] = json.loads(template.plain["lifecyclePolicy"])["rules"]
        assert rule["selection"]["tagStatus"] == "untagged"


def test_ecr_may_make_repositories_for_the_cache_and_no_others() -> None:
    recording = cached()
    key = recording.one("aws:kms/key:Key").outputs
    assert key is not None
    repositories = {f"arn:aws:ecr:us-west-2:{ACCOUNT}:repository/{prefix}/*" for prefix in ("quay", "docker")}
    assert granted(recording.one("aws:iam/rolePolicy:RolePolicy").plain["policy"]) == {
        "ecr:CreateRepository": repositories,
        "ecr:TagResource": repositories,
        "kms:CreateGrant": {key["arn"]},
        "kms:DescribeKey": {key["arn"]},
        "kms:RetireGrant": {key["arn"]},
    }


def test_nodes_that_are_named_may_have_images_cached() -> None:
    assert not cached().all(POLICY)

    def program() -> None:
        role = aws.iam.Role("node", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
        make_cache(puller_role_arns=[role.arn])

    recording = record(program, region="us-west-2")
    policy = recording.one(POLICY).plain["policy"]
    repositories = {f"arn:aws:ecr:us-west-2:{ACCOUNT}:repository/{prefix}/*" for prefix in ("quay", "docker")}
    assert granted(policy) == {"ecr:BatchImportUpstreamImage": repositories, "ecr:CreateRepository": repositories}
    role = recording.one("aws:iam/role:Role", "node").outputs
    assert role is not None
    assert json.loads(policy)["Statement"][0]["Principal"] == {"AWS": [role["arn"]]}


def test_what_stands_for_an_upstream_in_an_image_s_name_is_handed_out() -> None:
    found: dict[str, Any] = {}

    def program() -> None:
        addresses = {each.value: address for each, address in make_cache().addresses.items()}
        pulumi.Output.all(**addresses).apply(found.update)

    record(program, region="us-west-2")
    assert found == {
        "quay": f"{ACCOUNT}.dkr.ecr.us-west-2.amazonaws.com/quay",
        "docker-hub": f"{ACCOUNT}.dkr.ecr.us-west-2.amazonaws.com/docker",
    }


@pytest.mark.parametrize("upstream", [Upstream.DOCKER_HUB, Upstream.GITHUB])
def test_upstreams_that_are_cached_only_with_credentials_need_them(upstream: Upstream) -> None:
    with pytest.raises(ValueError, match=f"{upstream.value} is cached only with credentials"):
        cached(upstreams=[{"upstream": upstream}])


@pytest.mark.parametrize("upstream", [Upstream.ECR_PUBLIC, Upstream.KUBERNETES, Upstream.QUAY])
def test_other_upstreams_are_cached_without_any(upstream: Upstream) -> None:
    assert "credentialArn" not in cached(upstreams=[{"upstream": upstream}]).one(RULE).plain


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"upstreams": []}, "upstreams: got none"),
        ({"upstreams": [QUAY, QUAY]}, "two have one prefix or are one registry"),
        ({"upstreams": [QUAY, {**DOCKER, "prefix": "quay"}]}, "two have one prefix or are one registry"),
        ({"upstreams": [{**QUAY, "prefix": "Q"}]}, "prefix: got 'Q'"),
        ({"upstreams": [{**QUAY, "prefix": "q" * 31}]}, "must be 2 to 30"),
        ({"untagged_days": 0}, "untagged_days: got 0"),
    ],
)
def test_a_cache_that_ecr_refuses_is_refused_first(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        cached(**changes)
