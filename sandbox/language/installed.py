"""What is installed in a Python: Pulumi's packages and everything else. Runs by path in that Python; prints JSON."""

import json
import sys
from importlib import metadata
from pathlib import Path
from typing import Any


def pulumi_packages() -> list[dict[str, Any]]:
    """Return the `pulumi-plugin.json` of every installed package that has a plugin.

    The plugin's name and version fall back to the package's own, as the format of that file says.
    """
    found: dict[str, dict[str, Any]] = {}
    for place in sys.path:
        for described in sorted(Path(place).glob("*/pulumi-plugin.json")) if Path(place).is_dir() else ():
            plugin = json.loads(described.read_text())
            package = described.parent.name
            if not plugin.get("resource"):
                continue
            plugin.setdefault("name", package.removeprefix("pulumi_").replace("_", "-"))
            if "version" not in plugin:
                plugin["version"] = metadata.version(package.replace("_", "-"))
            found.setdefault(plugin["name"], plugin)
    return list(found.values())


def distributions(transitive: bool) -> list[dict[str, str]]:
    """Return name and version of what is installed; without `transitive`, only what nothing else requires."""
    every = {item.metadata["Name"].lower(): item for item in metadata.distributions()}
    required: set[str] = set()
    for item in every.values():
        for line in item.requires or ():
            if "extra ==" not in line:
                name = line
                for end in " <>=!~;[(":
                    name = name.split(end, 1)[0]
                required.add(name.lower())
    return [
        {"name": item.metadata["Name"], "version": item.version}
        for name, item in sorted(every.items())
        if transitive or name not in required
    ]


if __name__ == "__main__":
    what = sys.argv[1]
    answer = pulumi_packages() if what == "pulumi" else distributions(what == "all")
    sys.stdout.write(json.dumps(answer))
