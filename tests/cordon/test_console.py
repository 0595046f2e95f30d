"""The console over HTTP, as a browser and as others in the same browser would ask it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode, urlsplit

import pytest

from chalicelib.core.policy.policy import Mode
from cordon.client import Client
from cordon.console.server import serving
from cordon.console.session import Session
from tests.builders import ACCOUNT, DATABASE, REGION, WEB, an_event, an_instance
from tests.cordon.operator import URL, Operator
from tests.core.test_surroundings import CROWDED

PAGE = f"/i/{ACCOUNT}/{REGION}/{WEB}"
FORM = re.compile(r'name="form" value="([^"]+)"')


@dataclass
class Browser:
    """Keeps the cookie, follows nothing."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def get(self, path: str, **headers: str) -> tuple[HTTPResponse, str]:
        return self._ask("GET", path, None, headers)

    def post(self, fields: dict[str, str], **headers: str) -> tuple[HTTPResponse, str]:
        sent = {"Origin": f"http://{self.host}", **headers}
        return self._ask("POST", "/act", urlencode(fields), sent)

    def enter(self) -> None:
        parts = urlsplit(self.url)
        answer, _ = self.get(f"/?{parts.query}")
        self.headers["Cookie"] = str(answer.headers["Set-Cookie"]).partition(";")[0]

    def form(self, path: str = "/") -> str:
        return str(FORM.findall(self.get(path)[1])[0])

    def _ask(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection(self.host, timeout=20)
        try:
            connection.request(method, path, body, {**self.headers, **headers})
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()


@pytest.fixture
def browser(operator: Operator) -> Iterator[Browser]:
    with serving(Client(URL, http=operator.wire)) as url:
        made = Browser(url)
        made.enter()
        yield made


def release(form: str, **more: str) -> dict[str, str]:
    named = {"instance_id": WEB, "account_id": ACCOUNT, "region": REGION}
    fields = {"do": "release", "form": form, "reason": "rebuilt", "verdict": "remediated"}
    return {**fields, **named, "sure": "yes", **more}


def test_an_incident_is_closed_by_links_and_forms(operator: Operator, browser: Browser) -> None:
    operator.wire.api.world.deliver(an_event())

    _, board = browser.get("/")
    assert f'href="{PAGE}"' in board
    _, page = browser.get(PAGE)
    assert "<svg" in page
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    _, done = browser.post(release(FORM.findall(page)[0], version=version))

    assert f"{WEB} is RELEASED" in done
    assert "RELEASED" in browser.get(PAGE)[1]
    assert "Nothing is open" in browser.get("/")[1]


def test_an_instance_is_cut_off_and_the_mode_turned(browser: Browser) -> None:
    fields = {"do": "quarantine", "instance_id": WEB, "reason": "seen", "sure": "yes"}
    turned = {"do": "mode", "mode": "observe", "reason": "wrong", "sure": "yes"}

    assert f"{WEB} is CONTAINED" in browser.post({**fields, "form": browser.form()})[1]
    assert "mode observe" in browser.post({**turned, "form": browser.form()})[1]
    assert "Mode: observe" in browser.get("/")[1]


def test_a_form_that_is_sent_twice_acts_once(operator: Operator, browser: Browser) -> None:
    operator.wire.api.world.deliver(an_event())
    fields = release(browser.form(PAGE))

    first, second = browser.post(fields)[0], browser.post(fields)[0]

    assert (first.status, second.status) == (200, 409)
    assert len(operator.wire.writes) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Cookie": ""},
    ],
)
def test_another_site_in_the_same_browser_changes_nothing(
    operator: Operator, browser: Browser, headers: dict[str, str]
) -> None:
    operator.wire.api.world.deliver(an_event())
    fields = release(browser.form(PAGE))

    answer, _ = browser.post(fields, **headers)

    assert answer.status in {403, 421}
    assert operator.wire.writes == []


@pytest.mark.parametrize(
    "fields", [{"sure": ""}, {"do": "stop"}, {"instance_id": "i-1/release"}, {"reason": ""}]
)
def test_a_form_that_is_not_whole_changes_nothing(
    operator: Operator, browser: Browser, fields: dict[str, str]
) -> None:
    operator.wire.api.world.deliver(an_event())

    _, page = browser.post(release(browser.form(PAGE), **fields))

    assert "Not done" in page
    assert operator.wire.api.get(f"/quarantines/{WEB}")[1]["state"] == "CONTAINED"


