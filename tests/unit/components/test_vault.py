"""Vault keeps its majority with a zone gone, opens itself, and shows nobody's keys to a state file."""

import json
import re
from typing import Any

import pulumi_kubernetes as k8s
import pytest

from components.helm.vault import (
    VAULT_SERVICE_ACCOUNT,
    Vault,
    dns_names,
    full_name,
    render_configuration,
    render_vault,
    vault_policy,
)
from tests.house.iam import granted
from tests.house.recorder import Recording, record

RELEASE = "kubernetes:helm.sh/v3:Release"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
KEY = "arn:aws:kms:us-east-1:000000000000:key/mrk-0"
ARGUMENTS: dict[str, Any] = {
    "region": "us-east-1",
    "key_arn": KEY,
    "issuer": {"kind": "ClusterIssuer", "name": "platform"},
    "storage_class": "encrypted",
    "data_gib": 20,
    "audit_gib": 10,
    "replicas": 3,
}


def made(**changes: Any) -> Recording:
    def program() -> None:
        k8s.core.v1.Namespace("vault", metadata={"name": "secrets"})
        arguments: Any = {"namespace": "secrets", **ARGUMENTS, **changes}
        Vault("vault", arguments)

    return record(program)


def values(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "release_name": "vault",
        "region": "us-east-1",
        "key_arn": KEY,
        "storage_class": "encrypted",
        "data_gib": 20,
        "audit_gib": 10,
        "replicas": 3,
    }
    return render_vault(**{**arguments, **changes})


def test_servers_share_no_zone_for_good_and_are_drained_one_at_a_time() -> None:
    server = values()["server"]
    assert server["ha"]["replicas"] == 3
    assert server["ha"]["disruptionBudget"] == {"enabled": True, "maxUnavailable": 1}
    zones, hosts = server["topologySpreadConstraints"]
    assert (zones["topologyKey"], zones["whenUnsatisfiable"]) == ("topology.kubernetes.io/zone", "DoNotSchedule")
    assert (hosts["topologyKey"], hosts["whenUnsatisfiable"]) == ("kubernetes.io/hostname", "ScheduleAnyway")
    assert zones["labelSelector"]["matchLabels"] == {
        "app.kubernetes.io/name": "vault",
        "app.kubernetes.io/instance": "vault",
        "component": "server",
    }
    assert {each["tolerationSeconds"] for each in server["tolerations"]} == {30}


