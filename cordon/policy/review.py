"""Every mistake of a policy file: what cannot be followed, and what can but does not what it says.

Functions refuse only what they cannot follow; an odd rule must not keep them from containing. It is
told here, before it is deployed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.core.errors import PolicyError
from chalicelib.core.findings.severity import Band
from chalicelib.core.policy.coverage import find_covered
from chalicelib.core.policy.file import read_document, read_kept
from chalicelib.core.policy.nearest import nearest
from chalicelib.core.policy.page import Page
from chalicelib.core.policy.policy import Policy, Response, Rule, type_pattern
from cordon.policy.known_types import KNOWN_TYPES, RESOURCES

# The most that anybody can mean; beyond it, somebody mistook the unit.
_MOST = {
    ("breaker", "max_containments"): 1_000,
    ("breaker", "kept_for_critical"): 1_000,
    ("breaker", "window_minutes"): 1_440,
    ("containment", "stop_after_repairs"): 1_000,
    ("containment", "deny_after_repairs"): 1_000,
    ("corroboration", "hours"): 720,
    ("holds", "exempt_days"): 366,
    ("release", "confirm_within_minutes"): 10_080,
    ("review", "days"): 365,
    ("threat_lists", "max_entries"): 1_000_000,
    ("threat_lists", "max_lists"): 1_000,
}


_ENOUGH = 200  # mistakes; to look for the word that was meant takes a moment each


def find_mistakes(text: str, base: Policy | None = None) -> list[tuple[int, str]]:
    """Return every mistake of the policy file `text`, with its line, from the first line on.

    `base` is the packaged policy where the file is an owner's.
    """
    page = Page(text)
    try:
        document = page.parse()
    except PolicyError as error:
        return list(error.mistakes)
    rules, _ = read_document(page, document, base)
    tuple(read_kept(page, document, rules, base))
    for nth, rule in rules.items():
        if len(page.complaints) > _ENOUGH:
            page.complain(page.line("rules", nth=nth), "rules from here on were not looked at")
            break
        for key, said in _odd(rule):
            page.complain(page.line("rules", key, nth), said)
    _find_covered(page, rules)
    _find_senseless(page, document)
    return sorted(page.complaints)


def _unknown(text: str) -> str:
    """Return why a type fits nothing; empty: it does."""
    if _fits_known(text):
        return ""
    return f"{text} fits no finding type that GuardDuty makes{nearest(text, KNOWN_TYPES)}"


def _odd(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield what of `rule` is not as anybody can mean it: its key, and why."""
    escape = "; what GuardDuty is yet to make needs future = true"
    if not rule.future:
        for text in rule.types:
            if said := _unknown(text):
                yield "types", f"{said}{escape}"
        if rule.resource not in (*RESOURCES, "any"):
            allowed = f"must be any, or one of {', '.join(RESOURCES)}"
            yield "resource", f"resource {allowed}{nearest(rule.resource, RESOURCES)}{escape}"
    if rule.response is Response.CONTAIN and _is_without_limit(rule) and _fits_every_type(rule):
        yield (
            "types",
            f"rule {rule.name} would cut an instance off for every type: name those meant",
        )


def _fits_known(text: str) -> bool:
    return any(type_pattern(text).fullmatch(known) for known in KNOWN_TYPES)


def _is_without_limit(rule: Rule) -> bool:
    return (
        rule.severity in (None, Band.LOW)
        and not rule.places
        and not any(
            (rule.role, rule.direction, rule.threat, rule.confidence, rule.affiliated is not None)
        )
    )


def _fits_every_type(rule: Rule) -> bool:
    """Whether `rule` fits each type about an instance, but for artifacts behind a `!`."""
    about = [each for each in KNOWN_TYPES if ":EC2/" in each and "!" not in each]
    patterns = [type_pattern(text) for text in rule.types]
    return all(any(pattern.fullmatch(each) for pattern in patterns) for each in about)


def _find_covered(page: Page, rules: Mapping[int, Rule]) -> None:
    places = {rule.name: nth for nth, rule in rules.items()}
    for rule, earlier in find_covered(tuple(rules.values())):
        line = page.line("rules", "name", places[earlier.name])
        said = f"rule {rule.name} never decides: rule {earlier.name} before it covers it wholly"
        page.complain(page.line("rules", "name", places[rule.name]), f"{said} (line {line})")


def _find_senseless(page: Page, document: Mapping[str, Any]) -> None:
    for above, sections in _with_groups(document):
        for (section, name), most in _MOST.items():
            value = _value(sections, section, name)
            if isinstance(value, int) and value > most:
                said = f"{name} is beyond any sense: at most {most}"
                page.complain(page.line(f"{above}{section}", name), said)
        types = _value(sections, "containment", "stop_types")
        for text in types if isinstance(types, list) else ():
            if isinstance(text, str) and (said := _unknown(text)):
                page.complain(page.line(f"{above}containment", "stop_types"), said)
    tags = _value(document, "holds", "protected_tags")
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, str) and not tag.startswith("aws:"):
            said = (
                f"protected_tags holds {tag}, which whoever has the instance can set: only aws:..."
            )
            page.complain(page.line("holds", "protected_tags"), said)


def _with_groups(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what holds sections: the document, and each group; with what their heads begin with."""
    yield "", document
    groups = document.get("groups")
    for name, group in groups.items() if isinstance(groups, dict) else ():
        if isinstance(group, dict):
            yield f"groups.{name}.", group


def _value(document: Mapping[str, Any], section: str, name: str) -> Any:
    values = document.get(section)
    return values.get(name) if isinstance(values, dict) else None
