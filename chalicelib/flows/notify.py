"""A notice reaches every channel that takes it, each once, none waiting for another."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from chalicelib.core.errors import CordonError
from chalicelib.core.notices.channels.channel import Channel
from chalicelib.core.notices.channels.digest import Kept, kept, waits, with_findings
from chalicelib.core.notices.channels.errors import UndeliveredError
from chalicelib.core.notices.channels.receipts import Refusal
from chalicelib.core.notices.delivery import Delivery, claimed, read_timestamp
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.flows.deliver import deliver
from chalicelib.flows.ports.notifier import Notifier


def notify(notice: Notice, timestamp: str, to: Notifier) -> dict[str, str]:
    """Bring `notice` to its channels; return for each of them whether it is delivered or was.

    `timestamp` is SNS's, of the message that the notice came in.

    A channel gets it once, whether SNS, Lambda or the publisher repeats it. The one exception:
    a crash between sending and the record of it, or an answer that is lost, repeats the message
    where the service knows no idempotency key, which are Slack, Teams and Amazon Q Developer.

    Raises:
        MalformedNoticeError: the timestamp is none.
        UndeliveredError: a channel failed; the others have it, and the next try passes them over.
    """
    published_at = read_timestamp(timestamp)
    channels = [channel for channel in to.channels if channel.takes(notice)]
    if not channels:
        return {}
    fresh = [Delivery(notice.id, each.name, published_at, published_at) for each in channels]
    tries = (partial(_try, *each, notice, to) for each in zip(channels, fresh, strict=True))
    answers: tuple[str | CordonError, ...] = to.together(*tries)
    told = dict(zip((channel.name for channel in channels), answers, strict=True))
    problems = tuple(
        f"{name}: {answer}" for name, answer in told.items() if isinstance(answer, CordonError)
    )
    if problems:
        raise UndeliveredError(problems)
    return {name: str(answer) for name, answer in told.items()}


def _try(channel: Channel, fresh: Delivery, notice: Notice, to: Notifier) -> str | CordonError:
    try:
        return _deliver(channel, fresh, notice, to)
    except CordonError as error:
        return error


def _deliver(channel: Channel, fresh: Delivery, notice: Notice, to: Notifier) -> str:
    if waits(channel, notice):
        to.deliveries.keep(channel.name, kept(notice, fresh.published_at))
        return "kept for the digest"
    before = to.deliveries.find(fresh.notice_id, channel.name)
    claim = claimed(fresh, before, to.now())
    if claim is None:
        to.receipts.settle(channel.name, fresh.notice_id)
        return "was delivered"
    to.deliveries.save(claim, before)
    try:
        said, findings = _tell(channel, notice, claim, to)
    except CordonError as error:
        # The next try need not wait for the lease to end.
        to.deliveries.save(replace(claim, leased_until=to.now()), claim)
        why = (to.now(), notice.subject, str(error))
        to.receipts.refuse(Refusal(channel.name, claim.notice_id, *why))
        raise
    to.deliveries.save(replace(claim, is_done=True), claim)
    if said.startswith("delivered"):
        to.receipts.took(channel.name, to.now())
    if before is not None:  # it may have been refused before
        to.receipts.settle(channel.name, claim.notice_id)
    if findings:
        to.deliveries.forget(channel.name, findings)
    return said


def _tell(
    channel: Channel, notice: Notice, claim: Delivery, to: Notifier
) -> tuple[str, tuple[Kept, ...]]:
    """Deliver the notice; return what became of it, and which findings that were kept it told."""
    if not (channel.tells_digest and notice.kind is Kind.DIGEST):
        return deliver(channel, notice, claim, to), ()
    told, findings = with_findings(notice, to.deliveries.kept(channel.name), channel)
    if not (findings or channel.wants(notice)):
        return "nothing was kept", ()
    said = deliver(channel, told, claim, to)
    return said, findings if said == "delivered" else ()
