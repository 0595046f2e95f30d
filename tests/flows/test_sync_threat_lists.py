from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.core.errors import AwsBusyError, AwsRefusedError, CordonError, ListMovedError
from chalicelib.core.policy.policy import ListKind
from tests.builders import NOON, a_policy
from tests.core.threat_lists.examples import a_set
from tests.fakes.calls import Crash
from tests.fakes.threat_lists import ListWorld

GOOD = ["45.1.2.3", "80.9.0.0/16", "bad.example.com"]
MORE = [*GOOD[:1], "45.99.0.1", *GOOD[1:]]
CHANGING = {"shelf.keep", "shelf.remove", "shelf.save", "sets.apply", "notices.publish"}


@pytest.fixture
def world() -> ListWorld:
    made = ListWorld()
    made.put("sources/feed.txt", *GOOD)
    return made


@pytest.fixture
def published(world: ListWorld) -> ListWorld:
    assert world.sync() == "published"
    world.calls.made.clear()
    world.notices.sent.clear()
    return world


def test_a_list_goes_live_and_people_are_told(world: ListWorld) -> None:
    assert world.sync() == "published"

    assert world.active() == GOOD
    assert world.notices.outcomes == ["published"]


def test_a_run_that_finds_all_as_it_should_be_changes_nothing(published: ListWorld) -> None:
    assert published.sync() == "unchanged"

    assert published.calls.names
    assert CHANGING.isdisjoint(published.calls.names)


def test_while_somebody_paused_the_lists_nothing_is_read_changed_or_told(
    published: ListWorld,
) -> None:
    published.put("sources/feed.txt", *MORE)
    published.paused = True

    assert published.sync() == "paused"
    assert published.calls.names == ["shelf.memory"]

    published.paused = False
    assert published.sync() == "published"


def test_a_change_is_kept_for_ever_with_what_was_added_and_removed(published: ListWorld) -> None:
    published.put("sources/feed.txt", *GOOD[1:], "45.99.0.1")
    published.sync()

    kept = sorted(n for n in published.shelf.objects if n.startswith("published/history/"))
    assert [name.split("/")[2][:16] for name in kept] == ["000001-published", "000002-published"]
    assert published.notices.sent[-1].facts["sources"][0] == {
        "name": "sources/feed.txt",
        "confidence": "medium",
        "expires": None,
        "read_as": "lines",
        "entries": 3,
        "added": 1,
        "removed": 1,
        "left_out": 0,
        "refused": {},
    }


def test_another_confidence_is_a_change_of_the_index_only(published: ListWorld) -> None:
    published.put("sources/feed.txt.meta.json", '{"confidence": "high"}')

    assert published.sync() == "published"
    assert "sets.apply" not in published.calls.names


def test_a_sidecar_whose_source_is_gone_says_nothing(published: ListWorld) -> None:
    published.put("sources/gone.txt.meta.json", '{"confidence": "high"}')

    assert published.sync() == "unchanged"


def test_what_is_at_work_is_waited_for_and_people_are_still_told(world: ListWorld) -> None:
    world.calls.before("notices.publish", _busy)
    with pytest.raises(AwsBusyError):
        world.sync()
    (found,) = world.sets.sets.values()
    world.sets.sets[found.id] = replace(found, status="ACTIVATING")
    world.put("sources/feed.txt", *MORE)

    assert world.sync() == "waiting"
    assert world.notices.outcomes == ["published"]
    assert world.active() == []


def _busy() -> None:
    raise AwsBusyError("doing", "Throttling")


@pytest.mark.parametrize("status", ["ACTIVATING", "ERROR", "INACTIVE"])
def test_sets_of_others_are_neither_waited_for_nor_touched(world: ListWorld, status: str) -> None:
    theirs = a_set(name="cordon-dev2-threats-1", status=status)
    world.sets.sets["theirs"] = theirs

    assert world.sync() == "published"
    assert world.sets.sets["theirs"] == theirs


