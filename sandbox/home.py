"""The sandbox's `PULUMI_HOME` and `bin`: engine, language host and simulated providers that find each other."""

import json
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from sandbox import engine, paths
from sandbox.language.installed import pulumi_packages

LANGUAGE_HOST = "pulumi-language-python"


def write_executable(path: Path, text: str) -> None:
    """Put an executable file in place whole; an equal one is left alone."""
    if path.is_file() and not path.is_symlink() and path.read_text(errors="replace") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(name).chmod(0o755)
    Path(name).replace(path)


def launcher(module: str, *arguments: str) -> str:
    """Return a script that runs a module of this checkout in this Python, whatever folder it is started in.

    `-P` keeps the folder it is started in, a program's own, from shadowing modules.
    """
    command = shlex.join([sys.executable, "-P", "-m", module, *arguments])
    root = shlex.quote(str(paths.ROOT))
    return f'#!/bin/sh\nPYTHONPATH={root}${{PYTHONPATH:+:$PYTHONPATH}} exec {command} "$@"\n'


def install_providers(packages: dict[str, str]) -> None:
    """Make the engine find exactly one simulated provider for each SDK, in the version the SDK asks for.

    Args:
        packages: Version by package, e.g. `{"aws": "7.51.1"}`.
    """
    plugins = paths.pulumi_home() / "plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    wanted = {f"resource-{name}-v{version}": name for name, version in packages.items()}
    for folder in plugins.iterdir():
        if folder.name not in wanted and folder.is_dir():
            shutil.rmtree(folder)
    for folder_name, name in wanted.items():
        write_executable(plugins / folder_name / f"pulumi-resource-{name}", launcher("sandbox.provider", name))


def provider_packages() -> dict[str, str]:
    """Return version by package of every provider SDK installed in this Python."""
    return {str(plugin["name"]): str(plugin["version"]) for plugin in pulumi_packages()}


def install_engine(cli: Path) -> Path:
    """Return a folder for PATH in which `pulumi` has a Python language host beside it.

    The engine looks for the host beside the very file it was started from, and takes one from elsewhere only with a
    warning. The cached CLI is every clone's, the host is this clone's: so the CLI is linked into this clone's folder
    (a hard link, because the engine resolves symbolic ones) and the host written next to it.
    """
    real = cli.resolve()
    if (real.parent / LANGUAGE_HOST).exists():
        return cli.parent
    folder = paths.home() / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / engine.OURS).touch()
    link_or_copy(real, folder / "pulumi")
    official = next((path for path in whiches(LANGUAGE_HOST) if not (path.parent / engine.OURS).exists()), None)
    host = folder / LANGUAGE_HOST
    if official is None:
        write_executable(host, launcher("sandbox.language"))
    elif not (host.is_symlink() and host.readlink() == official):
        host.unlink(missing_ok=True)
        host.symlink_to(official)
    return folder


def whiches(name: str) -> list[Path]:
    """Return every executable of that name on PATH, first first."""
    found = (shutil.which(name, path=folder) for folder in os.get_exec_path())
    return [Path(path) for path in found if path is not None]


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` the same file as `source`, or a copy where the file system cannot link; whole or not at all."""
    if target.exists():
        stands, wanted = target.stat(), source.stat()
        if target.samefile(source) or (stands.st_size, stands.st_mtime_ns) == (wanted.st_size, wanted.st_mtime_ns):
            return
    partial = target.with_name(f".new-{os.getpid()}")
    partial.unlink(missing_ok=True)
    try:
        partial.hardlink_to(source)
    except OSError:
        shutil.copy2(source, partial)
    partial.replace(target)


def install(cli: Path) -> Path:
    """Bring the private PULUMI_HOME up to date and return the folder that belongs first on PATH."""
    install_providers(provider_packages())
    credentials = paths.pulumi_home() / "credentials.json"
    # Nobody logs in to a file backend, but the CLI writes this file with the last backend used; a known content keeps
    # the first command from asking.
    url = f"file://{paths.state()}"
    if not credentials.exists():
        credentials.write_text(json.dumps({"current": url, "accounts": {url: {}}}))
        credentials.chmod(0o600)
    return install_engine(cli)
