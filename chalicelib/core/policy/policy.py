"""What the owner allows Cordon to do: the rules, and every setting."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.core.findings.finding import Finding
from chalicelib.core.findings.origin import Confidence, Origin
from chalicelib.core.findings.severity import Band
from chalicelib.core.policy.place import Limit

if TYPE_CHECKING:  # a containment fetches none
    from chalicelib.core.threat_lists.feeds import Feed

# What acts on an instance, or would.
TOUCHING = frozenset({"contain", "approve", "hold"})


class Response(enum.StrEnum):
    """What a finding deserves, before anything is known about the instance."""

    CONTAIN = "contain"
    APPROVE = "approve"
    HOLD = "hold"  # as approve, and no second finding makes it contain
    ALERT = "alert"
    RECORD = "record"
    IGNORE = "ignore"


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
        return _types_pattern(self.types).fullmatch(type_) is not None

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
def _types_pattern(texts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(type_pattern(text).pattern for text in texts))


@cache
def type_pattern(text: str) -> re.Pattern[str]:
    """Return the regular expression of a rule's type.

    `*` crosses neither `:`, `/` nor `!`, so that no rule about an instance's malware can reach
    `Execution:EC2/MaliciousFile!Snapshot`, which has no instance.
    """
    return re.compile("[^:/!]+".join(re.escape(part) for part in text.split("*")))


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts that have settings of their own."""

    name: str
    accounts: frozenset[str]
    own: Mapping[str, Any]  # by the field of a policy


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole of policy.toml."""

    rules: tuple[Rule, ...]
    alert_from: float  # the score from which an unknown type is told
    drain: bool
    protection: bool  # nobody terminates the instance, and its volumes outlive it
    fleet: bool  # a member of an Auto Scaling group goes into standby
    targets: bool  # load balancers send it no traffic any more
    metadata: bool  # IMDSv2 alone answers
    credentials: bool  # the keys that its role has given to it are denied
    address: bool  # its Elastic IPs are taken away
    snapshots: bool  # one of all volumes is taken
    lock_snapshots_days: int  # so long nobody can delete them; 0: they are not locked
    share_snapshots_with: frozenset[str]  # accounts
    malware_scan: bool  # GuardDuty scans the volumes
    stop_after_cut: bool
    stop_types: tuple[str, ...]  # of findings about what a cut does not end, as a rule's types
    stop_after_repairs: int  # as often as somebody let it out, a day at most between; 0: never
    deny_after_repairs: int  # likewise for the keys of its role
    max_containments: int  # per account and breaker window
    kept_for_critical: int  # and so many more for critical findings
    breaker_window: timedelta
    most_of_group: int  # percent of a group that a containment may take; 100: all of it
    allowed_accounts: frozenset[str]  # besides Cordon's own
    exempt_instances: frozenset[str]
    exempt_for: timedelta  # the longest that an exemption may be asked for
    protected_tags: frozenset[str]
    protect_routers: bool
    stale_after: timedelta  # older activity cuts nobody by itself; 0: whatever its age
    remind_after: timedelta  # what is held is told again, and then ever less often; 0: never
    corroboration: timedelta
    four_eyes: bool  # a release, and a change of an exemption, needs a second person
    clean_scan: bool  # without one nothing is released as remediated
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
    contain_from: float  # the score below which even a type that contains asks first
    account_names: Mapping[str, str] = field(default_factory=dict)  # for people, by account id
    groups: tuple[Group, ...] = ()  # an account is in one of them, or in none

    def stops(self, finding_type: str | None) -> bool:
        """Whether an instance is stopped that such a finding had cut off; None: a person had."""
        said = finding_type or ""
        return self.stop_after_cut or any(type_pattern(e).fullmatch(said) for e in self.stop_types)

    def at(self, account_id: str) -> Policy:
        """Return the policy of one account: what its group says otherwise goes first.

        Nothing but the account decides which, so whoever comes later, the watcher too, goes by the
        same settings as who opened a quarantine there.
        """
        own = next((each.own for each in self.groups if account_id in each.accounts), None)
        return self if own is None else replace(self, **own)
