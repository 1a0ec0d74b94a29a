"""The engine's door: what goes over gRPC, and how the process behaves."""

import os
import signal
import subprocess
import sys
import time

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox import provider as door
from sandbox.cloud import World
from sandbox.values import UNKNOWN, Secret, decode, encode

VPC = "aws:ec2/vpc:Vpc"
URN = f"urn:pulumi:primary::tandem::tandem:index:Network${VPC}::net"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def aws(world):
    server, port = door.serve("aws", world)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(args=encode({"region": "us-east-1"}), acceptSecrets=True))
        yield stub
    server.stop(None)


def test_secrets_and_previews_are_understood(aws):
    handshake = aws.Handshake(provider_pb2.ProviderHandshakeRequest())
    configured = aws.Configure(provider_pb2.ConfigureRequest(args=encode({"region": "us-east-1"})))
    assert handshake.accept_secrets
    assert configured.supportsPreview
    assert configured.acceptSecrets


def test_the_type_is_the_last_of_the_urns_when_the_engine_sends_none(aws):
    checked = aws.Check(provider_pb2.CheckRequest(urn=URN, news=encode({"cidrBlock": "10.0.0.0/16"})))
    assert not checked.failures
    made = aws.Create(provider_pb2.CreateRequest(urn=URN, properties=checked.inputs))
    assert made.id.startswith("vpc-0")


def test_failures_name_property_and_reason(aws):
    checked = aws.Check(provider_pb2.CheckRequest(urn=URN, type=VPC, news=encode({"cidrBlok": "10.0.0.0/16"})))
    assert [(failure.property, "cidrBlock" in failure.reason) for failure in checked.failures] == [("cidrBlok", True)]


def test_a_preview_has_no_id_and_unknowns(aws, world):
    request = provider_pb2.CreateRequest(urn=URN, type=VPC, properties=encode({"cidrBlock": UNKNOWN}), preview=True)
    foreseen = aws.Create(request)
    outputs = decode(foreseen.properties)
    assert foreseen.id == ""
    assert outputs["arn"] is UNKNOWN
    assert outputs["cidrBlock"] is UNKNOWN
    assert world.is_empty()


def test_a_secret_comes_back_as_one(aws):
    type_ = "aws:ssm/parameter:Parameter"
    urn = f"urn:pulumi:primary::tandem::{type_}::p"
    inputs = encode({"name": "/p", "type": "SecureString", "value": Secret("hunter2")})
    checked = aws.Check(provider_pb2.CheckRequest(urn=urn, type=type_, news=inputs))
    assert decode(checked.inputs)["value"] == Secret("hunter2")
    made = aws.Create(provider_pb2.CreateRequest(urn=urn, type=type_, properties=checked.inputs))
    assert decode(made.properties)["value"] == Secret("hunter2")
    read = aws.Read(
        provider_pb2.ReadRequest(urn=urn, type=type_, id=made.id, properties=made.properties, inputs=checked.inputs)
    )
    assert decode(read.properties) == decode(made.properties)
    assert decode(read.inputs) == decode(checked.inputs)


