"""The channels in memory: what a notifier is handed, and what has arrived."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.core.errors import AwsBusyError, AwsRefusedError, CordonError
from chalicelib.core.notices.channels.channel import Channel, ChannelKind
from chalicelib.core.notices.channels.digest import Kept
from chalicelib.core.notices.channels.errors import DeliveryAtWorkError
from chalicelib.core.notices.channels.post import Answer, Post
from chalicelib.core.notices.channels.receipts import Receipts, Refusal
from chalicelib.core.notices.channels.security_hub import Place
from chalicelib.core.notices.channels.slack import EDITING
from chalicelib.core.notices.channels.standing import Standing
from chalicelib.core.notices.delivery import Delivery
from chalicelib.core.notices.notice import Notice
from chalicelib.flows.notify import notify
from chalicelib.flows.ports.notifier import Notifier
from chalicelib.flows.ports.together import Together, in_order
from tests.builders import ACCOUNT, NOON, REGION
from tests.fakes.calls import Calls

THREAD = "1700000000.000100"

# One channel of each kind, and what its secret holds.
CHANNELS = (
    Channel("bot", ChannelKind.SLACK, "ssm:/cordon/bot", "C0123456789"),
    Channel("slack", ChannelKind.SLACK, "ssm:/cordon/slack"),
    Channel("teams", ChannelKind.TEAMS, "ssm:/cordon/teams"),
    Channel("on-call", ChannelKind.PAGERDUTY, "secretsmanager:cordon/on-call"),
    Channel("siem", ChannelKind.WEBHOOK, "ssm:/cordon/siem", "https://siem.example.com/in"),
    Channel("hub", ChannelKind.SECURITY_HUB),
    Channel("chat", ChannelKind.Q_DEVELOPER, target="cordon-dev-chat"),
)
SECRETS = {
    "ssm:/cordon/bot": "xoxb-1-a",
    "ssm:/cordon/slack": "https://hooks.slack.com/services/T0/B0/x",
    "ssm:/cordon/teams": "https://a.logic.azure.com/workflows/x",
    "secretsmanager:cordon/on-call": "0123456789abcdef0123456789abcdef",
    "ssm:/cordon/siem": "a key that both sides know",
}
_HOSTS = {
    "hooks.slack.com": "slack",
    "slack.com": "bot",
    "a.logic.azure.com": "teams",
    "events.pagerduty.com": "on-call",
    "siem.example.com": "siem",
}


class FakeDeliveries:
    """A ledger that moves on only from where the writer believes it is."""

    def __init__(self, calls: Calls) -> None:
        self.recorded: dict[tuple[str, str], Delivery] = {}
        self.standings: dict[tuple[str, str], Standing] = {}
        self.waiting: dict[tuple[str, datetime, str], Kept] = {}
        self._calls = calls

    def find(self, notice_id: str, channel: str) -> Delivery | None:
        with self._calls.call("deliveries.find", channel):
            return self.recorded.get((notice_id, channel))

    def save(self, delivery: Delivery, before: Delivery | None) -> None:
        with self._calls.call("deliveries.save", delivery.channel):
            key = (delivery.notice_id, delivery.channel)
            if self.recorded.get(key) != before:
                raise DeliveryAtWorkError(delivery.channel)
            self.recorded[key] = delivery

    def standing(self, incident: str, channel: str) -> Standing:
        with self._calls.call("deliveries.standing", channel):
            return self.standings.get((incident, channel), Standing(incident, channel))

    def stand(self, standing: Standing, before: Standing) -> None:
        with self._calls.call("deliveries.stand", standing.channel):
            key = (standing.incident, standing.channel)
            if self.standings.get(key, Standing(*key)) != before:
                raise DeliveryAtWorkError(standing.channel)
            self.standings[key] = standing

    def keep(self, channel: str, finding: Kept) -> None:
        with self._calls.call("deliveries.keep", channel):
            self.waiting[channel, finding.at, finding.notice_id] = finding

    def kept(self, channel: str) -> tuple[Kept, ...]:
        with self._calls.call("deliveries.kept", channel):
            return tuple(self.waiting[key] for key in sorted(self.waiting) if key[0] == channel)

    def forget(self, channel: str, findings: tuple[Kept, ...]) -> None:
        with self._calls.call("deliveries.forget", channel):
            for finding in findings:
                del self.waiting[channel, finding.at, finding.notice_id]


class FakeReceipts:
    """What each channel took last, and what it has not got."""

    def __init__(self, calls: Calls) -> None:
        self.taken: dict[str, datetime] = {}
        self.refused: dict[tuple[str, str], Refusal] = {}
        self._calls = calls

    def took(self, channel: str, at: datetime) -> None:
        with self._calls.call("receipts.took", channel):
            self.taken[channel] = at

    def refuse(self, refusal: Refusal) -> None:
        with self._calls.call("receipts.refuse", refusal.channel):
            self.refused[refusal.channel, refusal.notice_id] = refusal

    def settle(self, channel: str, notice_id: str) -> None:
        with self._calls.call("receipts.settle", channel):
            self.refused.pop((channel, notice_id), None)

    def all(self) -> Receipts:
        return Receipts(dict(self.taken), tuple(self.refused.values()))


@dataclass
class Channels:
    """The channels at noon; `arrived` holds what each of them got, in its order."""

    channels: tuple[Channel, ...] = CHANNELS
    now: datetime = NOON
    together: Together = in_order
    calls: Calls = field(default_factory=Calls)
    arrived: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    edited: list[dict[str, Any]] = field(default_factory=list)  # messages of a bot
    edits_are_answered: Answer = field(default=Answer(200, b'{"ok": true}'))
    notes: list[tuple[str, str, str]] = field(default_factory=list)  # of which finding, by, text
    notes_are_answered: CordonError | None = None
    pauses: list[float] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=lambda: dict(SECRETS))
    answers: dict[str, Answer] = field(default_factory=dict)  # by the name of a channel
    taken: set[str] = field(default_factory=set)  # of those, who takes the message all the same

    def __post_init__(self) -> None:
        self.deliveries = FakeDeliveries(self.calls)
        self.receipts = FakeReceipts(self.calls)
        self.pause: Callable[[float], object] = self.pauses.append

    @property
    def names(self) -> list[str]:
        """Which channel got something, each as often as it did."""
        return [name for name, _ in self.arrived]

    def got(self, name: str) -> list[dict[str, Any]]:
        return [message for channel, message in self.arrived if channel == name]

    def notify(self, notice: Notice, at: datetime = NOON) -> dict[str, str]:
        return notify(notice, at.isoformat(), self.notifier)

    @property
    def notifier(self) -> Notifier:
        return Notifier(
            channels=self.channels,
            deliveries=self.deliveries,
            receipts=self.receipts,
            secret=self._secret,
            web=self,
            hub=self,
            chat=self,
            here=Place("aws", REGION, ACCOUNT),
            now=lambda: self.now,
            pause=self.pause,
            together=self.together,
        )

    def post(self, post: Post) -> Answer:
        name = _HOSTS[post.host]
        with self.calls.call("web.post", name):
            answer = self.answers.get(name)
            if post.path == EDITING:
                self.edited.append(json.loads(post.body))
                return self.edits_are_answered
            if answer is None or name in self.taken:
                self.posts.append(post)
                self.arrived.append((name, json.loads(post.body)))
        return answer or Answer(200, json.dumps({"ok": True, "ts": THREAD}).encode())

    def import_finding(self, finding: Mapping[str, Any]) -> None:
        with self.calls.call("hub.import_finding"):
            if "hub" not in self.answers or "hub" in self.taken:
                self.arrived.append(("hub", dict(finding)))
            if "hub" in self.answers:
                raise AwsBusyError("import finding", "InternalException")

    def write_note(self, finding: Mapping[str, Any]) -> None:
        with self.calls.call("hub.write_note"):
            if self.notes_are_answered is not None:
                raise self.notes_are_answered
            self.notes.append(
                (finding["Id"], finding["Note"]["UpdatedBy"], finding["Note"]["Text"])
            )

    def publish(self, topic: str, message: Mapping[str, Any]) -> None:
        with self.calls.call("chat.publish", topic):
            self.arrived.append(("chat", dict(message)))

    def _secret(self, name: str) -> str:
        with self.calls.call("secret", name):
            if name not in self.secrets:
                raise AwsRefusedError(f"read secret {name}", "ResourceNotFoundException")
            return self.secrets[name]
