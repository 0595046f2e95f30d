from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.findings.origin import Confidence
from chalicelib.core.notices.about_threat_lists import of_change
from chalicelib.core.policy.policy import ListKind
from chalicelib.core.threat_lists.change import (
    Change,
    Happened,
    SourceChange,
    compared,
    parse_change,
)
from chalicelib.core.threat_lists.feeds import FeedState, parse_states, states_text
from chalicelib.core.threat_lists.guards import Guard
from chalicelib.core.threat_lists.publication import (
    Listed,
    Memory,
    digest_of,
    index_text,
    parse_index,
    parse_memory,
    parts_of,
)
from chalicelib.core.threat_lists.reasons import Reason, Refused
from tests.core.threat_lists.examples import a_change, a_publication, a_source_change


def listed(*entries: str, name: str = "sources/feed.txt") -> Listed:
    return Listed(name, Confidence.HIGH, entries)


def text_of(change: Change) -> str:
    return of_change(change, "lists", "111122223333", "eu-west-1").text


# What is remembered


@pytest.mark.parametrize(
    "memory",
    [
        Memory(),
        Memory(a_publication(), a_publication("lists/b.txt"), ("x",), 3, "r", ("history/3.json",)),
    ],
)
def test_what_is_remembered_is_read_back_as_it_was(memory: Memory) -> None:
    read = parse_memory(memory.as_text(), "etag")

    assert read == memory
    assert read.version == "etag"


def test_what_a_newer_version_remembered_is_read_by_this_one() -> None:
    memory, change = Memory(a_publication(), refused="r"), a_change()
    states = {"ours": FeedState("2026-03-01", '"1"')}
    more = {"newer": [1]}

    assert parse_memory(json.dumps(json.loads(memory.as_text()) | more), "") == memory
    said = json.loads(change.as_text())
    said["sources"] = [each | more for each in said["sources"]]
    assert parse_change(json.dumps(said | more)) == change
    text = json.dumps({name: json.loads(states_text(states))[name] | more for name in states})
    assert parse_states(text) == states


def test_only_so_many_failures_are_remembered() -> None:
    memory = Memory()
    for n in range(50):
        memory = replace(memory, failed=memory.with_failed(str(n)))

    assert memory.failed == tuple(map(str, range(30, 50)))


@given(st.lists(st.text("abc", min_size=1, max_size=5), max_size=40), st.integers(1, 7))
def test_parts_hold_every_entry_once_and_none_too_many(entries: list[str], most: int) -> None:
    parts = [part.splitlines() for part in parts_of(entries, most)]

    assert [entry for part in parts for entry in part] == entries
    assert all(0 < len(part) <= most for part in parts)


def test_no_part_is_larger_than_guardduty_takes() -> None:
    megabyte = "x" * (1024 * 1024 - 1)

    for number, expected in ((35, [35]), (36, [18, 18]), (71, [35, 18, 18])):
        parts = parts_of([megabyte] * number, 1_000)
        assert [len(part) >> 20 for part in parts] == expected


def test_a_digest_names_everything_that_went_into_a_list() -> None:
    digests = {
        digest_of(kind, index, entries, lacks)
        for kind in ListKind
        for index in ("i", "j")
        for entries in (["a"], ["a", "b"])
        for lacks in ([], ["c"])
    }

    assert len(digests) == 16


def test_an_index_is_read_back_as_it_was() -> None:
    sources = (listed("45.1.2.3"), listed(name="sources/other"))

    assert parse_index(index_text(sources)) == sources


@pytest.mark.parametrize(
    "change",
    [
        a_change(),
        a_change(Happened.REFUSED, guards={Guard.EMPTY: "why"}, live=None),
        a_change(Happened.ROLLED_BACK, sources=()),
    ],
)
def test_a_change_is_read_back_as_it_was(change: Change) -> None:
    assert parse_change(change.as_text()) == change


def test_history_is_sorted_by_its_names() -> None:
    assert a_change().name == "history/000007-published-dddddddddddd.json"


# What changed


def test_a_source_adds_and_removes() -> None:
    (change,) = compared([(a_source_change(), listed("a", "c"))], [listed("a", "b")])

    assert (change.added, change.removed) == (("c",), ("b",))