def test_a_difference_says_how_each_path_changes(aws):
    answer = aws.Diff(
        provider_pb2.DiffRequest(
            urn=URN,
            type=VPC,
            id="vpc-1",
            old_inputs=encode({"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}}),
            news=encode({"cidrBlock": "10.1.0.0/16", "tags": {}}),
        )
    )
    kinds = {path: provider_pb2.PropertyDiff.Kind.Name(diff.kind) for path, diff in answer.detailedDiff.items()}
    assert kinds == {"cidrBlock": "UPDATE_REPLACE", "tags.a": "DELETE"}
    assert list(answer.replaces) == ["cidrBlock"]
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME


def test_no_change_is_said_to_be_none(aws):
    same = encode({"cidrBlock": "10.0.0.0/16", "__defaults": []})
    answer = aws.Diff(provider_pb2.DiffRequest(urn=URN, type=VPC, id="vpc-1", old_inputs=same, news=same))
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_what_is_gone_reads_as_an_empty_id(aws):
    assert aws.Read(provider_pb2.ReadRequest(urn=URN, type=VPC, id="vpc-1")).id == ""


def test_a_refusal_is_the_clouds_own_words(aws):
    request = provider_pb2.InvokeRequest(tok="aws:route53/getZone:getZone", args=encode({"name": "example.com"}))
    with pytest.raises(grpc.RpcError, match="no matching Route 53 Hosted Zone found") as refused:
        aws.Invoke(request)
    # The engine takes UNAVAILABLE for a provider that died.
    assert refused.value.code() is grpc.StatusCode.UNKNOWN


def test_a_crash_names_method_and_type(aws, world):
    world.close()
    with pytest.raises(grpc.RpcError, match=f"broke in Create of {VPC}: ProgrammingError") as broken:
        aws.Create(provider_pb2.CreateRequest(urn=URN, type=VPC, properties=encode({"cidrBlock": "10.0.0.0/16"})))
    assert broken.value.code() is grpc.StatusCode.INTERNAL


@pytest.mark.parametrize("method", ["Call", "Construct", "Parameterize"])
def test_what_is_not_simulated_says_so(aws, method):
    request = {"Call": provider_pb2.CallRequest, "Construct": provider_pb2.ConstructRequest,
               "Parameterize": provider_pb2.ParameterizeRequest}[method]()  # fmt: skip
    with pytest.raises(grpc.RpcError, match="simulate") as missing:
        getattr(aws, method)(request)
    assert missing.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_cancelling_ends_the_wait_for_a_dark_region(aws, world):
    world.dark("us-east-1")
    aws.Cancel(provider_pb2.google_dot_protobuf_dot_empty__pb2.Empty())
    started = time.monotonic()
    with pytest.raises(grpc.RpcError, match="us-east-1: dial tcp: i/o timeout"):
        aws.Create(provider_pb2.CreateRequest(urn=URN, type=VPC, properties=encode({"cidrBlock": "10.0.0.0/16"})))
    assert time.monotonic() - started < 0.5


def test_another_cluster_is_another_provider(world):
    server, port = door.serve("kubernetes", world)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        old = {"clusterIdentifier": "one", "kubeconfig": "{}"}

        def diff(**new):
            request = provider_pb2.DiffRequest(old_inputs=encode(old), news=encode({**old, **new}))
            return stub.DiffConfig(request)

        assert list(diff(clusterIdentifier="two").replaces) == ["clusterIdentifier"]
        assert list(diff(kubeconfig="{ }").replaces) == []
        assert list(diff(kubeconfig="{ }").diffs) == ["kubeconfig"]
    server.stop(None)


def test_the_process_prints_its_port_and_ends_with_its_parent(tmp_path):
    # The shell stands in for the engine: when it is killed, nobody tells the provider.
    command = f"'{sys.executable}' -m sandbox.provider random 127.0.0.1:1 & echo $!; wait"
    environment = {**os.environ, "TANDEM_SANDBOX_HOME": str(tmp_path)}
    engine = subprocess.Popen(["/bin/sh", "-c", command], stdout=subprocess.PIPE, text=True, env=environment)
    provider = int(engine.stdout.readline())
    port = int(engine.stdout.readline())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        assert stub.GetPluginInfo(provider_pb2.google_dot_protobuf_dot_empty__pb2.Empty()).version
    engine.kill()
    engine.wait()
    assert engine.stdout.read() == ""
    engine.stdout.close()
    assert ended(provider)


@pytest.mark.parametrize("first", ["", "trap '' INT; "], ids=["as it is", "in the background of a script"])
def test_a_provider_that_is_interrupted_ends_well_and_says_nothing(tmp_path, first):
    command = ["/bin/sh", "-c", f"{first}exec '{sys.executable}' -m sandbox.provider random 127.0.0.1:1"]
    environment = {**os.environ, "TANDEM_SANDBOX_HOME": str(tmp_path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as provider:
        try:
            assert provider.stdout.readline()
            provider.send_signal(signal.SIGINT)
            _, said = provider.communicate(timeout=60)
        finally:
            provider.kill()
    assert (provider.returncode, said) == (0, "")


def ended(process):
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
