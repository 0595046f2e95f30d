"""What is set, and remembered, for the whole of a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # a port is no reason to import what it is about
    from chalicelib.core.deployed import Deployed
    from chalicelib.core.policy.mode import ListsSetting, ModeSetting
    from chalicelib.core.quarantine.rounds import Rounds


class Control(Protocol):
    """What is set, and remembered, for the whole of a deployment."""

    def mode(self) -> ModeSetting | None:
        """Return what the kill switch was last set to; None: nobody ever set it."""

    def set_mode(self, setting: ModeSetting) -> None:
        """Turn the kill switch; what it was set to before stays on record."""

    def lists(self) -> ListsSetting | None:
        """Return what the kill switch of the threat lists was last set to; None: never set."""

    def set_lists(self, setting: ListsSetting) -> None:
        """Turn the kill switch of the threat lists; what it was before stays on record."""

    def told_on(self) -> date | None:
        """Return the day, UTC, of the last digest."""

    def tell_on(self, day: date) -> None:
        """Remember that the digest of `day` was sent."""

    def rounds(self) -> Rounds:
        """Return what the watcher remembers of its last run."""

    def remember_rounds(self, rounds: Rounds) -> None:
        """Keep it for the next run."""

    def take_turn(self, worker: str, now: datetime, until: datetime) -> bool:
        """Let `worker` be the one watcher at work until then; return whether it is.

        It is not while another's turn lasts.
        """

    def end_turn(self, worker: str) -> None:
        """Let the next one begin, if it is still the turn of `worker`."""

    def deployed(self) -> Deployed | None:
        """Return which version was last seen at work; None: nobody ever looked."""

    def remember_deployed(self, deployed: Deployed) -> None:
        """Remember which version is at work now."""

    def exercised_at(self) -> datetime | None:
        """Return when a sample or an exercise last went through the whole of Cordon."""

    def exercise(self, at: datetime) -> None:
        """Remember that one just did."""

    def standing(self) -> Mapping[str, Any] | None:
        """Return how Cordon stood when the watcher last looked, JSON; None: it never did."""

    def remember_standing(self, said: Mapping[str, Any]) -> None:
        """Keep it, for whoever asks."""
