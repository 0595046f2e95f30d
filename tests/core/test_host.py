"""What people know an instance by."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.host import group_names_in, group_names_of, host_of, in_words, known, named
from chalicelib.core.notices import about_findings, about_quarantines
from chalicelib.core.quarantine.record import State
from chalicelib.core.report.facts import facts
from chalicelib.core.report.formats import rendered
from tests.builders import (
    WEB,
    a_finding,
    a_judgement,
    a_quarantine,
    a_ref,
    an_event,
    an_instance,
)
from tests.fakes import World

DESCRIBED = {"PrivateIpAddress": "10.0.1.5", "PublicIpAddress": "198.51.100.7", "VpcId": "vpc-1"}
HOST = {"name": "web-1", "private": "10.0.1.5", "public": "198.51.100.7", "vpc": "vpc-1"}
WORDS = "web-1, private 10.0.1.5, public 198.51.100.7, in vpc-1"
SEEN = an_instance(tags={"Name": "web-1"}, as_described=json.dumps(DESCRIBED))


def test_a_host_is_known_by_its_name_its_addresses_and_its_vpc() -> None:
    assert host_of(SEEN) == HOST
    assert in_words(HOST) == WORDS


def test_an_account_has_the_name_that_the_owner_gives_it() -> None:
    named = host_of(SEEN, {a_ref().account_id: "prod", "999999999999": "other"})

    assert named == {**HOST, "account": "prod"}
    assert in_words(named) == f"{WORDS}, of the account prod"
    assert known(named) == named


def test_the_quarantine_and_its_notices_name_the_account() -> None:
    world = World()
    world.policy = replace(world.policy, account_names={a_ref().account_id: "prod"})
    world.launch(an_instance())

    world.deliver(an_event())

    assert world.quarantine().host["account"] == "prod"
    assert "of the account prod" in world.notices.sent[-1].text


def test_groups_are_named_in_the_record_the_notices_and_the_report() -> None:
    world = World()
    groups = [{"GroupId": "sg-web", "GroupName": "web\u202e servers"}, {"GroupId": "sg-ssh"}]
    described = json.dumps({"NetworkInterfaces": [{"Groups": groups}, {}]})
    world.launch(an_instance(as_described=described))

    world.deliver(an_event())

    quarantine = world.quarantine()
    assert quarantine.group_names == {"sg-web": "web servers"}
    assert "eni-1: sg-web (web servers), sg-ssh -> deny" in world.notices.sent[-1].text
    page, _ = rendered("html", facts(quarantine, (), ()))
    assert "sg-web (web servers), sg-ssh" in page


@given(st.dictionaries(st.text(), st.text() | st.integers()) | st.none())
def test_whatever_is_on_record_of_groups_becomes_one_printable_line(said: object) -> None:
    assert all(name.isprintable() for name in group_names_in(said).values())
    assert named(["sg-1", "sg-2"], {"sg-2": "web"}) == "sg-1, sg-2 (web)"


def test_what_is_not_known_is_left_out() -> None:
    assert host_of(None) == {}
    assert host_of(an_instance()) == {}
    assert in_words({}) == ""
    assert in_words({"private": "10.0.1.5"}) == "private 10.0.1.5"


def test_ec2s_word_on_the_vpc_comes_first() -> None:
    placed = an_instance(place={"vpcs": "vpc-2"}, as_described=json.dumps(DESCRIBED))

    assert host_of(placed)["vpc"] == "vpc-2"


@pytest.mark.parametrize("described", ["", "[]", "no JSON", "[" * 100_000, '{"VpcId": 7}'])
def test_a_description_that_cannot_be_read_says_nothing(described: str) -> None:
    assert host_of(an_instance(as_described=described)) == {}
    assert group_names_of(an_instance(as_described=described)) == {}


@given(st.dictionaries(st.sampled_from([*HOST, "other"]), st.text() | st.integers()) | st.none())
def test_whatever_is_on_record_becomes_one_printable_line(said: object) -> None:
    assert in_words(known(said)).isprintable()
    assert set(known(said)) <= set(HOST)


def test_every_notice_about_an_instance_that_was_looked_at_names_the_host() -> None:
    finding, judgement, contained = a_finding(), a_judgement(), a_quarantine(host=HOST)
    about = (finding, judgement, a_ref())
    notices = [
        about_findings.of_hold(*about, ("exempt",), host=HOST),
        about_findings.of_nothing_to_cut(*about, "instance_gone", host=HOST),
        about_findings.of_failure(*about, RuntimeError("x"), host=HOST),  # type: ignore[arg-type]
        about_findings.of_repeat(finding, judgement, contained),
        about_quarantines.of_containment(contained, finding, "c2"),
        about_quarantines.of_trouble(contained, "x"),
    ]

    for notice in notices:
        assert f"Which host\n  {WORDS}\n" in notice.text
        assert notice.facts["host"] == HOST


def test_a_notice_of_a_record_that_knows_no_host_is_as_it_was() -> None:
    notice = about_quarantines.of_trouble(a_quarantine(), "x")

    assert "Which host" not in notice.text
    assert "host" not in notice.facts


@pytest.mark.parametrize("shape", ["html", "md", "json"])
def test_the_report_names_the_host(shape: str) -> None:
    said = facts(a_quarantine(State.CONTAINED, host={**HOST, "name": "<b>web"}), (), ())
    body, _ = rendered(shape, said)

    assert "198.51.100.7" in body
    if shape == "html":
        assert "<b>web" not in body


def test_the_record_and_every_notice_from_a_finding_know_the_host() -> None:
    world = World()
    world.launch(SEEN)

    world.deliver(an_event())

    assert world.quarantine(WEB).host == HOST
    assert all(f"Which host\n  {WORDS}\n" in each.text for each in world.notices.sent)


def test_a_hold_names_the_host() -> None:
    world = World()
    world.launch(SEEN)

    world.deliver(an_event(type_="Backdoor:EC2/Spambot", severity=5))

    assert f"Which host\n  {WORDS}\n" in world.notices.sent[0].text
