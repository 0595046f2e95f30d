"""How Cordon itself stands: what the watcher saw, and what the table says now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from chalicelib.core.errors import CordonError
from chalicelib.core.standing import NEVER_WATCHED, Standing, of_breaker
from chalicelib.flows.ports.responder import Responder

_T = TypeVar("_T")
_NOBODY = "nobody"  # no instance has this key: of the account alone is asked


def look_around(to: Responder) -> Standing:
    """Return what AWS says of what Cordon depends on."""
    return Standing(
        at=to.now(),
        dead_letters=or_why(to.dead_letters.count),
        detector=or_why(to.detector(to.own_region).health),
    )


def how_it_stands(to: Responder) -> dict[str, Any]:
    """Return how Cordon stands, as JSON: the breaker as it is, the rest as the watcher saw it.

    The table alone is asked: the API needs no right to SQS, and none to look into GuardDuty.
    """
    breaker = to.quarantines.dossier(_NOBODY, to.own_account).breaker
    exercised_at = to.control.exercised_at()
    return {
        "breaker": of_breaker(breaker, to.policy.at(to.own_account), to.now()),
        "last_exercise": exercised_at and exercised_at.isoformat(),
        **(to.control.standing() or NEVER_WATCHED),
    }


def or_why(ask: Callable[[], _T]) -> _T | str:
    """Return the answer, or in words why there is none: people are told that too."""
    try:
        return ask()
    except CordonError as error:
        return str(error)
