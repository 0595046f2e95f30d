"""Who told us that the other end is bad? Asked only for findings that our own list caused."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.errors import CordonError
from chalicelib.core.findings.finding import Finding
from chalicelib.core.findings.origin import Origin
from chalicelib.flows.ports.responder import ThreatIndex

_OF_A_LIST = ".Custom"


def traced(finding: Finding, index: ThreatIndex) -> Finding:
    """Return the finding with the origin of the entry that caused it, if a list of ours did.

    What cannot be looked up keeps nobody waiting: the notice says why, and an unknown source is
    never sure enough for a rule that asks for one.
    """
    if not finding.type.endswith(_OF_A_LIST) or finding.remote is None or finding.is_sample:
        return finding
    try:
        return replace(finding, origin=index.look_up(finding.remote, finding.threat_lists))
    except CordonError as error:
        return replace(finding, origin=Origin(trouble=str(error)))
