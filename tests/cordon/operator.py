"""A person at a terminal without a keyboard, in front of the API of the app's fakes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cordon.client import Client
from cordon.command import main
from tests.entry.api import Api

URL = "http://127.0.0.1:8000"


@dataclass
class Answered:
    """What a transport returns, as botocore's does."""

    status_code: int
    content: bytes


@dataclass
class Wire:
    """Hands requests to the app, and keeps them; `says` is answered in its place."""

    api: Api
    sent: list[tuple[str, str, str]] = field(default_factory=list)
    says: list[Answered | Exception] = field(default_factory=list)

    def send(self, request: Any) -> Answered:
        parts = urlsplit(request.url)
        body = (request.body or b"").decode() or None
        self.sent.append((request.method, parts.path, body or ""))
        if self.says:
            said = self.says.pop(0)
            if isinstance(said, Exception):
                raise said
            return said
        query = dict(parse_qsl(parts.query))
        answer = self.api.raw(request.method, parts.path, body, query)
        return Answered(answer["statusCode"], answer["body"].encode())

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path, _ in self.sent if method != "GET"]


@dataclass
class Operator:
    """Runs the command; `run` returns its exit status."""

    wire: Wire
    url: str = URL

    def run(self, *words: str) -> int:
        return main(
            ["--api", self.url, *words],
            lambda api, profile, region: Client(api, profile, region, self.wire),
        )