def test_what_people_were_not_told_before_a_crash_they_are_told_after_the_next_change(
    published: ListWorld,
) -> None:
    published.put("sources/feed.txt")
    published.calls.before("notices.publish", _busy)
    with pytest.raises(AwsBusyError):
        published.sync()
    published.put("sources/feed.txt", *MORE)

    assert published.sync() == "published"
    assert published.notices.outcomes == ["refused", "published"]


def test_a_list_without_what_could_not_be_read_may_be_let_through(published: ListWorld) -> None:
    published.put("trusted/bad.json", "{")
    published.sync()
    published.put(f"overrides/{published.notices.sent[0].facts['digest']}")

    outcomes = [published.sync(), published.sync()]
    published.put("trusted/bad.json", "bad.example.com")
    outcomes.append(published.sync())

    assert outcomes == ["published", "unchanged", "published"]
    assert published.active() == GOOD[:2]


def test_a_set_that_somebody_changed_is_put_back(published: ListWorld) -> None:
    (found,) = published.sets.sets.values()
    published.sets.sets[found.id] = replace(found, status="INACTIVE")
    first = published.sync()
    published.sets.sets.clear()
    second = published.sync()

    assert (first, second) == ("repaired", "repaired")
    assert published.active() == GOOD
    assert published.notices.sent == []


@pytest.mark.parametrize("poison", [[], ["10.0.0.1", "<html>"], ["0.0.0.0/0"]])
def test_an_empty_whole_is_refused_and_told_once(published: ListWorld, poison: list[str]) -> None:
    published.put("sources/feed.txt", *poison)

    assert [published.sync() for _ in range(3)] == ["refused"] * 3
    assert published.active() == GOOD
    assert published.notices.outcomes == ["refused"]


def test_sources_that_are_all_gone_leave_the_last_list(published: ListWorld) -> None:
    del published.shelf.objects["sources/feed.txt"]

    assert published.sync() == "refused"
    assert published.active() == GOOD


def test_a_first_list_that_is_refused_makes_no_set(world: ListWorld) -> None:
    world.put("sources/feed.txt", "nonsense")

    assert world.sync() == "refused"
    assert world.sets.sets == {}
    assert world.notices.outcomes == ["refused"]


def test_a_refused_list_keeps_the_last_good_one_repaired(published: ListWorld) -> None:
    published.put("sources/feed.txt")
    published.sets.sets.clear()

    assert published.sync() == "refused"
    assert published.active() == GOOD


def test_a_refused_list_with_other_content_is_told_again(published: ListWorld) -> None:
    outcomes = []
    for junk in ("nonsense", "nonsense", "other nonsense"):
        published.put("sources/feed.txt", junk)
        outcomes.append(published.sync())

    assert outcomes == ["refused"] * 3
    assert published.notices.outcomes == ["refused", "refused"]


def test_a_refusal_that_is_over_is_forgotten_and_told_again_when_it_is_back(
    published: ListWorld,
) -> None:
    outcomes = []
    for lines in ([], GOOD, GOOD, []):
        published.put("sources/feed.txt", *lines)
        outcomes.append(published.sync())

    assert outcomes == ["refused", "unchanged", "unchanged", "refused"]
    assert published.notices.outcomes == ["refused", "refused"]


def test_one_source_that_is_emptied_stops_the_whole(world: ListWorld) -> None:
    world.put("sources/second.txt", "45.5.5.5")
    world.sync()
    world.put("sources/second.txt", "10.0.0.1")

    assert world.sync() == "refused"
    assert list(world.notices.sent[-1].facts["guards"]) == ["source_emptied"]


