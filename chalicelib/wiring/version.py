"""Which version of Cordon is deployed, and where."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib import VERSION
from chalicelib.adapters.dynamodb.records import SCHEMA


def present_version(environment: Mapping[str, str]) -> dict[str, str | int]:
    """Return it; nothing is asked of AWS, and settings may be as wrong as they like."""
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION", "")
    stage = environment.get("STAGE") or "dev"
    return {"version": VERSION, "stage": stage, "region": region, "schema": SCHEMA}
