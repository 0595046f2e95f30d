"""The description of the API says what the API does."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from openapi_spec_validator import validate

import app as door
from chalicelib.core.errors import AwsBusyError
from chalicelib.core.findings.severity import Band
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.dossier import Breaker
from chalicelib.core.quarantine.exemption import Exemption
from chalicelib.core.quarantine.record import State, StepStatus
from chalicelib.core.quarantine.release import Verdict
from chalicelib.core.steps.drift import DriftKind
from chalicelib.flows.watch import watch
from tests.builders import ACCOUNT, WEB, a_policy, a_ref, an_event
from tests.core.test_surroundings import CROWDED
from tests.entry.api import Api, contained
from tests.entry.description import complaints, description, operations

GOOD = {"reason": "cleaned", "verdict": "remediated"}


def schema(name: str) -> Any:
    return description()["components"]["schemas"][name]


def test_the_description_is_valid() -> None:
    validate(description())


def test_every_route_is_described_and_nothing_else() -> None:
    served = {(method, path) for path, methods in door.app.routes.items() for method in methods}

    assert served == set(operations())


def test_every_operation_is_signed() -> None:
    assert description()["security"] == [{"sigv4": []}]
    assert not any("security" in operation for operation in operations().values())


@pytest.mark.parametrize(
    ("described", "real"),
    [
        (schema("State")["enum"], State),
        (schema("Verdict")["enum"], Verdict),
        (schema("Mode")["properties"]["mode"]["enum"], Mode),
        (schema("Step")["properties"]["status"]["enum"], StepStatus),
        (schema("Drift")["properties"]["kind"]["enum"], DriftKind),
        (schema("Quarantine")["properties"]["severity"]["enum"], Band),
    ],
)
def test_every_word_that_is_described_is_one_of_ours(described: list[str], real: Any) -> None:
    assert described == [each.value for each in real]


def drifted(api: Api) -> None:
    contained(api)
    api.world.ec2.delete_group("sg-ssh")


def released(api: Api) -> None:
    contained(api)
    api.post(f"/quarantines/{WEB}/release", {**GOOD, "verdict": "false_positive"})


def held(api: Api) -> None:
    api.world.mode = Mode.OBSERVE
    api.world.deliver(an_event())


UNTIL = {"reason": "x", "until": "2026-03-08T12:00:00Z"}
EXEMPTION = "/exemptions/{instance_id}"


def exempt(api: Api) -> None:
    assert api.put(f"/exemptions/{WEB}", UNTIL)[0] == HTTPStatus.OK


def spoilt(api: Api) -> None:
    api.world.quarantines.exemptions[a_ref().key] = Exemption("the bastion")


def careful(api: Api) -> None:
    api.world.policy = a_policy(four_eyes=True, exempt_instances=frozenset({WEB}))


def asked(api: Api) -> None:
    careful(api)
    assert api.put(f"/exemptions/{WEB}", UNTIL)[0] == HTTPStatus.ACCEPTED


def crowded_out(api: Api) -> None:
    api.world.quarantines.breakers[ACCOUNT] = Breaker((api.world.now,) * 10)
    api.world.deliver(an_event())


def nobody(api: Api) -> None:
    api.caller = ""


def crowded(api: Api) -> None:
    contained(api)
    api.world.neighbourhood.present = CROWDED


def watched(api: Api) -> None:
    contained(api)
    api.world.control.exercise(api.world.now)
    watch(api.world.responder)


def unknown(api: Api) -> None:
    api.world.ec2.change(WEB, state="terminated")


def busy(api: Api) -> None:
    for call in ("quarantines.dossier", "control.mode", "control.set_mode", "quarantines.page"):
        api.world.fails(call, AwsBusyError("doing", "Throttling"))


ASKED = [
    ("GET", "/quarantines", None, contained, 200),
    ("GET", "/quarantines/{instance_id}", None, drifted, 200),
    ("GET", "/quarantines/{instance_id}", None, released, 200),
    ("GET", "/quarantines/{instance_id}", None, lambda _: None, 404),
    ("GET", "/quarantines/{instance_id}/report", None, lambda _: None, 404),
    ("GET", "/quarantines/{instance_id}/preview", None, lambda _: None, 200),
    ("GET", "/quarantines/{instance_id}/preview", None, crowded, 200),
    ("GET", "/quarantines/{instance_id}/preview", None, unknown, 404),
    ("POST", "/quarantines/{instance_id}", {"reason": "x"}, lambda _: None, 200),
    ("POST", "/quarantines/{instance_id}", {}, lambda _: None, 400),
    ("POST", "/quarantines/{instance_id}", {"reason": "x"}, nobody, 403),
    ("POST", "/quarantines/{instance_id}/release", GOOD, contained, 200),
    (
        "POST",
        "/quarantines/{instance_id}/release",
        {**GOOD, "verdict": "false_positive"},
        contained,
        200,
    ),
    ("POST", "/quarantines/{instance_id}/release", {**GOOD, "accept_drift": True}, drifted, 200),
    ("POST", "/quarantines/{instance_id}/release", GOOD, drifted, 409),
    ("POST", "/quarantines/{instance_id}/release", GOOD, released, 409),
    ("GET", "/held", None, held, 200),
    ("GET", "/held", None, crowded_out, 200),
    ("POST", "/held/{instance_id}/dismiss", {"reason": "x"}, held, 200),
    ("POST", "/held/{instance_id}/dismiss", {}, held, 400),
    ("POST", "/held/{instance_id}/dismiss", {"reason": "x"}, contained, 404),
    ("GET", "/exemptions", None, lambda _: None, 200),
    ("GET", "/exemptions", None, exempt, 200),
    ("GET", "/exemptions", None, spoilt, 200),
    ("GET", "/exemptions", None, asked, 200),
    ("PUT", EXEMPTION, UNTIL, lambda _: None, 200),
    ("PUT", EXEMPTION, {**UNTIL, "until": "2026-03-08"}, exempt, 200),
    ("PUT", EXEMPTION, UNTIL, careful, 202),
    ("PUT", EXEMPTION, {"reason": "x"}, lambda _: None, 400),
    ("PUT", EXEMPTION, {**UNTIL, "until": "soon"}, lambda _: None, 400),
    ("PUT", EXEMPTION, {**UNTIL, "until": "2026-02-01T12:00:00Z"}, lambda _: None, 400),
    ("PUT", EXEMPTION, UNTIL, asked, 403),
    ("PUT", EXEMPTION, UNTIL, unknown, 404),
    ("DELETE", EXEMPTION, {"reason": "x"}, exempt, 200),
    ("DELETE", EXEMPTION, {"reason": "x"}, spoilt, 200),
    ("DELETE", EXEMPTION, {}, exempt, 400),
    ("DELETE", EXEMPTION, {"reason": "x"}, lambda _: None, 404),
    ("GET", "/mode", None, lambda _: None, 200),
    ("GET", "/version", None, lambda _: None, 200),
    ("GET", "/version", None, watched, 200),
    ("GET", "/version", None, busy, 200),
    ("PUT", "/mode", {"mode": "observe", "reason": "x"}, lambda _: None, 200),
    ("PUT", "/mode", {"lists": "paused", "reason": "x"}, lambda _: None, 200),
    ("PUT", "/mode", {"lists": "on", "mode": "enforce", "reason": "x"}, lambda _: None, 200),
    ("PUT", "/mode", {"lists": "off", "reason": "x"}, lambda _: None, 400),
    ("PUT", "/mode", {"reason": "x"}, lambda _: None, 400),
    ("PUT", "/mode", {"mode": "off", "reason": "x"}, lambda _: None, 400),
    ("PUT", "/mode", {"mode": "observe", "reason": "x"}, busy, 503),
    ("GET", "/quarantines", None, busy, 503),
    ("GET", "/mode", None, busy, 503),
]


@pytest.mark.parametrize(("method", "path", "body", "prepare", "status"), ASKED)
def test_an_answer_is_as_it_is_described(  # noqa: PLR0913, PLR0917 - one row of the table
    api: Api,
    method: str,
    path: str,
    body: Any,
    prepare: Any,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CORDON_LOCAL_OPERATOR", raising=False)
    prepare(api)

    answered, said = api.ask(method, path.replace("{instance_id}", WEB), body)

    assert (answered, complaints(method, path, answered, said)) == (status, [])


def test_an_answer_that_is_not_as_described_is_found_out() -> None:
    assert complaints("GET", "/mode", 200, {"mode": "off", "set": None})
    assert complaints("GET", "/mode", 418, {})
