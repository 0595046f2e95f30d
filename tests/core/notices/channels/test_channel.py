from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.channels.channel import Channel, ChannelKind
from chalicelib.core.notices.channels.incident import alert_of, incident_of
from chalicelib.core.notices.notice import Kind, Notice
from tests.builders import ACCOUNT, OTHER_ACCOUNT, REGION, WEB
from tests.core.notices.channels.incident import CONTAINMENT, NOTICES, RELEASE


def a_channel(kind: ChannelKind = ChannelKind.SLACK, **changes: Any) -> Channel:
    return replace(Channel("soc", kind), **changes)


def test_a_channel_that_says_nothing_takes_everything() -> None:
    assert all(a_channel().takes(notice) for notice in NOTICES.values())


@pytest.mark.parametrize(
    ("changes", "takes"),
    [
        ({"kinds": frozenset({Kind.CONTAINMENT, Kind.HOLD})}, True),
        ({"kinds": frozenset({Kind.HOLD})}, False),
        ({"outcomes": frozenset({"contained"})}, True),
        ({"outcomes": frozenset({"failed"})}, False),
        ({"accounts": frozenset({ACCOUNT})}, True),
        ({"accounts": frozenset({OTHER_ACCOUNT})}, False),
        ({"min_severity": Band.HIGH}, True),
        ({"min_severity": Band.CRITICAL}, False),
        ({"kinds": frozenset({Kind.CONTAINMENT}), "min_severity": Band.CRITICAL}, False),
    ],
)
def test_a_notice_goes_where_everything_that_is_asked_for_fits(
    changes: dict[str, Any],
    takes: object,
) -> None:
    assert a_channel(**changes).takes(CONTAINMENT) is takes


@pytest.mark.parametrize("band", Band)
def test_a_severity_that_nobody_knows_is_never_filtered_away(band: Band) -> None:
    assert a_channel(min_severity=band).takes(replace(CONTAINMENT, severity="Extreme"))


def test_pagerduty_hears_of_every_release_so_that_no_alert_stays_open() -> None:
    narrow = {"kinds": frozenset({Kind.CONTAINMENT}), "min_severity": Band.CRITICAL}

    assert a_channel(ChannelKind.PAGERDUTY, **narrow).takes(RELEASE)
    assert not a_channel(ChannelKind.SLACK, **narrow).takes(RELEASE)
    assert not a_channel(ChannelKind.PAGERDUTY, **narrow).takes(NOTICES["hold"])
    elsewhere = a_channel(ChannelKind.PAGERDUTY, accounts=frozenset({OTHER_ACCOUNT}))
    assert not elsewhere.takes(RELEASE)


def test_all_that_is_said_of_a_quarantine_is_one_incident() -> None:
    told = [NOTICES[name] for name in ("containment", "drift", "release")]

    assert {incident_of(notice) for notice in told} == {f"{ACCOUNT}/{REGION}/{WEB}-1"}


@pytest.mark.parametrize(
    ("facts", "incident"),
    [
        ({"instance_id": WEB, "finding": {"id": "f"}}, f"{ACCOUNT}/{REGION}/f"),
        ({"instance_id": WEB}, f"{ACCOUNT}/{REGION}/{WEB}"),
        ({"instance_id": None, "finding": {"id": "f"}}, f"{ACCOUNT}/{REGION}/f"),
        ({"finding": None}, ""),
        ({"finding": {}}, ""),
        ({}, ""),
    ],
)
def test_without_a_quarantine_the_finding_or_the_instance_is_the_incident(
    facts: dict[str, Any], incident: str
) -> None:
    notice = Notice(Kind.FINDING, "alerted", "Low", ACCOUNT, "s", (), {"region": REGION, **facts})

    assert incident_of(notice) == incident
    assert alert_of(notice) == (incident or f"{ACCOUNT}/{REGION}/finding")
