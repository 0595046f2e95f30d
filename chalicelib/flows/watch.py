"""Every five minutes: a quarantine neither rots nor leaks, and an incident finds all ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import TypeVar

from chalicelib.core.api.cursor import Page
from chalicelib.core.errors import CordonError
from chalicelib.core.notices.posture import Posture, of_posture
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.record import Quarantine, State
from chalicelib.core.steps.network import GroupRole, by_vpc_and_role
from chalicelib.flows.attend import attend
from chalicelib.flows.inspect import every_open
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.switch_mode import present_mode

# Of the 60 seconds that the function has: what is begun after it might not be finished.
_TIME = timedelta(seconds=35)
_TURN = timedelta(minutes=5)
_T = TypeVar("_T")


def watch(to: Responder) -> dict[str, int]:
    """See to every open quarantine, make Cordon's groups ready, send the digest of the day.

    One that fails keeps none of the others waiting. Returns how many quarantines are open, and
    how many of them are left to the next run for want of time.

    Raises:
        CordonError: the first failure, once all was tried.
    """
    failures: list[CordonError] = []
    deadline, left = to.now() + _TIME, 0
    page = every_open(to)
    quarantines = page.quarantines
    for quarantine in _in_turn(quarantines, to):
        if to.now() > deadline:
            left += 1
            continue
        _try(partial(attend, quarantine.ref, to), failures)
    for account_id in (to.own_account, *sorted(to.policy.allowed_accounts - {to.own_account})):
        _try(partial(ready_groups, account_id, to), failures)
    _try(partial(digest, page, to), failures)
    if failures:
        for other in failures[1:]:
            failures[0].add_note(str(other))
        raise failures[0]
    return {"open": len(quarantines), "left": left}


def _try(do: Callable[[], None], failures: list[CordonError]) -> None:
    try:
        do()
    except CordonError as error:
        failures.append(error)


def _in_turn(quarantines: Iterable[Quarantine], to: Responder) -> tuple[Quarantine, ...]:
    """Return unfinished ones first, then the contained ones, each run beginning with others.

    So with more of them than one run has time for, all are seen to in the end.
    """
    each = tuple(quarantines)
    unfinished = tuple(q for q in each if q.state is not State.CONTAINED)
    contained = tuple(q for q in each if q.state is State.CONTAINED)
    run = int(to.now().timestamp() // _TURN.total_seconds())
    start = run * 7919 % len(contained) if contained else 0  # a prime: no part is always last
    return (*unfinished, *contained[start:], *contained[:start])


def ready_groups(account_id: str, to: Responder) -> None:
    """Make or mend Cordon's groups in every VPC of an account that has instances.

    Whoever only observes makes none.
    """
    mode, _ = present_mode(to)
    if mode is Mode.OBSERVE:
        return
    ours = to.security_groups(account_id, to.own_region)
    groups = by_vpc_and_role(ours.groups())
    for vpc_id in sorted(ours.vpcs()):
        for role in GroupRole:
            group = groups.get((vpc_id, role))
            wanted = role is GroupRole.DENY or to.policy.drain
            if not wanted or (group is not None and group.is_ready):
                continue
            if group is not None or ours.is_in_use(vpc_id):
                ours.prepare(vpc_id, role)


def digest(page: Page, to: Responder) -> None:
    """Send the digest of the day, once it is time; a crash repeats it, loses none."""
    now = to.now()
    if now.hour < to.policy.digest_hour or to.control.told_on() == now.date():
        return
    mode, setting = present_mode(to)
    posture = Posture(
        at=now,
        mode=mode,
        setting=setting,
        quarantines=tuple(sorted(page.quarantines, key=lambda each: each.opened_at)),
        unreadable=page.unreadable,
        impostors=_or_why(to.security_groups(to.own_account, to.own_region).impostors),
        detector=_or_why(to.detector(to.own_region).health),
        dead_letters=_or_why(to.count_dead_letters),
        exercised_at=to.control.exercised_at(),
    )
    to.notices.publish(of_posture(posture, to.own_account, to.own_region))
    to.control.tell_on(now.date())


def _or_why(ask: Callable[[], _T]) -> _T | str:
    """Return the answer, or in words why there is none: a digest says that too."""
    try:
        return ask()
    except CordonError as error:
        return str(error)
