"""Tell people once, keep every version of a finding, and remember both."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from chalicelib.core.decision.decision import Case, Hold
from chalicelib.core.decision.outcome import Answer, InstanceAnswer, Outcome
from chalicelib.core.errors import CordonError, UnseenError
from chalicelib.core.evidence.names import name_of_finding
from chalicelib.core.findings.finding import Finding
from chalicelib.core.host import host_of
from chalicelib.core.instance import InstanceRef
from chalicelib.core.notices import about_findings
from chalicelib.core.notices.notice import Notice
from chalicelib.core.policy.judgement import Judgement
from chalicelib.core.policy.policy import Response
from chalicelib.core.quarantine.dossier import Dossier, Sighting
from chalicelib.core.quarantine.held import Held
from chalicelib.core.quarantine.record import Line, Quarantine, State
from chalicelib.flows.ports.responder import Responder

if TYPE_CHECKING:  # evidence is kept after the cut
    from chalicelib.core.evidence.manifest import Piece

_FAILED = "failed:"  # begins what a sighting says once people were told of a failure
_OUTCOMES = {
    Response.ALERT: Outcome.ALERTED,
    Response.RECORD: Outcome.RECORDED,
    Response.IGNORE: Outcome.IGNORED,
}


def tell_finding(finding: Finding, judgement: Judgement, to: Responder) -> Answer:
    """Tell people of `finding`, or only keep it, as its type deserves; touch nothing."""
    outcome = _OUTCOMES[judgement.response]
    reasons = (judgement.reason,)
    answer = Answer(
        outcome,
        tuple(InstanceAnswer(r.instance_id, outcome, reasons) for r in judgement.instances),
    )
    if outcome is Outcome.IGNORED:
        return answer
    key = judgement.instances[0].key if judgement.instances else finding.key
    dossier = to.quarantines.dossier(key, finding.account_id, finding.id)
    tells = outcome is Outcome.ALERTED
    message = about_findings.of_finding(finding, judgement, outcome) if tells else None
    told = f"{outcome}:{finding.band}"
    _remember(key, finding, judgement, dossier, message, told, to)
    return answer


def tell_nothing_to_cut(case: Case, reasons: tuple[str, ...], to: Responder) -> InstanceAnswer:
    """Tell that the instance deserves to be cut off and is gone, or has no interface."""
    message = about_findings.of_nothing_to_cut(
        case.finding,
        case.judgement,
        case.ref,
        reasons[0],
        case.incident,
        host=host_of(case.instance, to.policy.account_names),
        ends=_has_begun(case.dossier),
    )
    _remember_case(case, message, f"{Outcome.ALERTED}:{reasons[0]}", to)
    drop_held(case.ref.key, case.dossier, to)
    return InstanceAnswer(case.ref.instance_id, Outcome.ALERTED, reasons)


def _has_begun(dossier: Dossier) -> bool:
    """Whether people wait for the end of an incident that has no quarantine to be released."""
    begun = (f"{Outcome.HELD}:", _FAILED)
    is_open = dossier.quarantine is not None and dossier.quarantine.is_open
    return not is_open and any(each.told.startswith(begun) for each in dossier.sightings)


def tell_hold(case: Case, reasons: tuple[str, ...], to: Responder) -> InstanceAnswer:
    """Tell that the instance was not, or not wholly, cut off, and every reason why.

    What was not cut off at all is kept: people see it, and what only waits for room in the
    breaker's window is decided again. What people know already was kept then.
    """
    told, earlier = f"{Outcome.HELD}:{','.join(reasons)}", case.dossier.sighting(case.finding.id)
    is_known = earlier is not None and earlier.told == told
    if not is_known and Hold.REQUESTER_MANAGED_INTERFACE not in reasons:
        to.held.keep(_held(case, reasons, to), case.finding.as_received)
    about = (case.finding, case.judgement, case.ref, reasons, case.incident)
    message = about_findings.of_hold(
        *about,
        exemption=case.dossier.exemption,
        host=host_of(case.instance, to.policy.account_names),
    )
    _remember_case(case, message, told, to)
    return InstanceAnswer(case.ref.instance_id, Outcome.HELD, reasons)


def _held(case: Case, reasons: tuple[str, ...], to: Responder) -> Held:
    finding = case.finding
    return Held(case.ref, finding.id, finding.type, finding.score, reasons, to.now())


def was_held(dossier: Dossier) -> bool:
    """Whether a finding was held that nothing was told of since; it may have been dismissed."""
    return any(each.told.startswith(f"{Outcome.HELD}:") for each in dossier.sightings)


def drop_held(key: str, dossier: Dossier, to: Responder) -> None:
    """Forget what was held for an instance, if anything was: it is cut off now, or gone."""
    if was_held(dossier):
        to.held.drop(key)


def tell_repeat(case: Case, quarantine: Quarantine, to: Responder) -> InstanceAnswer:
    """Add the finding to the quarantine; tell of it, unless people know this finding already."""
    earlier = case.dossier.sighting(case.finding.id)
    told = told_contained(quarantine)
    causes = quarantine.finding_id == case.finding.id  # its worker announces the containment
    knows = causes or (earlier is not None and earlier.told == told)
    message = None if knows else about_findings.of_repeat(case.finding, case.judgement, quarantine)
    if earlier is None or earlier.sha256 != case.finding.sha256:
        detail = {
            "finding": case.finding.id,
            "type": case.finding.type,
            "sha256": case.finding.sha256,
        }
        to.quarantines.append(quarantine, Line(to.now(), "guardduty", "finding", detail))
    _remember_case(case, message, told, to, quarantine)
    reasons = (case.judgement.reason,)
    return InstanceAnswer(case.ref.instance_id, Outcome.ALREADY_CONTAINED, reasons)


def tell_failure(case: Case, error: CordonError, to: Responder) -> None:
    """Tell that a containment failed, once for each kind of failure."""
    earlier = case.dossier.sighting(case.finding.id)
    told = f"{_FAILED}{type(error).__name__}"
    if earlier is None or earlier.told != told:
        message = about_findings.of_failure(
            case.finding,
            case.judgement,
            case.ref,
            error,
            case.incident,
            host=host_of(case.instance, to.policy.account_names),
        )
        to.notices.publish(message)
        kept = earlier.sha256 if earlier else ""
        to.quarantines.remember(
            case.ref.key, _sighting(case.finding, case.judgement, told, kept, to)
        )


def tell_unseen(
    finding: Finding, judgement: Judgement, ref: InstanceRef, error: CordonError, to: Responder
) -> None:
    """Tell that Cordon cannot look at an instance that deserves it, as far as it can tell at all.

    Where the table is what fails, nobody can know what people were told: each try tells again.
    Of an instance that is contained the watcher tells.
    """
    dossier = Dossier(is_read=False)
    with suppress(CordonError):
        dossier = to.quarantines.dossier(ref.key, ref.account_id, finding.id)
    if dossier.quarantine is not None and dossier.quarantine.state is State.CONTAINED:
        return
    case = Case(finding, judgement, ref, None, dossier, to.bounds(ref))
    with suppress(CordonError):  # what counts is why it cannot be looked at, which is raised
        tell_failure(case, UnseenError(ref.instance_id, str(error)), to)


def told_contained(quarantine: Quarantine) -> str:
    """Return what a sighting says once people know that its instance is contained."""
    return f"contained:{quarantine.id}"


def keep_finding(finding: Finding, earlier: Sighting | None, to: Responder) -> Piece | None:
    """Keep this version of `finding` as evidence; None: it was kept before."""
    if earlier is not None and earlier.sha256 == finding.sha256:
        return None
    from chalicelib.flows.quarantine.custody import keep  # noqa: PLC0415 - none before the cut

    return keep(name_of_finding(finding), finding.as_received.encode(), finding, to)


def remember_contained(case: Case, quarantine: Quarantine, to: Responder) -> None:
    """Remember that people know of the containment and that the finding was kept."""
    drop_held(case.ref.key, case.dossier, to)
    finding = case.finding
    told = told_contained(quarantine)
    to.quarantines.remember(
        case.ref.key, _sighting(finding, case.judgement, told, finding.sha256, to)
    )


def _remember_case(
    case: Case,
    message: Notice | None,
    told: str,
    to: Responder,
    quarantine: Quarantine | None = None,
) -> None:
    about = (case.ref.key, case.finding, case.judgement, case.dossier)
    _remember(*about, message, told, to, quarantine)


def _remember(  # noqa: PLR0913, PLR0917 - what was found, what is known, and what to say
    key: str,
    finding: Finding,
    judgement: Judgement,
    dossier: Dossier,
    message: Notice | None,
    told: str,
    to: Responder,
    quarantine: Quarantine | None = None,
) -> None:
    """Publish `message` unless people were told so before, keep the finding, remember both.

    The finding is listed among the evidence of `quarantine`.

    In this order, so that a crash repeats a message and never loses one. GuardDuty sends a finding
    again for as long as it goes on; people hear of it again when `told` is another.
    """
    earlier = dossier.sighting(finding.id)
    if message is not None and (earlier is None or earlier.told != told):
        to.notices.publish(message)
    kept = keep_finding(finding, earlier, to)
    if quarantine is not None and kept is not None:
        from chalicelib.flows.quarantine.custody import enter  # noqa: PLC0415 - none before the cut

        enter(quarantine, (kept,), to)
    to.quarantines.remember(key, _sighting(finding, judgement, told, finding.sha256, to))


def _sighting(
    finding: Finding, judgement: Judgement, told: str, kept: str, to: Responder
) -> Sighting:
    return Sighting(finding.id, finding.type, judgement.response, to.now(), told, kept)
