"""Questions to an IAM engine that nobody here wrote, and what it answers.

Source: https://github.com/cloud-copilot/iam-simulate
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.adapters.aws import AWS_ACCOUNT
from tests.permissions.needs import Need

_HERE = Path(__file__).parent
_LISTS = {"dynamodb:LeadingKeys"}  # keys that may have several values


@dataclass(frozen=True, slots=True)
class Question:
    """May `principal`, with the policies that are named, do what `need` says?"""

    need: Need
    principal: str
    identity: tuple[str, ...]
    is_allowed: bool  # what must be answered
    control: tuple[str, ...] = ()  # service control policies
    boundary: tuple[str, ...] = ()
    resource: str = ""  # its own policy
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        account = self.need.resource.split(":")[4] if self.need.resource != "*" else ""
        context = {
            key: list(values) if key in _LISTS else values[0]
            for key, values in self.need.context.items()
            if values
        }
        return {
            "request": {
                "action": self.need.action,
                "resource": {
                    "resource": self.need.resource,
                    "accountId": account or self.need.context.get("aws:ResourceAccount", ("",))[0],
                },
                "principal": self.principal,
                "contextVariables": {"aws:PrincipalArn": self.principal, **context},
            },
            "identity": self.identity,
            "control": self.control,
            "boundary": self.boundary,
            "resource": self.resource,
        }


@dataclass
class Case:
    """Policies by name, and what is asked about them."""

    policies: dict[str, Any] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)


def role(name: str, account: str = AWS_ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def is_there() -> bool:
    """Whether node is installed, and the engine beside this file."""
    return shutil.which("node") is not None and (_HERE / "node_modules").is_dir()


def wrong(case: Case) -> Sequence[str]:
    """Return, for people, each question that the engine answers otherwise than it must."""
    asked: Mapping[str, Any] = {
        "policies": case.policies,
        "questions": [each.as_json() for each in case.questions],
    }
    done = subprocess.run(
        ["node", _HERE / "judge.mjs"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = json.loads(done.stdout)
    return [
        f"{each.principal} {each.need.action} {each.need.resource} {each.why}: {answer}, which must"
        f" {'' if each.is_allowed else 'not '}be allowed"
        for each, answer in zip(case.questions, answers, strict=True)
        if answer.startswith("Error") or (answer == "Allowed") is not each.is_allowed
    ]
