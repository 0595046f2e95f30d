"""The REST API, asked as API Gateway asks: signed callers, hostile bodies, every status."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
from chalice import IAMAuthorizer

import app as door
from chalicelib.adapters.dynamodb.records import SCHEMA
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.record import State
from chalicelib.settings.deployment import SettingsError
from chalicelib.wiring import responder as wiring
from sandbox.deploy import scheduled_event
from tests.builders import (
    NOON,
    OTHER_ACCOUNT,
    PACKAGED,
    WEB,
    a_policy,
    a_quarantine,
    a_ref,
    an_event,
)
from tests.entry.api import ADA, Api, contained
from tests.entry.conftest import ROOT

BUSY = AwsBusyError("doing", "Throttling")
GOOD = {"reason": "cleaned", "verdict": "remediated"}
WRITES = [
    ("POST", f"/quarantines/{WEB}", {"reason": "seen in the logs"}),
    ("POST", f"/quarantines/{WEB}/release", GOOD),
    ("PUT", "/mode", {"mode": "observe", "reason": "a rollout goes wrong"}),
]


def test_every_route_asks_iam_who_calls() -> None:
    entries = [entry for methods in door.app.routes.values() for entry in methods.values()]

    assert len(entries) == 15
    assert all(isinstance(entry.authorizer, IAMAuthorizer) for entry in entries)


def test_the_version_is_that_of_the_package_and_of_the_changelog(api: Api) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest = re.search(r"(?m)^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    status, body = api.get("/version")

    assert (status, body["stage"], body["schema"]) == (200, "dev", SCHEMA)
    assert body["since"] == NOON.isoformat()
    assert newest is not None
    assert body["version"] == project["version"] == newest[1]


def test_who_asks_for_the_version_teaches_the_notices_where_the_api_is(api: Api) -> None:
    api.get("/version")

    at_work = api.world.control.at_work
    assert at_work is not None
    assert at_work.address == "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/api"


def test_the_version_is_told_although_the_table_cannot_be_read(api: Api) -> None:
    api.world.fails("control.deployed", BUSY)

    assert api.get("/version")[1]["since"] is None


def test_a_list_of_quarantines(api: Api) -> None:
    contained(api)

    status, body = api.get("/quarantines")

    assert status == 200
    assert body["next_cursor"] is None
    assert [each["instance_id"] for each in body["quarantines"]] == [WEB]
    assert {"instance_id", "account_id", "region", "state", "version"} <= set(
        body["quarantines"][0]
    )


def test_a_list_goes_on_where_its_page_ended(api: Api) -> None:
    for n in range(120):
        api.world.quarantines.put(a_quarantine(ref=a_ref(f"i-{n:017x}"), opened_at=NOON))
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        query = {"state": "CONTAINING", **({"cursor": cursor} if cursor else {})}
        _, body = api.get("/quarantines", query)
        seen.extend(each["instance_id"] for each in body["quarantines"])
        cursor = body["next_cursor"]

    assert cursor is None
    assert len(set(seen)) == len(seen) == 120


def test_a_list_with_parameters_left_empty_is_the_whole_list(api: Api) -> None:
    contained(api)

    assert api.get("/quarantines", {"state": "", "cursor": ""}) == api.get("/quarantines")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "contained"}, "state"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "W10"}, "cursor"),
        ({"account_id": "prod"}, "account_id"),
        ({"status": "CONTAINED"}, "status"),
    ],
)
def test_a_list_that_cannot_be_is_refused(api: Api, query: dict[str, str], field: str) -> None:
    status, body = api.get("/quarantines", query)

    assert (status, body["Code"]) == (400, "MalformedRequestError")
    assert body["Message"].startswith(field)


@pytest.mark.parametrize("path", ["/held", "/exemptions", "/mode", "/version"])
def test_a_parameter_that_a_route_does_not_have_is_refused(api: Api, path: str) -> None:
    status, body = api.get(path, {"acount_id": OTHER_ACCOUNT})

    assert status == 400
    assert body["Message"].endswith("acount_id is no parameter here: there is none")
    assert api.get(path)[0] == 200


def test_a_refusal_says_that_something_is_missing_only_where_it_is(api: Api) -> None:
    _, misspelt = api.get("/quarantines", {"acount_id": OTHER_ACCOUNT})
    _, missing = api.ask("POST", f"/quarantines/{WEB}", {})

    assert "missing" not in misspelt["Message"]
    assert "missing" in missing["Message"]


def test_a_list_of_what_is_open_or_of_one_account(api: Api) -> None:
    contained(api)
    other = a_ref("i-00000000000000001", OTHER_ACCOUNT)
    over = a_ref("i-00000000000000002")
    api.world.quarantines.put(a_quarantine(State.RELEASED, ref=over))
    api.world.quarantines.put(a_quarantine(ref=other))

    def listed(**query: str) -> set[str]:
        return {each["instance_id"] for each in api.get("/quarantines", query)[1]["quarantines"]}

    assert listed(state="open") == {WEB, other.instance_id}
    assert listed(state="open", account_id=OTHER_ACCOUNT) == {other.instance_id}
    assert listed(account_id=OTHER_ACCOUNT, state="RELEASED") == set()
    assert listed(state="RELEASED") == {over.instance_id}


def test_a_person_orders_a_step(api: Api) -> None:
    contained(api)

    status, body = api.post(f"/quarantines/{WEB}/steps/stop", {"reason": "it must not run on"})

    assert (status, body["steps"]["stop"]["status"]) == (200, "done")
    assert api.world.ec2.state_of(WEB) == "stopped"


@pytest.mark.parametrize(
    ("step", "body", "refusal"),
    [
        ("unplug", {"reason": "x"}, (404, "UnknownStepError")),
        ("stop", {}, (400, "MalformedRequestError")),
        ("stop", {"reason": "x"}, (404, "UnknownInstanceError")),
    ],
)
def test_a_step_that_cannot_be_ordered_is_refused(
    api: Api, step: str, body: dict[str, str], refusal: tuple[int, str]
) -> None:
    status, said = api.post(f"/quarantines/{WEB}/steps/{step}", body)

    assert (status, said["Code"]) == refusal


def test_all_about_one_quarantine(api: Api) -> None:
    contained(api)

    status, body = api.get(f"/quarantines/{WEB}")

    assert (status, body["state"], body["drift"]) == (200, "CONTAINED", [])
    assert body["originals"][0]["group_ids"] == ["sg-web", "sg-ssh"]
    assert [line["what"] for line in body["timeline"]][:2] == ["opened", "contained"]


def test_what_was_never_quarantined_is_not_found(api: Api) -> None:
    for method, path, body in (
        ("GET", f"/quarantines/{WEB}", None),
        ("GET", f"/quarantines/{WEB}/report", None),
        ("POST", f"/quarantines/{WEB}/release", GOOD),
    ):
        status, answer = api.ask(method, path, body)
        assert (status, answer["Code"]) == (404, "UnknownInstanceError")


def test_an_instance_is_quarantined_by_hand(api: Api) -> None:
    status, body = api.post(f"/quarantines/{WEB}", {"reason": "seen in the logs"})

    assert (status, body["state"], body["opened_by"]) == (200, "CONTAINED", ADA)
    assert api.world.is_cut()


def test_what_the_watcher_must_finish_is_accepted(api: Api) -> None:
    api.world.fails("ec2.set_groups", BUSY)

    status, body = api.post(f"/quarantines/{WEB}", {"reason": "seen in the logs"})

    assert (status, body["state"]) == (202, "CONTAINING")


def test_an_instance_that_ec2_does_not_know_is_not_found(api: Api) -> None:
    status, body = api.post("/quarantines/i-0123456789abcdef0", {"reason": "x"})

    assert (status, body["Code"]) == (404, "UnknownInstanceError")


def test_an_instance_is_released(api: Api) -> None:
    contained(api)

    status, body = api.post(f"/quarantines/{WEB}/release", GOOD)

    assert (status, body["state"], body["drift"]) == (200, "RELEASED", [])
    assert body["release"]["by"] == ADA
    assert body["proposed_suppression"] is None
    assert api.world.ec2.groups_on(WEB) == {"eni-1": ("sg-web", "sg-ssh")}


def test_a_release_after_a_release_is_a_conflict(api: Api) -> None:
    contained(api)
    api.post(f"/quarantines/{WEB}/release", GOOD)

    status, body = api.post(f"/quarantines/{WEB}/release", GOOD)

    assert (status, body["Code"]) == (409, "AlreadyReleasedError")


def test_a_release_that_cannot_be_finished_now_is_accepted_and_resumed(api: Api) -> None:
    contained(api)
    api.world.fails("ec2.set_groups", BUSY, times=4)

    first, _ = api.post(f"/quarantines/{WEB}/release", GOOD)
    second, body = api.post(f"/quarantines/{WEB}/release", GOOD)

    assert (first, second, body["state"]) == (202, 200, "RELEASED")


def test_a_stale_view_is_a_conflict(api: Api) -> None:
    contained(api)

    status, body = api.post(f"/quarantines/{WEB}/release", {**GOOD, "version": 1})

    assert (status, body["Code"]) == (409, "StaleViewError")


def test_drift_is_a_conflict_with_the_list_until_it_is_accepted(api: Api) -> None:
    contained(api)
    api.world.ec2.delete_group("sg-ssh")

    refused, listed = api.post(f"/quarantines/{WEB}/release", GOOD)
    accepted, body = api.post(f"/quarantines/{WEB}/release", {**GOOD, "accept_drift": True})

    assert (refused, listed["Code"]) == (409, "DriftError")
    assert listed["drift"] == ["eni-1: sg-ssh no longer exists, or cannot be put on it any more"]
    assert (accepted, body["drift"][0]["kind"]) == (200, "group_deleted")


def test_a_false_positive_comes_with_the_call_that_would_suppress_it(api: Api) -> None:
    contained(api)

    _, body = api.post(f"/quarantines/{WEB}/release", {**GOOD, "verdict": "false_positive"})

    proposal = body["proposed_suppression"]
    assert proposal["operation"] == "guardduty:CreateFilter"
    assert proposal["command"].startswith("aws guardduty create-filter --detector-id detector-1")


def test_where_four_eyes_are_asked_the_first_is_accepted_and_cannot_be_the_second(
    api: Api,
) -> None:
    api.world.policy = a_policy(four_eyes=True)
    contained(api)

    first, _ = api.post(f"/quarantines/{WEB}/release", GOOD)
    same, refusal = api.post(f"/quarantines/{WEB}/release", GOOD)
    api.caller = "arn:aws:iam::111122223333:user/bob"
    second, body = api.post(f"/quarantines/{WEB}/release", GOOD)

    assert (first, same, second) == (202, 403, 200)
    assert refusal["Code"] == "FourEyesError"
    assert body["state"] == "RELEASED"


def test_an_instance_that_is_being_released_cannot_be_quarantined(api: Api) -> None:
    api.world.quarantines.put(a_quarantine(State.RELEASING))

    status, body = api.post(f"/quarantines/{WEB}", {"reason": "x"})

    assert (status, body["Code"]) == (409, "ReleaseInProgressError")


def test_the_report_is_a_page(api: Api) -> None:
    contained(api)

    answer = api.raw("GET", f"/quarantines/{WEB}/report")

    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer["headers"]["Content-Security-Policy"]
    assert answer["body"].startswith("<!doctype html>")
    assert WEB in answer["body"]


def test_the_kill_switch(api: Api) -> None:
    before, shown = api.get("/mode")
    turned, body = api.put("/mode", {"mode": "observe", "reason": "a rollout goes wrong"})
    after, shown_then = api.get("/mode")

    assert (before, turned, after) == (200, 200, 200)
    assert shown == {"mode": "enforce", "set": None, "lists": "on", "lists_set": None}
    assert body["set"]["by"] == ADA
    assert shown_then == body
    assert api.world.deliver(an_event()).outcome == "held"


@pytest.mark.parametrize("body", [{"mode": "off", "reason": "x"}, {"mode": "observe"}, {}])
def test_a_mode_that_is_none_is_refused(api: Api, body: dict[str, str]) -> None:
    assert api.put("/mode", body)[0] == 400


# Who asks, and about which account.


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_write_that_nobody_signed_is_forbidden(
    api: Api, method: str, path: str, body: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CORDON_LOCAL_OPERATOR", raising=False)
    contained(api)
    api.caller = ""

    status, answer = api.ask(method, path, body)

    assert (status, answer["Code"]) == (403, "UnknownCallerError")
    assert api.world.is_cut()


@pytest.mark.parametrize(("method", "path", "_body"), WRITES)
def test_who_did_not_sign_learns_nothing_of_the_body(
    api: Api, method: str, path: str, _body: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CORDON_LOCAL_OPERATOR", raising=False)
    api.caller = ""

    assert api.ask(method, path, {"nonsense": 1})[0] == 403


def test_on_this_machine_somebody_may_stand_in_for_the_caller(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORDON_LOCAL_OPERATOR", "arn:aws:iam::000000000000:user/local")
    api.caller = ""

    status, body = api.post(f"/quarantines/{WEB}", {"reason": "x"})

    assert (status, body["opened_by"]) == (200, "arn:aws:iam::000000000000:user/local")


def test_in_lambda_nobody_stands_in_for_the_caller(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORDON_LOCAL_OPERATOR", "arn:aws:iam::000000000000:user/local")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "cordon-dev")
    api.caller = ""

    assert api.post(f"/quarantines/{WEB}", {"reason": "x"})[0] == 403


def test_who_signed_goes_before_who_stands_in(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDON_LOCAL_OPERATOR", "arn:aws:iam::000000000000:user/local")

    _, body = api.post(f"/quarantines/{WEB}", {"reason": "x"})

    assert body["opened_by"] == ADA


def test_another_account_is_named_by_a_parameter_and_must_be_allowed(api: Api) -> None:
    query = {"account_id": OTHER_ACCOUNT, "region": "us-east-1"}

    refused, body = api.post(f"/quarantines/{WEB}", {"reason": "x"}, query)
    api.world.policy = a_policy(allowed_accounts=frozenset({OTHER_ACCOUNT}))
    unknown, _ = api.post(f"/quarantines/{WEB}", {"reason": "x"}, query)

    assert (refused, body["Code"]) == (403, "NotAllowedError")
    assert unknown == 404


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/quarantines/i-xyz", {}, "instance_id"),
        ("/quarantines/web", {}, "instance_id"),
        (f"/quarantines/{WEB}", {"account_id": "1"}, "account_id"),
        (f"/quarantines/{WEB}", {"account_id": "١١١١٢٢٢٢٣٣٣٣"}, "account_id"),
        (f"/quarantines/{WEB}", {"region": "../x"}, "region"),
    ],
)
def test_a_target_that_is_none_is_refused(
    api: Api, path: str, query: dict[str, str], field: str
) -> None:
    for method, body in (("GET", None), ("POST", {"reason": "x"})):
        status, answer = api.ask(method, path, body, query)
        assert (status, answer["Code"]) == (400, "MalformedRequestError")
        assert answer["Message"].startswith(field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reason"),
        ({"reason": "x"}, "verdict"),
        ({**GOOD, "verdict": "maybe"}, "verdict"),
        ({**GOOD, "reason": "  \u202e "}, "reason"),
        ({**GOOD, "reason": 7}, "reason"),
        ({**GOOD, "version": "3"}, "version"),
        ({**GOOD, "version": True}, "version"),
        ({**GOOD, "version": 0}, "version"),
        ({**GOOD, "accept_drift": "yes"}, "accept_drift"),
        ({**GOOD, "accept-drift": True}, "accept-drift"),
        ([GOOD], "the body"),
        ("text", "the body"),
    ],
    ids=str,
)
def test_a_body_that_cannot_be_read_names_its_field(api: Api, body: Any, field: str) -> None:
    status, answer = api.post(f"/quarantines/{WEB}/release", body)

    assert (status, answer["Code"]) == (400, "MalformedRequestError")
    assert answer["Message"].startswith(field)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"a":' * 50_000, "\x00", "nul", "NaN"])
def test_a_body_that_is_no_json_object_is_refused(api: Api, text: str) -> None:
    answer = api.raw("POST", f"/quarantines/{WEB}/release", text)

    assert answer["statusCode"] == 400
    assert set(json.loads(answer["body"])) == {"Code", "Message"}


# What AWS does to us is said as what it is.


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_table_that_is_busy_asks_for_patience(
    api: Api, method: str, path: str, body: dict[str, str]
) -> None:
    for call in ("quarantines.dossier", "control.set_mode"):
        api.world.fails(call, BUSY)

    status, answer = api.ask(method, path, body)

    assert (status, answer["Code"]) == (503, "AwsBusyError")


def test_what_aws_refuses_is_a_conflict_that_a_person_must_solve(api: Api) -> None:
    api.world.fails("ec2.set_groups", AwsRefusedError("set the groups", "UnauthorizedOperation"))

    status, body = api.post(f"/quarantines/{WEB}", {"reason": "x"})

    assert (status, body["Code"]) == (409, "AwsRefusedError")
    assert "UnauthorizedOperation" in body["Message"]


def test_a_deployment_without_settings_says_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: str) -> None:
        raise SettingsError("STAGE is wrong")

    monkeypatch.setattr(door, "responder", fails)

    status, body = api.post(f"/quarantines/{WEB}", {"reason": "seen in the logs"})

    assert (status, body) == (503, {"Code": "SettingsError", "Message": "STAGE is wrong"})


def test_with_settings_that_are_wrong_one_can_look_release_and_turn_the_mode(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    contained(api)
    served = api.world.responder

    def fails(_: str) -> None:
        raise SettingsError("CORDON_MODE is wrong")

    monkeypatch.setattr(wiring, "shipped_responder", lambda _: served)
    monkeypatch.setattr(door, "responder", fails)

    assert api.get(f"/quarantines/{WEB}")[0] == 200
    mode = api.put("/mode", {"mode": "observe", "reason": "settings are wrong"})
    release = api.post(f"/quarantines/{WEB}/release", GOOD)

    assert (mode[0], release[0]) == (200, 200)
    assert "the settings cannot be read; the packaged policy serves" in caplog.messages


def test_the_packaged_policy_serves_whatever_the_settings_choose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("CORDON_MODE", "enfroce")
    monkeypatch.setenv("CORDON_POLICY", "/missing.toml")

    with pytest.raises(SettingsError):
        wiring.responder()
    to = wiring.shipped_responder("arn:aws:lambda:us-east-1:123456789012:function:cordon-dev")

    assert (to.policy, to.mode) == (PACKAGED, Mode.OBSERVE)


def test_the_watcher_is_run_by_its_schedule(api: Api) -> None:
    contained(api)

    answer = door.watch_quarantines(scheduled_event("watch_quarantines"), None)

    assert answer == {"open": 1, "left": 0, "failing": 0}
