"""Small platforms to compute by hand, built of resources as the engine would show them."""

from typing import Any

from resilience.graph import UNKNOWN, Graph, Provider, Resource

ZONES = ("a", "b", "c")


APPROVAL = {"executionBlockType": "ManualApproval", "executionApprovalConfigs": [{"timeoutMinutes": 60}]}
CAPACITY = {"executionBlockType": "EKSResourceScaling", "eksResourceScalingConfigs": [{"timeoutMinutes": 15}]}
DATABASE = {
    "executionBlockType": "AuroraGlobalDatabase",
    "globalAuroraConfigs": [{"ungracefuls": [{"ungraceful": "failover"}]}],
}
TRAFFIC = {
    "executionBlockType": "Route53HealthCheck",
    "route53HealthCheckConfigs": [{"recordName": "shop.example.com"}],
}
"""Steps of a plan."""


class Small:
    """One stack; every method adds to it and returns it."""

    def __init__(self, region: str = "us-east-1", stack: str = "one") -> None:
        self.region, self.stack = region, stack
        self.parts: dict[str, Resource] = {}
        self.aws = Provider("aws", "pulumi:providers:aws", {"region": region}, f"urn:pulumi:{stack}::p::aws::aws")

    def add(self, type_: str, name: str, properties: dict[str, Any] | None = None, **edges: list[str] | str) -> "Small":
        """A resource whose properties were computed from others, by their names."""
        provider = self.aws
        if type_.startswith("kubernetes:"):
            holder = self.urn("kubernetes")
            provider = Provider("kubernetes", "pulumi:providers:kubernetes", {}, holder)
        self.parts[name] = Resource(
            f"urn:pulumi:{self.stack}::p::{type_}::{name}",
            type_,
            name,
            properties or {},
            provider=provider if not type_.startswith("pulumi:") else None,
            edges={
                key: tuple(self.urn(each) for each in ([names] if isinstance(names, str) else names))
                for key, names in edges.items()
            },
        )
        return self

    def urn(self, name: str) -> str:
        return self.parts[name].urn if name in self.parts else f"urn:pulumi:{self.stack}::p::missing::{name}"

    def zone(self, letter: str) -> str:
        return f"{self.region}{letter}"

    # Parts.

    def network(self, zones: tuple[str, ...] = ZONES, nats: tuple[str, ...] | None = None) -> "Small":
        """A subnet a zone; each leaves by its own zone's NAT gateway, or, where there is none, by the first one."""
        there = zones if nats is None else nats
        for letter in zones:
            self.add("aws:ec2/subnet:Subnet", f"subnet-{letter}", {"availabilityZone": self.zone(letter)})
        for letter in there:
            self.add("aws:ec2/natGateway:NatGateway", f"nat-{letter}", {}, subnetId=f"subnet-{letter}")
        for letter in zones if there else ():
            gateway = letter if letter in there else there[0]
            self.add("aws:ec2/routeTable:RouteTable", f"table-{letter}")
            self.add(
                "aws:ec2/route:Route",
                f"out-{letter}",
                {},
                routeTableId=f"table-{letter}",
                natGatewayId=f"nat-{gateway}",
            )
            self.add(
                "aws:ec2/routeTableAssociation:RouteTableAssociation",
                f"by-{letter}",
                {},
                routeTableId=f"table-{letter}",
                subnetId=f"subnet-{letter}",
            )
        return self

    def cluster(self, nodes: int = 3, instance: Any = "m7i.xlarge", zones: tuple[str, ...] = ZONES) -> "Small":
        """A cluster with one group of nodes over these zones."""
        subnets = [f"subnet-{letter}" for letter in zones]
        self.add("aws:eks/cluster:Cluster", "cluster", {}, vpcConfig=subnets)
        self.add("pulumi:providers:kubernetes", "kubernetes", {}, kubeconfig="cluster")
        return self.nodes("nodes", nodes, instance, zones)

    def nodes(self, name: str, count: Any, instance: Any, zones: tuple[str, ...] = ZONES) -> "Small":
        return self.add(
            "aws:eks/nodeGroup:NodeGroup",
            name,
            {"scalingConfig": {"minSize": count}, "instanceTypes": [instance]},
            clusterName="cluster",
            subnetIds=[f"subnet-{letter}" for letter in zones],
        )

    def service(
        self,
        name: str = "shop",
        replicas: Any = 3,
        *,
        spread: bool = True,
        cpu: str = "500m",
        toleration: int | None = None,
    ) -> "Small":
        """A Deployment behind a Service."""
        labels = {"app": name}
        topologies = ("topology.kubernetes.io/zone", "kubernetes.io/hostname") if spread else ()
        pod: dict[str, Any] = {
            "containers": [{"name": "c", "resources": {"requests": {"cpu": cpu, "memory": "1Gi"}}}],
            "topologySpreadConstraints": [
                {"maxSkew": 1, "topologyKey": key, "labelSelector": {"matchLabels": labels}} for key in topologies
            ],
        }
        if toleration is not None:
            pod["tolerations"] = [{"key": "node.kubernetes.io/unreachable", "tolerationSeconds": toleration}]
        self.add(
            "kubernetes:apps/v1:Deployment",
            name,
            {
                "metadata": {"namespace": "default"},
                "spec": {"replicas": replicas, "template": {"metadata": {"labels": labels}, "spec": pod}},
            },
            **({"spec": data} if (data := [each for each in ("database", "cache") if each in self.parts]) else {}),
        )
        return self.add(
            "kubernetes:core/v1:Service",
            f"{name}-service",
            {"metadata": {"namespace": "default", "name": name}, "spec": {"selector": labels}},
        )

    def entrance(
        self, name: str = "shop", zones: tuple[str, ...] = ZONES, interval: Any = 10, times: Any = 2
    ) -> "Small":
        """A load balancer in these zones that leads to the Service."""
        subnets = [f"subnet-{letter}" for letter in zones]
        self.add(
            "aws:lb/loadBalancer:LoadBalancer", "lb", {"subnets": [f"id-{each}" for each in subnets]}, subnets=subnets
        )
        check = {"interval": interval, "unhealthyThreshold": times, "timeout": 5}
        self.add("aws:lb/targetGroup:TargetGroup", "group", {"healthCheck": check})
        self.add("aws:lb/listener:Listener", "listener", {}, loadBalancerArn="lb", defaultActions="group")
        return self.add(
            "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding",
            "binding",
            {"metadata": {"namespace": "default"}, "spec": {"serviceRef": {"name": name}}},
            spec="group",
        )

    def flows(self, **values: Any) -> "Small":
        """Argo Workflows behind the load balancer."""
        full = {"requests": {"cpu": "250m", "memory": "512Mi"}}
        parts = {"controller": {"replicas": 2, "resources": full}, "server": {"replicas": 3, "resources": full}}
        release = {"chart": "argo-workflows", "namespace": "argo", "values": {**parts, **values}}
        stores = {"values": [each for each in ("artifacts", "database", "cache") if each in self.parts]}
        self.add("kubernetes:helm.sh/v3:Release", "flows", release, **stores)
        properties = {"metadata": {"namespace": "argo"}, "spec": {"serviceRef": {"name": "flows"}}}
        binding = self.entrance().parts["binding"]
        return self.add(binding.type, "binding", properties, spec=["group", "flows"])

    def model(self, **values: Any) -> "Small":
        """A model server, asked inside its cluster alone."""
        release = {"chart": "model-server", "namespace": "models", "values": values}
        stores = {"values": [each for each in ("artifacts",) if each in self.parts]}
        return self.add("kubernetes:helm.sh/v3:Release", "vision", release, **stores)

    def bucket(self, *, versions: bool = True) -> "Small":
        """A bucket of artifacts, with a key of its own, that keeps versions or does not."""
        self.add("aws:kms/key:Key", "key").add("aws:s3/bucket:Bucket", "artifacts", {"bucket": "artifacts"})
        status = {"versioningConfiguration": {"status": "Enabled" if versions else "Suspended"}}
        self.add("aws:s3/bucketVersioning:BucketVersioning", "versions", status, bucket="artifacts")
        encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
        return self.add(encryption, "encryption", {}, bucket="artifacts", rules="key")

    def aurora(self, zones: tuple[Any, ...] = ZONES) -> "Small":
        """A cluster with an instance in each of these zones."""
        self.add("aws:rds/cluster:Cluster", "database", {"endpoint": f"{self.stack}.rds.amazonaws.com"})
        for number, letter in enumerate(zones):
            place = {"availabilityZone": self.zone(letter) if isinstance(letter, str) else letter}
            self.add(
                "aws:rds/clusterInstance:ClusterInstance", f"database-{number}", place, clusterIdentifier="database"
            )
        return self

    def rds(self, *, standby: bool) -> "Small":
        """A database instance, with a standby in another zone or without."""
        return self.add("aws:rds/instance:Instance", "database", {"multiAz": standby, "address": f"{self.stack}.rds"})

    def cache(self, nodes: int = 2, *, fails_over: bool = True, apart: bool = True) -> "Small":
        """A cache over the zones, or in one of them."""
        subnets = [name for name in self.parts if name.startswith("subnet-")]
        ids = {"subnetIds": [f"id-{each}" for each in subnets]}
        self.add("aws:elasticache/subnetGroup:SubnetGroup", "cache-subnets", ids, subnetIds=subnets)
        return self.add(
            "aws:elasticache/replicationGroup:ReplicationGroup",
            "cache",
            {"multiAzEnabled": apart, "automaticFailoverEnabled": fails_over, "numCacheClusters": nodes},
            subnetGroupName="cache-subnets",
        )

    def name(
        self,
        *,
        role: str = "",
        interval: int | None = None,
        times: int = 3,
        ttl: Any = 60,
        says: str = "shop.example.com",
    ) -> "Small":
        """A record that leads to the load balancer, as one of a failover pair if it has a role."""
        properties: dict[str, Any] = {
            "name": says,
            "type": "CNAME",
            "ttl": ttl,
            "records": [UNKNOWN],
        }
        edges: dict[str, list[str] | str] = {"records": "lb"}
        if role:
            properties |= {"failoverRoutingPolicies": [{"type": role}], "setIdentifier": self.stack}
        if interval is not None:
            check = {"type": "HTTPS", "requestInterval": interval, "failureThreshold": times}
            self.add("aws:route53/healthCheck:HealthCheck", "check", check)
            properties["healthCheckId"] = UNKNOWN
            edges["healthCheckId"] = "check"
        return self.add("aws:route53/record:Record", "record", properties, **edges)

    def plan(self, *steps: dict[str, Any], alarm: str = "", target: Any = None) -> "Small":
        """A plan of ARC Region switch that leads from us-east-1 to us-west-2; by an alarm in that region, if any."""
        workflow: dict[str, Any] = {"workflowTargetAction": "activate", "steps": list(steps or (TRAFFIC,))}
        if target is not None:
            workflow["workflowTargetRegion"] = target
        properties: dict[str, Any] = {"regions": ["us-east-1", "us-west-2"], "workflows": [workflow]}
        if alarm:
            arn = f"arn:aws:cloudwatch:{alarm}:123456789012:alarm:cannot-serve" if alarm != UNKNOWN else alarm
            properties["associatedAlarms"] = [{"mapBlockKey": "trigger", "resourceIdentifier": arn}]
            condition = {"associatedAlarmName": "trigger", "condition": "red"}
            properties["triggers"] = [{"action": "activate", "targetRegion": "us-west-2", "conditions": [condition]}]
        return self.add("aws:arcregionswitch/plan:Plan", "plan", properties)

    def graph(self, *others: "Small") -> Graph:
        return Graph([part for each in (self, *others) for part in each.parts.values()])
