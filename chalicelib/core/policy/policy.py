"""What the owner allows Cordon to do, and which response a finding deserves by its type."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from chalicelib.core.findings.finding import Finding
from chalicelib.core.findings.origin import Confidence, Origin
from chalicelib.core.findings.severity import Band
from chalicelib.core.instance import InstanceRef
from chalicelib.core.policy.place import Facts, Limit, all_hold, facts_of
from chalicelib.core.threat_lists.feeds import Feed

# What acts on an instance, or would.
TOUCHING = frozenset({"contain", "approve", "hold"})
# Below it even a type that contains asks first (`judge`).
_CONTAIN_FROM = Band.MEDIUM.floor


class Response(enum.StrEnum):
    """What a finding deserves, before anything is known about the instance."""

    CONTAIN = "contain"
    APPROVE = "approve"
    HOLD = "hold"  # as approve, and no second finding makes it contain
    ALERT = "alert"
    RECORD = "record"
    IGNORE = "ignore"


_STRONGEST = tuple(Response)


class Mode(enum.StrEnum):
    """Whether Cordon acts, or only says what it would do."""

    ENFORCE = "enforce"
    OBSERVE = "observe"


class Lists(enum.StrEnum):
    """Whether the threat lists are kept in step with their sources, or left as they are."""

    ON = "on"
    PAUSED = "paused"


class ListKind(enum.StrEnum):
    """What GuardDuty is given the threat list as."""

    ENTITY = "entity"  # a threat entity set: addresses, networks and domains
    IP = "ip"  # a threat intel set: addresses and networks


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the decision table; None fits everything."""

    name: str
    types: tuple[str, ...]  # exact, or with `*`
    response: Response
    why: str  # for people
    resource: str = "Instance"  # the finding's resourceType, or "any"
    role: str | None = None
    direction: str | None = None
    severity: Band | None = None  # the weakest band that fits
    threat: str | None = None  # part of the name of every threat found
    affiliated: bool | None = None
    confidence: Confidence | None = None  # the least of the entry of our threat list that fits
    places: tuple[Limit, ...] = ()  # where the instance must be
    future: bool = False  # its types need not be known yet

    def names(self, type_: str) -> bool:
        """Whether it is about findings of that type."""
        return any(type_pattern(text).fullmatch(type_) for text in self.types)

    def fits(self, finding: Finding) -> bool:
        """Whether it fits, wherever the instance is."""
        return (
            self.names(finding.type)
            and self.resource in ("any", finding.resource_type)
            and self.role in (None, finding.role)
            and self.direction in (None, finding.direction)
            and (self.severity is None or finding.score >= self.severity.floor)
            and (self.threat is None or _all_are(self.threat, finding.threat_names))
            and self.affiliated in (None, finding.is_affiliated)
            and (self.confidence is None or _reaches(self.confidence, finding.origin))
        )


def _reaches(floor: Confidence, origin: Origin | None) -> bool:
    """Whether somebody sure enough listed the other end; who it was must be known."""
    sure = origin.confidence if origin else None
    return sure is not None and sure.reaches(floor)


def _all_are(threat: str, names: tuple[str, ...]) -> bool:
    """Whether a scan found `threat` and nothing else: a test file must not hide real malware."""
    return bool(names) and all(threat in name for name in names)


@cache
def type_pattern(text: str) -> re.Pattern[str]:
    """Return the regular expression of a rule's type.

    `*` crosses neither `:`, `/` nor `!`, so that no rule about an instance's malware can reach
    `Execution:EC2/MaliciousFile!Snapshot`, which has no instance.
    """
    return re.compile("[^:/!]+".join(re.escape(part) for part in text.split("*")))


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole of policy.toml."""

    rules: tuple[Rule, ...]
    alert_from: float  # the score from which an unknown type is told
    drain: bool
    protection: bool  # nobody terminates the instance, and its volumes outlive it
    fleet: bool  # a member of an Auto Scaling group goes into standby
    metadata: bool  # IMDSv2 alone answers
    snapshots: bool  # one of all volumes is taken
    stop_after_cut: bool
    stop_after_repairs: int  # as often as somebody let it out, a day at most between; 0: never
    max_containments: int  # per account and breaker window
    kept_for_critical: int  # and so many more for critical findings
    breaker_window: timedelta
    allowed_accounts: frozenset[str]  # besides Cordon's own
    exempt_instances: frozenset[str]
    exempt_for: timedelta  # the longest that an exemption may be asked for
    protected_tags: frozenset[str]
    protect_routers: bool
    stale_after: timedelta  # older activity cuts nobody by itself; 0: whatever its age
    corroboration: timedelta
    four_eyes: bool  # a release, and a change of an exemption, needs a second person
    confirm_within: timedelta  # after which a request for release is forgotten
    review_after: timedelta  # an open quarantine is looked at by a person
    digest_hour: int  # UTC; from when on the digest of the day is sent
    list_kind: ListKind
    max_entries: int  # of a threat list
    max_lists: int  # GuardDuty's, of this kind, those of others included
    max_shrink: float  # the share of its entries that a threat list may lose at once
    max_growth: float  # the share that it may grow by
    min_prefix: int  # a network of a threat list that is wider is a mistake
    min_understood: float  # the share of its lines that must be understood of a source
    feeds: tuple[Feed, ...]  # lists of others that are fetched


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a finding deserves by its type, and why."""

    response: Response
    reason: str  # one word for machines: a rule's name, or a gate
    why: str  # one sentence for people
    instances: tuple[InstanceRef, ...] = ()  # that it is about; empty: it touches none
    depends: bool = False  # on where each instance is, by EC2: the strongest that it may be


