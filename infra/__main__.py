"""Settings, then layers in the order they come up, then what the stack promises."""

import pulumi

from infra import exports, settings
from infra.layers import cluster, data, links, network, platform, traffic, workloads
from infra.peer import read_founder
from infra.providers import aws_provider, kubernetes_provider

told = settings.load()
aws = aws_provider(told)
in_aws = pulumi.ResourceOptions(providers=[aws])
ask_aws = pulumi.InvokeOptions(provider=aws)

founder = read_founder(told, told.region.joins) if told.region.joins else None
membership = links.join(told, founder, in_aws) if founder else None

net = network.build(told, in_aws)
store = data.build(told, net, membership, in_aws)
compute = cluster.build(told, net, in_aws)
entrance = traffic.build_entrance(told, net, compute.cluster, founder, in_aws, ask_aws)

kubernetes = kubernetes_provider(compute.cluster_name, compute.cluster.kubeconfig, compute.needed_by_workloads)
in_cluster = pulumi.ResourceOptions(providers=[aws, kubernetes], deleted_with=compute.cluster)
services = platform.build(told, net, compute, in_aws, in_cluster)
serving = workloads.build(workloads.Below(told, store, compute, entrance, services, in_aws, in_cluster))

once_serving = pulumi.ResourceOptions.merge(in_aws, pulumi.ResourceOptions(depends_on=serving))
name = traffic.announce(told, entrance, once_serving)
if founder:
    links.replicate_artifacts(told, founder, store.data_key, store.artifacts, in_aws)
    links.admit_runs(told, founder, net, entrance.load_balancer, in_aws)

exports.publish(
    exports.Contract(
        region=told.region_name,
        cidr=told.region.cidr,
        zone_id=entrance.zone_id,
        data_key_arn=store.data_key.arn,
        entrance_security_group=entrance.load_balancer.security_group_id,
        nat_addresses=net.nat_addresses,
        artifacts_bucket=store.artifacts.bucket_name,
        artifacts_arn=store.artifacts.arn,
        global_cluster_identifier=store.global_cluster_identifier,
        database_cluster=store.database.cluster_identifier,
        database_name=data.DATABASE_NAME,
        database_username=data.DATABASE_USERNAME,
        cluster_name=compute.cluster_name,
        health_check_id=name.health_check_id,
    ),
    url=name.url,
    regional_url=name.regional_url,
    database_endpoint=store.database.endpoint,
    cache_endpoint=store.cache.primary_endpoint,
    load_balancer=entrance.load_balancer.dns_name,
    name_servers=entrance.name_servers,
    kubeconfig=compute.cluster.kubeconfig,
    database_password=store.database_password,
    sign_in_password=store.sign_in_password,
)
