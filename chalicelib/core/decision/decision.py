"""May we act? The one place that decides whether a finding costs an instance its network."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from chalicelib.core.findings.finding import Finding
from chalicelib.core.findings.severity import Band
from chalicelib.core.instance import Instance, InstanceRef
from chalicelib.core.policy.judgement import Judgement
from chalicelib.core.policy.policy import Mode, Policy, Response
from chalicelib.core.quarantine.dossier import Dossier

if TYPE_CHECKING:  # hardly a containment looks around
    from chalicelib.core.surroundings import Surroundings

ALL_OF_A_GROUP = 100  # percent: a policy with which no others need to be looked at


class Hold(enum.StrEnum):
    """A reason not to contain, although the finding deserves it."""

    OBSERVE_MODE = "observe_mode"
    ACCOUNT_NOT_ALLOWED = "account_not_allowed"
    EXEMPT = "exempt"
    PROTECTED_CLASS = "protected_class"
    APPROVAL_REQUIRED = "approval_required"
    RELEASED_SINCE = "released_since"
    STALE = "stale"
    BREAKER_OPEN = "breaker_open"
    CANNOT_BE_SPARED = "cannot_be_spared"
    REQUESTER_MANAGED_INTERFACE = "requester_managed_interface"


HOLDS_IN_WORDS = {
    Hold.OBSERVE_MODE: "Cordon only observes: it is not allowed to act",
    Hold.ACCOUNT_NOT_ALLOWED: "the account is not among those that Cordon may act in",
    Hold.EXEMPT: "the instance is on the central list of exemptions",
    Hold.PROTECTED_CLASS: "the instance carries others: a node, a router, or managed by AWS",
    Hold.APPROVAL_REQUIRED: "the finding alone is not enough: a person must approve",
    Hold.RELEASED_SINCE: "the instance was released after this activity was last seen",
    Hold.STALE: "the finding was sent again, and its activity ended long ago",
    Hold.BREAKER_OPEN: "too many containments in a short time: the circuit breaker is open",
    Hold.CANNOT_BE_SPARED: "too few others of its Auto Scaling group or load balancer serve",
    Hold.REQUESTER_MANAGED_INTERFACE: "an interface belongs to an AWS service; the others are cut",
}


class Verdict(enum.StrEnum):
    """What is to be done about one instance."""

    CONTAIN = "contain"
    HOLD = "hold"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, with every reason for it: holds, or the rule that decided."""

    verdict: Verdict
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Who asks: the account that Cordon runs in, its mode, its policy, and the time."""

    own_account: str
    mode: Mode  # of the deployment; the kill switch in a dossier goes first
    policy: Policy
    now: datetime  # UTC

    def allows(self, account_id: str) -> bool:
        return account_id == self.own_account or account_id in self.policy.allowed_accounts

    def observes(self, switch: Mode | None) -> bool:
        """Whether Cordon only observes, the kill switch being set to `switch`, if it is."""
        return (switch or self.mode) is Mode.OBSERVE


class About(Protocol):
    """One instance and all that bears on it, whatever finding there is; a Case is one."""

    @property
    def ref(self) -> InstanceRef: ...
    @property
    def instance(self) -> Instance | None: ...
    @property
    def dossier(self) -> Dossier: ...
    @property
    def bounds(self) -> Bounds: ...


@dataclass(frozen=True, slots=True)
class Case:
    """One instance of a finding that deserves `contain` or `approve`, and all that bears on it."""

    finding: Finding
    judgement: Judgement
    ref: InstanceRef
    instance: Instance | None  # as EC2 describes it now; None: gone, or Cordon must not look
    dossier: Dossier
    bounds: Bounds
    around: Surroundings | None = None  # None: nobody looked

    @property
    def needs_a_look_around(self) -> bool:
        """Whether it depends on the others of its group if it may be contained."""
        return (
            self.bounds.policy.most_of_group < ALL_OF_A_GROUP
            and self.finding.band is not Band.CRITICAL
            and self.around is None
        )

    @property
    def incident(self) -> str:
        """The name that everything about this incident is told under, from its first word."""
        return self.dossier.incident(self.ref)

    @property
    def is_observed_only(self) -> bool:
        return self.bounds.observes(self.dossier.mode)


def decide(case: Case) -> Decision:
    """Decide whether the instance of `case` is cut off.

    All holds are named, not just the first, so that a person who lifts one is not surprised by
    the next. An instance that is gone, or has no interface, is told and left. A quarantine that
    is open was decided when it was opened: what was begun is finished, whatever holds now.
    """
    if case.bounds.allows(case.ref.account_id):
        if case.instance is None or case.instance.is_gone:
            return Decision(Verdict.ALERT, ("instance_gone",))
        if not case.instance.interfaces:
            return Decision(Verdict.ALERT, ("no_interface",))
    begun = case.dossier.quarantine is not None and case.dossier.quarantine.is_open
    holds = () if begun else tuple(hold for hold, applies in _HOLDS.items() if applies(case))
    if holds:
        return Decision(Verdict.HOLD, holds)
    return Decision(Verdict.CONTAIN, (case.judgement.reason,))


def standing_holds(about: About) -> tuple[Hold, ...]:
    """Return what holds any finding about the instance back, as it is now."""
    return tuple(hold for hold, applies in _STANDING.items() if applies(about))


def _is_exempt(about: About) -> bool:
    if about.ref.instance_id in about.bounds.policy.exempt_instances:
        return True
    exemption = about.dossier.exemption
    return exemption is not None and exemption.holds_at(about.bounds.now)


def _is_protected(about: About) -> bool:
    """Whether cutting the instance off would cut off others, or AWS forbids to touch it."""
    instance, policy = about.instance, about.bounds.policy
    if instance is None:
        return False
    is_tagged = not policy.protected_tags.isdisjoint(instance.tags)
    return (
        instance.operator is not None or is_tagged or (policy.protect_routers and instance.is_route)
    )


def _needs_approval(case: Case) -> bool:
    """Whether the policy wants a person, or only this one type accuses the instance.

    Findings that say that an instance is attacked, probed or unusual accuse nobody; what was
    seen before the last release was dealt with by it.
    """
    released = case.dossier.quarantine.released_at if case.dossier.quarantine else None
    since = case.bounds.now - case.bounds.policy.corroboration
    if case.judgement.response is Response.HOLD:
        return True
    return case.judgement.response is Response.APPROVE and not any(
        sighting.finding_type != case.finding.type
        and sighting.response in (Response.APPROVE, Response.CONTAIN)
        and sighting.seen_at >= since
        and (released is None or sighting.seen_at > released)
        for sighting in case.dossier.sightings
    )


def _cannot_be_spared(case: Case) -> bool:
    return case.around is not None and case.around.cannot_spare_it(case.bounds.policy.most_of_group)


def _was_released_since(case: Case) -> bool:
    """Whether the activity ended before the release: a repeat of an old finding counts no more."""
    quarantine, last_seen = case.dossier.quarantine, case.finding.last_seen
    if quarantine is None or quarantine.released_at is None:
        return False
    return last_seen is None or last_seen <= quarantine.released_at


def _is_stale(case: Case) -> bool:
    """Whether a finding that is sent again is too old to tell what the instance does now.

    An archive that is replayed, or a dead letter that is handed back after days, must not cut off
    whoever has long been cleaned. GuardDuty itself sends a finding once, within minutes.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html (replay-name)
    """
    last_seen, limit = case.finding.last_seen, case.bounds.policy.stale_after
    if not limit or not case.finding.is_replayed:
        return False
    return last_seen is None or last_seen < case.bounds.now - limit


_STANDING: Mapping[Hold, Callable[[About], bool]] = {
    Hold.OBSERVE_MODE: lambda about: about.bounds.observes(about.dossier.mode),
    Hold.ACCOUNT_NOT_ALLOWED: lambda about: not about.bounds.allows(about.ref.account_id),
    Hold.EXEMPT: _is_exempt,
    Hold.PROTECTED_CLASS: _is_protected,
}
_HOLDS: Mapping[Hold, Callable[[Case], bool]] = {
    **_STANDING,
    Hold.APPROVAL_REQUIRED: _needs_approval,
    Hold.RELEASED_SINCE: _was_released_since,
    Hold.STALE: _is_stale,
    Hold.BREAKER_OPEN: lambda case: case.dossier.breaker.is_open(
        case.bounds.policy, case.bounds.now, case.finding.band
    ),
    Hold.CANNOT_BE_SPARED: _cannot_be_spared,
}