def judge(finding: Finding, policy: Policy, now: Facts | None = None) -> Judgement:
    """Return the response that the type of `finding` deserves.

    High is not always compromised and TARGET not always a victim: the type decides, and the
    first rule that fits. A sample is announced as one; what a person archived is recorded.

    Rules may ask where an instance is. `now` is what EC2 says of one; without it the judgement is
    the strongest that may come of it, and says that it `depends`.
    """
    if finding.is_sample:
        return Judgement(
            Response.ALERT, "sample", "A sample finding of GuardDuty; its instance is made up."
        )
    if finding.is_archived:
        return Judgement(Response.RECORD, "archived", "Somebody archived the finding.")
    possible = list(_possible(finding, policy, now))
    judgements = [_by_rule_or_none(finding, rule, policy) for rule in possible]
    strongest = min(judgements, key=lambda each: _STRONGEST.index(each.response))
    return replace(strongest, depends=len(possible) > 1)


def _possible(finding: Finding, policy: Policy, now: Facts | None) -> Iterator[Rule | None]:
    """Yield the rule that fits first, None if there is none; before it those that may fit.

    What nobody knows of a finding about no instance, or after EC2 was asked, nobody will.
    """
    if now is None:
        where = (InstanceRef(finding.account_id, finding.region, ""),)
        now, is_final = facts_of(finding.instances or where), not finding.instances
    else:
        is_final = True
    for rule in policy.rules:
        if not rule.fits(finding):
            continue
        match all_hold(rule.places, now):
            case True:
                yield rule
                return
            case None if not is_final:
                yield rule
    yield None


def _by_rule_or_none(finding: Finding, rule: Rule | None, policy: Policy) -> Judgement:
    if finding.is_custom and (rule is None or rule.response in TOUCHING):
        return _of_own_rule(finding, policy)
    return _unknown(finding, policy) if rule is None else _by_rule(finding, rule)


def _by_rule(finding: Finding, rule: Rule) -> Judgement:
    if rule.response not in TOUCHING:
        return Judgement(rule.response, rule.name, rule.why, _mentioned(finding, rule))
    if not finding.instances:
        return Judgement(
            Response.ALERT, "no_instance", f"{rule.why} No instance is named.{_odd(finding)}"
        )
    is_weak = finding.score < _CONTAIN_FROM or finding.is_indirect
    asks = is_weak and rule.response is Response.CONTAIN
    response = Response.APPROVE if asks else rule.response
    indirect = " None of its signals leads to an instance." if finding.is_indirect else ""
    return Judgement(response, rule.name, rule.why + indirect + _odd(finding), finding.instances)


def _odd(finding: Finding) -> str:
    """Return, for people, the instances that the finding means and nobody can tell which."""
    if not finding.unreadable:
        return ""
    return f" It also names what cannot be read: look at {', '.join(finding.unreadable)} yourself."


def _of_own_rule(finding: Finding, policy: Policy) -> Judgement:
    """Return what a detection rule of the customer's deserves: whoever wrote it is told.

    Its type may look like one of GuardDuty's own, about an instance; it is not taken for one.
    """
    response = Response.ALERT if finding.score >= policy.alert_from else Response.RECORD
    return Judgement(response, "own-detection-rule", "A detection rule of your own found it.")


def _unknown(finding: Finding, policy: Policy) -> Judgement:
    response = Response.ALERT if finding.score >= policy.alert_from else Response.RECORD
    if any(rule.names(finding.type) for rule in policy.rules):
        why = (
            "Rules name this type, but none fits this finding's severity, resource, role or place; "
            "Cordon does not guess."
        )
        return Judgement(response, "no_rule_fits", why)
    return Judgement(response, "unknown_type", "No rule names this type; Cordon does not guess.")


def _mentioned(finding: Finding, rule: Rule) -> tuple[InstanceRef, ...]:
    """Return the instances to name beside an answer that touches none of them."""
    return finding.instances if rule.resource == "Instance" else ()
