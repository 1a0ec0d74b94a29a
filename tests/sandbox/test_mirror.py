"""What operations work on stands in the local AWS for real, and reading it back sees what they changed."""

import re

import pytest

from sandbox import local_aws
from sandbox.cloud import Refused, Simulator, World
from sandbox.cloud.aws import SANDBOX_ACCOUNT
from sandbox.cloud.mirror import LocalAws, Mirror
from sandbox.values import Secret

SHELL, AURORA = "aws:rds/globalCluster:GlobalCluster", "aws:rds/cluster:Cluster"
INSTANCE, BUCKET = "aws:rds/clusterInstance:ClusterInstance", "aws:s3/bucket:Bucket"
SECRET = "aws:secretsmanager/secret:Secret"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"


def urn(type_, name):
    return f"urn:pulumi:primary::tandem::{type_}::{name}"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TANDEM_SANDBOX_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def aws():
    simulator = Simulator("aws", World(), mirror=Mirror(SANDBOX_ACCOUNT))
    simulator.configure({"region": "us-east-1"})
    return simulator


@pytest.fixture
def running(home):
    local_aws.start(lambda text: None)
    yield LocalAws(SANDBOX_ACCOUNT)
    local_aws.stop()


class Made:
    def __init__(self, aws, type_, name, inputs):
        checked = aws.check(urn(type_, name), type_, inputs)
        assert checked.failures == []
        self.aws, self.type, self.urn, self.inputs = aws, type_, urn(type_, name), checked.inputs
        self.id, self.outputs = aws.create(self.urn, type_, checked.inputs)

    def read(self):
        return self.aws.read(self.urn, self.type, self.id, self.outputs, self.inputs)

    def delete(self):
        self.aws.delete(self.urn, self.type, self.id, self.outputs)


def test_without_a_local_aws_the_error_says_how_to_start_it(home, aws):
    with pytest.raises(Refused, match="the local AWS is not running; run `python -m sandbox start`"):
        Made(aws, BUCKET, "b", {"bucket": "tandem-mirror"})


def test_a_local_aws_that_stopped_answering_is_named(home, aws):
    (home / "local-aws.json").write_text('{"endpoint": "http://127.0.0.1:9"}')
    with pytest.raises(Refused, match=r"does not answer at http://127.0.0.1:9 .*run `python -m sandbox start`"):
        Made(aws, BUCKET, "b", {"bucket": "tandem-mirror"})


def test_what_is_not_mirrored_needs_no_local_aws(home, aws):
    assert Made(aws, "aws:ec2/vpc:Vpc", "net", {"cidrBlock": "10.0.0.0/16"}).id.startswith("vpc-")


def test_what_the_local_aws_did_not_take_does_not_stand(home):
    world = World()
    aws = Simulator("aws", world, mirror=Mirror(SANDBOX_ACCOUNT))
    with pytest.raises(Refused, match="the local AWS is not running"):
        Made(aws, BUCKET, "b", {"bucket": "tandem-mirror"})
    assert world.is_empty()