def test_disks_are_of_the_given_class_and_outlive_the_release() -> None:
    server = values()["server"]
    assert server["dataStorage"] == {"enabled": True, "size": "20Gi", "storageClass": "encrypted"}
    assert server["auditStorage"] == {"enabled": True, "size": "10Gi", "storageClass": "encrypted"}
    assert server["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}


@pytest.mark.parametrize("replicas", [3, 5])
def test_every_server_knows_where_to_find_each_of_them(replicas: int) -> None:
    configuration = render_configuration("vault", replicas)
    assert re.findall(r'leader_api_addr = "(.*)"', configuration) == [
        f"https://vault-{ordinal}.vault-internal:8200" for ordinal in range(replicas)
    ]
    assert configuration.count("{") == configuration.count("}")


def test_nothing_is_spoken_in_the_clear() -> None:
    said = values()
    assert said["global"] == {"tlsDisable": False}
    configuration = said["server"]["ha"]["raft"]["config"]
    assert "tls_disable" not in configuration
    assert 'tls_cert_file = "/vault/tls/tls.crt"' in configuration
    (secret,) = [each["secret"] for each in said["server"]["volumes"] if each["name"] == "tls"]
    assert secret["secretName"] == "vault-tls"
    monitor = said["serverTelemetry"]["serviceMonitor"]
    assert monitor["enabled"] is True
    assert monitor["tlsConfig"] == {"ca": {"secret": {"name": "vault-tls", "key": "ca.crt"}}, "serverName": "vault"}


def test_a_new_certificate_is_taken_up_by_a_server_that_runs() -> None:
    server = values()["server"]
    (reload,) = server["extraContainers"]
    assert server["shareProcessNamespace"] is True
    assert "kill -HUP $(pidof vault)" in reload["command"][-1]
    assert "/vault/tls/tls.crt" in reload["command"][-1]
    assert "{{" not in reload["command"][-1]
    assert reload["image"] == "hashicorp/vault:2.0.4"


def test_it_opens_itself_with_the_region_s_key_and_no_credentials() -> None:
    server = values()["server"]
    assert 'seal "awskms" {}' in server["ha"]["raft"]["config"]
    assert server["extraEnvironmentVars"] == {
        "AWS_REGION": "us-east-1",
        "VAULT_AWSKMS_SEAL_KEY_ID": KEY,
        "VAULT_CACERT": "/vault/tls/ca.crt",
    }
    assert server["serviceAccount"] == {"create": True, "name": VAULT_SERVICE_ACCOUNT}


def test_its_rights_are_one_key() -> None:
    assert granted(vault_policy(KEY)) == {action: {KEY} for action in ("kms:Encrypt", "kms:Decrypt", "kms:DescribeKey")}
    assert len(json.loads(vault_policy(KEY))["Statement"]) == 1


def test_a_sealed_server_is_asked_nothing_and_not_killed_for_it() -> None:
    server = values()["server"]
    assert server["readinessProbe"] == {"enabled": True}
    alive = server["livenessProbe"]
    assert alive["enabled"] is True
    for said in ("standbyok=true", "sealedcode=204", "uninitcode=204"):
        assert said in alive["path"]
    # Else the first install would wait for servers that somebody must first initialise, and roll back.
    assert server["updateStrategyType"] == "OnDelete"


def test_injectors_take_turns_and_let_one_go_at_a_time() -> None:
    injector = values()["injector"]
    assert injector["replicas"] == 2
    assert injector["leaderElector"] == {"enabled": True}
    assert injector["podDisruptionBudget"] == {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"}
    assert injector["webhook"] == {"failurePolicy": "Ignore"}
    zones, _ = injector["topologySpreadConstraints"]
    assert zones["labelSelector"]["matchLabels"]["app.kubernetes.io/name"] == "vault-agent-injector"


def test_no_container_can_become_root_or_write_its_image() -> None:
    said = values()
    confined = [
        said["server"]["statefulSet"]["securityContext"]["container"],
        said["server"]["extraContainers"][0]["securityContext"],
        said["injector"]["securityContext"]["container"],
    ]
    for each in confined:
        assert each == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
    assert said["server"]["statefulSet"]["securityContext"]["pod"]["runAsNonRoot"] is True
    # The chart's first command writes there.
    assert {"name": "tmp", "mountPath": "/tmp"} in said["server"]["volumeMounts"]


def test_names_are_the_chart_s() -> None:
    assert full_name("vault") == "vault"
    assert full_name("team-vault") == "team-vault"
    assert full_name("secrets") == "secrets-vault"
    said = values(release_name="secrets")
    assert "https://secrets-vault-0.secrets-vault-internal:8200" in said["server"]["ha"]["raft"]["config"]
    assert said["server"]["ha"]["apiAddr"] == "https://secrets-vault-active:8200"
    assert (
        said["server"]["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"]["app.kubernetes.io/instance"]
        == "secrets"
    )


def test_the_certificate_speaks_of_every_name_in_use_and_stands_before_the_servers() -> None:
    recording = made()
    certificate = recording.one(CERTIFICATE, "vault-tls")
    spec = certificate.plain["spec"]
    assert spec["issuerRef"] == {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": "platform"}
    assert spec["secretName"] == "vault-tls"
    assert spec["dnsNames"] == dns_names("vault", "secrets")
    assert {"vault-active.secrets.svc", "*.vault-internal", "vault", "localhost", "vault-active"} <= set(
        spec["dnsNames"]
    )
    assert spec["ipAddresses"] == ["127.0.0.1"]
    assert certificate.plain["metadata"]["annotations"] == {"pulumi.com/waitFor": "condition=Ready"}
    assert certificate.urn in recording.one(RELEASE, "vault").dependencies


def test_it_tells_where_its_leader_is_and_by_what_to_know_it() -> None:
    component = made().one("tandem:index:Vault")
    assert component.outputs == {"address": "https://vault-active.secrets.svc:8200", "caSecret": "vault-tls"}


BAD: list[tuple[dict[str, Any], str]] = [
    ({"replicas": 2}, "replicas: got 2, must be 3 or 5"),
    ({"replicas": 4}, "replicas: got 4, must be 3 or 5"),
    ({"data_gib": 0}, "data_gib: got 0, must be at least 1"),
    ({"audit_gib": 0}, "audit_gib: got 0, must be at least 1"),
    ({"issuer": {"kind": "Signer", "name": "x"}}, "issuer.kind: got 'Signer'"),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_what_would_lose_its_majority_or_its_disk_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(**changes)
