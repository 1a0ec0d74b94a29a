"""What an alert starts by itself."""

from components.helm import AlertRecovery, AlertRecoveryArgs
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
        namespace, server = orchestrators.prefect
        args["prefect"] = {
            "namespace": namespace,
            "api_url": server.api_url,
            "sign_in_secret": server.sign_in_secret,
            "deployment": section.prefect_deployment,
        }
    if section.workflow_template is not None and orchestrators.workflows is not None:
        namespace, service_account = orchestrators.workflows
        args["workflow"] = {
            "namespace": namespace,
            "workflow_template": section.workflow_template,
            "service_account": service_account,
        }
    AlertRecovery(RECOVERY, args, below.after(controllers.events))
