"""The four managed policies: who may what, route by route, and nobody else."""

from __future__ import annotations

from typing import Any

from roads.api import Person, a_person, call
from roads.local import STAGE, Roads
from roads.story import check

_WHOS = ("viewer", "responder", "approver", "admin")
_ALL = set(_WHOS)


def make_people(roads: Roads) -> dict[str, Person]:
    """Make one for each managed policy, a stranger who signs, and one who does not."""
    made = {who: a_person(who, (f"cordon-{STAGE}-{who}",), roads) for who in _WHOS}
    return {**made, "stranger": a_person("stranger", (), roads), "nobody": Person("nobody")}


def everybody_may_what_they_may(roads: Roads, people: dict[str, Person], instance: str) -> None:
    """Each route, by each person: 403 is API Gateway's; anything else is Cordon's own answer."""
    one = f"/quarantines/{instance}"
    asked: tuple[tuple[str, str, Any, set[str]], ...] = (
        *(("GET", path, None, _ALL) for path in ("/quarantines", one, f"{one}/report")),
        *(("GET", path, None, _ALL) for path in (f"{one}/preview", "/held", "/exemptions")),
        *(("GET", path, None, _ALL) for path in ("/mode", "/version")),
        ("POST", one, {"reason": "again"}, {"responder", "approver"}),
        ("POST", f"{one}/release", {"reason": "no verdict"}, {"responder", "approver"}),
        ("POST", f"{one}/steps/nothing", {"reason": "again"}, {"responder"}),
        ("POST", f"/held/{instance}/dismiss", {"reason": "nothing there"}, {"approver"}),
        ("PUT", f"/exemptions/{instance}", {"reason": "without an end"}, {"admin"}),
        ("DELETE", f"/exemptions/{instance}", {"reason": "there is none"}, {"admin"}),
        ("PUT", "/mode", {"mode": "enforce", "reason": "as it was"}, {"admin"}),
    )
    for method, path, body, may in asked:
        through = {
            who
            for who, person in people.items()
            if call(roads, person, method, path, body)[0] != 403
        }
        where = path.replace(instance, "{id}")
        check(f"{method} {where}: {', '.join(sorted(may))}, and nobody else", holds=through == may)


def forget(roads: Roads, who: Person) -> None:
    """Delete a user: IAM keeps a policy that somebody has."""
    if who.keys is None:
        return
    iam = roads.client("iam")
    for each in iam.list_attached_user_policies(UserName=who.name)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=who.name, PolicyArn=each["PolicyArn"])
    iam.delete_access_key(UserName=who.name, AccessKeyId=who.keys.access_key)
    iam.delete_user(UserName=who.name)
