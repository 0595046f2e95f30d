"""Which response a finding deserves by its type, and where its instance is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chalicelib.core.findings.finding import Finding
from chalicelib.core.instance import EXERCISE_TAG, InstanceRef
from chalicelib.core.policy.place import Facts, all_hold, facts_of
from chalicelib.core.policy.policy import TOUCHING, Policy, Response, Rule

_STRONGEST = tuple(Response)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a finding deserves by its type, and why."""

    response: Response
    reason: str  # one word for machines: a rule's name, or a gate
    why: str  # one sentence for people
    instances: tuple[InstanceRef, ...] = ()  # that it is about; empty: it touches none
    depends: bool = False  # on where each instance is, by EC2: the strongest that it may be


# An exercise cuts off nothing that its owner did not set apart for one, whatever the policy says.
NOT_FOR_EXERCISES = Judgement(
    Response.ALERT,
    "not_for_exercises",
    f"It is an exercise, and the instance has no tag {EXERCISE_TAG}.",
)


def judge(finding: Finding, policy: Policy, now: Facts | None = None) -> Judgement:
    """Return the response that the type of `finding` deserves.

    High is not always compromised and TARGET not always a victim: the type decides, and the
    first rule that fits. A sample is announced as one; what a person archived is recorded.

    Rules may ask where an instance is, and groups of accounts have settings of their own. `now` is
    what EC2 says of one; without it the judgement is the strongest that may come of it, and says
    that it `depends`.
    """
    if finding.is_sample:
        return Judgement(
            Response.ALERT, "sample", "A sample finding of GuardDuty; its instance is made up."
        )
    if finding.is_archived:
        return Judgement(Response.RECORD, "archived", "Somebody archived the finding.")
    possible = list(_possible(finding, policy, now))
    judgements = [
        _by_rule_or_none(finding, rule, home)
        for home in _homes(finding, policy, now)
        for rule in possible
    ]
    strongest = min(judgements, key=lambda each: _STRONGEST.index(each.response))
    return replace(strongest, depends=len(judgements) > 1)


def _homes(finding: Finding, policy: Policy, now: Facts | None) -> Iterator[Policy]:
    """Yield the policy of each account that the finding may be about, none of them twice."""
    accounts = {ref.account_id for ref in finding.instances} or {finding.account_id}
    if now is not None and "accounts" in now:
        accounts = {now["accounts"]}
    homes = [policy.at(account) for account in sorted(accounts)]
    yield from (home for n, home in enumerate(homes) if home not in homes[:n])


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
    return _unknown(finding, policy) if rule is None else _by_rule(finding, rule, policy)


def _by_rule(finding: Finding, rule: Rule, policy: Policy) -> Judgement:
    if rule.response not in TOUCHING:
        return Judgement(rule.response, rule.name, rule.why, _mentioned(finding, rule))
    if not finding.instances:
        return Judgement(
            Response.ALERT, "no_instance", f"{rule.why} No instance is named.{_odd(finding)}"
        )
    is_weak = finding.score < policy.contain_from or finding.is_indirect
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
    named = tuple(rule for rule in policy.rules if rule.names(finding.type))
    if named:
        why = f"Rules name this type, but {_misfit(finding, named)}; Cordon does not guess."
        return Judgement(response, "no_rule_fits", why)
    return Judgement(response, "unknown_type", "No rule names this type; Cordon does not guess.")


def _misfit(finding: Finding, named: tuple[Rule, ...]) -> str:
    """Return what of the finding none of the rules that name its type fits."""
    about = tuple(each for each in named if each.resource in ("any", finding.resource_type))
    if not about:
        wanted = ", ".join(sorted({each.resource for each in named}))
        return f"for the resource {wanted} alone, and this is about {finding.resource_type}"
    floors = [each.severity.floor if each.severity else 0.0 for each in about]
    if finding.score < min(floors):
        return f"from severity {min(floors):.1f} on, and this one's is {finding.score:g}"
    return "none fits its role, direction, place or whatever else they ask for"


def _mentioned(finding: Finding, rule: Rule) -> tuple[InstanceRef, ...]:
    """Return the instances to name beside an answer that touches none of them."""
    return finding.instances if rule.resource == "Instance" else ()
