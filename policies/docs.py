"""The table of rules for people, made from the rules themselves."""

from collections.abc import Iterable

from policies.registry import Rule, Scope
from policies.settings import ON_UNKNOWN, default_on_unknown

WHEN = {
    Scope.RESOURCE: "before each resource is touched, in `preview` and `up`",
    Scope.STACK: "over the whole stack, at the end of `preview` and `up`",
    Scope.STACKS: "over both stacks; in one alone it can only say that it cannot say",
}


def render(rules: Iterable[Rule]) -> str:
    """docs/policies.md: a table, then every rule."""
    rules = tuple(rules)
    lines = [
        "# Policies",
        "",
        "<!-- Made by `python -m policies docs > docs/policies.md`; a test compares. -->",
        "",
        f"{len(rules)} rules. Each appears in the engine's output under its own id. All are mandatory unless a policy",
        "configuration says otherwise; what cannot be known yet is reported as unproven, never passed over.",
        "",
        "```json",
        '{"all": "mandatory", "NET-01": {"enforcementLevel": "advisory", "minZones": 2},',
        ' "RDS-08": {"onUnknown": "mandatory"}}',
        "```",
        "",
        "`pulumi preview --policy-pack policies --policy-pack-config that.json`",
        "",
        "| Id | Severity | What must hold |",
        "|---|---|---|",
        *[f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity.value} | {rule.title} |" for rule in rules],
        "",
    ]
    for rule in rules:
        lines += [
            f"## {rule.id}",
            "",
            f"**{rule.title}.** {rule.why}",
            "",
            f"- Severity: {rule.severity.value}",
            f"- Checked: {WHEN[rule.scope]}",
            f"- Of: {', '.join(f'`{type_}`' for type_ in rule.types)}",
            f"- Fix: {rule.fix}",
            *([f"- Asked for by: {', '.join(rule.frameworks)}"] if rule.frameworks else []),
            f"- `{ON_UNKNOWN}` (level of an unproven finding): {default_on_unknown(rule).value}",
            *[
                f"- `{name}`: {option.meaning} {option.minimum} to {option.maximum}, default {option.default}"
                for name, option in rule.options.items()
            ],
            "",
        ]
    return "\n".join(lines)
