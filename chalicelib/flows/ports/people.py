"""How people are reached, and whether they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a port is no reason to import what it is about
    from chalicelib.core.notices.audience import Subscriber
    from chalicelib.core.notices.notice import Notice


class Audience(Protocol):
    """Who subscribed to the topics of Cordon."""

    def of_notices(self) -> tuple[Subscriber, ...]:
        """Return who is told what is contained and found."""

    def of_alarms(self) -> tuple[Subscriber, ...]:
        """Return who is told that Cordon itself is not well."""


class Notices(Protocol):
    """The topic that people subscribe to."""

    def publish(self, notice: Notice) -> str:
        """Send `notice` to everyone who subscribed; return the id of the message."""
