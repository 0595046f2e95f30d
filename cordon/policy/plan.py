"""What a change of the policy would change: by case, by setting, and for findings at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any

from chalicelib.core.policy.policy import Policy, Response
from cordon.exports import Export
from cordon.policy.cases import Case, decide_case, find_cases
from cordon.replay import replay
from cordon.replay_table import Row

_CONTAINED = "contained"


@dataclass(frozen=True, slots=True)
class Change:
    """A case that is answered otherwise than before."""

    case: Case
    before: str
    now: str
    rule_before: str
    rule: str

    @property
    def is_less(self) -> bool:
        return self.before == Response.CONTAIN

    def as_json(self) -> dict[str, Any]:
        case = self.case
        return {
            "type": case.type,
            "resource": case.resource,
            "severity": case.severity,
            "band": case.band.value,
            "facts": dict(case.facts),
            "before": self.before,
            "now": self.now,
            "rule_before": self.rule_before,
            "rule": self.rule,
            "less": self.is_less,
        }


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that is not what it was."""

    name: str
    before: str
    now: str
    is_less: bool  # with it, something that would have been contained is not


@dataclass(frozen=True, slots=True)
class Answer:
    """A finding, and one of its instances, that is answered otherwise than before."""

    finding: str  # the name of its file
    type: str
    instance_id: str
    before: str
    now: str
    reasons: tuple[str, ...]

    @property
    def is_less(self) -> bool:
        return self.before == _CONTAINED


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a change of the policy would change."""

    cases: tuple[Change, ...]
    settings: tuple[Setting, ...]
    answers: tuple[Answer, ...]

    @property
    def less(self) -> tuple[Change | Setting | Answer, ...]:
        """The changes by which something that was contained no longer would be."""
        changes: tuple[Change | Setting | Answer, ...]
        changes = (*self.cases, *self.settings, *self.answers)
        return tuple(each for each in changes if each.is_less)

    @property
    def moves(self) -> Counter[tuple[str, str]]:
        """How many cases go from which response to which."""
        return Counter((each.before, each.now) for each in self.cases)

    def as_json(self) -> dict[str, Any]:
        return {
            "less": bool(self.less),
            "cases": [each.as_json() for each in self.cases],
            "settings": [asdict(each) for each in self.settings],
            "findings": [{**asdict(each), "less": each.is_less} for each in self.answers],
        }


def make_plan(before: Policy, now: Policy, exports: Iterable[Export] = ()) -> Plan:
    """Return what is different under `now`; `exports` are findings to try both on."""
    findings = list(exports)
    return Plan(
        tuple(_changes(before, now)),
        tuple(_settings(before, now)),
        tuple(_answers(replay(findings, before), replay(findings, now))),
    )


def _changes(before: Policy, now: Policy) -> Iterator[Change]:
    for case in find_cases(before, now):
        old, new = decide_case(case, before), decide_case(case, now)
        if old.response is not new.response:
            yield Change(case, old.response.value, new.response.value, old.reason, new.reason)


# What a larger value of a setting does to how much is contained; a set grows by what it gains.
_MORE, _LESS = 1, -1
_EFFECT = {
    "max_containments": _MORE,
    "kept_for_critical": _MORE,
    "most_of_group": _MORE,
    "breaker_window": _LESS,
    "allowed_accounts": _MORE,
    "exempt_instances": _LESS,
    "protected_tags": _LESS,
    "protect_routers": _LESS,
    "corroboration": _MORE,
    "contain_from": _LESS,
}


def _settings(before: Policy, now: Policy) -> Iterator[Setting]:
    for name in (each.name for each in fields(Policy) if each.name not in ("rules", "groups")):
        old, new = getattr(before, name), getattr(now, name)
        if old != new:
            yield Setting(name, _shown(old), _shown(new), _is_less(name, old, new))
    for account, names in _grouped(before, now).items():
        for name in names:
            old, new = getattr(before.at(account), name), getattr(now.at(account), name)
            if old != new:
                said = f"{name} of {account}"
                yield Setting(said, _shown(old), _shown(new), _is_less(name, old, new))


def _grouped(*policies: Policy) -> dict[str, list[str]]:
    """Return the accounts of groups, and which settings a group of theirs has for itself."""
    found: dict[str, set[str]] = {}
    for group in (each for policy in policies for each in policy.groups):
        for account in group.accounts:
            found.setdefault(account, set()).update(group.own)
    return {account: sorted(found[account]) for account in sorted(found)}


def _is_less(name: str, old: Any, new: Any) -> bool:
    if name == "stale_after":  # 0 is without end
        return bool(new) and (not old or new < old)
    effect = _EFFECT.get(name, 0)
    if isinstance(old, frozenset):
        return bool(new - old) if effect == _LESS else bool(effect and old - new)
    return bool(effect) and (new < old if effect == _MORE else new > old)


def _shown(value: Any) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    if isinstance(value, timedelta):
        return f"{value.total_seconds() / 3600:g} hours"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _answers(before: list[Row], now: list[Row]) -> Iterator[Answer]:
    """A finding that contains under one policy may have more rows than under the other."""
    old, new = (
        {(row.file, row.instance_id): row for row in rows if row.outcome != "rejected"}
        for rows in (before, now)
    )
    for key in dict.fromkeys((*old, *new)):
        then = old[key].outcome if key in old else "not named"
        since = new[key].outcome if key in new else "not named"
        if then != since:
            row = new.get(key) or old[key]
            yield Answer(*key[:1], row.type, key[1], then, since, row.reasons)
