"""What a notifier asks of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from chalicelib.core.notices.channels.channel import Channel
from chalicelib.core.notices.channels.digest import Kept
from chalicelib.core.notices.channels.post import Answer, Post
from chalicelib.core.notices.channels.receipts import Refusal
from chalicelib.core.notices.channels.security_hub import Place
from chalicelib.core.notices.channels.standing import Standing
from chalicelib.core.notices.delivery import Delivery
from chalicelib.flows.ports.together import Together


class Deliveries(Protocol):
    """The ledger: which channel has got which notice."""

    def find(self, notice_id: str, channel: str) -> Delivery | None:
        """Return what is on record."""

    def save(self, delivery: Delivery, before: Delivery | None) -> None:
        """Record `delivery` in the place of `before`.

        Raises:
            DeliveryAtWorkError: what is on record is no longer `before`.
        """

    def standing(self, incident: str, channel: str) -> Standing:
        """Return what the channel was told of `incident`; a new one: nothing yet."""

    def stand(self, standing: Standing, before: Standing) -> None:
        """Record `standing` in the place of `before`.

        Raises:
            DeliveryAtWorkError: what is on record is no longer `before`.
        """

    def keep(self, channel: str, finding: Kept) -> None:
        """Keep `finding` until the next digest of the channel; the same again adds nothing."""

    def kept(self, channel: str) -> tuple[Kept, ...]:
        """Return what was kept for the channel, oldest first."""

    def forget(self, channel: str, findings: tuple[Kept, ...]) -> None:
        """Keep `findings` no longer; what was kept meanwhile stays."""


class Receiving(Protocol):
    """What each channel took last, and what it has not got."""

    def took(self, channel: str, at: datetime) -> None:
        """Record that the channel took a notice at `at`, UTC."""

    def refuse(self, refusal: Refusal) -> None:
        """Record what a channel has not got, in the place of an earlier try of the same."""

    def settle(self, channel: str, notice_id: str) -> None:
        """Record that the channel has the notice after all, or needs it no more."""


class Web(Protocol):
    """The public internet, over HTTPS."""

    def post(self, post: Post) -> Answer:
        """Send `post` once, follow no redirect, and return the answer, whatever its status.

        Raises:
            ForbiddenTargetError: the host has an address that is not public.
            ChannelBusyError: there was no answer in time, or no connection.
        """


class Hub(Protocol):
    """Security Hub of the own account and region."""

    def import_finding(self, finding: Mapping[str, Any]) -> None:
        """Import a finding in ASFF; the same again changes nothing."""

    def write_note(self, finding: Mapping[str, Any]) -> None:
        """Write the Note of `finding` into the one that is there.

        Raises:
            AwsRefusedError: it cannot be written; the finding is as it was imported.
        """


class Chat(Protocol):
    """The topics that Amazon Q Developer listens to."""

    def publish(self, topic: str, message: Mapping[str, Any]) -> None:
        """Publish a custom notification on the topic of that name."""


@dataclass(frozen=True, slots=True)
class Notifier:
    """Everything that a notification needs, handed in once."""

    channels: tuple[Channel, ...]
    deliveries: Deliveries
    receipts: Receiving
    secret: Callable[[str], str]  # by its name in channels.toml
    web: Web
    hub: Hub
    chat: Chat
    here: Place
    now: Callable[[], datetime]  # UTC
    pause: Callable[[float], object]  # seconds
    together: Together
