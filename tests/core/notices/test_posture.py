from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.notices.posture import DetectorHealth, Posture, find_worries, of_posture
from chalicelib.core.policy.mode import ModeSetting
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.held import Held
from chalicelib.core.quarantine.times import Summary
from tests.builders import ACCOUNT, NOON, REGION, a_quarantine, a_ref

WELL = DetectorHealth(
    is_enabled=True, plans=(("RUNTIME_MONITORING", True), ("S3_DATA_EVENTS", False))
)


def a_posture(**changes: Any) -> Posture:
    ordinary: dict[str, Any] = {
        "at": NOON,
        "mode": Mode.ENFORCE,
        "setting": None,
        "quarantines": (),
        "detector": WELL,
        "dead_letters": 0,
        "exercised_at": NOON - timedelta(days=1),
    }
    return Posture(**{**ordinary, **changes})


def section(posture: Posture, heading: str) -> tuple[str, ...]:
    return dict(of_posture(posture, ACCOUNT, REGION).sections)[heading]


def test_a_cordon_that_is_well_worries_about_nothing() -> None:
    notice = of_posture(a_posture(), ACCOUNT, REGION)

    assert (notice.outcome, notice.severity) == ("well", "Low")
    assert notice.subject == "Cordon 2026-03-01: all is well, 0 in quarantine"
    assert section(a_posture(), "To look at") == ("Nothing.",)


@pytest.mark.parametrize(
    ("changes", "worry"),
    [
        ({"mode": Mode.OBSERVE}, "only observes"),
        ({"dead_letters": 3}, "3 event(s) failed"),
        ({"dead_letters": "AWS refused"}, "cannot be counted: AWS refused"),
        ({"exercised_at": None}, "no exercise"),
        ({"exercised_at": NOON - timedelta(days=93)}, "no exercise"),
        ({"detector": "AWS refused"}, "GuardDuty cannot be asked: AWS refused"),
        ({"detector": DetectorHealth(is_enabled=False)}, "not enabled"),
        ({"unheard": ("soc@example.com is not told",)}, "soc@example.com is not told"),
        ({"unheard": "AWS refused"}, "cannot be listed: AWS refused"),
        (
            {"detector": DetectorHealth(is_enabled=True, id="d1", sends_every="SIX_HOURS")},
            "--detector-id d1 --finding-publishing-frequency FIFTEEN_MINUTES",
        ),
        (
            {"detector": DetectorHealth(is_enabled=True, lists=(("feed", "ERROR"),))},
            "the threat list feed is ERROR",
        ),
    ],
)
def test_what_needs_a_person_is_a_worry(changes: dict[str, Any], worry: str) -> None:
    (found,) = find_worries(a_posture(**changes))

    assert worry in found
    assert of_posture(a_posture(**changes), ACCOUNT, REGION).outcome == "worries"


@pytest.mark.parametrize("status", ["ACTIVE", "INACTIVE", "ACTIVATING"])
def test_a_list_that_works_or_will_is_no_worry(status: str) -> None:
    detector = DetectorHealth(is_enabled=True, lists=(("feed", status),))

    assert not list(find_worries(a_posture(detector=detector)))


def test_plans_and_lists_are_told() -> None:
    detector = DetectorHealth(
        is_enabled=True, plans=(("A", True), ("B", False)), lists=(("f", "ACTIVE"),)
    )

    assert section(a_posture(detector=detector), "GuardDuty") == (
        "enabled",
        "A: on",
        "B: off",
        "threat list f: ACTIVE",
    )


def test_who_turned_the_kill_switch_is_told() -> None:
    setting = ModeSetting(Mode.OBSERVE, "ada", "a rollout", NOON)

    lines = section(a_posture(mode=Mode.OBSERVE, setting=setting), "Mode")

    assert lines == ("observe, set on 2026-03-01 by ada", "a rollout")


def test_of_very_many_quarantines_the_first_fifty_are_named() -> None:
    many = tuple(a_quarantine(ref=a_ref(f"i-{n:017x}")) for n in range(53))

    lines = section(a_posture(quarantines=many), "In quarantine")

    assert len(lines) == 51
    assert lines[-1] == "and 3 more"


@pytest.mark.parametrize(
    ("changes", "worry"),
    [
        ({"unreadable": ("the record x cannot be read",)}, "the record x cannot be read"),
        ({"failing": (("a/b/i-1", NOON),)}, "a/b/i-1 cannot be seen to since 2026-03-01 12:00 UTC"),
        ({"groups": {"deny group of vpc-1 in a": "full"}}, "deny group of vpc-1 in a: full"),
        ({"impostors": ("sg-1 in vpc-1",)}, "the security group sg-1 in vpc-1 bears the name"),
        ({"impostors": "denied"}, "Cordon's security groups cannot be described: denied"),
    ],
)
def test_what_the_watcher_cannot_do_is_a_worry(changes: dict[str, Any], worry: str) -> None:
    (found,) = find_worries(a_posture(**changes))

    assert found.startswith(worry)


def test_what_is_held_is_a_worry_and_the_strongest_are_named() -> None:
    ref, reasons = a_ref(), ("breaker_open",)
    many = tuple(
        Held(ref, f"f-{n}", "Backdoor:EC2/Spambot", n / 10, reasons, NOON) for n in range(60)
    )

    told = of_posture(a_posture(held=many), ACCOUNT, REGION)

    assert "60 instance(s) deserve a containment, and are held" in told.text
    assert "(5.9)" in told.text
    assert "(0.5)" not in told.text
    assert "and 10 more" in told.text


def test_what_is_held_and_cannot_be_read_is_a_worry() -> None:
    told = of_posture(a_posture(held="AWS is down"), ACCOUNT, REGION)

    assert "what is held cannot be read: AWS is down" in told.text


def test_how_long_the_last_containments_took_is_told_to_people_and_machines() -> None:
    times = {"record_to_read_back": Summary(3, 0.5, 2.0), "event_to_read_back": Summary(2, 4, 9.04)}
    posture = a_posture(times=times)

    assert section(posture, "Time to contain") == (
        "from the finding to the read-back: p50 4.0 s, p95 9.0 s, of the last 2",
        "from the record to the read-back: p50 0.5 s, p95 2.0 s, of the last 3",
    )
    said = of_posture(posture, ACCOUNT, REGION).facts["time_to_contain"]
    assert said["event_to_read_back"] == {"count": 2, "p50": 4, "p95": 9.04}


def test_times_that_cannot_be_read_are_named_and_none_is_made_up() -> None:
    posture = a_posture(times="AWS refused")

    assert section(posture, "Time to contain") == ("AWS refused",)
    assert of_posture(posture, ACCOUNT, REGION).facts["time_to_contain"] is None
    assert section(a_posture(), "Time to contain") == ()
