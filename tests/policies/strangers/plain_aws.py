"""A web shop as a tutorial teaches it: default provider, two zones, one NAT gateway, one database, one cluster."""

import json

import pulumi
import pulumi_aws as aws


class ManagedCluster(pulumi.ComponentResource):
    """A cluster with its nodes in one component, as packages of components give them."""

    def __init__(self, name: str, subnet_ids: list[pulumi.Output[str]]) -> None:
        super().__init__("eks:index:Cluster", name)
        inside = pulumi.ResourceOptions(parent=self)
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        role = aws.iam.Role(f"{name}-role", assume_role_policy=trust, opts=inside)
        cluster = aws.eks.Cluster(
            f"{name}-control-plane",
            role_arn=role.arn,
            vpc_config={"subnet_ids": subnet_ids},
            opts=inside,
        )
        aws.eks.NodeGroup(
            f"{name}-workers",
            cluster_name=cluster.name,
            node_role_arn=role.arn,
            subnet_ids=subnet_ids[:1],
            scaling_config={"desired_size": 1, "min_size": 1, "max_size": 1},
            opts=inside,
        )
        self.register_outputs({})


vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")
gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id)
public = [
    aws.ec2.Subnet(
        f"public-{zone}", vpc_id=vpc.id, cidr_block=f"10.0.{number}.0/24", availability_zone=f"us-east-1{zone}"
    )
    for number, zone in enumerate("ab")
]
private = [
    aws.ec2.Subnet(
        f"private-{zone}", vpc_id=vpc.id, cidr_block=f"10.0.1{number}.0/24", availability_zone=f"us-east-1{zone}"
    )
    for number, zone in enumerate("ab")
]
address = aws.ec2.Eip("nat-address")
nat = aws.ec2.NatGateway("nat", subnet_id=public[0].id, allocation_id=address.id)
table = aws.ec2.RouteTable("private", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "nat_gateway_id": nat.id}])
for number, subnet in enumerate(private):
    aws.ec2.RouteTableAssociation(f"private-{number}", subnet_id=subnet.id, route_table_id=table.id)

subnet_ids = [subnet.id for subnet in private]
ManagedCluster("shop", subnet_ids)

web = aws.ec2.SecurityGroup(
    "web",
    vpc_id=vpc.id,
    ingress=[{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["0.0.0.0/0"]}],
)
balancer = aws.lb.LoadBalancer("web", subnets=[subnet.id for subnet in public], security_groups=[web.id])
aws.lb.TargetGroup("web", vpc_id=vpc.id, port=80, protocol="HTTP")

db_subnets = aws.rds.SubnetGroup("orders", subnet_ids=subnet_ids)
aws.rds.Instance(
    "orders",
    engine="postgres",
    instance_class="db.t4g.medium",
    allocated_storage=20,
    db_subnet_group_name=db_subnets.name,
    username="orders",
    password="not-a-secret",
    skip_final_snapshot=True,
    storage_encrypted=True,
)
aws.rds.Instance(
    "orders-for-reports",
    replicate_source_db="orders",
    instance_class="db.t4g.medium",
    skip_final_snapshot=True,
)

pictures = aws.s3.Bucket("pictures")
aws.s3.BucketVersioning("pictures", bucket=pictures.id, versioning_configuration={"status": "Enabled"})
jobs = aws.sqs.Queue("jobs")
customers = aws.cognito.UserPool("customers")
locks = aws.dynamodb.Table(
    "locks", billing_mode="PAY_PER_REQUEST", hash_key="id", attributes=[{"name": "id", "type": "S"}]
)
pulumi.export("jobs", jobs.url)
