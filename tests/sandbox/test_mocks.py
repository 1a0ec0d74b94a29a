import pulumi
import pulumi_aws as aws
import pytest
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs

from sandbox.mocks import Mocks, Refusal
from sandbox.values import UNKNOWN
from tests.house.recorder import DuplicateUrn, record

VPC = "aws:ec2/vpc:Vpc"


def args(type_, name, inputs, **more):
    return MockResourceArgs(type_, name, inputs, **{"custom": True, **more})


def test_plain_mocks_get_the_clouds_answers():
    id_, outputs = Mocks(region="us-west-2").new_resource(args(VPC, "net", {"cidrBlock": "10.0.0.0/16"}))
    assert outputs["arn"] == f"arn:aws:ec2:us-west-2:000000000000:vpc/{id_}"


def test_what_check_refuses_is_raised_with_resource_property_and_reason():
    with pytest.raises(Refusal, match=r"aws:ec2/vpc:Vpc .net.: cidrBlok: .*cidrBlock"):
        Mocks().new_resource(args(VPC, "net", {"cidrBlok": "10.0.0.0/16"}))


def test_every_mistake_is_in_the_message():
    with pytest.raises(Refusal, match="cidrBlok") as refused:
        Mocks().new_resource(args(VPC, "net", {"cidrBlok": "10.0.0.0/16", "enableDnsSupprt": True}))
    assert "enableDnsSupprt" in str(refused.value)


def test_a_data_source_answers():
    answer, failures = Mocks().call(MockCallArgs("aws:index/getRegion:getRegion", {}, ""))
    assert answer["region"] == "us-east-1"
    assert failures is None


def test_a_stack_reference_reads_the_peers_outputs():
    def program():
        peer = pulumi.StackReference("organization/tandem/primary")
        pulumi.export("seen", peer.get_output("contract"))

    recording = record(program, peer_outputs={"contract": {"region": "us-east-1"}})
    assert recording.outputs["seen"] == {"region": "us-east-1"}


def test_an_explicit_provider_is_the_one_that_answers():
    def program():
        west = aws.Provider("west", region="us-west-2")
        vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(provider=west))
        pulumi.export("arn", vpc.arn)

    recording = record(program, region="us-east-1")
    assert recording.one(VPC).region == "us-west-2"
    assert ":us-west-2:" in recording.outputs["arn"]


def test_a_preview_leaves_unknown_what_only_a_cloud_could_say():
    def program():
        vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
        aws.ec2.Subnet("a", vpc_id=vpc.id, cidr_block="10.0.0.0/24")

    recording = record(program, preview=True)
    assert recording.one("Subnet").props["vpcId"] is UNKNOWN
    assert recording.world.is_empty()
    assert record(program).one("Subnet").outputs["vpcId"].startswith("vpc-")


def test_two_resources_with_one_urn_are_refused():
    def program():
        for block in ("10.0.0.0/16", "10.1.0.0/16"):
            aws.ec2.Vpc("net", cidr_block=block)

    with pytest.raises(DuplicateUrn, match="Duplicate resource URN"):
        record(program)


def test_what_fails_in_an_apply_is_raised():
    def program():
        aws.ec2.Vpc("net", cidr_block="10.0.0.0/16").id.apply(lambda id_: 1 / 0)

    with pytest.raises(ZeroDivisionError, match="division by zero"):
        record(program)


def test_a_component_that_never_finishes_is_named():
    class Half(pulumi.ComponentResource):
        def __init__(self, name, finished):
            super().__init__("test:index:Half", name)
            if finished:
                self.register_outputs({})

    def program():
        Half("one", finished=True)
        Half("two", finished=False)

    assert record(program).unregistered_components() == ["urn:pulumi:primary::tandem::test:index:Half::two"]


def test_a_recording_shows_how_things_hang_together():
    def program():
        vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(protect=True))
        aws.ec2.Subnet("a", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=pulumi.ResourceOptions(parent=vpc))

    recording = record(program)
    vpc, subnet = recording.one(VPC), recording.one("Subnet", "a")
    assert vpc.protect
    assert subnet.property_dependencies["vpcId"] == [vpc.urn]
    assert recording.children_of(vpc) == [subnet]
    assert recording.waits_for(subnet, vpc)
    assert not recording.waits_for(vpc, subnet)
    assert subnet.urn.split("::")[2] == "aws:ec2/vpc:Vpc$aws:ec2/subnet:Subnet"
    with pytest.raises(LookupError, match="0 resources are aws:ec2/vpc:Vpc other; there are: aws:ec2/vpc:Vpc net"):
        recording.one(VPC, "other")


def test_secret_config_arrives_secret():
    def program():
        pulumi.export("token", pulumi.Config("tandem").require_secret("token"))

    recording = record(program, config={"tandem:token": "x"}, secret_config=["tandem:token"])
    assert repr(recording.outputs["token"]) == "Secret(...)"
