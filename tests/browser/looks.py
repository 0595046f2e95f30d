"""What the pages look like: on a phone and on a desk, by day and by night, empty and full."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from unittest.mock import patch

import app as door
from chalicelib.core.instance import InstanceRef
from chalicelib.core.policy.policy import Mode
from cordon.client import Client
from cordon.console.server import serving
from sandbox.log import log_in
from tests.browser.chromium import Chromium, Seen
from tests.builders import ACCOUNT, REGION, WEB, an_event, an_instance
from tests.cordon.operator import URL, Operator, Wire
from tests.core.test_surroundings import CROWDED
from tests.entry.api import Api
from tests.fakes import World

WIDTHS = (390, 1280)
_LOG = Path("build") / "browser" / "cordon.log"
_PAPER = 700  # CSS pixels between the margins of a page of A4
_MANY, _BACK = 200, 25  # quarantines, and how many of them were given back
_BAD = (
    """<meta http-equiv=content-security-policy content="script-src 'none'">
<meta name=viewport content="width=device-width"><script>1</script>
<a accesskey=b>one</a><a accesskey=b>two</a><pre>"""
    + "wide " * 200
)
_SCHEMES = tuple(product(WIDTHS, (False, True)))


def boards(browser: Chromium, folder: Path) -> str:
    """Look at the board with nothing on it, and with all that it can hold."""
    with console() as (url, _):
        browser.go(url)
        photographs(browser, folder, "board-empty")
    with console() as (url, operator):
        _fill(operator)
        browser.go(url)
        rows = browser.value("document.querySelectorAll('a[href^=\"/i/\"]').length")
        assert rows == _MANY - _BACK + 20, f"{rows} quarantines on the board"
        photographs(browser, folder, "board-full")
    return f"board: 0 and {_MANY} quarantines"


def controls(browser: Chromium, folder: Path) -> str:
    """See that what is looked for would be seen."""
    bad = folder / "bad.html"
    bad.write_text(_BAD, encoding="utf-8")
    browser.wear(WIDTHS[0], dark=False)
    browser.go(bad.resolve().as_uri())
    for look in (check, _fits, _has_a_key_each):
        try:
            look(browser)
        except AssertionError:
            continue
        raise AssertionError(f"{look.__name__} does not see what is wrong")
    browser.seen = Seen()
    return "a bad page: all that is wrong with it is seen"


def reports(browser: Chromium, folder: Path) -> str:
    """Look at a report as a file, and on paper."""
    world = World()
    world.launch(an_instance())
    world.neighbourhood.present = CROWDED
    with patch.object(door, "responder", lambda _: world.responder), log_in(_LOG):
        world.deliver(an_event())
        api = Api(world)
        page = api.raw("GET", f"/quarantines/{WEB}/report", None, {"format": "html"})["body"]
    file = folder / "report.html"
    file.write_text(page, encoding="utf-8")
    browser.go(file.resolve().as_uri())
    photographs(browser, folder, "report")
    browser.wear(_PAPER, dark=True, paper=True)
    _fits(browser)
    browser.photograph(folder / "report-paper.png")
    assert browser.value("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    browser.printed(folder / "report.pdf")
    check(browser)
    return "report: as a file, and printed"


def photographs(browser: Chromium, folder: Path, name: str) -> None:
    """Take a picture of the page at each width, by day and by night; each fits its window."""
    for width, dark in _SCHEMES:
        browser.wear(width, dark=dark)
        _fits(browser)
        browser.photograph(folder / f"{name}-{width}-{'dark' if dark else 'light'}.png")
    _has_a_key_each(browser)
    check(browser)


def _fits(browser: Chromium) -> None:
    wide, window = browser.value("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window, f"{wide} px wide in a window of {window}"


def _has_a_key_each(browser: Chromium) -> None:
    """See that an access key acts: one that two elements have only goes from one to the other."""
    keys = browser.value(
        "[...document.querySelectorAll('[accesskey]')].map(each => each.accessKey)"
    )
    assert len(keys) == len(set(keys)), f"{keys}: two elements have the same"


def check(browser: Chromium) -> None:
    """See that nothing was asked of anybody else, and that the browser complains of nothing."""
    outside = [
        each
        for each in browser.seen.requests
        if not each.startswith(("http://127.0.0.1:", "file:///"))
    ]
    assert not outside, f"asked of others: {outside}"
    assert not browser.seen.complaints, browser.seen.complaints


@contextmanager
def console() -> Iterator[tuple[str, Operator]]:
    """Serve the console in front of the app's fakes; yield its URL, and who fills it."""
    world = World()
    with patch.object(door, "responder", lambda _: world.responder), log_in(_LOG):
        operator = Operator(Wire(Api(world)))
        with serving(Client(URL, http=operator.wire)) as url:
            yield url, operator


def _fill(operator: Operator) -> None:
    api = operator.wire.api
    for number in range(_MANY):
        ref = InstanceRef(ACCOUNT, REGION, f"i-{number + 1:017x}")
        instance = an_instance()
        api.world.launch(type(instance)(ref, "running", instance.interfaces, {}))
        api.post(f"/quarantines/{ref.instance_id}", {"reason": "seen in the logs"})
        if number < _BACK:
            order = {"reason": "rebuilt", "verdict": "remediated"}
            api.post(f"/quarantines/{ref.instance_id}/release", order)
    api.world.mode = Mode.OBSERVE
    api.world.launch(an_instance())
    api.world.deliver(an_event())
