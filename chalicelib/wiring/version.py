"""Which version of Cordon is deployed, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from chalicelib import VERSION
from chalicelib.adapters.dynamodb.records import SCHEMA
from chalicelib.core.errors import CordonError
from chalicelib.flows.deployed import present_version as at_work
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.standing import how_it_stands

_T = TypeVar("_T")


def present_version(
    environment: Mapping[str, str], responder: Callable[[], Responder]
) -> dict[str, Any]:
    """Return it, and how it stands; only since when, and that, depend on settings and table."""
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION", "")
    return {
        "version": VERSION,
        "stage": environment.get("STAGE") or "dev",
        "region": region,
        "schema": SCHEMA,
        "since": _if_known(lambda: _since(responder())),
        "standing": _if_known(lambda: how_it_stands(responder())),
    }


def _since(to: Responder) -> str:
    return at_work(to).since.isoformat()


def _if_known(ask: Callable[[], _T]) -> _T | None:
    try:
        return ask()
    except CordonError:
        return None  # who asks which version cannot start wants an answer all the same
