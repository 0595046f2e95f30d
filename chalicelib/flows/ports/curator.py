"""What the sync of the threat list needs from the world; see `flows.ports` for the errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.core.policy.policy import Policy
from chalicelib.core.threat_lists.feeds import Fetched
from chalicelib.core.threat_lists.publication import Memory
from chalicelib.core.threat_lists.sets import ListSet, Step
from chalicelib.flows.ports.people import Notices


class Shelf(Protocol):
    """The bucket of the threat lists."""

    def names(self, prefix: str) -> tuple[str, ...]:
        """Return the names of all objects under `prefix`, sorted; folders are none."""

    def changed(self, prefix: str) -> Mapping[str, datetime]:
        """Return when each object under `prefix` was last written, UTC, by its name."""

    def read(self, name: str) -> bytes:
        """Return what an object holds."""

    def keep(self, name: str, text: str) -> None:
        """Keep `text` under `name`; what is kept there already stays as it is."""

    def write(self, name: str, body: bytes) -> None:
        """Write an object, in place of what was there."""

    def remove(self, name: str) -> None:
        """Remove an object, if it is there."""

    def memory(self) -> Memory:
        """Return what the last sync left; an empty one, if there was none."""

    def save(self, memory: Memory) -> Memory:
        """Leave `memory` to the next sync; return it with its new version.

        Raises:
            ListMovedError: it is not the version after the one that is there.
        """


class ThreatSets(Protocol):
    """GuardDuty's threat entity sets and threat intel sets."""

    def everyones(self) -> tuple[ListSet, ...]:
        """Return all sets of both kinds, those of others too."""

    def apply(self, step: Step) -> None:
        """Carry out `step`; a repeat of a Create makes no second set."""


class FeedWeb(Protocol):
    """The public internet, as far as lists are fetched from it."""

    def get(self, host: str, path: str, headers: Mapping[str, str]) -> Fetched:
        """Ask once, following nothing; return what came.

        Raises:
            CordonError: no whole answer came, or the host is none of the public internet.
        """


@dataclass(frozen=True, slots=True)
class Curator:
    """Everything that a sync needs, handed in once."""

    shelf: Shelf
    sets: ThreatSets
    own_addresses: Callable[[], tuple[str, ...]]  # public, of all accounts and Regions
    is_paused: Callable[[], bool]  # by the kill switch of the lists
    web: FeedWeb
    secret: Callable[[str], str]  # reads one by its name; raises CordonError
    notices: Notices
    policy: Policy
    stage: str
    bucket: str
    own_account: str
    own_region: str
    now: Callable[[], datetime]  # UTC
