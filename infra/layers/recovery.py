"""What an alert starts by itself."""

from components.helm import ARGO_RUNS_SERVICE_ACCOUNT, AlertRecovery, AlertRecoveryArgs
from infra.layers.below import RECOVERY, Below
from infra.layers.controllers import Controllers
from infra.layers.orchestrators import Standing


def build(below: Below, controllers: Controllers, orchestrators: Standing) -> None:
    """Turn the chosen alerts into runs, if any are chosen."""
    section = below.settings.platform.observability.recovery
    if section is None:
        return
    args: AlertRecoveryArgs = {"namespace": controllers.events_namespace}
    if section.prefect_deployment is not None and orchestrators.prefect is not None:
        server = orchestrators.prefect.server
        args["prefect"] = {
            "namespace": orchestrators.prefect.namespace,
            "api_url": server.api_url,
            "sign_in_secret": server.sign_in_secret,
            "deployment": section.prefect_deployment,
        }
    if section.workflow_template is not None and orchestrators.argo is not None:
        args["workflow"] = {
            "namespace": orchestrators.argo.runs_namespace,
            "workflow_template": section.workflow_template,
            "service_account": ARGO_RUNS_SERVICE_ACCOUNT,
        }
    AlertRecovery(RECOVERY, args, below.after(controllers.events))
