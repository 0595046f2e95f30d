"""Every case that a policy can tell apart: each known type, by each fact that a rule asks for.

A fact that no rule about a type asks for cannot change what is done, so it makes no case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any

from chalicelib.core.findings.finding import Finding
from chalicelib.core.findings.origin import Origin
from chalicelib.core.findings.severity import Band
from chalicelib.core.instance import InstanceRef
from chalicelib.core.policy.judgement import Judgement, judge
from chalicelib.core.policy.place import NAMES, Limit
from chalicelib.core.policy.policy import Policy, Rule, type_pattern
from cordon.policy.known_types import KNOWN_TYPES

_ACCOUNT, _REGION = "111122223333", "eu-west-1"
_OTHER_MALWARE = "another"
_PLAIN = Finding(
    id="plan",
    type="",
    score=0.0,
    account_id=_ACCOUNT,
    region=_REGION,
    title="",
    resource_type=None,
    role=None,
    direction=None,
    remotes=(),
    instances=(InstanceRef(_ACCOUNT, _REGION, "i-0a1b2c3d4e5f60718"),),
    threat_names=(),
    is_affiliated=False,
    is_sample=False,
    is_archived=False,
    is_custom=False,
    count=1,
    last_seen=None,
    as_received="{}",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One case; of the facts, only those that a rule about its type asks for."""

    type: str
    resource: str
    severity: float
    facts: tuple[tuple[str, Any], ...]  # names of a rule's limits, and values

    @property
    def band(self) -> Band:
        return Band.of(self.severity)

    @property
    def said(self) -> str:
        """The facts, for people."""
        return ", ".join(f"{name} {_shown(value)}" for name, value in self.facts)

    def finding(self) -> Finding:
        """Return a finding that is such a case."""
        known = dict(self.facts)
        sure = known.get("confidence")
        return replace(
            _PLAIN,
            type=self.type,
            score=self.severity,
            resource_type=self.resource,
            role=known.get("role"),
            direction=known.get("direction"),
            is_affiliated=bool(known.get("affiliated")),
            threat_names=(known["threat"],) if known.get("threat") else (),
            origin=Origin(("plan",), sure) if sure else None,
        )


def find_cases(*policies: Policy) -> Iterator[Case]:
    """Yield every case that one of `policies` can tell apart, by type."""
    rules = [rule for policy in policies for rule in policy.rules]
    homes = [policy.at(account) for policy in policies for account in ("", *_grouped(policy))]
    floors = {floor for each in homes for floor in (each.alert_from, each.contain_from)}
    severities = sorted({band.floor for band in Band} | floors)
    limits = [limit for policy in policies for limit in _limits(policy)]
    types = dict(KNOWN_TYPES)
    for text in sorted({text for rule in rules for text in rule.types if "*" not in text}):
        types.setdefault(text, ("Instance",))  # known to the owner
    for type_, about in types.items():
        asked = [rule for rule in rules if _asks_about(rule, type_)]
        named = {rule.resource for rule in asked} - {"any"}
        resources = [*about, *sorted(named - set(about))]
        for resource, severity in product(resources, severities):
            fitting = [each for each in asked if each.resource in ("any", resource)]
            names, values = _facts(fitting, limits)
            for chosen in product(*values):
                yield Case(type_, resource, severity, tuple(zip(names, chosen, strict=True)))


def decide_case(case: Case, policy: Policy) -> Judgement:
    """Return what `policy` says to a case."""
    known = dict(case.facts)
    places = {name: known[name] for name in NAMES if name in known}
    return judge(case.finding(), policy, {"accounts": _ACCOUNT, "regions": _REGION, **places})


@cache
def _asks_about(rule: Rule, type_: str) -> bool:
    return any(type_pattern(text).fullmatch(type_) for text in rule.types)


def _grouped(policy: Policy) -> list[str]:
    return [account for group in policy.groups for account in sorted(group.accounts)]


def _limits(policy: Policy) -> list[Limit]:
    """Return what the groups that judge findings by settings of their own ask of the place."""
    judging = {"alert_from", "contain_from"}
    return [Limit("accounts", each.accounts) for each in policy.groups if judging & each.own.keys()]


def _facts(rules: list[Rule], more: list[Limit]) -> tuple[list[str], list[list[Any]]]:
    """Return the names of the facts that `rules` and `more` ask for; for each the values to try."""
    tried: dict[str, list[Any]] = {
        "role": ["ACTOR", "TARGET", None],
        "direction": ["INBOUND", "OUTBOUND", None],
        "affiliated": [True, False],
        "threat": [*_named(rules, "threat"), _OTHER_MALWARE],
        "confidence": [*_named(rules, "confidence"), None],
    }
    asked = {name: values for name, values in tried.items() if _named(rules, name)}
    for name in NAMES:
        asking = [*more, *(each for rule in rules for each in rule.places)]
        limits = [each for each in asking if each.name == name]
        if limits:
            asked[name] = [*_told_apart(limits), "elsewhere"]
    return list(asked), list(asked.values())


def _named(rules: list[Rule], fact: str) -> list[Any]:
    """Return the values of a fact that `rules` ask for."""
    return sorted({value for rule in rules if (value := getattr(rule, fact)) is not None})


def _told_apart(limits: list[Limit]) -> list[str]:
    """Return one value of each kind that `limits` tell apart: of accounts in one group, one."""
    values = sorted({value for each in limits for value in each.values})
    kinds = {tuple(value in each.values for each in limits): value for value in reversed(values)}
    return sorted(kinds.values())


def _shown(value: Any) -> str:
    if value is None:
        return "not given"
    return str(value).lower() if isinstance(value, bool) else str(value)
