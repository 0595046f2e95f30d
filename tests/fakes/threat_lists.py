"""The bucket of the threat lists and GuardDuty's sets in memory, as one world to sync in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.core.errors import AwsBusyError, AwsRefusedError, CordonError, ListMovedError
from chalicelib.core.policy.policy import ListKind, Policy
from chalicelib.core.threat_lists.feeds import Fetched
from chalicelib.core.threat_lists.publication import Memory, parse_memory
from chalicelib.core.threat_lists.sets import Create, Delete, ListSet, Step, Update
from chalicelib.flows.ports.curator import Curator
from chalicelib.flows.sync_threat_lists import sync
from tests.builders import ACCOUNT, NOON, PACKAGED, REGION
from tests.fakes.calls import Calls
from tests.fakes.stores import FakeNotices

LISTS = "lists"


class FakeShelf:
    """A bucket whose memory is written by whoever read its last version."""

    def __init__(self, calls: Calls) -> None:
        self.objects: dict[str, bytes] = {}
        self.written: dict[str, datetime] = {}
        self._memory = ""
        self._version = 0
        self._calls = calls

    def names(self, prefix: str) -> tuple[str, ...]:
        with self._calls.call("shelf.names", prefix):
            return tuple(sorted(name for name in self.objects if name.startswith(prefix)))

    def changed(self, prefix: str) -> dict[str, datetime]:
        with self._calls.call("shelf.changed", prefix):
            names = [name for name in self.objects if name.startswith(prefix)]
            return {name: self.written.get(name, NOON) for name in names}

    def read(self, name: str) -> bytes:
        with self._calls.call("shelf.read", name):
            if name not in self.objects:
                raise AwsRefusedError(f"read {name}", "NoSuchKey")
            return self.objects[name]

    def keep(self, name: str, text: str) -> None:
        with self._calls.call("shelf.keep", name):
            self.objects.setdefault(name, text.encode())

    def write(self, name: str, body: bytes) -> None:
        with self._calls.call("shelf.write", name):
            self.objects[name] = body

    def remove(self, name: str) -> None:
        with self._calls.call("shelf.remove", name):
            self.objects.pop(name, None)

    def memory(self) -> Memory:
        with self._calls.call("shelf.memory"):
            return parse_memory(self._memory, str(self._version)) if self._version else Memory()

    def save(self, memory: Memory) -> Memory:
        with self._calls.call("shelf.save"):
            if (memory.version or "0") != str(self._version):
                raise ListMovedError
            self._memory, self._version = memory.as_text(), self._version + 1
            return replace(memory, version=str(self._version))


class FakeThreatSets:
    """GuardDuty's sets: what one reads is read when it is activated."""

    def __init__(self, calls: Calls, shelf: FakeShelf) -> None:
        self.sets: dict[str, ListSet] = {}
        self.entries: dict[str, list[str]] = {}
        self.unloved = ""  # a list that holds it cannot be activated
        self._calls = calls
        self._shelf = shelf

    def everyones(self) -> tuple[ListSet, ...]:
        with self._calls.call("sets.everyones"):
            return tuple(self.sets.values())

    def apply(self, step: Step) -> None:
        with self._calls.call("sets.apply", type(step).__name__):
            match step:
                case Create(name, kind, location):
                    token = f"{name} {kind} {location}"
                    self.activate(ListSet(token, name, kind, "", location))
                case Update(changed, location):
                    self.activate(replace(self.sets[changed.id], location=location))
                case Delete(gone):
                    self.sets.pop(gone.id, None)
                    self.entries.pop(gone.id, None)

    def activate(self, each: ListSet) -> None:
        text = self._shelf.objects[each.location.removeprefix(f"s3://{LISTS}/")].decode()
        bad = bool(self.unloved) and self.unloved in text
        self.entries[each.id] = [] if bad else text.splitlines()
        trouble = "The list could not be read." if bad else ""
        status = "ERROR" if bad else "ACTIVE"
        self.sets[each.id] = replace(each, status=status, trouble=trouble)


class FakeFeedWeb:
    """Servers that answer what was put there, by URL; or raise it."""

    def __init__(self, calls: Calls) -> None:
        self.answers: dict[str, Fetched | CordonError] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._calls = calls

    def get(self, host: str, path: str, headers: Mapping[str, str]) -> Fetched:
        with self._calls.call("web.get", host):
            self.asked.append((host + path, dict(headers)))
            answer = self.answers.get(host + path, AwsBusyError(host, "no answer"))
            if isinstance(answer, CordonError):
                raise answer
            return answer


@dataclass
class ListWorld:
    """At noon, with the packaged policy; nothing is in the bucket yet."""

    now: datetime = NOON
    policy: Policy = PACKAGED
    calls: Calls = field(default_factory=Calls)

    def __post_init__(self) -> None:
        self.shelf = FakeShelf(self.calls)
        self.sets = FakeThreatSets(self.calls, self.shelf)
        self.notices = FakeNotices(self.calls)
        self.own: tuple[str, ...] = ()
        self.paused = False
        self.web = FakeFeedWeb(self.calls)
        self.secrets: dict[str, str] = {}

    @property
    def curator(self) -> Curator:
        return Curator(
            shelf=self.shelf,
            sets=self.sets,
            own_addresses=self._own_addresses,
            is_paused=lambda: self.paused,
            web=self.web,
            secret=self._secret,
            notices=self.notices,
            policy=self.policy,
            stage="dev",
            bucket=LISTS,
            own_account=ACCOUNT,
            own_region=REGION,
            now=lambda: self.now,
        )

    def _own_addresses(self) -> tuple[str, ...]:
        with self.calls.call("own_addresses"):
            return self.own

    def _secret(self, name: str) -> str:
        if name not in self.secrets:
            raise AwsRefusedError(f"read secret {name}", "ResourceNotFoundException")
        return self.secrets[name]

    def put(self, name: str, *lines: str) -> None:
        self.shelf.objects[name] = "\n".join((*lines, "")).encode()

    def sync(self) -> str:
        return str(sync(self.curator)["outcome"])

    def active(self, kind: ListKind = ListKind.ENTITY) -> list[str]:
        """Return every entry that GuardDuty looks for."""
        return [
            entry
            for each in self.sets.sets.values()
            if each.kind is kind and each.status == "ACTIVE"
            for entry in self.sets.entries[each.id]
        ]
