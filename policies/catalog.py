"""All rules, in the order of their ids."""

import importlib
import re

from policies.registry import RULES, Rule

DOMAINS = (
    *("network", "eks", "aurora", "cache", "s3", "dns", "load_balancer", "kubernetes", "helm", "stack"),
    *("backup", "security", "registry_images", "monitoring", "system", "objectives"),
    *("links", "compute", "stores", "watching", "gcp"),
)


def all_rules() -> tuple[Rule, ...]:
    """Every rule, sorted by id with numbers as numbers."""
    for domain in DOMAINS:
        importlib.import_module(f"policies.rules.{domain}")
    return tuple(RULES[id_] for id_ in sorted(RULES, key=_order))


def _order(id_: str) -> tuple[str, int]:
    family, number = re.fullmatch(r"([A-Z0-9]+)-(\d+)", id_).groups()  # pyright: ignore[reportOptionalMemberAccess]
    return family, int(number)
