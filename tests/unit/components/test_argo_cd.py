"""Applications come from one repository, into namespaces of their own, and what Pulumi owns stays Pulumi's."""

from typing import Any

import pulumi_kubernetes as k8s
import pytest

from components.helm.argo_cd import REPLICATED, ArgoCd, render_application, render_argo_cd, render_project
from tests.house.recorder import Recording, record

RELEASE = "kubernetes:helm.sh/v3:Release"
PROJECT = "kubernetes:argoproj.io/v1alpha1:AppProject"
APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application"
SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"
ARGUMENTS: dict[str, Any] = {
    "domain": "deploy.example.com",
    "redis_host": "cache.example.com",
    "redis_port": 6379,
    "redis_secret": "tandem/redis/deploy",
    "repository_url": "https://git.example.com/platform.git",
    "revision": "production",
    "path": "applications",
    "application_namespaces": ["shop", "search"],
}


def made(**changes: Any) -> Recording:
    def program() -> None:
        namespace = k8s.core.v1.Namespace("deploy", metadata={"name": "deploy"})
        arguments: Any = {"namespace": namespace.metadata.name, **ARGUMENTS, **changes}
        ArgoCd("deploy", arguments)

    return record(program, preview=True)


def values(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "release_name": "deploy",
        "domain": "deploy.example.com",
        "redis_host": "cache.example.com",
        "redis_port": 6379,
        "redis_secret": "deploy-redis",
        "replicas": 2,
    }
    return render_argo_cd(**{**arguments, **changes})


