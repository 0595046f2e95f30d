"""The API through the app and the real adapters, on moto."""

from __future__ import annotations

import json

import pytest
from chalice.test import Client

from chalicelib.core.notices.notice import parse_notice
from sandbox.deploy import scheduled_event
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION, BUCKET, STAGE
from tests.entry.api import ADA, Api
from tests.entry.home import Home

pytestmark = pytest.mark.no_cover  # the same lines, very often

GOOD = {"reason": "cleaned", "verdict": "remediated"}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setenv("STAGE", STAGE)
    monkeypatch.setenv("CORDON_MODE", "enforce")
    return Api()


def groups(home: Home) -> dict[str, list[str]]:
    found = home.site.instances.interfaces(home.instance_id)
    return {each.id: sorted(each.group_ids) for each in found}


def test_what_a_finding_contained_is_given_back_exactly(
    client: Client, home: Home, api: Api
) -> None:
    before = groups(home)
    client.lambda_.invoke("contain_finding", home.event())
    cut = groups(home)
    api.get("/version")

    status, body = api.post(f"/quarantines/{home.instance_id}/release", GOOD)

    assert (status, body["state"], body["release"]["by"]) == (200, "RELEASED", ADA)
    assert cut != before
    assert groups(home) == before
    told = [parse_notice(each) for each in home.heard()]
    assert [each["kind"] for each in told] == ["containment", "release"]
    assert [each.get("api") for each in told] == [
        None,
        "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/api",
    ]
    folder = f"s3://{BUCKET}/quarantines/{AWS_ACCOUNT}/{AWS_REGION}/{home.instance_id}/1/"
    assert {each["evidence"] for each in told} == {folder}
    seen, whole = api.get(f"/quarantines/{home.instance_id}")
    assert (seen, whole["drift"]) == (200, [])
    assert [line["what"] for line in whole["timeline"]][-2:] == ["releasing", "released"]


def test_what_a_person_quarantined_is_listed_and_reported(home: Home, api: Api) -> None:
    status, _ = api.post(f"/quarantines/{home.instance_id}", {"reason": "seen in the logs"})

    listed, body = api.get("/quarantines", {"state": "CONTAINED"})
    page = api.raw("GET", f"/quarantines/{home.instance_id}/report")

    assert (status, listed, page["statusCode"]) == (200, 200, 200)
    assert [each["instance_id"] for each in body["quarantines"]] == [home.instance_id]
    assert "seen in the logs" in page["body"]


def test_a_person_who_lets_an_instance_out_past_cordon_is_found_out(
    client: Client, home: Home, api: Api
) -> None:
    api.post(f"/quarantines/{home.instance_id}", {"reason": "seen in the logs"})
    cut = groups(home)
    vpc = home.site.instances.interfaces(home.instance_id)[0].vpc_id
    home.site.client.modify_network_interface_attribute(
        NetworkInterfaceId=next(iter(cut)), Groups=[home.site.make_group(vpc)]
    )

    seen, whole = api.get(f"/quarantines/{home.instance_id}")
    client.lambda_.invoke("watch_quarantines", scheduled_event("watch_quarantines"))

    assert (seen, [each["kind"] for each in whole["drift"]]) == (200, ["groups_changed"])
    assert groups(home) == cut
    told = [parse_notice(each) for each in home.heard()]
    assert ("drift", "repaired") in [(each["kind"], each["outcome"]) for each in told]


def test_the_kill_switch_holds_the_next_finding(client: Client, home: Home, api: Api) -> None:
    api.put("/mode", {"mode": "observe", "reason": "a rollout goes wrong"})

    answer = client.lambda_.invoke("contain_finding", home.event()).payload

    assert (answer["outcome"], answer["instances"][0]["reasons"]) == ("held", ["observe_mode"])
    assert api.get("/mode")[1]["set"]["reason"] == "a rollout goes wrong"


@pytest.mark.parametrize("region", ["us-foo-9", "eu-nowhere-1"])
def test_a_region_that_ec2_does_not_have_is_refused(home: Home, api: Api, region: str) -> None:
    path, query = f"/quarantines/{home.instance_id}", {"region": region}

    answers = [api.get(path, query), api.post(path, {"reason": "x"}, query)]

    for status, body in answers:
        assert (status, body["Code"]) == (400, "UnknownRegionError"), json.dumps(body)
        assert body["Message"].startswith("region")


def test_another_region_of_ec2_is_served(home: Home, api: Api) -> None:
    status, body = api.get(f"/quarantines/{home.instance_id}", {"region": "eu-central-1"})

    assert (status, body["Code"]) == (404, "UnknownInstanceError")
