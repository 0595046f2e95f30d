"""The evidence and the notices in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from chalicelib.core.findings.origin import Origin
from chalicelib.core.notices.audience import Subscriber
from chalicelib.core.notices.notice import Notice
from tests.fakes.calls import Calls


class FakeEvidence:
    """A bucket in which each object is written once."""

    def __init__(self, calls: Calls) -> None:
        self.kept: dict[str, str] = {}  # what is no text is read as Latin-1
        self.bodies: dict[str, bytes] = {}  # as they came
        self.versions: dict[str, int] = {}
        self._calls = calls

    def keep(self, name: str, body: bytes, *, over: bool = False) -> str | None:
        with self._calls.call("evidence.keep", name):
            text = _as_text(body)
            if over or name not in self.kept:
                self.kept[name], self.bodies[name] = text, body
                self.versions[name] = self.versions.get(name, 0) + 1
            return f"v{self.versions.get(name, 1)}" if self.kept[name] == text else None

    def read(self, name: str) -> bytes:
        with self._calls.call("evidence.read", name):
            return self.kept[name].encode()


def _as_text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")


class FakeNotices:
    """A topic that remembers what was said on it."""

    def __init__(self, calls: Calls) -> None:
        self.sent: list[Notice] = []
        self._calls = calls
        self._lock = threading.Lock()

    @property
    def outcomes(self) -> list[str]:
        return [notice.outcome for notice in self.sent]

    def publish(self, notice: Notice) -> str:
        with self._calls.call("notices.publish", notice.outcome), self._lock:
            self.sent.append(notice)
            return f"message-{len(self.sent)}"


class FakeAudience:
    """Topics that a person listens to."""

    def __init__(self, calls: Calls) -> None:
        listener = Subscriber("email", "oncall@example.com", is_confirmed=True)
        self.notices: tuple[Subscriber, ...] = (listener,)
        self.alarms: tuple[Subscriber, ...] = (listener,)
        self._calls = calls

    def of_notices(self) -> tuple[Subscriber, ...]:
        with self._calls.call("audience.of_notices"):
            return self.notices

    def of_alarms(self) -> tuple[Subscriber, ...]:
        with self._calls.call("audience.of_alarms"):
            return self.alarms


class FakeThreatIndex:
    """What is known of the entries of our own list, by entry."""

    def __init__(self, calls: Calls) -> None:
        self.origins: dict[str, Origin] = {}
        self._calls = calls

    def look_up(self, remote: str, lists: Iterable[str]) -> Origin | None:
        with self._calls.call("threat_index.look_up", f"{remote} {' '.join(lists)}"):
            return self.origins.get(remote)