def test_a_source_that_is_hardly_understood_is_refused_with_what_is_in_the_way(
    published: ListWorld,
) -> None:
    published.put(
        "sources/new.csv",
        "45.5.5.5",
        *["Service\tunavailable \u202e"] * 3,
        *["setup.exe", "run.bat"],
        "10.0.0.1",
        "2001:db8::1",
    )

    assert published.sync() == "refused"
    notice = published.notices.sent[-1]
    assert notice.facts["guards"]["unreadable"] == (
        "sources/new.csv cannot be read: only 38% of it is understood: "
        r"3 no address, e.g. line 2: 'Service\tunavailable \u202e'; "
        "2 file name, e.g. line 5: 'setup.exe'; 1 private, e.g. line 7: '10.0.0.1'"
    )
    assert published.active() == GOOD


def test_the_three_commonest_reasons_are_told_however_long_their_lines_are(
    published: ListWorld,
) -> None:
    lines = [["word " * 90] * 9, ["\u202e" * 70 + ".exe"] * 9, ["setup.exe"] * 3, ["10.0.0.1"] * 2]
    published.put(f"sources/{'n' * 200}", *(each for some in lines for each in some))

    published.sync()

    told = published.notices.sent[-1].facts["guards"]["unreadable"]
    assert [why in told for why in ("18 no address", "3 file name", "2 private")] == [True] * 3


def test_people_read_what_a_source_was_taken_for(world: ListWorld) -> None:
    world.put("sources/feed.txt", "first_seen,dst_ip", "2026-03-01,45.1.2.3")

    world.sync()

    assert 'read as: CSV, column 2 "dst_ip"' in world.notices.sent[0].text
    (kept,) = (n for n in world.shelf.objects if n.startswith("published/history/"))
    assert json.loads(world.shelf.objects[kept])["sources"][0]["read_as"] == (
        'CSV, column 2 "dst_ip"'
    )


def test_a_source_that_has_expired_leaves_the_list(world: ListWorld) -> None:
    world.put("sources/second.txt", "# cordon: expires=2026-03-01T13:00", "45.5.5.5")
    world.sync()
    before = world.active()
    world.now = world.now.replace(hour=13)

    assert world.sync() == "published"
    assert sorted({*before} - {*world.active()}) == ["45.5.5.5"]
    assert "it has expired" in world.notices.sent[-1].text


@pytest.mark.parametrize("name", ["sources/bad.json", "trusted/bad.json"])
def test_an_object_that_cannot_be_read_stops_the_whole(published: ListWorld, name: str) -> None:
    published.put(name, "{")

    assert published.sync() == "refused"
    assert published.active() == GOOD
    assert f"{name} cannot be read" in published.notices.sent[0].text


def test_what_is_trusted_or_ours_is_dropped(published: ListWorld) -> None:
    published.put("trusted/mail.txt", "bad.example.com")
    published.own = ("45.1.2.3",)
    published.put("sources/feed.txt", *GOOD, "45.3.3.3")

    published.sync()

    assert published.active() == ["45.3.3.3", "80.9.0.0/16"]


def test_an_override_is_used_up(published: ListWorld) -> None:
    published.put("sources/feed.txt")
    published.sync()
    digest = published.notices.sent[0].facts["digest"]
    published.put(f"overrides/{digest}")

    assert published.sync() == "published"
    assert published.active() == []
    assert published.sets.sets == {}
    assert f"overrides/{digest}" not in published.shelf.objects
    assert published.sync() == "unchanged"
    published.put("sources/feed.txt", *GOOD)
    assert published.sync() == "published"


def test_an_override_of_another_list_lets_nothing_through(published: ListWorld) -> None:
    published.put("sources/feed.txt")
    published.put("overrides/0123")

    assert published.sync() == "refused"
    assert "overrides/0123" in published.shelf.objects


def test_a_crash_leaves_no_override_to_be_used_again(published: ListWorld) -> None:
    published.put("sources/feed.txt")
    published.sync()
    override = f"overrides/{published.notices.sent[0].facts['digest']}"
    published.put(override)
    published.calls.before("shelf.remove", _die)
    with pytest.raises(Crash):
        published.sync()

    published.sync()

    assert override not in published.shelf.objects


