"""The programs that are timed beside the stack's own, each a project folder of its own."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from sandbox import paths

PROGRAM = paths.ROOT / "infra"
PLATFORM = "tandem:platform"

STOPPED = '''\
import runpy

import pulumi


class Loaded(BaseException):
    """The program is about to register its first resource: it is imported, and has read its settings."""


def stop(*_arguments, **_options):
    raise Loaded


def load():
    pulumi.Resource.__init__ = stop
    try:
        runpy.run_path({program!r}, run_name="__main__")
    except Loaded:
        return
    raise SystemExit("the program ended without a resource")


'''

STARTED = (
    STOPPED
    + """\
from pulumi import CustomResource, ProviderResource, ResourceOptions

register = pulumi.Resource.__init__
load()
pulumi.Resource.__init__ = register
aws = ProviderResource("aws", "aws", {{"region": "us-east-1"}})
CustomResource("aws:ec2/vpc:Vpc", "started", {{"cidrBlock": "10.0.0.0/16"}}, ResourceOptions(provider=aws))
kubernetes = ProviderResource("kubernetes", "kubernetes", {{"clusterIdentifier": "started", "kubeconfig": "{{}}"}})
namespace = {{"apiVersion": "v1", "kind": "Namespace", "metadata": {{"name": "started"}}}}
CustomResource("kubernetes:core/v1:Namespace", "started", namespace, ResourceOptions(provider=kubernetes))
CustomResource("random:index/randomPassword:RandomPassword", "started", {{"length": 40}})
"""
)
"""Does what the program does before its first resource, and lets every provider start: what starting costs."""

LOADED_ALONE = (
    STOPPED
    + """\
import sys
import time

pulumi.runtime.set_all_config(pulumi.runtime.get_config_env())
load()
sys.stdout.write(str(time.process_time()))
"""
)
"""The same without an engine; prints the processor time in seconds, the interpreter's start included."""

GROWN = """\
import runpy

import pulumi
import pulumi_aws as aws

from components.kubernetes import NodePool
from components.storage import Bucket

KEY = "arn:aws:kms:us-east-1:000000000000:key/11111111-1111-1111-1111-111111111111"

made = runpy.run_path({program!r}, run_name="__main__")
guarded = pulumi.ResourceOptions(provider=next(each for each in made.values() if isinstance(each, aws.Provider)))
for number in range({units}):
    for zone in range({pools}):
        NodePool(
            f"grown-{{number}}-{{zone}}",
            {{
                "cluster_name": "grown",
                "role_arn": "arn:aws:iam::000000000000:role/grown",
                "subnet_ids": ["subnet-0123456789abcdef0"],
                "instance_types": ["g6.xlarge"],
                "floor_per_zone": 1,
                "max_per_zone": 2,
                "key_arn": KEY,
                "gpu": True,
            }},
            guarded,
        )
    for copy in range({buckets}):
        Bucket(f"grown-{{number}}-{{copy}}", {{"bucket_name": f"grown-{{number}}-{{copy}}", "key_arn": KEY}}, guarded)
"""
"""The program, and beside it what no setting asks for more of; models come from the settings."""

POOLS_PER_UNIT, BUCKETS_PER_UNIT = 3, 2


def committed(stack: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Pulumi.yaml and the stack's own file."""
    files = (paths.ROOT / "Pulumi.yaml", paths.ROOT / f"Pulumi.{stack}.yaml")
    project, own = (yaml.safe_load(file.read_text()) for file in files)
    return project, own


def write(folder: Path, stack: str, program: str, *, more_models: int = 0) -> Path:
    """Make a project of the stack's name and settings with another program, run by the same Python."""
    project, own = copy.deepcopy(committed(stack))
    del project["main"]
    project["runtime"]["options"]["virtualenv"] = str(paths.ROOT / project["runtime"]["options"]["virtualenv"])
    models: list[dict[str, Any]] = project["config"][PLATFORM]["value"]["models"]
    models += [
        {**models[0], "name": f"grown-{number}", "paths": [f"/grown-{number}/*"]} for number in range(more_models)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    (folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(own))
    (folder / "__main__.py").write_text(program)
    return folder


def grown(folder: Path, stack: str, units: int) -> Path:
    """Make a project of the program with this many units of models, GPU pools and buckets more."""
    program = GROWN.format(program=str(PROGRAM), units=units, pools=POOLS_PER_UNIT, buckets=BUCKETS_PER_UNIT)
    return write(folder, stack, program, more_models=units)


def environment_alone(stack: str) -> Mapping[str, str]:
    """How the settings reach a program that no engine runs."""
    project, own = committed(stack)
    config = {PLATFORM: json.dumps(project["config"][PLATFORM]["value"])}
    for key, value in own["config"].items():
        config[key] = value if isinstance(value, str) else json.dumps(value)
    return {"PULUMI_CONFIG": json.dumps(config)}
