"""The incident report, as it is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.core.instance import InstanceRef
from chalicelib.core.report.facts import facts
from chalicelib.core.report.formats import rendered
from chalicelib.flows.inspect import inspect
from chalicelib.flows.ports.responder import Responder


def report(shape: str, ref: InstanceRef, to: Responder) -> tuple[str, Mapping[str, str]]:
    """Return the report about the last quarantine of `ref`, and the headers it is served with.

    While the quarantine is open it says whom it hurts now.

    Raises:
        UnknownInstanceError: the instance was never in quarantine.
    """
    seen, around = inspect(ref, to), None
    if seen.instance is not None and not seen.instance.is_gone:
        around = to.site(ref).neighbourhood.around(seen.instance)
    return rendered(shape, facts(seen.quarantine, seen.lines, seen.drift, around))
