"""Which version is at work: remembered by the first that looks after a deployment."""

from __future__ import annotations

from chalicelib import VERSION
from chalicelib.core.deployed import Deployed
from chalicelib.flows.ports.responder import Responder


def present_version(to: Responder) -> Deployed:
    """Return this version, since when it is at work, and which was before it."""
    known = to.control.deployed()
    if known is not None and known.version == VERSION:
        return known
    now = Deployed(VERSION, to.now(), before=known.version if known else "")
    to.control.remember_deployed(now)
    return now
