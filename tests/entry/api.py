"""API Gateway's side of the API: requests as it hands them to Lambda."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import app as door
from tests.builders import MINUTE, an_event
from tests.fakes import World

ADA = "arn:aws:sts::111122223333:assumed-role/responder/ada"


@dataclass
class Api:
    """Asks as `caller`, who signed with IAM; without one, as nobody."""

    world: World = field(default_factory=World)  # where the fakes serve it
    caller: str = ADA

    def get(self, path: str, query: Mapping[str, str] | None = None) -> tuple[int, Any]:
        return self.ask("GET", path, None, query)

    def post(self, path: str, body: Any, query: Mapping[str, str] | None = None) -> tuple[int, Any]:
        return self.ask("POST", path, body, query)

    def put(self, path: str, body: Any) -> tuple[int, Any]:
        return self.ask("PUT", path, body)

    def ask(
        self, method: str, path: str, body: Any, query: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        answer = self.raw(method, path, None if body is None else json.dumps(body), query)
        return answer["statusCode"], json.loads(answer["body"])

    def raw(
        self,
        method: str,
        path: str,
        body: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return what Lambda answers to API Gateway."""
        parts = path.split("/")
        named = len(parts) > 2
        below = ["steps", "{step}"] if parts[3:4] == ["steps"] else parts[3:]
        resource = "/".join(["", parts[1], "{instance_id}", *below]) if named else path
        parameters = {"instance_id": parts[2], "step": parts[-1]} if named else None
        identity = {"userArn": self.caller} if self.caller else {"sourceIp": "127.0.0.1"}
        answer: dict[str, Any] = door.app(
            {
                "requestContext": {
                    "httpMethod": method,
                    "resourcePath": resource,
                    "domainName": "a1b2c3.execute-api.eu-west-1.amazonaws.com",
                    "path": f"/api{path}",
                    "identity": identity,
                },
                "pathParameters": parameters,
                "multiValueQueryStringParameters": (
                    {name: [value] for name, value in query.items()} if query else None
                ),
                "headers": {"content-type": "application/json"},
                "body": body,
                "stageVariables": None,
                "isBase64Encoded": False,
            },
            None,
        )
        return answer


def contained(api: Api) -> None:
    """Let the ordinary instance be contained, and a minute pass."""
    api.world.deliver(an_event())
    api.world.now += MINUTE
