from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.notices import about_findings
from chalicelib.core.notices.channels.channel import Channel, ChannelKind
from chalicelib.core.notices.channels.digest import Kept, kept, waits, with_findings
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.policy.policy import Response
from tests.builders import ACCOUNT, FINDING, NOON, WEB, a_finding, a_judgement, a_ref
from tests.core.notices.channels.checks import check
from tests.core.notices.channels.incident import NOTICES
from tests.core.notices.channels.rendering import RENDERERS

CALM = Channel("soc", ChannelKind.SLACK, digest=True)


def a_notice(**changes: Any) -> Notice:
    finding = a_finding(**{"type_": "Recon:EC2/Portscan", "severity": 5, **changes})
    notice = about_findings.of_finding(finding, a_judgement(Response.ALERT), "alerted")
    return replace(notice, facts={**notice.facts, "instance_id": WEB})


@pytest.mark.parametrize(("severity", "is_told_later"), [(2, True), (5, True), (7, False)])
def test_low_and_medium_findings_wait_for_the_digest(severity: int, is_told_later: object) -> None:
    notice = a_notice(severity=severity)

    assert waits(CALM, notice) is is_told_later
    assert not waits(replace(CALM, digest=False), notice)


@pytest.mark.parametrize("name", NOTICES)
def test_nothing_but_a_finding_waits(name: str) -> None:
    assert not waits(CALM, replace(NOTICES[name], severity="Low"))


def test_what_is_kept_is_what_the_digest_says() -> None:
    notice = a_notice(count=7)

    assert kept(notice, NOON) == Kept(
        notice.id, NOON, FINDING, "Medium: Recon:EC2/Portscan", WEB, 7
    )


def test_what_is_about_several_instances_is_not_taken_for_one_of_the_account() -> None:
    some = [a_ref("i-0a1b2c3d"), a_ref("i-1a1b2c3d"), a_ref("i-2a1b2c3d")]
    for count, where in ((0, ACCOUNT), (1, "i-0a1b2c3d"), (3, "i-0a1b2c3d and 2 more")):
        judgement = a_judgement(Response.ALERT, instances=tuple(some[:count]))
        notice = about_findings.of_finding(a_finding(severity=5), judgement, "alerted")

        assert kept(notice, NOON).where == where
        shown = RENDERERS["q_developer"](notice)["metadata"]["relatedResources"]
        assert shown == [each.instance_id for each in some[:count]]


@pytest.mark.parametrize("finding", [None, {}, {"id": 1, "type": 2, "count": "3"}, "x"])
def test_a_notice_that_says_little_is_kept_all_the_same(finding: object) -> None:
    notice = Notice(Kind.FINDING, "alerted", "Low", ACCOUNT, "news", (), {"finding": finding})

    assert kept(notice, NOON) == Kept(notice.id, NOON, notice.id, "Low: news", ACCOUNT, 1)


def test_repeats_are_folded_and_counted() -> None:
    def seen(finding_id: str, count: int, where: str = WEB) -> Kept:
        return Kept(f"n{count}", NOON, finding_id, "Low: Recon:EC2/Portscan", where, count)

    findings = [seen("a", 3), seen("a", 9), seen("a", 5), seen("b", 1), seen("c", 2, "i-2")]

    told, shown = with_findings(NOTICES["digest"], findings, CALM)

    assert told.sections[1:] == tuple(each for each in NOTICES["digest"].sections if each[1])
    assert told.sections[0] == (
        "Low and medium findings since the last digest",
        (
            f"Low: Recon:EC2/Portscan on {WEB}: 2 finding(s), seen 10 time(s)",
            "Low: Recon:EC2/Portscan on i-2: 1 finding(s), seen 2 time(s)",
        ),
    )
    assert {each.notice_id for each in shown} == {each.notice_id for each in findings}


def test_a_day_without_a_finding_says_so() -> None:
    told, shown = with_findings(NOTICES["digest"], (), CALM)

    assert told.sections[0][1] == ("None.",)
    assert shown == ()


@pytest.mark.parametrize("kind", [ChannelKind.SLACK, ChannelKind.TEAMS, ChannelKind.Q_DEVELOPER])
def test_what_a_digest_has_no_room_for_is_told_with_the_next(kind: ChannelKind) -> None:
    channel, left = (
        replace(CALM, kind=kind),
        [
            Kept(f"n{n}", NOON, f"f{n}", "Medium: Recon:EC2/Portscan", f"i-{n:017x}", 3)
            for n in range(150)
        ],
    )
    long = replace(
        NOTICES["digest"], sections=(("To look at", tuple(f"worry {n}" for n in range(900))),)
    )
    told: set[str] = set()

    for _ in range(60):
        if not left:
            break
        notice, shown = with_findings(long, left, channel)
        rendered = json.dumps(RENDERERS[kind.value](notice))
        check(kind.value, RENDERERS[kind.value](notice))
        assert all(each.where in rendered for each in shown)
        told |= {each.notice_id for each in shown}
        left = [each for each in left if each not in shown]

    assert len(told) == 150


def test_an_alert_of_low_severity_does_not_wait_where_alerts_are_kept() -> None:
    on_call = replace(CALM, kind=ChannelKind.PAGERDUTY)

    assert not waits(on_call, a_notice())
    assert on_call.takes(a_notice())


def test_what_the_channel_does_not_let_through_is_not_kept_for_it_either() -> None:
    assert not waits(replace(CALM, accounts=frozenset({"444455556666"})), a_notice())