def _die() -> None:
    raise Crash


def test_a_list_that_guardduty_cannot_activate_gives_way_to_the_one_before(
    published: ListWorld,
) -> None:
    published.sets.unloved = "45.99.0.1"
    published.put("sources/feed.txt", *MORE)

    outcomes = [published.sync() for _ in range(4)]

    assert outcomes == ["published", "rolled_back", "refused", "refused"]
    assert published.active() == GOOD
    assert published.notices.outcomes == ["published", "rolled_back"]
    assert "The list could not be read." in published.notices.sent[-1].text


def test_a_list_that_failed_may_be_tried_again_by_a_person(published: ListWorld) -> None:
    published.sets.unloved = "45.99.0.1"
    published.put("sources/feed.txt", *MORE)
    published.sync()
    published.sync()
    published.sets.unloved = ""
    published.put(f"overrides/{published.notices.sent[-1].facts['digest']}")

    assert published.sync() == "published"
    assert published.active() == MORE


def test_two_failures_one_after_the_other_end_without_a_list_and_without_a_loop(
    published: ListWorld,
) -> None:
    published.sets.unloved = "80.9.0.0"  # both hold it by now
    published.put("sources/feed.txt", *MORE)

    outcomes = [published.sync() for _ in range(6)]

    assert outcomes == ["published", "rolled_back", "rolled_back", "refused", "refused", "refused"]
    assert published.sets.sets == {}
    assert published.notices.outcomes == ["published", "rolled_back", "rolled_back", "refused"]


def test_a_list_that_was_never_active_is_not_the_one_to_go_back_to(published: ListWorld) -> None:
    (found,) = published.sets.sets.values()
    published.sets.sets[found.id] = replace(found, status="INACTIVE")
    published.put("sources/feed.txt", *MORE)
    published.sync()

    assert published.shelf.memory().good is None


def test_of_a_list_that_does_not_fit_the_surest_and_newest_is_kept_and_the_rest_told(
    world: ListWorld,
) -> None:
    world.policy = a_policy(max_entries=2, max_lists=2)
    world.put("sources/feed.txt", "# cordon: confidence=low", "45.9.9.9")
    world.put("sources/old.txt", "45.1.1.1", "45.1.1.3", "b.example.com", "a.example.com")
    world.put("sources/sure.txt", "# cordon: confidence=high", "45.2.2.2", "45.2.2.4")
    world.shelf.written["sources/new.txt"] = NOON + timedelta(seconds=1)
    world.put("sources/new.txt", "45.3.3.3")

    assert [world.sync(), world.sync()] == ["published", "unchanged"]

    assert world.active() == ["45.1.1.1", "45.2.2.2", "45.2.2.4", "45.3.3.3"]
    (notice,) = world.notices.sent
    assert notice.subject == "Threat list published: 4 entries, 4 LEFT OUT: no room"
    assert "sources/old.txt (medium): 1 entries; +1 -0; read as: lines; 3 of its 4" in notice.text
    assert [each["left_out"] for each in notice.facts["sources"]] == [1, 0, 3, 0]


def test_a_source_that_has_no_room_any_more_is_not_one_that_was_emptied(
    published: ListWorld,
) -> None:
    published.policy = a_policy(max_entries=3, max_lists=1)
    published.put(
        "sources/sure.txt", "# cordon: confidence=high", "45.2.2.2", "45.2.2.4", "45.3.3.3"
    )

    assert published.sync() == "published"
    assert published.active() == ["45.2.2.2", "45.2.2.4", "45.3.3.3"]


def test_without_room_for_any_list_all_is_refused_whatever_a_person_says(world: ListWorld) -> None:
    world.policy = a_policy(max_lists=1)
    world.sets.sets["theirs"] = a_set(name="theirs")
    world.sync()
    world.put(f"overrides/{world.notices.sent[0].facts['digest']}")

    assert world.sync() == "refused"
    assert list(world.sets.sets) == ["theirs"]


