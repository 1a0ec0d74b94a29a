"""Rules of releases, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.platform import Mutant, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "release": Thing(
            "kubernetes:helm.sh/v3:Release",
            {
                "chart": "prefect-server",
                "version": "2026.8.1",
                "repositoryOpts": {"repo": "https://charts.example.com"},
                "atomic": True,
                "skipAwait": False,
                "timeout": 600,
                "values": {"postgresql": {"enabled": False}},
            },
            region=None,
        ),
    }


MUTANTS: list[Mutant] = [
    ("not atomic", lambda p: p.put("release", "atomic", False), {"HELM-01"}),
    ("not atomic by default", lambda p: p.delete("release", "atomic"), {"HELM-01"}),
    ("does not wait", lambda p: p.put("release", "skipAwait", True), {"HELM-01"}),
    ("timeout off by one", lambda p: p.put("release", "timeout", 299), {"HELM-01"}),
    ("any version", lambda p: p.delete("release", "version"), {"HELM-01"}),
    ("range of versions", lambda p: p.put("release", "version", "^2026.8.1"), {"HELM-01"}),
    ("version with a gap", lambda p: p.put("release", "version", "2026.x"), {"HELM-01"}),
    ("version unknown", lambda p: p.hide("release", "version"), {"HELM-01?"}),
    ("bundled database", lambda p: p.put("release", "values/postgresql/enabled", True), {"HELM-04"}),
    ("bundled database by default", lambda p: p.delete("release", "values/postgresql"), {"HELM-04"}),
    ("bundled cache", lambda p: p.put("release", "values/redis", {"enabled": True}), {"HELM-04"}),
    ("bundled database unknown", lambda p: p.hide("release", "values/postgresql"), {"HELM-04?"}),
    ("values unknown", lambda p: p.hide("release", "values"), {"HELM-04?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("chart in a folder", lambda p: p.put("release", "chart", "../components/inference/model-server").delete("release", "version").delete("release", "repositoryOpts"), set()),
    ("values are a secret", lambda p: p.put("release", "values", {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": {"postgresql": {"enabled": False}}}), set()),
]  # fmt: skip
