"""policy.toml, read into a Policy; every mistake is refused with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.core.errors import PolicyError
from chalicelib.core.findings.origin import Confidence
from chalicelib.core.findings.severity import Band
from chalicelib.core.instance import INSTANCE_ID
from chalicelib.core.policy.page import Page
from chalicelib.core.policy.policy import ListKind, Policy, Response, Rule

_VERSION = 1
_TYPE = re.compile(r"[A-Za-z*]+:[A-Za-z0-9*]+/[A-Za-z0-9.&!_*-]+")
_SECTIONS = frozenset(
    {
        "version",
        "rules",
        "packaged",
        "unknown",
        "containment",
        "breaker",
        "accounts",
        "holds",
        "corroboration",
        "release",
        "review",
        "threat_lists",
    }
)


def parse_policy(text: str, base: Policy | None = None) -> Policy:
    """Return the policy that `text`, a TOML document, describes.

    With a `base` it is the document of an owner: its rules come before those of `base`, one of the
    same name takes that one's place, and `[packaged] off` takes others away. Each setting that it
    leaves out is that of `base`.

    Raises:
        PolicyError: it is no TOML, holds an unknown name or an unusable value, or leaves out
            what no `base` supplies. Names the line.
    """
    page = Page(text)
    document = page.parse()
    page.only(document, _SECTIONS, "")
    if document.get("version") != _VERSION or document["version"] is True:
        raise PolicyError(page.line("", "version"), f"version must be {_VERSION}")
    own = _rules(page, document.get("rules"), base)
    return Policy(
        rules=(*own, *_kept(page, document, own, base)),
        **_knobs(page, document, base),
    )


def _knobs(page: Page, document: Mapping[str, Any], base: Policy | None) -> dict[str, Any]:
    knobs: dict[str, Any] = {}
    for section, names in _KNOBS.items():
        values = document.get(section, {})
        if not isinstance(values, dict):
            raise PolicyError(page.line(section), f"{section} must be a section")
        page.only(values, names, section)
        for name, (field, read) in names.items():
            if name in values:
                knobs[field] = page.read(section, name, values[name], read)
            elif base is not None:
                knobs[field] = getattr(base, field)
            else:
                raise PolicyError(page.line(section), f"{section}.{name} is missing")
    return knobs


def _rules(page: Page, tables: Any, base: Policy | None) -> tuple[Rule, ...]:
    if tables is None and base is not None:
        return ()
    if not isinstance(tables, list) or not tables:
        raise PolicyError(page.line("rules"), "rules are missing")
    rules = tuple(_rule(page, table, nth) for nth, table in enumerate(tables))
    for nth, rule in enumerate(rules):
        if rule.name in (earlier.name for earlier in rules[:nth]):
            raise PolicyError(page.line("rules", "name", nth), f"second rule named {rule.name}")
    return rules


def _kept(
    page: Page, document: Mapping[str, Any], own: tuple[Rule, ...], base: Policy | None
) -> Iterator[Rule]:
    """Yield the rules of `base` that the document leaves on, and takes no name of."""
    section = document.get("packaged", {})
    if not isinstance(section, dict):
        raise PolicyError(page.line("packaged"), "packaged must be a section")
    page.only(section, ("off",), "packaged")
    off = page.read("packaged", "off", section.get("off", []), _texts)
    rules = base.rules if base is not None else ()
    for name in off:
        if name not in ("*", *(rule.name for rule in rules)):
            raise PolicyError(page.line("packaged", "off"), f"off names {name}, which is no rule")
    gone = {*off, *(rule.name for rule in own)}
    yield from (rule for rule in rules if rule.name not in gone and "*" not in off)


def _rule(page: Page, table: Any, nth: int) -> Rule:
    if not isinstance(table, dict):
        raise PolicyError(page.line("rules", nth=nth), "a rule must be a table: [[rules]]")
    page.only(table, _RULE, "rules", nth)
    read = {
        key: page.read("rules", key, value, _RULE[key], nth=nth) for key, value in table.items()
    }
    for key in ("name", "types", "response", "why"):
        if key not in read:
            raise PolicyError(page.line("rules", nth=nth), f"the rule has no {key}")
    return replace(Rule(read["name"], read["types"], read["response"], read["why"]), **read)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - one error for every bad value
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("must be a whole number from 1")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("must be a whole number from 0")
    return value


def _score(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 10:  # noqa: PLR2004 - GuardDuty's scale
        raise ValueError("must be a severity from 0.0 to 10.0")
    return float(value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError("must be a list of texts")
    return tuple(value)


def _types(value: Any) -> tuple[str, ...]:
    for text in _texts(value):
        if not _TYPE.fullmatch(text):
            raise ValueError(f"holds {text!r}, which is no finding type")
    if not value:
        raise ValueError("must name a finding type")
    return _texts(value)


def _ids(pattern: re.Pattern[str], what: str) -> Callable[[Any], frozenset[str]]:
    def read(value: Any) -> frozenset[str]:
        for text in _texts(value):
            if not pattern.fullmatch(text):
                raise ValueError(f"holds {text!r}, which is no {what}")
        return frozenset(value)

    return read


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return str(value)

    return read


def _response(value: Any) -> Response:
    return Response(_one_of(*Response)(value))


def _band(value: Any) -> Band:
    return Band(_one_of(*Band)(value))


def _confidence(value: Any) -> Confidence:
    return Confidence(_one_of(*Confidence)(value))


def _list_kind(value: Any) -> ListKind:
    return ListKind(_one_of(*ListKind)(value))


def _share(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1000:  # noqa: PLR2004 - a thousandfold
        raise ValueError("must be a share: 0.5 is one half")
    return float(value)


def _prefix(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 32:  # noqa: PLR2004 - of IPv4
        raise ValueError("must be the length of a prefix, from 1 to 32")
    return value


def _minutes(value: Any) -> timedelta:
    return timedelta(minutes=_count(value))


def _hours(value: Any) -> timedelta:
    return timedelta(hours=_count(value))


_MOST_HOURS = 8_760  # a year


def _hours_or_never(value: Any) -> timedelta:
    if type(value) is not int or not 0 <= value <= _MOST_HOURS:
        raise ValueError(f"must be a whole number of hours, 0 to {_MOST_HOURS}")
    return timedelta(hours=value)


def _days(value: Any) -> timedelta:
    return timedelta(days=_count(value))


def _hour(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 23:  # noqa: PLR2004 - of a day
        raise ValueError("must be an hour from 0 to 23")
    return value


def _tags(value: Any) -> frozenset[str]:
    return frozenset(_texts(value))


_RULE: Mapping[str, Callable[[Any], Any]] = {
    "name": _text,
    "types": _types,
    "response": _response,
    "why": _text,
    "resource": _text,
    "role": _one_of("ACTOR", "TARGET"),
    "direction": _one_of("INBOUND", "OUTBOUND"),
    "severity": _band,
    "threat": _text,
    "affiliated": _flag,
    "confidence": _confidence,
}

_KNOBS: Mapping[str, Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "unknown": {"alert_from": ("alert_from", _score)},
    "containment": {
        "drain": ("drain", _flag),
        "stop_after_cut": ("stop_after_cut", _flag),
        "stop_after_repairs": ("stop_after_repairs", _number),
    },
    "breaker": {
        "max_containments": ("max_containments", _count),
        "kept_for_critical": ("kept_for_critical", _number),
        "window_minutes": ("breaker_window", _minutes),
    },
    "accounts": {"allowed": ("allowed_accounts", _ids(re.compile(r"\d{12}"), "account id"))},
    "holds": {
        "exempt_instances": ("exempt_instances", _ids(INSTANCE_ID, "instance id")),
        "protected_tags": ("protected_tags", _tags),
        "protect_routers": ("protect_routers", _flag),
        "stale_hours": ("stale_after", _hours_or_never),
    },
    "corroboration": {"hours": ("corroboration", _hours)},
    "release": {
        "four_eyes": ("four_eyes", _flag),
        "confirm_within_minutes": ("confirm_within", _minutes),
    },
    "review": {"days": ("review_after", _days), "digest_hour": ("digest_hour", _hour)},
    "threat_lists": {
        "kind": ("list_kind", _list_kind),
        "max_entries": ("max_entries", _count),
        "max_lists": ("max_lists", _count),
        "max_shrink": ("max_shrink", _share),
        "max_growth": ("max_growth", _share),
        "min_prefix": ("min_prefix", _prefix),
    },
}
