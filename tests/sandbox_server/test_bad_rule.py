"""The night of a bad rule in the sandbox: what it held, what it cut, and all of it given back.

By command and by plain HTTP, against the whole app on its local AWS.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cordon.command import main
from cordon.exits import Exit
from sandbox.server import Sandbox
from sandbox.world import World, build, groups_of

C2 = "Backdoor:EC2/C&CActivity.B"
FALSE_ALARM = ("--verdict", "false_positive", "--reason", "a bad rule", "--yes")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def ask(sandbox: Sandbox, method: str, path: str, body: object = None) -> Any:
    request = urllib.request.Request(
        f"{sandbox.api_url}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def run(sandbox: Sandbox, *words: str) -> int:
    return main(["--api", sandbox.api_url, *words])


def find(sandbox: Sandbox, *names: str) -> None:
    for name in names:
        assert (
            run(
                sandbox, "send", "command-and-control", "--instance", name, "--aws", sandbox.aws_url
            )
            == 0
        )
        sandbox.drain()


def states(sandbox: Sandbox) -> dict[str, str]:
    listed = ask(sandbox, "GET", "/quarantines")["quarantines"]
    return {each["instance_id"]: each["state"] for each in listed}


def held(sandbox: Sandbox) -> dict[str, list[str]]:
    return {each["instance_id"]: each["reasons"] for each in ask(sandbox, "GET", "/held")["held"]}


def test_what_a_bad_rule_did_is_seen_ended_and_given_back(sandbox: Sandbox) -> None:
    world = build(sandbox)
    before = {each: groups_of(sandbox, each) for each in world.instances.values()}
    _exempt_by_both(sandbox, world)

    find(sandbox, "web", "login", "mail", "bastion")

    assert states(sandbox) == {world.web: "CONTAINED"}
    assert set(held(sandbox)) == {world.login, world.mail, world.bastion}
    assert all("exempt" in reasons for reasons in held(sandbox).values())

    _decide_on_what_is_held(sandbox, world)

    assert held(sandbox) == {}
    assert states(sandbox) == {world.web: "CONTAINED", world.mail: "CONTAINED"}
    assert groups_of(sandbox, world.web) != before[world.web]

    assert run(sandbox, "release", "--finding-type", C2, *FALSE_ALARM) == Exit.DONE
    sandbox.drain()

    assert states(sandbox) == {world.web: "RELEASED", world.mail: "RELEASED"}
    assert {each: groups_of(sandbox, each) for each in before} == before


def _exempt_by_both(sandbox: Sandbox, world: World) -> None:
    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    by_http = {"reason": "a penetration test", "until": until}
    ask(sandbox, "PUT", f"/exemptions/{world.login}", by_http)
    by_command = ("--reason", "a migration", "--until", until, "--yes")
    assert run(sandbox, "exempt", world.mail, *by_command) == Exit.DONE

    listed = ask(sandbox, "GET", "/exemptions")["exemptions"]

    assert {each["instance_id"] for each in listed} == {world.login, world.mail, world.bastion}
    assert run(sandbox, "exemptions") == Exit.DONE


def _decide_on_what_is_held(sandbox: Sandbox, world: World) -> None:
    """Contain one after all, leave one in peace, and dismiss the rest by the type."""
    assert run(sandbox, "held") == Exit.DONE
    assert run(sandbox, "approve", world.mail, "--reason", "it is real", "--yes") == Exit.DONE
    ask(sandbox, "DELETE", f"/exemptions/{world.mail}", {"reason": "over"})
    ask(sandbox, "POST", f"/held/{world.login}/dismiss", {"reason": "that is the test"})
    why = ("--reason", "a bad rule", "--yes")
    assert run(sandbox, "dismiss", "--finding-type", C2, *why) == Exit.DONE
    sandbox.drain()
