"""What people do in the demo, over the API: give an instance back, and read the report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox.server import Sandbox
from sandbox.world import World, groups_of

_ORDER = {"reason": "the server was rebuilt from a clean image", "verdict": "remediated"}
_TIMEOUT = 30  # seconds


@dataclass(frozen=True, slots=True)
class Recovery:
    """What the API answered to a release, and what EC2 said before and after it."""

    status: int
    answer: dict[str, Any]
    repeated: int  # the status of the same request, sent once more
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    is_exact: bool  # whether EC2 says what it said before it all
    report: str  # a page of HTML; empty if there is none

    @property
    def said(self) -> str:
        """The answer to the release, in a line."""
        order = self.answer.get("release")
        if order is None:
            return f"{self.status} {self.answer.get('Code')}: {self.answer.get('Message')}"
        return f"{self.status} {self.answer['state']}, by {order['by']}: {order['reason']}"

    def problems(self) -> Iterator[str]:
        """Yield what did not come out right."""
        if (self.status, self.answer.get("state")) != (HTTPStatus.OK, "RELEASED"):
            yield f"the release answered {self.status}: {self.answer}"
        if self.repeated != HTTPStatus.CONFLICT:
            yield f"the release, asked for again, answered {self.repeated}"
        if not self.is_exact:
            yield f"released to {self.after}, which is not what it had"
        if "Released" not in self.report:
            yield "the incident report does not say that the instance was released"


def recover(
    sandbox: Sandbox, world: World, originals: dict[str, list[str]], report_to: Path
) -> Recovery:
    """Give the web server back over the API, as a person does, and write the report to a file.

    `originals` are its groups before it all. Where the API has no report, a file of an earlier
    demo stays as it is.
    """
    path = f"/quarantines/{world.web}"
    before = groups_of(sandbox, world.web)
    status, said = _ask(sandbox, "POST", f"{path}/release", _ORDER)
    repeated, _ = _ask(sandbox, "POST", f"{path}/release", _ORDER)
    sandbox.drain()
    found, report = _ask(sandbox, "GET", f"{path}/report")
    if found == HTTPStatus.OK:
        report_to.parent.mkdir(parents=True, exist_ok=True)
        report_to.write_text(report, encoding="utf-8")
    page = report if found == HTTPStatus.OK else ""
    after = groups_of(sandbox, world.web)
    return Recovery(status, json.loads(said), repeated, before, after, after == originals, page)


def _ask(
    sandbox: Sandbox, method: str, path: str, body: dict[str, Any] | None = None
) -> tuple[int, str]:
    connection = HTTPConnection(urlsplit(sandbox.api_url).netloc, timeout=_TIMEOUT)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
