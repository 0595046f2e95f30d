"""The incident report, as it is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.core.instance import InstanceRef
from chalicelib.core.report.formats import rendered
from chalicelib.flows.inspect import inspect
from chalicelib.flows.ports.responder import Responder


def report(shape: str, ref: InstanceRef, to: Responder) -> tuple[str, Mapping[str, str]]:
    """Return the report about the last quarantine of `ref`, and the headers it is served with.

    Raises:
        UnknownInstanceError: the instance was never in quarantine.
    """
    seen = inspect(ref, to)
    return rendered(shape, seen.quarantine, seen.lines, seen.drift)