@pytest.mark.parametrize(
    ("path", "status"), [("/act", 404), ("/etc/passwd", 404), ("/i/a/b", 404), ("/?token=x", 200)]
)
def test_there_are_no_other_pages(browser: Browser, path: str, status: int) -> None:
    assert browser.get(path)[0].status == status


def test_nobody_looks_without_the_token(operator: Operator, browser: Browser) -> None:
    stranger = Browser(browser.url)

    for path in ("/", PAGE, "/?token=wrong"):
        assert stranger.get(path)[0].status == 403
    assert operator.wire.sent == []


def test_a_page_asks_for_nothing_and_runs_nothing(operator: Operator, browser: Browser) -> None:
    operator.wire.api.world.launch(an_instance())
    operator.wire.api.post(f"/quarantines/{WEB}", {"reason": '<script src="//e"></script>"onx='})

    for path in ("/", PAGE):
        answer, page = browser.get(path)
        assert "default-src 'none'" in str(answer.headers["Content-Security-Policy"])
        assert not re.search(r"<(script|img|link|iframe)|\son\w+=|\sstyle=|url\(", page)


def test_an_api_that_refuses_is_told_on_the_page(browser: Browser) -> None:
    answer, page = browser.get(f"/i/{ACCOUNT}/{REGION}/{DATABASE}")

    assert answer.status == 502
    assert "was never in quarantine" in page


def test_more_than_a_page_of_quarantines_is_on_one_board(
    operator: Operator, browser: Browser
) -> None:
    for number in range(1, 60):
        instance = an_instance()
        ref = type(instance.ref)(ACCOUNT, REGION, f"i-{number:017x}")
        operator.wire.api.world.launch(type(instance)(ref, "running", instance.interfaces, {}))
        operator.wire.api.post(f"/quarantines/{ref.instance_id}", {"reason": "seen"})

    assert browser.get("/")[1].count('href="/i/') == 59


def test_old_forms_lapse_and_the_newest_do_not() -> None:
    session = Session("127.0.0.1:1")
    first = session.new_form()
    others = [session.new_form() for _ in range(2_000)]

    assert not session.take(first)
    assert session.take(others[-1])
    assert not session.is_in({"Cookie": "cordon_console; \x00=;"})


@pytest.mark.parametrize(
    ("do", "ends"), [("quarantine", f"{WEB} is CONTAINED"), ("dismiss", f"{WEB} is no longer held")]
)
def test_what_was_held_is_decided_on_the_board(
    operator: Operator, browser: Browser, do: str, ends: str
) -> None:
    operator.wire.api.world.mode = Mode.OBSERVE
    operator.wire.api.world.deliver(an_event())
    assert f"Decide about {WEB}" in browser.get("/")[1]

    _, page = browser.post(release(browser.form(), do=do))

    assert ends in page
    assert "Nothing is held" in browser.get("/")[1]


def test_a_step_that_was_left_off_is_ordered_on_the_incidents_page(
    operator: Operator, browser: Browser
) -> None:
    operator.wire.api.world.deliver(an_event())
    _, before = browser.get(PAGE)
    assert '<option value="stop">' in before
    fields = {**release(browser.form(PAGE)), "do": "step", "step": "stop"}

    assert "stop: done" in browser.post(fields)[1]

    assert operator.wire.api.world.ec2.state_of(WEB) == "stopped"
    assert '<option value="stop">' not in browser.get(PAGE)[1]


def test_a_step_that_nobody_may_order_is_not_sent(operator: Operator, browser: Browser) -> None:
    operator.wire.api.world.deliver(an_event())
    fields = {**release(browser.form(PAGE)), "do": "step", "step": "../release"}

    assert "Not done" in browser.post(fields)[1]
    assert operator.wire.writes == []


def test_the_board_says_how_cordon_stands_and_a_page_whom_it_hurts(
    operator: Operator, browser: Browser
) -> None:
    operator.wire.api.world.neighbourhood.present = CROWDED
    operator.wire.api.world.deliver(an_event())

    assert "breaker: 1 of 10 in 10 minutes" in browser.get("/")[1]
    assert "Load balancing of front: no other healthy target is left." in browser.get(PAGE)[1]


def test_the_board_says_that_threat_lists_are_paused(operator: Operator, browser: Browser) -> None:
    assert "paused" not in browser.get("/")[1]
    operator.run("mode", "--lists", "paused", "--reason", "a feed", "--yes")

    assert "Threat lists are paused" in browser.get("/")[1]
