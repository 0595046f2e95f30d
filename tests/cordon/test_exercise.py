"""The finding of an exercise on AWS, as the function that gets it reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.core.findings.finding import parse_finding
from cordon.client import Client
from cordon.exercise import send_exercise
from cordon.exits import CommandError, Exit
from tests.builders import ACCOUNT, REGION, WEB, a_ref
from tests.cordon.operator import Answered

ABOUT = {"account_id": ACCOUNT, "region": REGION, "instance_id": WEB}


@dataclass
class Lambda:
    """Keeps what it is to invoke, or refuses it."""

    refuses: str = ""
    invoked: list[dict[str, Any]] = field(default_factory=list)

    def invoke(self, **asked: Any) -> None:
        if self.refuses:
            raise ClientError({"Error": {"Code": self.refuses, "Message": "no"}}, "Invoke")
        self.invoked.append(asked)


class Deployed(Client):
    """The API of a stage on AWS."""

    def __init__(self, functions: Lambda) -> None:
        super().__init__("https://abc.execute-api.eu-west-1.amazonaws.com/api", http=Version())
        self.functions = functions

    def _sign(self, request: Any) -> None:
        """Nobody checks it here."""

    def aws(self, service: str) -> Any:
        assert service == "lambda"
        return self.functions


class Version:
    def send(self, _: Any) -> Answered:
        return Answered(200, b'{"stage": "prod"}')


def test_it_is_handed_to_the_function_that_eventbridge_hands_findings_to() -> None:
    functions = Lambda()

    finding_id = send_exercise(Deployed(functions), ABOUT)

    (asked,) = functions.invoked
    assert asked["FunctionName"] == "cordon-prod-contain_finding"
    assert asked["InvocationType"] == "Event"
    finding = parse_finding(json.loads(asked["Payload"]))
    assert (finding.id, finding.instances) == (finding_id, (a_ref(),))
    assert finding.is_exercise
    assert finding.sent_at is not None


def test_each_exercise_is_a_finding_of_its_own() -> None:
    functions = Lambda()

    assert len({send_exercise(Deployed(functions), ABOUT) for _ in range(2)}) == 2


def test_who_may_not_send_one_is_told_of_the_way_by_hand() -> None:
    with pytest.raises(CommandError) as refused:
        send_exercise(Deployed(Lambda("AccessDeniedException")), ABOUT)

    assert refused.value.status is Exit.FORBIDDEN
    assert "--by-hand" in refused.value.next_step


def test_where_no_sandbox_runs_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PORT", "9")

    with pytest.raises(CommandError) as refused:
        send_exercise(Client("http://127.0.0.1:8000"), ABOUT)

    assert refused.value.status is Exit.UNREACHABLE
