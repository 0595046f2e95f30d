"""One incident, told from its beginning to its end, and what else people hear of Cordon."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.notices import about_findings, about_quarantines
from chalicelib.core.notices.about_threat_lists import of_change
from chalicelib.core.notices.notice import Notice
from chalicelib.core.notices.posture import DetectorHealth, Posture, of_posture
from chalicelib.core.policy.mode import ModeSetting, of_mode
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.record import State
from chalicelib.core.threat_lists.change import Happened
from chalicelib.core.threat_lists.guards import Guard
from tests.builders import (
    ACCOUNT,
    NOON,
    REGION,
    a_finding,
    a_judgement,
    a_quarantine,
    a_ref,
    a_release,
)
from tests.core.threat_lists.examples import a_change

_CONTAINED = a_quarantine(State.CONTAINED)
_RELEASED = replace(_CONTAINED, state=State.RELEASED, release=a_release())
_ADA = "arn:aws:sts::111122223333:assumed-role/Responder/ada@example.com"

CONTAINMENT = about_quarantines.of_containment(_CONTAINED, a_finding(), "command-and-control")
RELEASE = about_quarantines.of_release(_RELEASED, (), "archive findings of this type")

NOTICES: dict[str, Notice] = {
    "containment": CONTAINMENT,
    "hold": about_findings.of_hold(
        a_finding(), a_judgement(), a_ref(), ("exempt", "approval_required")
    ),
    "release": RELEASE,
    "drift": about_quarantines.of_drift(_CONTAINED, ("eni-1 is on sg-web",), repaired=True),
    "mode": of_mode(
        ModeSetting(Mode.OBSERVE, _ADA, "a false alarm in every VPC", NOON),
        Mode.ENFORCE,
        ACCOUNT,
        REGION,
    ),
    "digest": of_posture(
        Posture(
            at=NOON,
            mode=Mode.ENFORCE,
            setting=None,
            quarantines=(_CONTAINED,),
            detector=DetectorHealth(is_enabled=True, plans=(("RUNTIME_MONITORING", True),)),
            dead_letters=1,
            exercised_at=None,
        ),
        ACCOUNT,
        REGION,
    ),
    "threat_list": of_change(
        a_change(Happened.REFUSED, guards={Guard.SHRUNK: "100 entries of 900 are left"}),
        "lists",
        ACCOUNT,
        REGION,
    ),
}