def test_sets_of_others_count_against_the_quota(world: ListWorld) -> None:
    world.policy = a_policy(max_lists=1)
    world.sets.sets["theirs"] = a_set(name="theirs")

    assert world.sync() == "refused"


def test_the_other_kind_takes_the_place(published: ListWorld) -> None:
    published.policy = a_policy(list_kind=ListKind.IP)

    assert published.sync() == "published"
    assert published.active() == []
    assert published.active(ListKind.IP) == GOOD[:2]


def test_our_own_addresses_that_cannot_be_asked_for_stop_the_sync(published: ListWorld) -> None:
    published.put("sources/feed.txt", *MORE)
    published.calls.before("own_addresses", _refuse)

    with pytest.raises(AwsRefusedError):
        published.sync()

    assert published.active() == GOOD


def _refuse() -> None:
    raise AwsRefusedError("describe", "UnauthorizedOperation")


def test_without_sources_and_without_a_list_there_is_nothing_to_do() -> None:
    world = ListWorld()

    assert world.sync() == "no_sources"
    assert CHANGING.isdisjoint(world.calls.names)


# Crashes, and two at once


SCENES = {
    "publish": MORE,
    "refuse": [],
    "two sets": [*MORE, "45.98.0.1"],
}


def prepared(scene: str) -> ListWorld:
    world = ListWorld()
    if scene == "two sets":
        world.policy = a_policy(max_entries=4)
    world.put("sources/feed.txt", *GOOD)
    world.sync()
    world.put("sources/feed.txt", *SCENES[scene])
    world.calls.made.clear()
    world.notices.sent.clear()
    return world


def is_done(world: ListWorld, scene: str) -> bool:
    """Whether the world is as one undisturbed run leaves it, and people were told."""
    if scene == "refuse":
        return world.active() == GOOD and "refused" in world.notices.outcomes
    return sorted(world.active()) == sorted(SCENES[scene]) and (
        "published" in world.notices.outcomes
    )


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_a_crash_before_or_after_any_call_converges(scene: str) -> None:
    world = prepared(scene)
    world.sync()
    calls = len(world.calls.made)
    assert calls > 8

    for nth in range(1, calls + 1):
        for after in (False, True):
            world = prepared(scene)
            world.calls.crash(nth, after=after)
            with pytest.raises(Crash):
                world.sync()
            world.calls.crash(0, after=False)

            last = [world.sync() for _ in range(2)][-1]

            assert is_done(world, scene), (nth, after)
            assert last == ("refused" if scene == "refuse" else "unchanged"), (nth, after)
            assert len(world.sets.sets) == (2 if scene == "two sets" else 1)


@pytest.mark.parametrize("scene", sorted(SCENES))
@pytest.mark.parametrize("meanwhile", ["nothing", "another list"])
def test_two_syncs_at_once_do_not_fight(scene: str, meanwhile: str) -> None:
    world = prepared(scene)
    world.sync()
    names = world.calls.names

    for nth, name in enumerate(names):
        world = prepared(scene)

        def second(world: ListWorld = world) -> None:
            feed = world.shelf.objects["sources/feed.txt"]
            if meanwhile == "another list":
                world.put("sources/feed.txt", *GOOD, "45.97.0.1")
            with contextlib.suppress(CordonError):
                world.sync()
            world.shelf.objects["sources/feed.txt"] = feed

        world.calls.before(name, second, skip=names[:nth].count(name))
        with contextlib.suppress(ListMovedError):
            world.sync()
        for _ in range(3):
            last = world.sync()

        if scene == "refuse":
            assert last == "refused", nth
            assert world.active() in (GOOD, [*GOOD[:1], "45.97.0.1", *GOOD[1:]]), nth
        else:
            assert last == "unchanged", nth
            assert sorted(world.active()) == sorted(SCENES[scene]), nth
        assert world.shelf.memory().untold == (), nth
