"""`make judge`: every request that was recorded, and every act that must fail, before another IAM.

Cordon's own reading of IAM is in tests/permissions; this is an engine that nobody here wrote. So is
the parser of Adaptive Cards, which gets those of random notices, and the table that the contract of
the DynamoDB adapters is tried on.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tests.conftest  # noqa: F401 - the AWS of the tests, with all that is mended in it
from deploy.check_policies import write_policies
from tests.adapters.aws import AWS_ACCOUNT, BUCKET
from tests.builders import OTHER_ACCOUNT
from tests.house.source import ROOT
from tests.judge.cards import judge_cards
from tests.judge.engine import Case, Question, is_there, role, wrong
from tests.judge.tables import keeps_its_promises
from tests.permissions.needs import Need, needs_of
from tests.permissions.policies import Statement, of_credentials, of_function, of_member
from tests.permissions.requests import Request
from tests.permissions.work import requests_by_function

ADMIN, SCP, BOUNDARY = "admin", "guard-scp", "guard-boundary"
ADMINS = role("Admin")
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_OWN = {"aws:ResourceAccount": (AWS_ACCOUNT,), "aws:PrincipalAccount": (AWS_ACCOUNT,)}
_EC2 = f"arn:aws:ec2:us-east-1:{AWS_ACCOUNT}"
_GROUP, _SNAPSHOT = f"{_EC2}:security-group/sg-1", "arn:aws:ec2:us-east-1::snapshot/snap-1"
_HELD = tuple(
    f"{_EC2}:{one}" for one in ("instance/i-1", "network-interface/eni-1", "volume/vol-1")
)
_OF_OURS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    _GROUP: {"aws:ResourceTag/cordon:role": ("deny",)},
    _SNAPSHOT: {"aws:ResourceTag/cordon:case": ("i-1-1",)},
    **{each: {"aws:ResourceTag/cordon:quarantine": ("held",)} for each in _HELD},
}
_MARKS = {"aws:TagKeys": ("cordon:quarantine",)}
_CORDONS_ROLE, _DEPLOYERS_ROLE = role("cordon-dev-member"), role("deploys-cordon-dev")


def main() -> int:
    """Print how many questions were asked, and each wrong answer; return 1 if there is one."""
    if not is_there():
        print("make judge needs node, and `npm ci --prefix tests/judge`", file=sys.stderr)
        return 1
    case = Case(policies=_shared())
    with tempfile.TemporaryDirectory() as folder:
        requests = requests_by_function(Path(folder))
    kinds = {
        "requests allowed": _requests(case, requests),
        "denied without their statement": _without(case, requests),
        "guarded acts": _guarded(),
        "acts on what is not Cordon's": _untouched(),
        "forbidden acts of the functions": _forbidden(requests),
        "policies of topic, bucket, key and trust": _by_resource(),
    }
    for kind, questions in kinds.items():
        asked = list(questions)
        case.questions.extend(asked)
        print(f"{len(asked):5} {kind}")
    complaints = wrong(case)
    for each in complaints:
        print(each, file=sys.stderr)
    print(
        f"{len(case.questions)} questions, {len(complaints)} answered otherwise than they must be"
    )
    cards = judge_cards()
    for each in cards.complaints:
        print(each, file=sys.stderr)
    print(f"{cards.cards} cards, {len(cards.complaints)} complaints of Microsoft's parser")
    print(f"{cards.broken} broken cards, {cards.let_through} of them let through")
    print("the contract of the DynamoDB adapters, on dynalite:", flush=True)
    return 0 if keeps_its_promises() and cards.is_well and not complaints else 1


def _shared() -> dict[str, Any]:
    """Return the policies that do not depend on what was recorded, with their names resolved."""
    policies: dict[str, Any] = {ADMIN: {"Version": "2012-10-17", "Statement": [EVERYTHING]}}
    for name in (SCP, BOUNDARY):
        policies[name] = json.loads((ROOT / "infra" / f"{name}.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        write_policies(Path(folder))
        for name in _BY_RESOURCE:
            text = Path(folder, f"{name}.json").read_text(encoding="utf-8")
            text = text.replace(":notices", ":cordon-dev-notices").replace(
                ":::evidence", f":::{BUCKET}"
            )
            policies[name] = json.loads(text)
    for account in (AWS_ACCOUNT, OTHER_ACCOUNT):  # as a key is made: IAM decides
        mine = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
        said = [{**mine, "Action": "kms:*", "Resource": "*"}]
        policies[f"key of {account}"] = {"Version": "2012-10-17", "Statement": said}
    # An organisation's root lets everything through; the guard only denies.
    policies["full"] = policies[ADMIN]
    return policies


def _document(statements: Iterable[Statement]) -> dict[str, Any]:
    said = [
        {
            "Sid": each.sid,
            "Effect": "Allow",
            "Action": list(each.actions),
            "Resource": list(each.resources),
            **({"Condition": each.conditions} if each.conditions else {}),
        }
        for each in statements
    ]
    return {"Version": "2012-10-17", "Statement": said}


def _principals(
    requests: Mapping[str, Sequence[Request]],
) -> Iterator[tuple[str, str, tuple[Statement, ...], list[Need]]]:
    """Yield each role with its ARN, what it grants, and each thing that it was seen to need."""
    there: dict[str, Need] = {}
    keys: dict[str, Need] = {}
    for name, made in sorted(requests.items()):
        here: dict[str, Need] = {}
        for request in made:
            seen = keys if request.of_credentials else there if request.in_member else here
            seen.update({repr(need): need for need in needs_of(request)})
        yield name, role(f"cordon-dev-{name}"), of_function(name), list(here.values())
    member = role("cordon-dev-member", OTHER_ACCOUNT)
    yield "member", member, of_member(OTHER_ACCOUNT), list(there.values())
    denies = role("cordon-dev-credentials", OTHER_ACCOUNT)
    yield "credentials", denies, of_credentials("member.yaml", OTHER_ACCOUNT), list(keys.values())


def _requests(case: Case, requests: Mapping[str, Sequence[Request]]) -> Iterator[Question]:
    for name, principal, statements, needs in _principals(requests):
        case.policies[name] = _document(statements)
        for need in needs:
            yield _asked(need, principal, name, is_allowed=True)


def _without(case: Case, requests: Mapping[str, Sequence[Request]]) -> Iterator[Question]:
    """Take away each statement that something rests on alone: that is denied then."""
    for name, principal, statements, needs in _principals(requests):
        for statement in statements:
            alone = {
                need.action: need
                for need in needs
                if [each for each in statements if each.allows(need)] == [statement]
            }
            if alone:
                less = f"{name} without {statement.sid}"
                case.policies[less] = _document(s for s in statements if s is not statement)
            for need in alone.values():
                yield _asked(
                    need, principal, less, is_allowed=False, why=f"without {statement.sid}"
                )


def _asked(need: Need, principal: str, name: str, *, is_allowed: bool, why: str = "") -> Question:
    by = ""
    if need.action == "sts:AssumeRole":
        by = _TRUST
        need = Need(need.action, need.resource, {**need.context, "aws:PrincipalOrgID": (_ORG,)})
    elif need.action.startswith("kms:"):
        by = f"key of {principal.split(':')[4]}"
    return Question(
        need, principal, (name,), is_allowed, control=("full", SCP), resource=by, why=why
    )


def _guards() -> Iterator[tuple[str, str, Mapping[str, tuple[str, ...]]]]:
    """Yield each action that the guard denies, with a resource, and what is so of it."""
    said = json.loads((ROOT / "infra" / f"{SCP}.json").read_text(encoding="utf-8"))
    where = {
        "LeaveCordonsGroupsAlone": (_GROUP,),
        "LeaveSnapshotsOfCasesAlone": (_SNAPSHOT,),
        "LeaveWhatIsHeldAlone": _HELD,
        "NobodyMarksAnything": _HELD,
        "NobodyBecomesCordon": (_CORDONS_ROLE,),
        "NobodyBecomesWhoDeploysCordon": (_DEPLOYERS_ROLE,),
    }
    for statement in said["Statement"]:
        marks = statement["Sid"] == "NobodyMarksAnything"
        for action in statement["Action"]:
            for resource in where[statement["Sid"]]:
                if _is_of(action, resource):
                    yield action, resource, _MARKS if marks else _OF_OURS.get(resource, {})


def _is_of(action: str, resource: str) -> bool:
    """Whether the action is one of such a resource; of the three that are held, it is of one."""
    kinds = {"Interface": "network-interface/", "Volume": "volume/"}
    of = next((kind for name, kind in kinds.items() if name in action), "instance/")
    return resource not in _HELD or action.endswith("Tags") or f":{of}" in resource


def _guarded() -> Iterator[Question]:
    for action, resource, of_ours in _guards():
        need = Need(action, resource, {**_OWN, **of_ours})
        who = {ADMINS: False, role("break-glass"): True, role("cordon-of-mallory"): False}
        for principal, may in who.items():
            yield Question(need, principal, (ADMIN,), may, control=("full", SCP))
            yield Question(need, principal, (ADMIN,), may, boundary=(BOUNDARY,))
        yield Question(need, ADMINS, (ADMIN,), is_allowed=True, why="with no guard")


def _untouched() -> Iterator[Question]:
    for action, resource, _ in _guards():
        other = role("web") if resource.startswith("arn:aws:iam") else resource
        need = Need(action, other, {**_OWN, "aws:TagKeys": ("Name",)})
        yield Question(need, ADMINS, (ADMIN,), is_allowed=True, control=("full", SCP))
        yield Question(need, ADMINS, (ADMIN,), is_allowed=True, boundary=(BOUNDARY,))


_FORBIDDEN = (
    ("dynamodb:DeleteTable", f"arn:aws:dynamodb:us-east-1:{AWS_ACCOUNT}:table/cordon-dev"),
    ("dynamodb:PutItem", f"arn:aws:dynamodb:us-east-1:{AWS_ACCOUNT}:table/orders"),
    ("dynamodb:PutItem", f"arn:aws:dynamodb:us-east-1:{OTHER_ACCOUNT}:table/cordon-dev"),
    ("ec2:DeleteSnapshot", _SNAPSHOT),
    ("ec2:RunInstances", f"{_EC2}:instance/*"),
    ("ec2:TerminateInstances", f"{_EC2}:instance/i-1"),
    ("ec2:DeleteVolume", f"{_EC2}:volume/vol-1"),
    ("iam:PutRolePolicy", role("Admin")),
    ("iam:CreateUser", f"arn:aws:iam::{AWS_ACCOUNT}:user/eve"),
    ("s3:DeleteObject", f"arn:aws:s3:::{BUCKET}/quarantines/x"),
    ("s3:DeleteObjectVersion", f"arn:aws:s3:::{BUCKET}/quarantines/x"),
    ("s3:BypassGovernanceRetention", f"arn:aws:s3:::{BUCKET}/quarantines/x"),
    ("s3:GetObject", "arn:aws:s3:::payroll/secret.csv"),
    (
        "secretsmanager:GetSecretValue",
        f"arn:aws:secretsmanager:us-east-1:{AWS_ACCOUNT}:secret:db-a1b2c3",
    ),
    ("ssm:GetParameter", f"arn:aws:ssm:us-east-1:{AWS_ACCOUNT}:parameter/db/password"),
    ("sts:AssumeRole", role("OrganizationAccountAccessRole", OTHER_ACCOUNT)),
)


def _forbidden(requests: Mapping[str, Sequence[Request]]) -> Iterator[Question]:
    for name in (*sorted(requests), "member"):
        account = OTHER_ACCOUNT if name == "member" else AWS_ACCOUNT
        for action, resource in _FORBIDDEN:
            holder = resource.split(":")[4] or AWS_ACCOUNT
            context = {"aws:ResourceAccount": (holder,), "aws:PrincipalAccount": (account,)}
            principal = role(f"cordon-dev-{name}", account)
            yield Question(
                Need(action, resource, context),
                principal,
                (name,),
                is_allowed=False,
                control=("full", SCP),
            )


_ORG = "o-exampleorg"
_TOPIC, _EVIDENCE = "resources-NoticesOnlyFromCordon-0", "resources-EvidenceOverTlsOnly-0"
_KEY, _TRUST = "resources-Key-0", "member-Member-0"
_BY_RESOURCE = (_TOPIC, _EVIDENCE, _KEY, _TRUST)


def _by_resource() -> Iterator[Question]:
    """Yield what the policies of topic, bucket, key and role say to Cordon, and to an admin."""
    watcher = role("cordon-dev-watch_quarantines")
    own = {**_OWN, "aws:SecureTransport": ("true",)}
    topic = f"arn:aws:sns:us-east-1:{AWS_ACCOUNT}:cordon-dev-notices"
    piece = f"arn:aws:s3:::{BUCKET}/quarantines/x"
    key = f"arn:aws:kms:us-east-1:{AWS_ACCOUNT}:key/1"
    through = {
        "kms:ViaService": ("sns.us-east-1.amazonaws.com",),
        "kms:CallerAccount": (AWS_ACCOUNT,),
    }
    trusted = {"sts:ExternalId": ("cordon-dev",), "aws:PrincipalOrgID": (_ORG,)}
    asked: Sequence[tuple[str, str, Mapping[str, tuple[str, ...]], str]] = (
        ("sns:Publish", topic, {}, _TOPIC),
        ("s3:PutObject", piece, {}, _EVIDENCE),
        ("kms:GenerateDataKey", key, through, _KEY),
        ("sts:AssumeRole", role("cordon-dev-member"), trusted, _TRUST),
    )
    for action, resource, context, policy in asked:
        need = Need(action, resource, {**own, **context})
        plain = Need(action, resource, {**own, **context, "aws:SecureTransport": ("false",)})
        yield Question(need, watcher, (ADMIN,), is_allowed=True, resource=policy)
        if policy != _KEY:  # whose policy leaves an admin of the account to IAM
            yield Question(need, ADMINS, (ADMIN,), is_allowed=False, resource=policy)
        if policy in (_TOPIC, _EVIDENCE):
            yield Question(
                plain, watcher, (ADMIN,), is_allowed=False, resource=policy, why="no TLS"
            )
    for name in trusted:
        less = {key: value for key, value in trusted.items() if key != name}
        need = Need("sts:AssumeRole", role("cordon-dev-member"), {**own, **less})
        yield Question(need, watcher, (ADMIN,), is_allowed=False, resource=_TRUST, why=name)


if __name__ == "__main__":
    sys.exit(main())