def test_a_new_source_adds_all() -> None:
    (change,) = compared([(a_source_change(), listed("a"))], [])

    assert (change.added, change.removed) == (("a",), ())


def test_a_source_that_is_gone_removes_all() -> None:
    (change,) = compared([], [listed("a", "b")])

    assert (change.removed, change.note) == (("a", "b"), "it is gone")


# What is told


def test_a_published_list_tells_what_each_source_did() -> None:
    notice = of_change(a_change(), "lists", "111122223333", "eu-west-1")

    assert notice.subject == "Threat list published: 100 entries"
    assert (notice.kind, notice.outcome, notice.severity) == ("threat_list", "published", "Low")
    assert "sources/feed.txt (high): 100 entries; +1 -1; read as: CSV, column 2" in notice.text
    assert "CSV, column 2; dropped 2 private (line 4, 9)" in notice.text
    assert "Added\n  45.1.2.3" in notice.text
    assert "Removed\n  45.1.2.4" in notice.text
    assert "s3://lists/published/history/000007-published-dddddddddddd.json" in notice.text
    assert "What stopped it" not in notice.text
    assert "This list, 100 entries" in notice.text


def test_what_there_was_no_room_for_is_told_first() -> None:
    text = text_of(a_change(sources=(a_source_change(left_out=7, note="7 of its 9 entries"),) * 2))

    assert "Threat list published: 100 entries, 14 LEFT OUT: no room" in text
    assert "; 7 of its 9 entries; " in text


def test_a_refused_list_tells_why_what_stays_and_how_to_let_it_through() -> None:
    text = text_of(a_change(Happened.REFUSED, guards={Guard.SHRUNK: "too few"}))

    assert "Threat list REFUSED: shrunk" in text
    assert "shrunk: too few" in text
    assert "The last good list, 100 entries." in text
    assert f"aws s3api put-object --bucket lists --key overrides/{'d' * 64}" in text


def test_a_list_over_the_quota_cannot_be_let_through() -> None:
    text = text_of(a_change(Happened.REFUSED, guards={Guard.OVER_QUOTA: "x"}, live=None))

    assert "put-object" not in text
    assert "max_entries" in text
    assert "Nothing: no list of Cordon's is active." in text


def test_a_list_that_was_taken_back_is_told() -> None:
    text = text_of(a_change(Happened.ROLLED_BACK, guards={Guard.NOT_ACTIVATED: "too large"}))

    assert "ROLLED BACK" in text
    assert "not_activated: too large" in text
    assert f"--key overrides/{'d' * 64}" in text


def test_what_was_waved_through_is_told() -> None:
    text = text_of(a_change(guards={Guard.GROWN: "by much"}))

    assert "Waved through by a person\n  grown: by much" in text


def test_hostile_names_and_long_lists_stay_short_and_on_their_lines() -> None:
    sources = tuple(
        a_source_change(
            name=f"sources/{n}\nInjected: \u202eyes",
            added=tuple(f"45.{n}.{m}.1" for m in range(200)),
            refused={Reason.OWN: Refused(900, list(range(20)))},
        )
        for n in range(60)
    )
    change = a_change(sources=sources, guards={Guard.UNREADABLE: "why " * 9_000})
    text = text_of(change)

    assert len(json.dumps(of_change(change, "lists", "1", "eu-west-1").as_json())) < 30_000
    assert "\nInjected" not in text
    assert "\u202e" not in text
    assert "and 48 more" in text
    assert "and 11988 more" in text
    assert "19, ...)" in text


def test_machines_read_the_same() -> None:
    change = a_change(Happened.REFUSED, guards={Guard.EMPTY: "x"}, sources=(a_source_change(),))
    notice = of_change(change, "lists", "111122223333", "eu-west-1").as_json()

    assert notice["guards"] == {"empty": "x"}
    assert notice["sources"] == [
        {
            "name": "sources/feed.txt",
            "confidence": "high",
            "expires": None,
            "read_as": "CSV, column 2",
            "entries": 100,
            "added": 1,
            "removed": 1,
            "left_out": 0,
            "refused": {"private": 2},
        }
    ]
    assert isinstance(SourceChange("a", "low", None, 0).refused, dict)
