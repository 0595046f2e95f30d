"""Ordinary threat lists to start from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.policy.policy import ListKind
from chalicelib.core.threat_lists.change import Change, Happened, SourceChange
from chalicelib.core.threat_lists.guards import Whole
from chalicelib.core.threat_lists.publication import Publication
from chalicelib.core.threat_lists.reasons import Reason, Refused
from chalicelib.core.threat_lists.sets import ListSet, set_name

CUSTOM = "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom"
SURE_RULE = f"""
[[rules]]
name = "sure"
types = ["{CUSTOM}"]
confidence = "high"
response = "contain"
why = "Somebody sure listed it."
"""
PLACE = "s3://lists/published/"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_publication(*parts: str, **changes: Any) -> Publication:
    names = parts or ("lists/a.txt",)
    ordinary = Publication("d" * 64, ListKind.ENTITY, names, 100, "indexes/i.json")
    return replace(ordinary, **changes)


def a_set(part: str = "lists/a.txt", number: int = 1, **changes: Any) -> ListSet:
    name = set_name("dev", number)
    ordinary = ListSet(f"id-{number}", name, ListKind.ENTITY, "ACTIVE", PLACE + part)
    return replace(ordinary, **changes)


def a_whole(**changes: Any) -> Whole:
    ordinary = Whole(
        entries=100,
        lists=1,
        before=100,
        lasting=100,
        room=6,
        unreadable=(),
        emptied=(),
        was_not_activated=False,
    )
    return replace(ordinary, **changes)


def a_source_change(**changes: Any) -> SourceChange:
    ordinary = SourceChange(
        "sources/feed.txt",
        "high",
        None,
        100,
        ("45.1.2.3",),
        ("45.1.2.4",),
        {Reason.PRIVATE: Refused(2, [4, 9], "10.0.0.1")},
        read_as="CSV, column 2",
    )
    return replace(ordinary, **changes)


def a_change(happened: Happened = Happened.PUBLISHED, **changes: Any) -> Change:
    ordinary = Change(7, happened, NOW, "d" * 64, 100, {}, (a_source_change(),), 100)
    return replace(ordinary, **changes)