@pytest.mark.parametrize(
    ("part", "name"),
    [("server", "server"), ("repoServer", "repo-server"), ("applicationSet", "applicationset-controller")],
)
def test_what_can_run_twice_survives_a_zone_a_drain_and_an_update(part: str, name: str) -> None:
    said = values()[part]
    assert said["replicas"] == 2
    # Bare text in a budget is a number; the chart's default is the other key, which would stand beside it.
    assert said["pdb"] == {"enabled": True, "minAvailable": "", "maxUnavailable": "1"}
    assert said["deploymentStrategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    zones, hosts = said["topologySpreadConstraints"]
    assert (zones["topologyKey"], hosts["topologyKey"]) == ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    assert zones["labelSelector"]["matchLabels"] == {
        "app.kubernetes.io/name": f"argocd-{name}",
        "app.kubernetes.io/instance": "deploy",
    }


@pytest.mark.parametrize(
    ("part", "key"), [("controller", "statefulsetAnnotations"), ("notifications", "deploymentAnnotations")]
)
def test_what_runs_once_says_why_and_blocks_no_drain(part: str, key: str) -> None:
    said = values()[part]
    assert said[key].keys() == {"tandem.dev/singleton"}
    assert said.get("replicas", 1) == 1
    assert "pdb" not in said


@pytest.mark.parametrize("part", [*REPLICATED, "controller", "notifications"])
def test_every_part_asks_for_room_is_watched_and_opens_no_door_of_its_own(part: str) -> None:
    said = values()[part]
    assert said["resources"]["requests"].keys() == {"cpu", "memory"}
    assert said["resources"]["limits"].keys() == {"memory"}
    assert said["metrics"] == {"enabled": True, "serviceMonitor": {"enabled": True}}
    assert said["networkPolicy"] == {"create": False}


def test_all_of_it_outranks_runs_and_leaves_a_lost_node() -> None:
    said = values()["global"]
    assert said["priorityClassName"] == "tandem-services"
    assert {each["tolerationSeconds"] for each in said["tolerations"]} == {30}


def test_redis_is_the_platform_s_encrypted_and_no_password_passes_through() -> None:
    said = values()
    assert said["externalRedis"] == {"host": "cache.example.com", "port": 6379, "existingSecret": "deploy-redis"}
    for part in ("controller", "server", "repoServer"):
        assert "--redis-use-tls" in said[part]["extraArgs"]
    for bundled in ("redis", "redis-ha", "redisSecretInit", "dex", "commitServer"):
        assert said[bundled] == {"enabled": False}


def test_redis_credentials_come_from_secrets_manager_before_the_pods() -> None:
    recording = made()
    secret = recording.one(SECRET, "deploy-redis")
    assert secret.plain["spec"]["target"]["template"]["data"] == {
        "redis-username": "{{ .redis_username }}",
        "redis-password": "{{ .redis_password }}",
    }
    assert {each["remoteRef"]["key"] for each in secret.plain["spec"]["data"]} == {"tandem/redis/deploy"}
    released = recording.one(RELEASE, "deploy")
    assert recording.waits_for(released, secret)
    assert released.plain["values"]["externalRedis"]["existingSecret"] == "deploy-redis"


def test_the_first_application_waits_for_the_project_and_that_for_its_definition() -> None:
    recording = made()
    project, application = recording.one(PROJECT, "deploy-project"), recording.one(APPLICATION, "deploy-applications")
    root = recording.one(PROJECT, "deploy-root-project")
    assert {project.urn, root.urn} <= set(application.dependencies)
    assert recording.one(RELEASE, "deploy").urn in project.dependencies
    assert project.plain["metadata"]["name"] == "deploy"
    assert application.plain["spec"]["project"] == root.plain["metadata"]["name"] == "deploy-root"
    assert "finalizers" not in application.plain["metadata"]
    assert recording.unregistered_components() == []


def test_applications_write_nothing_that_is_pulumi_s() -> None:
    project = render_project(repository_url="https://git/r.git", namespaces=["shop"])
    assert project["sourceRepos"] == ["https://git/r.git"]
    assert [each["namespace"] for each in project["destinations"]] == ["shop"]
    assert project["clusterResourceWhitelist"] == []
    assert {each["kind"] for each in project["namespaceResourceBlacklist"]} == {
        "ResourceQuota",
        "LimitRange",
        "NetworkPolicy",
        "AppProject",
        "Application",
        "ExternalSecret",
    }


def test_the_application_of_applications_brings_nothing_else() -> None:
    root = made().one(PROJECT, "deploy-root-project").plain["spec"]
    assert root["namespaceResourceWhitelist"] == [{"group": "argoproj.io", "kind": "Application"}]
    assert root["clusterResourceWhitelist"] == []
    assert len(root["destinations"]) == 1


def test_argo_cd_s_own_project_allows_nothing() -> None:
    recording = made()
    default = recording.one(PROJECT, "deploy-default-project").plain
    assert default["metadata"]["name"] == "default"
    spec = default["spec"]
    assert (spec["sourceRepos"], spec["destinations"], spec["clusterResourceWhitelist"]) == ([], [], [])
    application = recording.one(APPLICATION, "deploy-applications")
    assert recording.one(PROJECT, "deploy-default-project").urn in application.dependencies


def application(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "project": "deploy",
        "namespace": "deploy",
        "repository_url": "https://git/r.git",
        "revision": "production",
        "path": "applications",
        "prune": False,
    }
    return render_application(**{**arguments, **changes})


def test_the_repository_is_followed_without_deleting_and_without_new_namespaces() -> None:
    said = application()
    assert said["source"] == {"repoURL": "https://git/r.git", "targetRevision": "production", "path": "applications"}
    assert said["syncPolicy"]["automated"] == {"prune": False, "selfHeal": True}
    assert application(prune=True)["syncPolicy"]["automated"]["prune"] is True
    assert said["syncPolicy"]["retry"]["limit"] == 5
    assert "CreateNamespace=false" in said["syncPolicy"]["syncOptions"]
    assert "FailOnSharedResource=true" in said["syncPolicy"]["syncOptions"]


def test_nothing_is_deleted_by_default() -> None:
    def automated(**changes: Any) -> Any:
        return made(**changes).one(APPLICATION).plain["spec"]["syncPolicy"]["automated"]

    assert automated()["prune"] is False
    assert automated(prune=True)["prune"] is True


BAD: list[tuple[dict[str, Any], str]] = [
    ({"replicas": 1}, "replicas: got 1, must be at least 2"),
    ({"repository_url": "git@git.example.com:r.git"}, "repository_url: got .*, must begin with https"),
    ({"revision": "HEAD"}, "revision: got 'HEAD', must name a branch"),
    ({"revision": ""}, "revision: got '', must name a branch"),
    ({"path": "/applications"}, "path: got '/applications', must be a folder"),
    ({"path": ""}, "path: got '', must be a folder"),
    ({"application_namespaces": []}, "application_namespaces: is empty"),
    ({"application_namespaces": ["*"]}, r"application_namespaces: got '\*', must be a namespace"),
    ({"application_namespaces": ["kube-system"]}, "application_namespaces: got 'kube-system'"),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_what_would_follow_nothing_or_reach_too_far_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(**changes)
