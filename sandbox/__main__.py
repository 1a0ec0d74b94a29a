"""`python -m sandbox`: the sandbox's commands."""

import argparse
import difflib
import sys
from contextlib import closing

from rich.console import Console

from sandbox import environment, lifecycle, local_aws, paths
from sandbox.cloud.world import World
from sandbox.engine import EngineError
from sandbox.environment import SandboxError
from sandbox.knowledge import regions, zones
from sandbox.lifecycle import StepFailed, news
from sandbox.local_aws import LocalAwsError


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    top = argparse.ArgumentParser(
        prog="python -m sandbox", description="Run both regions on this machine: no account, no cost, the real engine."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("up", help="bring both regions up, policies checked; run again, it changes nothing")
    commands.add_parser("down", help="destroy the secondary, then the primary, and prove that nothing is left")
    commands.add_parser("status", help="show what stands in each region and zone")
    env = commands.add_parser("env", help='print what a shell needs: eval "$(python -m sandbox env)"')
    env.add_argument("--shell", choices=("bash", "fish"), default="bash", help="bash, also for zsh and sh (default)")
    commands.add_parser("start", help="start the local AWS")
    commands.add_parser("stop", help="stop the local AWS; what stands in it stays")
    dark = commands.add_parser("dark", help="make every call to a region or zone fail, as in an outage")
    dark.add_argument("place", help="for instance us-east-1 or us-east-1a")
    light = commands.add_parser("light", help="end an outage")
    which = light.add_mutually_exclusive_group(required=True)
    which.add_argument("place", nargs="?", help="the dark region or zone")
    which.add_argument("--all", action="store_true", help="everything that is dark")
    return top


def check_place(place: str) -> None:
    """Refuse a name that is neither a region nor a zone, offering the nearest."""
    places = [name for region in regions() for name in (region, *zones(region))]
    if place not in places:
        near = difflib.get_close_matches(place, places, n=3, cutoff=0.6)
        # Two swapped letters are the commonest typo, and difflib likes us-west-1 as much for us-esat-1.
        near.sort(key=lambda name: sorted(name) != sorted(place))
        of = next((region for region in regions() if place.startswith(region)), None)
        if of is not None:
            meant = f" The zones of {of} are {', '.join(zones(of))}."
        elif near:
            meant = f" Did you mean {near[0]}?"
        else:
            meant = " Regions look like us-east-1, zones like us-east-1a."
        raise SandboxError(f"There is no region or zone {place!r}.{meant}")


def switch(place: str | None, *, dark: bool) -> str:
    """Take a place down, or bring one back, or all; return what to say."""
    with closing(World(paths.cloud())) as world:
        if place is None:
            was = sorted(world.darkened())
            for each in was:
                world.light(each)
            return f"light again: {', '.join(was)}" if was else "nothing was dark"
        check_place(place)
        if dark:
            world.dark(place)
            return f"{place} is dark: every call to it fails until `python -m sandbox light {place}`"
        if place not in world.darkened():
            return f"{place} was not dark"
        world.light(place)
        return f"{place} is light again"


def run(arguments: argparse.Namespace) -> None:
    """Do what was asked."""
    console = Console()
    match arguments.command:
        case "up":
            lifecycle.up(news, console)
        case "down":
            lifecycle.down(news, console)
        case "status":
            lifecycle.status(console)
        case "env":
            sys.stdout.write(environment.exports(environment.prepare(news), arguments.shell))
        case "start":
            console.print(f"The local AWS listens at {local_aws.start(news)}")
        case "stop":
            console.print("The local AWS is stopped." if lifecycle.stop() else "The local AWS was not running.")
        case "dark":
            console.print(switch(arguments.place, dark=True), soft_wrap=True)
        case _:
            console.print(switch(arguments.place, dark=False), soft_wrap=True)


def main() -> int:
    """Run one command and return the process's exit code."""
    arguments = parser().parse_args()
    try:
        run(arguments)
    except (EngineError, LocalAwsError, SandboxError, RuntimeError) as error:
        news(str(error))
        code = 1
    except StepFailed as failed:
        news(str(failed))
        code = failed.code
    except KeyboardInterrupt:
        news("Interrupted; nothing is half-done: run the same command again.")
        code = 130
    else:
        return 0
    if arguments.command == "env":
        # `eval` of nothing would succeed, and the shell's next commands would run against the real cloud.
        sys.stdout.write("false\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
