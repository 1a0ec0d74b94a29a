"""A standby as a first draft has it: one zone, one region, nothing protected."""

import pulumi
import pulumi_gcp as gcp

network = gcp.compute.Network("standby", auto_create_subnetworks=False)
subnet = gcp.compute.Subnetwork("standby", network=network.id, ip_cidr_range="10.8.0.0/16", region="europe-west1")
cluster = gcp.container.Cluster(
    "standby",
    location="europe-west1-b",
    network=network.name,
    subnetwork=subnet.name,
    initial_node_count=1,
    remove_default_node_pool=True,
    deletion_protection=False,
)
gcp.container.NodePool(
    "workers",
    cluster=cluster.name,
    location="europe-west1-b",
    node_config={"machine_type": "e2-standard-4"},
    autoscaling={"min_node_count": 0, "max_node_count": 3},
    management={"auto_repair": True, "auto_upgrade": True},
)
gcp.sql.DatabaseInstance(
    "orders",
    database_version="POSTGRES_17",
    region="europe-west1",
    settings={"tier": "db-custom-2-8192", "availability_type": "ZONAL", "backup_configuration": {"enabled": True}},
    deletion_protection=False,
)
gcp.storage.Bucket("pictures", location="EUROPE-WEST1", versioning={"enabled": True})
topic = gcp.pubsub.Topic("orders")
pulumi.export("topic", topic.name)
