"""Settings, then layers in the order they come up, then what the stack promises."""

import pulumi

from infra import layers, settings
from infra.peer import read_founder, read_own
from infra.providers import aws_provider, kubernetes_provider

told = settings.load()
aws = aws_provider(told)
everything = layers.pair.remember_everything()
in_aws = pulumi.ResourceOptions(providers=[aws])
ask_aws = pulumi.InvokeOptions(provider=aws)

shared = layers.data.known_to_both(told), layers.data.passwords(told), layers.data.BUCKETS
founder = read_founder(told, told.region.joins, *shared) if told.region.joins else None
if founder:
    held = layers.pair.take_hold(told, founder.hold_arn, in_aws)
    in_aws = pulumi.ResourceOptions.merge(in_aws, pulumi.ResourceOptions(depends_on=[held]))
keys = layers.keys.build(told, founder, in_aws)
net = layers.network.build(told, keys, in_aws)
store = layers.data.build(told, keys, net, founder, in_aws)
compute = layers.cluster.build(told, keys, net, in_aws)
images = layers.images.build(told, keys, compute.puller_role_arns, in_aws)
doors = layers.data.admit_cluster(store, compute.cluster, in_aws)
entrance = layers.traffic.build_entrance(told, keys, net, store, compute.cluster, founder, in_aws, ask_aws)
watch = layers.monitoring.build(told, keys, net, compute, store, entrance, founder, in_aws)
layers.backup.build(told, keys, net, store, watch.topic_arn, in_aws)

kubernetes = kubernetes_provider(compute.cluster_name, compute.cluster.kubeconfig, compute.needed_by_workloads)
in_cluster = pulumi.ResourceOptions(providers=[aws, kubernetes], deleted_with=compute.cluster)
below = layers.below.Below(told, keys, net, store, compute, entrance, watch.topic_arn, doors, in_aws, in_cluster)
services = layers.platform.build(below)
databases = layers.databases.build(below, services)
monitors = layers.observability.build(below, services, databases)
layers.platform.publish_names(below, services, monitors.stack)
controllers = layers.controllers.build(below, services, monitors.stack)
layers.observability.write_down(below, services, monitors, controllers.certificates)
orchestrators = layers.orchestrators.build(below, services, databases, monitors.stack)
models = layers.models.build(below, services, monitors.stack, controllers)
layers.recovery.build(below, controllers, orchestrators)
serving = [monitors.grafana, *orchestrators.bindings, *models]

once_serving = pulumi.ResourceOptions.merge(in_aws, pulumi.ResourceOptions(depends_on=serving))
health = layers.traffic.judge(told, entrance, watch.serving, once_serving)
hold_arn, plan = None, None
if founder is None:
    layers.traffic.announce(told, entrance, health, once_serving)
    hold_arn = layers.pair.hold(told, compute.cluster.arn, everything, in_aws)
else:
    layers.links.build(told, founder, keys, net, store, images, entrance, watch.topic_arn, in_aws)
    plan = layers.failover.build(told, founder, keys, compute, store, entrance, health, watch, read_own(), once_serving)

layers.promises.make(layers.promises.Stack(told, keys, net, store, compute, entrance, health, watch, hold_arn, plan))
