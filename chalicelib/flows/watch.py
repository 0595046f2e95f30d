"""Every five minutes: a quarantine neither rots nor leaks, and an incident finds all ready."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.core.api.cursor import Page
from chalicelib.core.errors import AwsRefusedError, CordonError, UnseenError
from chalicelib.core.notices import about_watch
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.lease import LEASE
from chalicelib.core.quarantine.record import Quarantine
from chalicelib.core.quarantine.rounds import Rounds, after_run, in_turn
from chalicelib.flows.attend import attend, recover, tell_unseen
from chalicelib.flows.deployed import present_version
from chalicelib.flows.digest import digest
from chalicelib.flows.exemptions import remind
from chalicelib.flows.file_reports import file_reports
from chalicelib.flows.hand_back import hand_back
from chalicelib.flows.held import remind_of_held
from chalicelib.flows.inspect import every_open
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.ready_groups import ready_groups
from chalicelib.flows.reconsider import reconsider
from chalicelib.flows.standing import look_around
from chalicelib.flows.switch_mode import present_mode

# Of the 60 seconds that the function has. What is begun must end: one call that hangs, and the
# notice about it, take 24 seconds at most.
_LOOKING = timedelta(seconds=20)
_ANSWERING = timedelta(seconds=26)  # a share of its own for what was held, or failed for good
_READYING = timedelta(seconds=32)
_LANES = 6  # quarantines, or accounts, that are seen to at a time
_STUCK_LANES = 2  # and of those that failed lately


@dataclass(slots=True)
class _Run:
    """What one run saw."""

    seen: list[Quarantine] = field(default_factory=list)
    failed: dict[str, CordonError] = field(default_factory=dict)  # by key
    refused: dict[str, str] = field(default_factory=dict)  # groups
    new: list[CordonError] = field(default_factory=list)  # failures that nobody knew of


def watch(to: Responder) -> dict[str, int]:
    """See to every open quarantine, make Cordon's groups ready, send the digest of the day.

    One run at a time: while another is at work there is nothing to do. Where one died, its turn
    lapses before the next run is due.

    One that fails keeps none of the others waiting, neither now nor in later runs. Returns how
    many quarantines are open, how many are left to the next run for want of time, and how many
    could not be seen to.

    Raises:
        CordonError: the first failure that is new, once all was tried. One that goes on is
            counted, and named in the digest; people were told.
    """
    worker, now = to.name_worker(), to.now()
    if not to.control.take_turn(worker, now, now + LEASE):
        return {"skipped": 1}
    try:
        return _watch(to)
    finally:
        to.control.end_turn(worker)


def _watch(to: Responder) -> dict[str, int]:
    run, began = _Run(), to.now()
    present_version(to)
    rounds, page = to.control.rounds(), every_open(to)
    _see_to_all(page.quarantines, rounds, run, began + _LOOKING, to)
    _reconsider(run, began + _ANSWERING, to)
    _hand_back(run, began + _ANSWERING, to)
    _remind(run, to)
    rounds = after_run(rounds, page.quarantines, run.seen, run.failed, to.now())
    rounds = _ready_all_groups(rounds, run, began + _READYING, to)
    rounds = _file_reports(page, rounds, run, began + _READYING, to)
    if to.now() <= began + _READYING:
        _tell_how_it_stands(page, rounds, run, to)
    to.control.remember_rounds(rounds)
    if run.new:
        for other in run.new[1:]:
            run.new[0].add_note(str(other))
        raise run.new[0]
    left = len(page.quarantines) - len(run.seen)
    return {"open": len(page.quarantines), "left": left, "failing": len(rounds.failing)}


def _tell_how_it_stands(page: Page, rounds: Rounds, run: _Run, to: Responder) -> None:
    try:
        standing = look_around(to)
        digest(page, rounds, standing, to)
        to.control.remember_standing(standing.as_json())
    except CordonError as error:
        run.new.append(error)


def _file_reports(
    page: Page, rounds: Rounds, run: _Run, deadline: datetime, to: Responder
) -> Rounds:
    try:
        return replace(rounds, filed=file_reports(page.quarantines, rounds.filed, deadline, to))
    except CordonError as error:
        run.new.append(error)
        return rounds


def _hand_back(run: _Run, deadline: datetime, to: Responder) -> None:
    try:
        hand_back(deadline, to)
    except AwsRefusedError:
        return  # the digest says each day that the dead letters cannot be had, and why
    except CordonError as error:
        run.new.append(error)


def _remind(run: _Run, to: Responder) -> None:
    for tell in (remind, remind_of_held):
        try:
            tell(to)
        except CordonError as error:
            run.new.append(error)


def _reconsider(run: _Run, deadline: datetime, to: Responder) -> None:
    try:
        run.new.extend(reconsider(deadline, to))
    except CordonError as error:
        run.new.append(error)


def _see_to_all(
    quarantines: tuple[Quarantine, ...],
    rounds: Rounds,
    run: _Run,
    deadline: datetime,
    to: Responder,
) -> None:
    well, stuck = (deque(some) for some in in_turn(quarantines, rounds))

    def lane(waiting: deque[Quarantine]) -> None:
        while to.now() <= deadline:
            try:
                quarantine = waiting.popleft()
            except IndexError:
                return
            run.seen.append(quarantine)
            _see_to(quarantine, rounds, run, to)

    lanes = [*[well] * _LANES, *[stuck] * _STUCK_LANES]
    to.together(*(lambda waiting=waiting: lane(waiting) for waiting in lanes))


def _see_to(quarantine: Quarantine, rounds: Rounds, run: _Run, to: Responder) -> None:
    key = quarantine.ref.key
    failed_before = rounds.fails_since(key) is not None
    try:
        attend(quarantine.ref, to)
        if failed_before:
            recover(quarantine, to)
    except CordonError as error:
        run.failed[key] = error
        if failed_before:
            return
        run.new.append(error)
        if isinstance(error, UnseenError):
            _tell_unseen(quarantine, error, run, to)


def _tell_unseen(quarantine: Quarantine, error: UnseenError, run: _Run, to: Responder) -> None:
    try:
        tell_unseen(quarantine, error, to)
    except CordonError as untold:
        run.new.append(untold)
        del run.failed[quarantine.ref.key]  # so it is new, and told, in the next run


def _ready_all_groups(rounds: Rounds, run: _Run, deadline: datetime, to: Responder) -> Rounds:
    """Make the groups of every allowed account ready; people hear once of what AWS refuses.

    Whoever only observes makes none.
    """
    try:
        mode, _ = present_mode(to)
    except CordonError as error:
        run.new.append(error)
        return rounds
    if mode is Mode.OBSERVE:
        return rounds
    accounts = sorted({to.own_account, *to.policy.allowed_accounts})
    later = [each for each in accounts if each > rounds.account]
    waiting = deque([*later, *accounts[: len(accounts) - len(later)]])
    seen: list[str] = []

    def lane() -> None:
        while to.now() <= deadline:
            try:
                account_id = waiting.popleft()
            except IndexError:
                return
            seen.append(account_id)
            _ready_groups(account_id, run, to)

    to.together(*[lane] * _LANES)
    return _tell_refused(replace(rounds, account=(seen or [rounds.account])[-1]), seen, run, to)


def _ready_groups(account_id: str, run: _Run, to: Responder) -> None:
    try:
        run.refused.update(ready_groups(account_id, to))
    except AwsRefusedError as error:
        run.refused[f"every group in {account_id}"] = str(error)
    except CordonError as error:
        run.new.append(error)


def _tell_refused(rounds: Rounds, seen: list[str], run: _Run, to: Responder) -> Rounds:
    new = {group: why for group, why in run.refused.items() if rounds.told.get(group) != why}
    if new:
        try:
            to.notices.publish(about_watch.of_groups(new, to.own_account, to.own_region))
        except CordonError as error:
            run.new.append(error)
            return rounds
    unasked = {
        group: why for group, why in rounds.told.items() if group.rsplit(" ", 1)[-1] not in seen
    }
    return replace(rounds, told={**unasked, **run.refused})
