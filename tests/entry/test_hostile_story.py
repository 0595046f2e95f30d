"""An incident in which the intruder chose every name around him, on moto, and the same in plain."""

from __future__ import annotations

import base64
import functools
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore import session as sessions
from chalice.test import Client
from markdown_it import MarkdownIt

import app as door
from chalicelib.core.notices.notice import parse_notice
from sandbox.deploy import scheduled_event
from tests.adapters.aws import BUCKET, STAGE
from tests.adapters.everything import changed, everything
from tests.core.report.hostile import Elements
from tests.entry.api import Api
from tests.entry.home import Home, at_home
from tests.house.source import ROOT

pytestmark = pytest.mark.no_cover  # the same lines, very often

# EC2 speaks XML, which holds no other control characters than these.
HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) <!channel> \u202egnp.exe\u2066\t\nz"
_CONTROLS = "\x1b[2J\x00\r\nbcc: x\x7f"
_RELEASE = {"reason": "cleaned", "verdict": "remediated"}
_HIDDEN = {"Cc", "Cf"}
_MARKDOWN = MarkdownIt("commonmark", {"html": True})
_ALIVE = {"link_open", "image", "html_inline", "html_block"}


@dataclass(frozen=True, slots=True)
class Story:
    """What was answered, told, shown and kept of one incident."""

    answers: list[Any]
    steps: Mapping[str, str]
    timeline: list[str]
    notices: list[dict[str, Any]]
    left: list[str]  # kinds of what is not as it was before
    pages: dict[str, str] = field(default_factory=dict)
    kept: dict[str, bytes] = field(default_factory=dict)


def launch(home: Home, text: str, user_data: bytes) -> str:
    """Launch an instance around which `text` is every name, and `user_data` what it was told."""
    ec2, vpc = home.site.client, home.site.make_vpc()
    group = ec2.create_security_group(GroupName=text, Description=text, VpcId=vpc)["GroupId"]
    instance_id = home.site.launch((vpc, (group,)))
    (interface,) = home.site.instances.interfaces(instance_id)
    ec2.create_tags(
        Resources=[instance_id, group, interface.id],
        Tags=[{"Key": "Name", "Value": text}, {"Key": text[:120], "Value": text}],
    )
    ec2.modify_instance_attribute(
        InstanceId=instance_id, UserData={"Value": base64.b64encode(user_data)}
    )
    return instance_id


def play(client: Client, text: str, user_data: bytes) -> Story:
    """Contain it, let somebody take its tag away, let the watcher see, and release it."""
    with at_home() as home:
        instance_id, api = launch(home, text, user_data), Api()
        path, before = f"/quarantines/{instance_id}", everything(home.session)
        answers: list[Any] = [api.get(f"{path}/preview")[0]]
        event = home.event(instance_id=instance_id)
        said = text + (_CONTROLS if text == HOSTILE else "")
        event["detail"] |= {"title": said, "description": said}
        answers.append(client.lambda_.invoke("contain_finding", event).payload["outcome"])
        home.site.client.delete_tags(Resources=[instance_id], Tags=[{"Key": "cordon:quarantine"}])
        answers.append([each["kind"] for each in api.get(path)[1]["drift"]])
        client.lambda_.invoke("watch_quarantines", scheduled_event("watch_quarantines"))
        pages = {
            kind: api.raw("GET", f"{path}/report", None, {"format": kind})["body"]
            for kind in ("html", "md", "json")
        }
        status, record = api.get(path)
        answers += [status, record["drift"], record["state"]]
        status, released = api.post(f"{path}/release", _RELEASE)
        answers += [status, released["state"], released["drift"]]
        _, whole = api.get(path)
        return Story(
            answers,
            {name: each["status"] for name, each in record["steps"].items()},
            [line["what"] for line in whole["timeline"]],
            [parse_notice(each) for each in home.heard()],
            sorted(each.split()[0] for each in changed(before, everything(home.session))),
            pages,
            dict(kept(home)),
        )


def kept(home: Home) -> Iterator[tuple[str, bytes]]:
    """Yield each piece of evidence by its kind."""
    s3 = home.session.client("s3")
    for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
        name = each["Key"].rpartition("/")[2].rpartition("-")[0]
        yield name, s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read()


USER_DATA = ((HOSTILE + _CONTROLS) * 2000).encode()[:100_000]


@pytest.fixture(scope="module")
def stories() -> Iterator[tuple[Story, Story]]:
    with (
        pytest.MonkeyPatch.context() as settings,
        Client(door.app, stage_name="dev", project_dir=str(ROOT)) as client,
    ):
        # What services can do takes long to read, and each session would read it anew.
        settings.setattr(sessions, "create_loader", functools.cache(sessions.create_loader))
        settings.setenv("STAGE", STAGE)
        settings.setenv("CORDON_MODE", "enforce")
        yield play(client, "web", b"#!/bin/sh"), play(client, HOSTILE, USER_DATA)


def test_all_ends_as_it_does_without(stories: tuple[Story, Story]) -> None:
    plain, hostile = stories

    assert hostile.answers == plain.answers
    assert plain.answers == [
        200,
        "contained",
        ["not_marked"],
        200,
        [],
        "CONTAINED",
        200,
        "RELEASED",
        [],
    ]
    assert hostile.steps == plain.steps
    assert hostile.timeline == plain.timeline
    assert hostile.left == plain.left
    told = [(each["kind"], each["outcome"], each["severity"]) for each in hostile.notices]
    assert told == [(each["kind"], each["outcome"], each["severity"]) for each in plain.notices]


def test_the_evidence_holds_the_very_bytes(stories: tuple[Story, Story]) -> None:
    kept = stories[1].kept

    assert kept["user-data"] == USER_DATA
    described = json.loads(kept["instance-before"])
    assert {"Key": "Name", "Value": HOSTILE} in described["Tags"]
    (group,) = json.loads(kept["surroundings"])["SecurityGroups"]
    assert (group["GroupName"], group["Description"]) == (HOSTILE, HOSTILE)


def test_people_see_it_as_text_only(stories: tuple[Story, Story]) -> None:
    plain, hostile = stories
    shown = {**hostile.pages, **{str(n): each["text"] for n, each in enumerate(hostile.notices)}}

    for name, text in shown.items():
        stray = {each for each in set(text) - {"\n"} if unicodedata.category(each) in _HIDDEN}
        assert not stray, f"{name} shows {stray!a}"
    page = hostile.pages["html"]
    assert "&lt;script&gt;alert(1)" in page, "it is shown"
    assert Elements(page).found == Elements(plain.pages["html"]).found
    tokens = _MARKDOWN.parse(hostile.pages["md"])
    assert not _ALIVE & {each.type for token in tokens for each in (token, *(token.children or ()))}
