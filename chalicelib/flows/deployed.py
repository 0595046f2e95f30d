"""Which version is at work: remembered by the first that looks after a deployment."""

from __future__ import annotations

from dataclasses import replace

from chalicelib import VERSION
from chalicelib.core.deployed import Deployed
from chalicelib.flows.ports.responder import Responder


def present_version(to: Responder, address: str = "") -> Deployed:
    """Return this version, since when it is at work, which was before it, and where it is asked.

    `address` is the one at which it is asked now; from then on, notices name it.
    """
    known = to.control.deployed()
    now = known or Deployed(VERSION, to.now())
    if now.version != VERSION:
        now = replace(now, version=VERSION, since=to.now(), before=now.version)
    now = replace(now, address=address or now.address)
    if now != known:
        to.control.remember_deployed(now)
    return now
