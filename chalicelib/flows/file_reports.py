"""At each change of state the report of a quarantine goes to the evidence, as it is then.

The watcher does it, within five minutes, whoever made the change: nothing stands in its way that
way, and a crash files the same report again under the same name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chalicelib.core.api.request import Selection
from chalicelib.core.evidence.names import name_of_report
from chalicelib.core.quarantine import filing
from chalicelib.core.quarantine.filing import Filed
from chalicelib.core.quarantine.record import Quarantine
from chalicelib.core.quarantine.timeline import cut_short
from chalicelib.core.report.facts import facts
from chalicelib.core.report.formats import rendered
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.custody import enter, keep

_LATEST = 50  # quarantines that are looked at although they may be over already


def file_reports(
    still: Iterable[Quarantine], filed: Filed, deadline: datetime, to: Responder
) -> dict[str, str]:
    """File the reports that are wanting, until `deadline`; return what is filed now.

    Args:
        still: every quarantine that is open.
        filed: what was filed up to the last run.
        deadline: what is not begun by then is left to the next run.
        to: the world.
    """
    latest = to.quarantines.page(Selection(), None, _LATEST).quarantines
    seen, now = (*still, *latest), dict(filed)
    for quarantine in filing.unfiled(seen, filed):
        if to.now() > deadline:
            return now
        now[filing.name_of(quarantine)] = _file(quarantine, to)
    for name in filing.out_of_sight(seen, filed):
        if to.now() > deadline:
            return now
        ref = filing.ref_of(name)
        last = to.quarantines.dossier(ref.key, ref.account_id).quarantine
        if last is not None and filing.name_of(last) == name and last.state != filed[name]:
            _file(last, to)
    return filing.remembered(seen, now)


def _file(quarantine: Quarantine, to: Responder) -> str:
    """Keep the report of `quarantine` for people and for machines; return the state it shows."""
    said = facts(quarantine, cut_short(to.quarantines.timeline(quarantine)), ())
    pieces = []
    for shape in ("html", "json"):
        text, _ = rendered(shape, said)
        name = name_of_report(quarantine, shape, text)
        pieces.append(keep(name, text.encode(), quarantine, to))
    enter(quarantine, tuple(pieces), to)
    return quarantine.state.value
