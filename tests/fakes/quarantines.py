"""The table in memory."""

from __future__ import annotations

import json
import threading
from datetime import datetime

from chalicelib.core.api.cursor import Page, Place
from chalicelib.core.api.request import Selection
from chalicelib.core.errors import BreakerOpenError, RecordMovedError
from chalicelib.core.policy.policy import Mode, Policy
from chalicelib.core.quarantine.dossier import Breaker, Dossier, Sighting
from chalicelib.core.quarantine.exemption import Exemption
from chalicelib.core.quarantine.record import Line, Quarantine
from tests.fakes.calls import Calls


class FakeQuarantines:
    """The records; what a person writes into the table is put into the public dictionaries."""

    def __init__(self, calls: Calls) -> None:
        self.exemptions: dict[str, Exemption] = {}  # by key of the instance
        self.breakers: dict[str, Breaker] = {}  # by account
        self.mode: Mode | None = None  # of the kill switch
        self.unreadable: tuple[str, ...] = ()  # what a page says of records that are none
        self._calls = calls
        self._lock = threading.Lock()
        self._records: dict[tuple[str, int], Quarantine] = {}  # by key and number
        self._lines: dict[tuple[str, int], dict[str, Line]] = {}
        self._described: dict[tuple[str, int], str] = {}
        self._sightings: dict[str, dict[str, Sighting]] = {}

    def put(self, quarantine: Quarantine, as_described: str = "{}") -> None:
        """Write `quarantine` whatever was there, as if it had come to be in the past."""
        with self._lock:
            self._records[_name(quarantine)] = quarantine
            self._described[_name(quarantine)] = as_described

    def last(self, key: str) -> Quarantine | None:
        """Return the last quarantine of an instance, without anybody having asked for it."""
        numbers = [number for other, number in self._records if other == key]
        return self._records[key, max(numbers)] if numbers else None

    def record(self, key: str, number: int) -> Quarantine:
        """Return one of the quarantines of an instance, without anybody having asked for it."""
        return self._records[key, number]

    def lines(self, quarantine: Quarantine) -> tuple[Line, ...]:
        """Return the timeline, without anybody having asked for it."""
        return tuple(self._lines.get(_name(quarantine), {}).values())

    def timeline(self, quarantine: Quarantine) -> tuple[Line, ...]:
        with self._calls.call("quarantines.timeline", quarantine.id), self._lock:
            return tuple(sorted(self.lines(quarantine), key=lambda line: line.at))

    def page(self, selection: Selection, after: Place | None, most: int) -> Page:
        with self._calls.call("quarantines.page", selection.state or ""), self._lock:
            records = [each for each in self._records.values() if selection.takes(each)]
            records.sort(key=_order, reverse=True)
            if after is not None:
                ends = (after.opened_at, after.key, after.number)
                records = [each for each in records if _order(each) < ends]
            page = tuple(records[:most])
            goes_on = Place.of(page[-1]) if len(records) > most else None
            return Page(page, goes_on, self.unreadable)

    def dossier(self, key: str, account_id: str, finding_id: str = "") -> Dossier:
        del finding_id  # nothing is left out here
        with self._calls.call("quarantines.dossier", key), self._lock:
            sightings = self._sightings.get(key, {})
            return Dossier(
                quarantine=self.last(key),
                sightings=tuple(sightings[finding_id] for finding_id in sorted(sightings)),
                exemption=self.exemptions.get(key),
                breaker=self.breakers.get(account_id, Breaker()),
                mode=self.mode,
            )

    def open(
        self,
        quarantine: Quarantine,
        line: Line,
        as_described: str,
        breaker: Breaker | None,
        policy: Policy,
    ) -> None:
        with self._calls.call("quarantines.open", quarantine.id), self._lock:
            if _name(quarantine) in self._records:
                raise RecordMovedError(quarantine.ref.instance_id)
            if breaker is not None:
                self._count(quarantine, breaker, policy)
            self._records[_name(quarantine)] = quarantine
            self._described[_name(quarantine)] = as_described
            self._lines[_name(quarantine)] = {f"v{quarantine.version}": line}

    def _count(self, quarantine: Quarantine, breaker: Breaker, policy: Policy) -> None:
        account_id, at = quarantine.ref.account_id, quarantine.opened_at
        now = self.breakers.get(account_id, Breaker())
        if now.is_open(policy, at, quarantine.severity):
            raise BreakerOpenError(account_id)
        live = breaker.within(policy, at)
        drops = not live or live != breaker.opened
        if drops and now != breaker:
            raise RecordMovedError(quarantine.ref.instance_id)
        self.breakers[account_id] = Breaker((*(live if drops else now.opened), at))

    def save(self, quarantine: Quarantine, line: Line) -> None:
        with self._calls.call("quarantines.save", f"{quarantine.id} {line.what}"), self._lock:
            before = self._records.get(_name(quarantine))
            if before is None or before.version != quarantine.version - 1:
                raise RecordMovedError(quarantine.ref.instance_id)
            self._records[_name(quarantine)] = quarantine
            self._lines.setdefault(_name(quarantine), {})[f"v{quarantine.version}"] = line

    def has(self, quarantine: Quarantine, line: Line) -> bool:
        with self._calls.call("quarantines.has", f"{quarantine.id} {line.what}"), self._lock:
            return _said(line) in self._lines.get(_name(quarantine), {})

    def append(self, quarantine: Quarantine, line: Line) -> None:
        with self._calls.call("quarantines.append", f"{quarantine.id} {line.what}"), self._lock:
            self._lines.setdefault(_name(quarantine), {}).setdefault(_said(line), line)

    def as_described(self, quarantine: Quarantine) -> str:
        with self._calls.call("quarantines.as_described", quarantine.id), self._lock:
            return self._described[_name(quarantine)]

    def remember(self, key: str, sighting: Sighting) -> None:
        with self._calls.call("quarantines.remember", f"{key} {sighting.told}"), self._lock:
            self._sightings.setdefault(key, {})[sighting.finding_id] = sighting


def _said(line: Line) -> str:
    return json.dumps([line.who, line.what, line.detail], sort_keys=True)


def _order(quarantine: Quarantine) -> tuple[datetime, str, int]:
    return quarantine.opened_at, quarantine.ref.key, quarantine.number


def _name(quarantine: Quarantine) -> tuple[str, int]:
    return quarantine.ref.key, quarantine.number
