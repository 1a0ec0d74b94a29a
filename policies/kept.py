"""What the pack keeps beside a stack's picture: its verdicts, put while the values of secrets were still in hand.

No secret is in them: evidence shows none. Levels and waivers are for whoever reads them.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from policies.judge import Finding
from policies.registry import Outcome, Rule
from policies.settings import Level, RuleSettings


def findings_of(picture: Path) -> Path:
    """The file of verdicts beside a picture."""
    return picture.with_name(f"{picture.name}.findings")


def write(path: Path, findings: Iterable[Finding]) -> None:
    """Keep verdicts, readable by their owner alone.

    Raises:
        OSError: If the file cannot be written.
    """
    rows = [[each.rule.id, each.urn, each.outcome.value, each.evidence, each.path] for each in findings]
    path.touch(mode=0o600)
    path.write_text(json.dumps(rows), encoding="utf-8")


def read(path: Path, rules: Iterable[Rule], settings: Mapping[str, RuleSettings]) -> list[Finding]:
    """Verdicts with the levels that they have here; those that are disabled here are left out.

    Raises:
        ValueError: If the file cannot be read, or tells of something else.
    """
    by_id = {rule.id: rule for rule in rules}
    try:
        rows: Any = json.loads(path.read_text(encoding="utf-8"))
        told = [(by_id[id_], urn, Outcome(outcome), *rest) for id_, urn, outcome, *rest in rows]
        levels = [settings[rule.id].level_of(outcome) for rule, _, outcome, *_ in told]
        found = [
            Finding(rule, urn, outcome, evidence, level, property_)
            for (rule, urn, outcome, evidence, property_), level in zip(told, levels, strict=True)
        ]
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path}: is no file of verdicts ({type(error).__name__}: {error})") from error
    return [each for each in found if each.level is not Level.DISABLED]