@pytest.mark.engine
def test_operations_and_the_simulated_cloud_see_one_another(running, aws):
    shell = Made(
        aws, SHELL, "g", {"globalClusterIdentifier": "g", "engine": "aurora-postgresql", "engineVersion": "17.5"}
    )
    member = {"engine": "aurora-postgresql", "engineVersion": "17.5", "globalClusterIdentifier": "g",
              "skipFinalSnapshot": True}  # fmt: skip
    founder = {"masterUsername": "owner", "masterPassword": Secret("not-that-secret")}
    first = Made(aws, AURORA, "a", {"clusterIdentifier": "a", **member, **founder})
    instance = {"engine": "aurora-postgresql", "instanceClass": "db.r6g.large"}
    writer = Made(aws, INSTANCE, "a-0", {"identifier": "a-0", "clusterIdentifier": "a", **instance})
    second = Made(aws, AURORA, "b", {"clusterIdentifier": "b", "region": "us-west-2", **member})

    def writers():
        members = shell.read()[0]["globalClusterMembers"]
        return [entry["dbClusterArn"] for entry in members if entry["isWriter"]]

    assert writers() == [first.outputs["arn"]]
    running.client("rds", "us-west-2").switchover_global_cluster(
        GlobalClusterIdentifier="g", TargetDbClusterIdentifier=second.outputs["arn"]
    )
    assert writers() == [second.outputs["arn"]]
    # Clients keep the name they know, in AWS's form (Aurora User Guide, "Connecting to Amazon Aurora Global Database").
    assert re.fullmatch(r"g\.global-[0-9a-z]{12}\.global\.rds\.amazonaws\.com", shell.outputs["endpoint"])
    assert shell.read()[0]["endpoint"] == shell.outputs["endpoint"]
    # Nothing of it is the program's business: the next `pulumi up` changes nothing.
    for made in (shell, first, second):
        _, inputs = made.read()
        assert inputs == made.inputs
        assert aws.diff(made.urn, made.type, made.id, inputs, made.inputs).changes == {}

    bucket = Made(aws, BUCKET, "b", {"bucket": "tandem-mirror", "forceDestroy": True})
    versioning = Made(
        aws, VERSIONING, "b", {"bucket": "tandem-mirror", "versioningConfiguration": {"status": "Enabled"}}
    )
    s3 = running.client("s3", "us-east-1")
    s3.put_object(Bucket="tandem-mirror", Key="a", Body=b"1")
    s3.put_bucket_versioning(Bucket="tandem-mirror", VersioningConfiguration={"Status": "Suspended"})
    drifted = versioning.read()[1]
    assert drifted["versioningConfiguration"]["status"] == "Suspended"
    assert "versioningConfiguration.status" in aws.diff(
        versioning.urn, VERSIONING, versioning.id, drifted, versioning.inputs
    ).changes  # fmt: skip

    with pytest.raises(Refused, match=r"InvalidGlobalClusterStateFault: .*the local AWS says so"):
        second.delete()  # It writes now, and the other one reads from it.
    running.client("rds", "us-east-1").switchover_global_cluster(
        GlobalClusterIdentifier="g", TargetDbClusterIdentifier=first.outputs["arn"]
    )
    for made in (versioning, bucket, second, writer, first, shell):
        made.delete()
        assert made.read() is None
    assert s3.list_buckets()["Buckets"] == []
    assert running.client("rds", "us-east-1").describe_global_clusters()["GlobalClusters"] == []


@pytest.mark.engine
def test_copies_of_a_secret_are_read_in_their_region(running, aws):
    key = Made(aws, "aws:kms/key:Key", "k", {"multiRegion": True})
    there = {"primaryKeyArn": key.outputs["arn"], "region": "us-west-2"}
    replica = Made(aws, "aws:kms/replicaKey:ReplicaKey", "k", there)
    copies = [{"region": "us-west-2", "kmsKeyId": replica.outputs["arn"]}]
    given = {"name": "tandem/owner", "kmsKeyId": key.outputs["arn"]}
    secret = Made(aws, SECRET, "s", {**given, "replicas": copies})
    version = Made(
        aws,
        "aws:secretsmanager/secretVersion:SecretVersion",
        "s",
        {"secretId": secret.id, "secretString": Secret("first")},
    )

    west = running.client("secretsmanager", "us-west-2")
    found = west.get_secret_value(SecretId="tandem/owner")
    assert found["SecretString"] == "first"
    assert found["ARN"] == secret.id.replace("us-east-1", "us-west-2")
    # A rotation's value arrives too, and the program's first is not missed.
    running.client("secretsmanager", "us-east-1").put_secret_value(SecretId=secret.id, SecretString="second")
    assert west.get_secret_value(SecretId=found["ARN"])["SecretString"] == "second"
    for made in (secret, version):
        assert aws.diff(made.urn, made.type, made.id, made.read()[1], made.inputs).changes == {}

    more = aws.check(secret.urn, SECRET, {**given, "replicas": [*copies, {"region": "eu-west-1"}]}).inputs
    aws.update(secret.urn, SECRET, secret.id, secret.outputs, more)
    assert running.client("secretsmanager", "eu-west-1").get_secret_value(SecretId="tandem/owner")
    for made in (version, secret, replica, key):
        made.delete()
    assert secret.read() is None
    with pytest.raises(west.exceptions.ResourceNotFoundException, match="can't find the specified secret"):
        west.get_secret_value(SecretId="tandem/owner")
