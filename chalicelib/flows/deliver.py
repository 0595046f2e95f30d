"""One notice to one channel, which is told of an incident by one worker at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.core.errors import CordonError, RefusedError
from chalicelib.core.notices.channels import q_developer, slack
from chalicelib.core.notices.channels.channel import Channel, ChannelKind
from chalicelib.core.notices.channels.errors import DeliveryAtWorkError
from chalicelib.core.notices.channels.incident import (
    alert_of,
    incident_of,
    is_change,
    part_of,
    unnumbered,
)
from chalicelib.core.notices.channels.patience import wait_of
from chalicelib.core.notices.channels.post import Answer, Post, Sending, check_answer, post_of
from chalicelib.core.notices.channels.security_hub import Shown, render
from chalicelib.core.notices.channels.standing import Standing, moved
from chalicelib.core.notices.delivery import LEASE, Delivery
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.flows.ports.notifier import Notifier

_TURNS = 20  # that a worker waits for
_ENDING = timedelta(seconds=20)  # what is left for one more try, and to write it down
_MOST = 30  # times that a receiver is asked again in one run
_TURN = 1.0  # seconds; about as long as a delivery takes


def deliver(channel: Channel, notice: Notice, claim: Delivery, to: Notifier) -> str:
    """Send what `notice` changes for `channel`; return in a word what became of it.

    A webhook is sent everything, as it comes. Who keeps alerts is told which of them open and
    end. Where people read, a notice that comes late is passed over if a newer one came.

    Raises:
        DeliveryAtWorkError: another worker tells the channel of the same incident.
        BusyError, RefusedError: it was not taken; the message says why.
    """
    if channel.kind is ChannelKind.WEBHOOK:
        _post(channel, notice, claim, to)
        return "delivered"
    said = _in_turn(channel, notice, claim, to)
    if channel.keeps_alerts and (same := unnumbered(notice)) is not None:
        _in_turn(channel, same, claim, to)
    return said


def _in_turn(channel: Channel, notice: Notice, claim: Delivery, to: Notifier) -> str:
    standing = _take_turn(channel, notice, claim, to)
    try:
        told, said = _tell(channel, notice, claim, standing, to)
    except CordonError:
        # The next try need not wait for the lease to end.
        _end_turn(standing, standing, to)
        raise
    _end_turn(told, standing, to)
    return said


def _take_turn(channel: Channel, notice: Notice, claim: Delivery, to: Notifier) -> Standing:
    """Write down what the notice changes, before it is told; wait while another worker tells."""
    incident = alert_of(notice)
    for _ in range(_TURNS):
        before = to.deliveries.standing(incident, channel.name)
        if before.busy_until is None or before.busy_until <= to.now():
            after = moved(before, notice, claim, channel)
            taken = replace(after, version=before.version + 1, busy_until=to.now() + LEASE)
            try:
                to.deliveries.stand(taken, before)
            except DeliveryAtWorkError:
                continue  # somebody was quicker
            return taken
        to.pause(_TURN)
    raise DeliveryAtWorkError(channel.name)


def _end_turn(after: Standing, before: Standing, to: Notifier) -> None:
    to.deliveries.stand(replace(after, version=before.version + 1, busy_until=None), before)


def _tell(
    channel: Channel, notice: Notice, claim: Delivery, standing: Standing, to: Notifier
) -> tuple[Standing, str]:
    if channel.keeps_alerts:
        return _alert(channel, notice, claim, standing, to)
    if standing.is_overtaken(claim.published_at, to.now()):
        return standing, "overtaken"
    if channel.kind is ChannelKind.Q_DEVELOPER:
        to.chat.publish(channel.target, q_developer.render(notice, claim.key))
        return standing, "delivered"
    if channel.is_threaded and incident_of(notice):
        return _converse(channel, notice, claim, standing, to)
    answer = _post(channel, notice, claim, to)
    if channel.is_threaded:
        slack.read_thread(answer.body)
    return standing, "delivered"


def _converse(
    channel: Channel, notice: Notice, claim: Delivery, standing: Standing, to: Notifier
) -> tuple[Standing, str]:
    """Post into the thread of the incident, whose first message then says how things stand now."""
    posted = slack.read_thread(_post(channel, notice, claim, to, thread=standing.thread).body)
    opening = json.dumps(slack.render(notice)["blocks"])
    if not standing.thread:
        return replace(standing, thread=posted, opening=opening), "delivered"
    is_newest = claim.published_at == standing.newest_at
    if not (standing.opening and is_newest) or standing.opening == opening:
        return standing, "delivered"
    try:
        edited = _post(channel, notice, claim, to, thread=standing.thread, opening=standing.opening)
        slack.read_thread(edited.body)
    except CordonError as error:  # what counts was posted
        return standing, f"delivered; the first message stays as it was: {error}"
    return standing, "delivered"


def _alert(
    channel: Channel, notice: Notice, claim: Delivery, standing: Standing, to: Notifier
) -> tuple[Standing, str]:
    decided = standing.decided(claim.notice_id)
    if notice.kind is Kind.DIGEST and standing.is_overtaken(claim.published_at, to.now()):
        return standing, "overtaken"
    remark = ""
    for name, alert in decided.items():
        part = part_of(notice, name)
        if channel.kind is ChannelKind.SECURITY_HUB:
            times = standing.began_at, standing.newest_at
            shown = Shown(name, alert.is_open, *times, standing.severity)
            remark = _import(render(part, to.here, claim.published_at, shown), to)
        else:
            _post(channel, part, claim, to, alert=name, is_open=alert.is_open)
    if notice.kind is Kind.DIGEST:
        standing = standing.without_ended(claim.notice_id)
    if is_change(notice) and channel.kind is ChannelKind.PAGERDUTY:
        _post(channel, notice, claim, to)
        return standing, "delivered"
    return standing, f"delivered{remark}" if decided else "nothing to tell"


def _import(finding: Mapping[str, Any], to: Notifier) -> str:
    """Import `finding`, and write the Note at its end; return what could not be done, if anything.

    A finding that is new has its Note by the import, and one that is there has who ended it, and
    why, in other fields too.
    """
    to.hub.import_finding(finding)
    if "Note" not in finding:
        return ""
    try:
        to.hub.write_note(finding)
    except RefusedError as error:  # what counts was imported
        return f"; its Note stays as it was: {error}"
    return ""


def _post(  # noqa: PLR0913 - what is sent, and about which alert
    channel: Channel,
    notice: Notice,
    claim: Delivery,
    to: Notifier,
    *,
    thread: str = "",
    alert: str = "",
    is_open: bool = True,
    opening: str = "",
) -> Answer:
    secret = to.secret(channel.secret)
    sending = Sending(secret, claim.key, to.now(), thread, alert, is_open, opening)
    post = post_of(channel, notice, sending)
    answer = _patiently(post, claim, to)
    check_answer(post, answer, sending.secret)
    return answer


def _patiently(post: Post, claim: Delivery, to: Notifier, nth: int = 0) -> Answer:
    """Send `post`, again if the receiver asks to come back later, as long as there is time."""
    answer = to.web.post(post)
    wait = wait_of(answer, to.now(), claim.notice_id, nth)
    until = claim.leased_until - _ENDING
    if wait is None or nth == _MOST or to.now() + timedelta(seconds=wait) > until:
        return answer
    to.pause(wait)
    return _patiently(post, claim, to, nth + 1)
