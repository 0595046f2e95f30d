"""One notice reaches one channel once: whose turn it is to deliver, as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chalicelib.core.errors import MalformedNoticeError
from chalicelib.core.notices.channels.errors import DeliveryAtWorkError

LEASE = timedelta(seconds=60)  # as long as the function may run
# Lambda tries a failed publisher again after one and two minutes, the watcher after five: what says
# the same within this time is the same notice, and later it is news.
REPEAT_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the delivery of a notice to a channel stands."""

    notice_id: str
    channel: str  # its name
    published_at: datetime  # UTC; of the first of those that say the same
    leased_until: datetime  # UTC; nobody else delivers before
    is_done: bool = False

    @property
    def key(self) -> str:
        """The idempotency key: the same in every try, another when the notice is news again."""
        return f"{self.notice_id}-{int(self.published_at.timestamp())}"


def claimed(fresh: Delivery, before: Delivery | None, now: datetime) -> Delivery | None:
    """Return what to save in order to deliver; None if the channel has the notice.

    Args:
        fresh: the delivery as if nobody had begun it.
        before: what is on record.
        now: UTC.

    Raises:
        DeliveryAtWorkError: another worker is at it, and may still succeed.
    """
    if before is None or fresh.published_at > before.published_at + REPEAT_AFTER:
        return replace(fresh, leased_until=now + LEASE)
    if before.is_done:
        return None
    if now < before.leased_until:
        raise DeliveryAtWorkError(fresh.channel)
    return replace(before, leased_until=now + LEASE)


def read_timestamp(said: str) -> datetime:
    """Return when SNS took a message; a second delivery of it says the same.

    Raises:
        MalformedNoticeError: that is no moment.
    """
    try:
        return datetime.fromisoformat(said).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedNoticeError("Timestamp", said) from error
