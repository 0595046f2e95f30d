"""What may stand in a policy file: each name, and how its value is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from chalicelib.core.findings.origin import Confidence
from chalicelib.core.findings.severity import Band
from chalicelib.core.instance import INSTANCE_ID
from chalicelib.core.plain_text import shortly
from chalicelib.core.policy.nearest import nearest
from chalicelib.core.policy.policy import ListKind, Response

_TYPE = re.compile(r"[A-Za-z*]+:[A-Za-z0-9*]+/[A-Za-z0-9.&!_*-]+")

_WHOLE = 100  # percent


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


def _percent(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= _WHOLE:
        raise ValueError(f"must be a whole number of percent, 1 to {_WHOLE}")
    return value


def _score(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 10:  # noqa: PLR2004 - GuardDuty's scale
        raise ValueError("must be a severity from 0.0 to 10.0")
    return float(value)


def texts(value: Any) -> tuple[str, ...]:
    """Return a list of texts.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError("must be a list of texts")
    return tuple(value)


def _types(value: Any) -> tuple[str, ...]:
    for text in texts(value):
        if not _TYPE.fullmatch(text):
            raise ValueError(f"holds {shortly(text)}, which is no finding type")
    if not value:
        raise ValueError("must name a finding type")
    return texts(value)


def _types_or_none(value: Any) -> tuple[str, ...]:
    return _types(value) if value else texts(value)


def _names(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise ValueError("must give each account id a name")  # noqa: TRY004 - as above
    for account, name in value.items():
        if not re.fullmatch(r"\d{12}", account):
            raise ValueError(f"holds {shortly(account)}, which is no account id")
        if not isinstance(name, str) or not re.fullmatch(r"[\w .@:+-]{1,64}", name):
            raise ValueError(f"gives {account} no name of 1 to 64 letters, digits and ._@:+-")
    return value


def _ids(pattern: re.Pattern[str], what: str) -> Callable[[Any], frozenset[str]]:
    def read(value: Any) -> frozenset[str]:
        for text in texts(value):
            if not pattern.fullmatch(text):
                raise ValueError(f"holds {shortly(text)}, which is no {what}")
        return frozenset(value)

    return read


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}{nearest(value, allowed)}")
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


def _part(value: Any) -> float:
    if _share(value) > 1:
        raise ValueError("must be a share from 0.0 to 1.0")
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


_MOST_DAYS = 36_500  # EC2's
# Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LockSnapshot.html


def _lock_days(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _MOST_DAYS:
        raise ValueError(f"must be a whole number of days, 0 to {_MOST_DAYS}")
    return value


def _hour(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 23:  # noqa: PLR2004 - of a day
        raise ValueError("must be an hour from 0 to 23")
    return value


def _tags(value: Any) -> frozenset[str]:
    return frozenset(texts(value))


def _some(pattern: str, what: str) -> Callable[[Any], frozenset[str]]:
    read = _ids(re.compile(pattern, re.ASCII), what)

    def some(value: Any) -> frozenset[str]:
        if value == []:
            raise ValueError(f"must name {what}s")
        return read(value)

    return some


# An account may be one of a group; which ones there are is seen by `core.policy.file`.
PLACES: Mapping[str, Callable[[Any], frozenset[str]]] = {
    "accounts": _some(r"\d{12}|[a-z][a-z0-9_-]{0,63}", "account id or group"),
    "regions": _some(r"[a-z]{2,5}(-[a-z]{1,16}){1,3}-\d{1,2}", "region"),
    "vpcs": _some(r"vpc-[0-9a-f]{8,17}", "vpc id"),
    "subnets": _some(r"subnet-[0-9a-f]{8,17}", "subnet id"),
    "images": _some(r"ami-[0-9a-f]{8,17}", "image id"),
    "profiles": _some(r"[\w+=,.@-]{1,128}", "name of an instance profile"),
}
GROUP: Mapping[str, Callable[[Any], Any]] = {
    "accounts": _some(r"\d{12}", "account id"),
}

# A table of [[rules]].
RULE: Mapping[str, Callable[[Any], Any]] = {
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
    "future": _flag,
    # Where the instance must be, or with not_ must not be: `core.policy.place`.
    **{f"{denied}{name}": read for name, read in PLACES.items() for denied in ("", "not_")},
}

# What need not stand in any file.


def _feeds(value: Any) -> Any:
    from chalicelib.core.policy.feeds import read_feeds  # noqa: PLC0415 - a containment has none

    return read_feeds(value)


DEFAULTS: Mapping[str, Any] = {"feeds": ()}

# Each other section: a name in it, the field of the policy, and how it is read.
KNOBS: Mapping[str, Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "unknown": {"alert_from": ("alert_from", _score)},
    "containment": {
        "contain_from": ("contain_from", _score),
        "drain": ("drain", _flag),
        "protection": ("protection", _flag),
        "fleet": ("fleet", _flag),
        "targets": ("targets", _flag),
        "metadata": ("metadata", _flag),
        "credentials": ("credentials", _flag),
        "address": ("address", _flag),
        "snapshots": ("snapshots", _flag),
        "malware_scan": ("malware_scan", _flag),
        "stop_after_cut": ("stop_after_cut", _flag),
        "stop_types": ("stop_types", _types_or_none),
        "stop_after_repairs": ("stop_after_repairs", _number),
        "deny_after_repairs": ("deny_after_repairs", _number),
    },
    "snapshots": {
        "lock_days": ("lock_snapshots_days", _lock_days),
        "share_with": ("share_snapshots_with", _ids(re.compile(r"\d{12}"), "account id")),
    },
    "breaker": {
        "max_containments": ("max_containments", _count),
        "kept_for_critical": ("kept_for_critical", _number),
        "most_of_group": ("most_of_group", _percent),
        "window_minutes": ("breaker_window", _minutes),
    },
    "accounts": {
        "allowed": ("allowed_accounts", _ids(re.compile(r"\d{12}"), "account id")),
        "names": ("account_names", _names),
    },
    "holds": {
        "exempt_instances": ("exempt_instances", _ids(INSTANCE_ID, "instance id")),
        "exempt_days": ("exempt_for", _days),
        "protected_tags": ("protected_tags", _tags),
        "protect_routers": ("protect_routers", _flag),
        "stale_hours": ("stale_after", _hours_or_never),
        "remind_hours": ("remind_after", _hours_or_never),
    },
    "corroboration": {"hours": ("corroboration", _hours)},
    "release": {
        "four_eyes": ("four_eyes", _flag),
        "clean_scan": ("clean_scan", _flag),
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
        "min_understood": ("min_understood", _part),
        "feeds": ("feeds", _feeds),
    },
}
# The sections that a group of accounts may have for itself, as [groups.prod.breaker].
OF_GROUPS = ("unknown", "containment", "breaker")
