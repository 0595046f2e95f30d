"""What is set for a whole deployment, and GuardDuty's detector, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from chalicelib.core.deployed import Deployed
from chalicelib.core.notices.posture import DetectorHealth
from chalicelib.core.policy.mode import ListsSetting, ModeSetting
from chalicelib.core.quarantine.rounds import Rounds
from tests.fakes.calls import Calls
from tests.fakes.quarantines import FakeQuarantines


class FakeControl:
    """The kill switch, which the records show too, and what is remembered of the day."""

    def __init__(self, calls: Calls, quarantines: FakeQuarantines) -> None:
        self.settings: list[ModeSetting] = []
        self.said_of_lists: list[ListsSetting] = []
        self.day: date | None = None
        self.exercised: datetime | None = None
        self.said: Mapping[str, Any] | None = None
        self.at_work: Deployed | None = None
        self.turn: tuple[str, datetime] | None = None
        self._rounds = Rounds()
        self._calls = calls
        self._quarantines = quarantines

    def mode(self) -> ModeSetting | None:
        with self._calls.call("control.mode"):
            return self.settings[-1] if self.settings else None

    def set_mode(self, setting: ModeSetting) -> None:
        with self._calls.call("control.set_mode", setting.mode):
            self.settings.append(setting)
            self._quarantines.mode = setting.mode

    def lists(self) -> ListsSetting | None:
        with self._calls.call("control.lists"):
            return self.said_of_lists[-1] if self.said_of_lists else None

    def set_lists(self, setting: ListsSetting) -> None:
        with self._calls.call("control.set_lists", setting.lists):
            self.said_of_lists.append(setting)

    def told_on(self) -> date | None:
        with self._calls.call("control.told_on"):
            return self.day

    def tell_on(self, day: date) -> None:
        with self._calls.call("control.tell_on"):
            self.day = day

    def rounds(self) -> Rounds:
        with self._calls.call("control.rounds"):
            return self._rounds

    def remember_rounds(self, rounds: Rounds) -> None:
        with self._calls.call("control.remember_rounds"):
            self._rounds = rounds

    def take_turn(self, worker: str, now: datetime, until: datetime) -> bool:
        with self._calls.call("control.take_turn"):
            if self.turn is not None and now < self.turn[1] <= until + (until - now):
                return False
            self.turn = worker, until
            return True

    def end_turn(self, worker: str) -> None:
        with self._calls.call("control.end_turn"):
            if self.turn is not None and self.turn[0] == worker:
                self.turn = None

    def deployed(self) -> Deployed | None:
        with self._calls.call("control.deployed"):
            return self.at_work

    def remember_deployed(self, deployed: Deployed) -> None:
        with self._calls.call("control.remember_deployed"):
            self.at_work = deployed

    def standing(self) -> Mapping[str, Any] | None:
        with self._calls.call("control.standing"):
            return self.said

    def remember_standing(self, said: Mapping[str, Any]) -> None:
        with self._calls.call("control.remember_standing"):
            self.said = said

    def exercised_at(self) -> datetime | None:
        with self._calls.call("control.exercised_at"):
            return self.exercised

    def exercise(self, at: datetime) -> None:
        with self._calls.call("control.exercise"):
            self.exercised = at


class FakeDetector:
    """A detector in good health that remembers what it was told."""

    def __init__(self, calls: Calls) -> None:
        self.called_false: list[str] = []
        self.present = DetectorHealth(is_enabled=True, plans=(("RUNTIME_MONITORING", True),))
        self._calls = calls

    def id(self) -> str:
        with self._calls.call("detector.id"):
            return "detector-1"

    def call_false(self, finding_ids: Sequence[str]) -> str:
        with self._calls.call("detector.call_false"):
            self.called_false.extend(finding_ids)
            return f"request-{len(self._calls.made)}"

    def health(self) -> DetectorHealth:
        with self._calls.call("detector.health"):
            return self.present
