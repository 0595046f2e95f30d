"""Which version of Cordon is deployed, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chalicelib import VERSION
from chalicelib.adapters.dynamodb.records import SCHEMA
from chalicelib.core.errors import CordonError
from chalicelib.flows.deployed import present_version as at_work
from chalicelib.flows.ports.responder import Responder


def present_version(
    environment: Mapping[str, str], responder: Callable[[], Responder]
) -> dict[str, str | int | None]:
    """Return it; only since when depends on the settings, and on the table."""
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION", "")
    return {
        "version": VERSION,
        "stage": environment.get("STAGE") or "dev",
        "region": region,
        "schema": SCHEMA,
        "since": _since(responder),
    }


def _since(responder: Callable[[], Responder]) -> str | None:
    try:
        return at_work(responder()).since.isoformat()
    except CordonError:
        return None  # who asks which version cannot start wants an answer all the same
