from __future__ import annotations

import pytest

from chalicelib.core.findings.origin import Confidence
from chalicelib.core.policy.policy import ListKind
from chalicelib.core.threat_lists.cleaning import Bar, clean
from chalicelib.core.threat_lists.draft import bar_of, draft, trusted_bar
from chalicelib.core.threat_lists.reading import Reading, read
from tests.builders import PACKAGED, a_policy
from tests.core.threat_lists.examples import NOW

BAR = Bar(8)


def reading(name: str, *lines: str) -> Reading:
    return Reading(name, cleaned=clean(lines, BAR))


def test_sources_make_one_list_and_each_keeps_its_own_part() -> None:
    made = draft([reading("a", "45.1.2.2"), reading("b", "45.1.2.3", "45.1.2.2")], [], PACKAGED)

    assert [text for _, text in made.objects][:-1] == ["45.1.2.2/31\n"]
    assert [(change.name, x.entries) for change, x in made.changes] == [
        ("a", ("45.1.2.2",)),
        ("b", ("45.1.2.2/31",)),
    ]
    assert [name for name, _ in made.objects] == [
        *made.publication.parts,
        made.publication.index,
    ]


def test_the_same_entries_are_the_same_publication() -> None:
    one = draft([reading("a", "45.1.2.2", "45.1.2.3")], [], PACKAGED)
    other = draft([reading("a", "45.1.2.3", "45.1.2.2/32", "# x")], [], PACKAGED)
    moved = draft([reading("b", "45.1.2.2", "45.1.2.3")], [], PACKAGED)

    assert one.publication == other.publication
    assert one.publication.parts == moved.publication.parts
    assert one.publication.digest != moved.publication.digest
    assert one.publication.index != moved.publication.index


def test_a_long_list_is_parted_as_the_policy_says() -> None:
    made = draft(
        [reading("a", "45.1.2.3", "45.1.2.9", "a.example.org")], [], a_policy(max_entries=2)
    )

    assert [text for _, text in made.objects][:-1] == ["45.1.2.3\n45.1.2.9\n", "a.example.org\n"]


def test_an_expired_source_puts_nothing_on_the_list() -> None:
    header = b"# cordon: expires=2026-03-01 confidence=low\n45.1.2.3"

    found = read("a", header, None, BAR, NOW)

    assert list(found.cleaned.entries()) == []
    assert (found.note, found.is_unreadable) == ("it has expired", False)
    assert found.change(0).expires == "2026-03-01T00:00:00+00:00"


def test_a_source_that_is_read_says_how_sure_it_is() -> None:
    found = read("a", b"45.1.2.3", b'{"confidence": "high"}', BAR, NOW)

    assert found.confidence is Confidence.HIGH
    assert list(found.cleaned.entries()) == ["45.1.2.3"]
    assert found.change(1).expires is None


def test_a_source_that_cannot_be_read_is_named() -> None:
    found = read("a", b"{", None, BAR, NOW)

    assert draft([found, reading("b", "45.1.2.3")], [], PACKAGED).unreadable == (found.note,)
    assert draft([reading("b", "45.1.2.3")], [found], PACKAGED).unreadable == (found.note,)
    assert found.is_unreadable


def test_the_bar_is_made_of_the_policy_our_addresses_and_the_trusted() -> None:
    bar = bar_of(
        a_policy(min_prefix=16, list_kind=ListKind.IP), ["45.1.2.3"], [reading("t", "45.9.0.0/16")]
    )

    cleaned = clean(["45.1.2.3", "45.9.1.1", "45.8.0.0/15", "a.example.org", "45.1.2.4"], bar)

    assert list(cleaned.entries()) == ["45.1.2.4"]
    assert set(cleaned.refused) == {"own", "trusted", "too_wide", "domain"}


def test_a_source_must_be_understood_as_far_as_the_policy_says() -> None:
    body = b"45.1.2.3\nnonsense\nmore nonsense\n"

    for share, is_refused in ((0.34, True), (0.33, False)):
        for bar in (
            bar_of(a_policy(min_understood=share), [], []),
            trusted_bar(a_policy(min_understood=share)),
        ):
            assert read("a", body, None, bar, NOW).is_unreadable is is_refused


def test_a_name_that_serves_everybody_may_be_trusted() -> None:
    found = read("t", b"*.github.io\nhttps://cdn.example.org/x\n", None, trusted_bar(PACKAGED), NOW)

    bar = bar_of(PACKAGED, [], [found])

    assert list(clean(["bad.github.io", "cdn.example.org"], bar).refused) == ["trusted"]


def test_an_address_of_ours_that_is_none_is_no_address_of_ours() -> None:
    with pytest.raises(ValueError, match="IPv4"):
        bar_of(PACKAGED, ["x"], [])
