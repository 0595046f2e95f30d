"""policy.toml, read into a Policy; every mistake is refused with its line, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.core.policy.nearest import nearest
from chalicelib.core.policy.page import Page
from chalicelib.core.policy.place import NAMES, Limit
from chalicelib.core.policy.policy import Group, Policy, Rule
from chalicelib.core.policy.values import DEFAULTS, GROUP, KNOBS, OF_GROUPS, RULE, texts

_VERSION = 1
_MOST_RULES = 2_000
_SECTIONS = frozenset({"version", "rules", "packaged", "groups", *KNOBS})
_GROUP = re.compile(r"[a-z][a-z0-9_-]{0,63}")

Groups = Mapping[str, Group]  # by name


def parse_policy(text: str, base: Policy | None = None) -> Policy:
    """Return the policy that `text`, a TOML document, describes.

    With a `base` it is the document of an owner: its rules come before those of `base`, one of the
    same name takes that one's place, and `[packaged] off` takes others away. Each setting that it
    leaves out is that of `base`.

    Raises:
        PolicyError: it is no TOML, holds an unknown name or an unusable value, or leaves out
            what no `base` supplies. Names every line.
    """
    page = Page(text)
    document = page.parse()
    rules, knobs = read_document(page, document, base)
    kept = tuple(read_kept(page, document, rules, base))
    page.refuse()
    return Policy(rules=(*rules.values(), *kept), **knobs)


def read_document(
    page: Page, document: Mapping[str, Any], base: Policy | None
) -> tuple[dict[int, Rule], dict[str, Any]]:
    """Return the rules that `document` itself holds, by their place in it, and every setting.

    What cannot be read is left out, and complained about to `page`.
    """
    page.only(document, _SECTIONS, "")
    if document.get("version") != _VERSION or document["version"] is True:
        page.complain(page.line("", "version"), f"version must be {_VERSION}")
    groups = dict(_groups(page, document.get("groups", {})))
    kept = (each for each in (base.groups if base else ()) if each.name not in groups)
    own = (*(each for each in groups.values() if each.own), *kept)
    knobs = {**_knobs(page, document, base), "groups": own}
    return _rules(page, document.get("rules"), base, groups), knobs


def _groups(page: Page, sections: Any) -> Iterator[tuple[str, Group]]:
    if not isinstance(sections, dict):
        page.complain(page.line("", "groups"), "groups must be sections: [groups.prod]")
        return
    taken: dict[str, str] = {}  # accounts whose settings a group has
    for name in sections:
        section = f"groups.{name}"
        if not _GROUP.fullmatch(name):
            said = f"group {name} must be called by small letters, digits, - and _"
            page.complain(page.line(section), said)
            continue
        values = page.section(sections, name, (*GROUP, *OF_GROUPS), shown=section)
        if "accounts" not in values:
            page.complain(page.line(section), f"{section} has no accounts")
        read = page.read(section, "accounts", values.get("accounts", []), GROUP["accounts"])
        own = dict(_own(page, values, section))
        for account in sorted(read or ()) if own else ():
            if account in taken:
                said = f"{account} is in {taken[account]} too, which has settings of its own"
                page.complain(page.line(section, "accounts"), f"{said}: one group decides")
            taken[account] = section
        yield name, Group(name, read or frozenset(), own)


def _own(page: Page, group: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    """Yield the settings that a group has for itself, by the field of a policy."""
    for name in OF_GROUPS:
        section = f"{above}.{name}"
        for key, value in page.section(group, name, KNOBS[name], shown=section).items():
            if key in KNOBS[name]:
                field, read = KNOBS[name][key]
                yield field, page.read(section, key, value, read)


def _knobs(page: Page, document: Mapping[str, Any], base: Policy | None) -> dict[str, Any]:
    knobs: dict[str, Any] = {}
    for section, names in KNOBS.items():
        values = page.section(document, section, names)
        for name, (field, read) in names.items():
            if name in values:
                knobs[field] = page.read(section, name, values[name], read)
            elif base is not None:
                knobs[field] = getattr(base, field)
            elif field in DEFAULTS:
                knobs[field] = DEFAULTS[field]
            else:
                page.complain(page.line(section), f"{section}.{name} is missing")
    return knobs


def _rules(page: Page, tables: Any, base: Policy | None, groups: Groups) -> dict[int, Rule]:
    if tables is None and base is not None:
        return {}
    if not isinstance(tables, list) or not tables:
        page.complain(page.line("rules"), "rules are missing")
        return {}
    if len(tables) > _MOST_RULES:
        page.complain(page.line("rules"), f"there are more than {_MOST_RULES} rules")
        return {}
    rules: dict[int, Rule] = {}
    names: set[str] = set()
    for nth, table in enumerate(tables):
        if (rule := _rule(page, table, nth, groups)) is None:
            continue
        if rule.name in names:
            page.complain(page.line("rules", "name", nth), f"second rule named {rule.name}")
        names.add(rule.name)
        rules[nth] = rule
    return rules


def read_kept(
    page: Page, document: Mapping[str, Any], own: Mapping[int, Rule], base: Policy | None
) -> Iterator[Rule]:
    """Yield the rules of `base` that `document` leaves on, and takes no name of."""
    section = page.section(document, "packaged", ("off",))
    off = page.read("packaged", "off", section.get("off", []), texts) or ()
    rules = base.rules if base is not None else ()
    names = [rule.name for rule in rules]
    for name in off:
        if name not in ("*", *names):
            said = f"off names {name}, which is no rule of ours{nearest(name, names)}"
            page.complain(page.line("packaged", "off"), said)
    gone = {*off, *(rule.name for rule in own.values())}
    yield from (rule for rule in rules if rule.name not in gone and "*" not in off)


def _rule(page: Page, table: Any, nth: int, groups: Groups) -> Rule | None:
    if not isinstance(table, dict):
        page.complain(page.line("rules", nth=nth), "a rule must be a table: [[rules]]")
        return None
    page.only(table, RULE, "rules", nth)
    read: dict[str, Any] = {
        key: page.read("rules", key, value, RULE[key], nth=nth)
        for key, value in table.items()
        if key in RULE
    }
    for key in ("name", "types", "response", "why"):
        if key not in table:
            page.complain(page.line("rules", nth=nth), f"the rule has no {key}")
            read[key] = None
    if None in read.values() or len(read) < len(table):
        return None
    read["places"] = tuple(_places(page, read, nth, groups))
    return replace(Rule(read["name"], read["types"], read["response"], read["why"]), **read)


def _places(page: Page, read: dict[str, Any], nth: int, groups: Groups) -> Iterator[Limit]:
    """Take the limits of the place out of `read`; groups become the accounts that are in them."""
    for key in (f"{denied}{name}" for name in NAMES for denied in ("", "not_")):
        if key not in read:
            continue
        values: set[str] = set()
        for each in read.pop(key):
            is_group = key.endswith("accounts") and not each.isdigit()
            if is_group and each not in groups:
                said = f"{key} names {each}, which is no group{nearest(each, groups)}"
                page.complain(page.line("rules", key, nth), said)
            known = groups[each].accounts if each in groups else ()
            values.update(known if is_group else (each,))
        yield Limit(key.removeprefix("not_"), frozenset(values), wanted=not key.startswith("not_"))
