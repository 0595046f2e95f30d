"""Which version of Cordon is deployed, and where."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from chalicelib import VERSION
from chalicelib.adapters.dynamodb.records import SCHEMA
from chalicelib.api.asked import Answered, Asked
from chalicelib.core.api.address import address_of
from chalicelib.core.api.request import refuse_parameters
from chalicelib.core.errors import CordonError
from chalicelib.flows.deployed import present_version as at_work
from chalicelib.flows.standing import how_it_stands

_T = TypeVar("_T")


def show(asked: Asked) -> Answered:
    """Answer with it; since when, and how it stands, only where settings and table can tell."""
    refuse_parameters(asked.query)
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION", "")
    return Answered(
        {
            "version": VERSION,
            "stage": os.environ.get("STAGE") or "dev",
            "region": region,
            "schema": SCHEMA,
            "since": _if_known(lambda: _since(asked)),
            "standing": _if_known(lambda: how_it_stands(asked.steadfast())),
        }
    )


def _since(asked: Asked) -> str:
    return at_work(asked.steadfast(), address_of(asked.context, "/version")).since.isoformat()


def _if_known(ask: Callable[[], _T]) -> _T | None:
    try:
        return ask()
    except CordonError:
        return None  # who asks which version cannot start wants an answer all the same
