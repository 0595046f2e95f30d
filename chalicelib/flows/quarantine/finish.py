"""What comes after a cut: tell people, keep the evidence, stop the instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chalicelib.core.decision.cause import CORDON, Cause
from chalicelib.core.errors import CordonError, RecordMovedError, StepFailedError
from chalicelib.core.notices import about_quarantines
from chalicelib.core.quarantine.record import Line, Quarantine, StepName, StepStatus
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.tell import keep_finding


def finish(quarantine: Quarantine, cause: Cause, to: Responder) -> Quarantine:
    """Do what is left to do after the cut, each step recorded; return the record after it.

    One that fails does not stop the next.

    Raises:
        RecordMovedError: somebody else is at the same record; look again.
        StepFailedError: a step failed. It stays pending, and whoever comes next takes it up.
    """
    problems: list[str] = []
    for name, do in _AFTER_THE_CUT.items():
        if not quarantine.pending(name):
            continue
        try:
            detail = do(quarantine, cause, to)
            after = quarantine.after(name, StepStatus.DONE, detail)
            to.quarantines.save(after, Line(to.now(), CORDON, name, {"detail": detail}))
            quarantine = after
        except RecordMovedError as error:
            if not problems:
                raise
            # It may be the save that failed a moment ago which moved it: the next delivery looks.
            problems.append(str(error))
            break
        except CordonError as error:
            problems.append(str(error))
    if problems:
        raise StepFailedError(quarantine.ref.instance_id, tuple(problems))
    return quarantine


def _announce(quarantine: Quarantine, cause: Cause, to: Responder) -> str:
    message = about_quarantines.of_containment(quarantine, cause.finding, cause.reason)
    return f"message {to.notices.publish(message)}"


def _keep_evidence(quarantine: Quarantine, cause: Cause, to: Responder) -> str:
    """Keep the finding, and the instance as it was before the cut."""
    before = f"quarantines/{quarantine.ref.key}/{quarantine.number}/instance-before.json"
    to.evidence.keep(before, to.quarantines.as_described(quarantine))
    if cause.finding is None:
        return before
    return f"{before}, {keep_finding(cause.finding, cause.sighting, to)}"


def _stop(quarantine: Quarantine, _: Cause, to: Responder) -> str:
    ref = quarantine.ref
    request_id = to.instances(ref.account_id, ref.region).stop(ref.instance_id)
    return f"request {request_id}"


def _tell_repair(quarantine: Quarantine, _: Cause, to: Responder) -> str:
    found = quarantine.steps[StepName.REPAIR].detail
    message = about_quarantines.of_drift(quarantine, tuple(found.split("; ")), repaired=True)
    return f"message {to.notices.publish(message)}"


_AFTER_THE_CUT: Mapping[StepName, Callable[[Quarantine, Cause, Responder], str]] = {
    StepName.ANNOUNCE: _announce,
    StepName.EVIDENCE: _keep_evidence,
    StepName.STOP: _stop,
    StepName.REPAIR: _tell_repair,
}
