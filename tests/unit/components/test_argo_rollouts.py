"""New versions take over step by step, whatever becomes of one controller."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.charts import ARGO_ROLLOUTS
from components.helm import ROLLOUTS_SERVICE_ACCOUNT, ArgoRollouts, ArgoRolloutsArgs
from components.helm.argo_rollouts import render_argo_rollouts
from sandbox.knowledge.helm import check_values, table
from tests.house.recorder import Recording, record

VALUES = render_argo_rollouts(release_name="rollouts", replicas=2)


def installed(**changes: Any) -> Recording:
    arguments: ArgoRolloutsArgs = {"namespace": "argo-rollouts"}

    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        opts = pulumi.ResourceOptions(provider=provider)
        namespace = k8s.core.v1.Namespace(
            "argo-rollouts", metadata=k8s.meta.v1.ObjectMetaArgs(name="argo-rollouts"), opts=opts
        )
        ArgoRollouts(
            "rollouts",
            {**arguments, **changes},  # type: ignore[typeddict-item]
            pulumi.ResourceOptions(provider=provider, depends_on=[namespace]),
        )

    return record(program)


def test_it_is_one_release_at_the_table_s_version() -> None:
    recording = installed()
    release = recording.one("kubernetes:helm.sh/v3:Release", "rollouts")
    assert release.props["version"] == ARGO_ROLLOUTS.version
    assert release.props["namespace"] == "argo-rollouts"
    assert recording.unregistered_components() == []


def test_every_key_is_one_that_the_chart_reads() -> None:
    assert check_values(table(ARGO_ROLLOUTS.name), VALUES) == []  # type: ignore[arg-type]


def test_two_controllers_spread_by_the_labels_they_carry_and_go_one_at_a_time() -> None:
    controller = VALUES["controller"]
    assert controller["replicas"] == 2
    assert controller["pdb"] == {"enabled": True, "maxUnavailable": 1}
    zones, hosts = controller["topologySpreadConstraints"]
    assert (zones["topologyKey"], hosts["topologyKey"]) == ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    assert zones["labelSelector"]["matchLabels"] == {
        "app.kubernetes.io/name": "argo-rollouts",
        "app.kubernetes.io/instance": "rollouts",
        "app.kubernetes.io/component": "rollouts-controller",
    }
    assert {each["tolerationSeconds"] for each in controller["tolerations"]} == {30}
    assert controller["priorityClassName"] == "tandem-services"
    assert set(controller["resources"]["requests"]) == {"cpu", "memory"}


def test_it_is_measured_and_nobody_promotes_without_signing_in() -> None:
    assert VALUES["controller"]["metrics"] == {"enabled": True, "serviceMonitor": {"enabled": True}}
    assert VALUES["dashboard"] == {"enabled": False}


def test_it_may_change_what_this_project_routes_by_and_nothing_else() -> None:
    off = {name for name, on in VALUES["providerRBAC"]["providers"].items() if not on}
    assert "istio" in off
    assert not off & {"awsLoadBalancerController", "gatewayAPI"}
    assert VALUES["serviceAccount"] == {"create": True, "name": ROLLOUTS_SERVICE_ACCOUNT}


def test_rollouts_outlive_their_controller() -> None:
    assert VALUES["keepCRDs"] is True


def test_a_single_controller_is_refused() -> None:
    with pytest.raises(ValueError, match="replicas: got 1, must be at least 2"):
        installed(replicas=1)
