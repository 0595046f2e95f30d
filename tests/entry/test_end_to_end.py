"""One finding through the app and the real adapters, on moto."""

from __future__ import annotations

from typing import Any

import pytest
from chalice.test import Client

import app as door
from chalicelib.core.notices.notice import parse_notice
from chalicelib.settings.deployment import SettingsError
from chalicelib.wiring import responder
from sandbox.events.invocation import Context
from sandbox.faithful.faults import Faults
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION, BUCKET, TABLE
from tests.adapters.sites import AwsSite
from tests.builders import OTHER_ACCOUNT
from tests.entry.home import Home, session_of

pytestmark = pytest.mark.no_cover  # the same lines, very often


def test_a_finding_becomes_a_containment_and_a_notice(client: Client, home: Home) -> None:
    answer = client.lambda_.invoke("contain_finding", home.event()).payload

    assert answer["outcome"] == "contained"
    (deny,) = (g.id for g in home.site.groups.groups() if g.role == "deny")
    interfaces = home.site.instances.interfaces(home.instance_id)
    assert [interface.group_ids for interface in interfaces] == [(deny,), (deny,)]
    assert home.site.rules(deny) == ([], [])
    (notice,) = home.heard()
    assert parse_notice(notice)["outcome"] == "contained"
    told = client.lambda_.invoke("notify", client.events.generate_sns_event(notice)).payload
    assert told == {"kind": "containment", "outcome": "contained"}


def test_the_originals_are_in_the_table_and_the_evidence_in_the_bucket(
    client: Client, home: Home
) -> None:
    before = home.site.instances.interfaces(home.instance_id)

    client.lambda_.invoke("contain_finding", home.event())

    key = {
        "pk": {"S": f"about#{AWS_ACCOUNT}/{AWS_REGION}/{home.instance_id}"},
        "sk": {"S": "quarantine#000001"},
    }
    record = home.session.client("dynamodb").get_item(TableName=TABLE, Key=key)["Item"]
    assert record["state"] == {"S": "CONTAINED"}
    originals = [
        tuple(group["S"] for group in original["M"]["group_ids"]["L"])
        for original in record["originals"]["L"]
    ]
    assert originals == [interface.group_ids for interface in before]
    kept = home.session.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    kinds = {each["Key"].rpartition("/")[2].rpartition("-")[0] for each in kept}
    assert kinds == {
        "",  # the finding
        "console",
        "instance-before",
        "manifest",
        "screenshot",
        "surroundings",
        "undo",
    }


@pytest.mark.parametrize(("in_lambda", "asked"), [(True, 0), (False, 1)])
def test_sts_is_asked_whose_account_this_is_only_outside_of_lambda(
    home: Home, monkeypatch: pytest.MonkeyPatch, *, in_lambda: bool, asked: int
) -> None:
    monkeypatch.setenv("CORDON_MODE", "enforce")
    if in_lambda:
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "cordon-dev-contain_finding")

    with Faults().on() as faults:
        context = Context("cordon-dev-contain_finding", "a-request")
        answer = door.contain_finding(home.event(), context)

    assert answer["outcome"] == "contained"
    assert [call.operation for call in faults.calls].count("sts.GetCallerIdentity") == asked


def test_a_repeat_changes_nothing(client: Client, home: Home) -> None:
    client.lambda_.invoke("contain_finding", home.event())

    with Faults().on() as faults:
        answer = client.lambda_.invoke("contain_finding", home.event()).payload

    assert answer["outcome"] == "already_contained"
    assert len(home.heard()) == 1
    assert "ec2.ModifyNetworkInterfaceAttribute" not in {c.operation for c in faults.calls}


def test_an_instance_that_is_gone_is_told(client: Client, home: Home) -> None:
    home.site.terminate(home.instance_id)

    answer = client.lambda_.invoke("contain_finding", home.event()).payload

    assert answer["outcome"] == "alerted"
    assert len(home.heard()) == 1


def test_a_member_account_that_the_policy_does_not_allow_is_held(
    client: Client, home: Home
) -> None:
    with Faults().on() as faults:
        answer = client.lambda_.invoke(
            "contain_finding", home.event(account_id=OTHER_ACCOUNT)
        ).payload

    assert answer["outcome"] == "held"
    assert not [c.operation for c in faults.calls if c.operation.startswith("ec2.")]


def test_a_member_account_that_the_policy_allows_is_contained_in_it(
    client: Client, home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    overlay = tmp_path / "policy.toml"
    overlay.write_text(f'version = 1\n[accounts]\nallowed = ["{OTHER_ACCOUNT}"]\n')
    monkeypatch.setenv("CORDON_POLICY", str(overlay))
    there = AwsSite(session_of(home.session, OTHER_ACCOUNT).client("ec2"), OTHER_ACCOUNT)
    vpc = there.make_vpc()
    instance_id = there.launch((vpc, (there.make_group(vpc),)))

    answer = client.lambda_.invoke(
        "contain_finding", home.event(account_id=OTHER_ACCOUNT, instance_id=instance_id)
    ).payload

    assert answer["outcome"] == "contained"
    assert [group.vpc_id for group in there.groups.groups()] == [vpc, vpc]
    assert home.site.groups.groups() == ()


def test_the_responder_is_made_once_while_its_settings_stay(home: Home) -> None:
    assert home.instance_id
    assert responder.responder() is responder.responder()


def test_a_responder_of_other_settings_is_another(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home.instance_id
    before = responder.responder()
    monkeypatch.setenv("CORDON_MODE", "enforce")

    after = responder.responder()

    assert (before.mode, after.mode) == ("observe", "enforce")


def test_wrong_settings_stop_the_first_handler_with_all_complaints(
    client: Client, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("CORDON_POLICY", "missing.toml")

    with pytest.raises(SettingsError, match=r"AWS_REGION .*; CORDON_POLICY"):
        client.lambda_.invoke("contain_finding", home.event())


def test_workers_names_differ_and_the_clock_is_utc(home: Home) -> None:
    assert home.instance_id
    to = responder.responder()

    assert to.name_worker() != to.name_worker()
    assert to.now().utcoffset() is not None
    assert to.now().utcoffset().total_seconds() == 0  # type: ignore[union-attr]  # just checked
