"""Twenty thousand of everything that others write; notices and requests at the door, log on.

What each must hold: no error but Cordon's own, sorted ones; nothing lost that could be read; no
write on what was refused; every line of a log is JSON, whatever it quotes.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import app as door
from bench.in_memory import counted
from bench.mutated import mutated
from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.attribute_values import plain, typed
from chalicelib.core.errors import RejectedError, UnreadableRecordError
from chalicelib.core.notices import about_quarantines
from chalicelib.core.notices.channels.errors import UndeliveredError
from chalicelib.core.notices.channels.post import Answer
from chalicelib.core.threat_lists.cleaning import Bar
from chalicelib.core.threat_lists.reading import read
from sandbox.log import log_in
from tests.builders import a_finding, a_quarantine, an_event, an_instance
from tests.core.report.hostile import SHOWN, texts_on_pages
from tests.core.threat_lists.shapes import SHAPES
from tests.entry.api import Api
from tests.fakes import World
from tests.fakes.notifier import Channels

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_ENTRIES = ["45.1.2.3", "45.1.3.0/24", "91.2.3.4"]
_LOG = Path("build") / "bench" / "fuzz.log"
_SHARE = 0.2  # of the examples
_STATUSES = (*(200,) * 12, 204, 301, 400, 403, 404, 408, 425, 429, 500, 503, 599, 0, 999)
_ROUTES = (
    ("GET", "/quarantines"),
    ("GET", "/held"),
    ("GET", "/exemptions"),
    ("PUT", "/mode"),
    *(
        (method, "/".join(["", folder, "{}", *below]))
        for method, folder, *below in (
            ("GET", "quarantines"),
            ("POST", "quarantines"),
            ("POST", "quarantines", "release"),
            ("GET", "quarantines", "preview"),
            ("POST", "quarantines", "steps", "stop"),
            ("POST", "held", "dismiss"),
            ("PUT", "exemptions"),
            ("DELETE", "exemptions"),
        )
    ),
)
_BODIES: tuple[dict[str, Any], ...] = (
    {"reason": "seen", "verdict": "remediated", "version": 1, "accept_drift": False},
    {"reason": "maintenance", "until": "2026-03-09"},
    {"reason": "quiet", "mode": "observe", "lists": "on"},
)


def stored_records(count: int = 20_000) -> str:
    """Read records with one or two places changed: one that can be read is written as it was."""
    chance, answers = random.Random(3), Counter[str]()  # noqa: S311 - the same examples every time
    original = records.from_quarantine(a_quarantine())
    for _ in range(count):
        item = mutated(original, chance)
        try:
            quarantine = records.to_quarantine(item)
        except UnreadableRecordError:
            answers["unreadable"] += 1
            continue
        strange = {name: item[name] for name in item.keys() - original.keys()}
        assert quarantine.unknown == strange, f"lost what it does not know: {item!r:.300}"
        answers["read"] += 1
    kept = records.to_quarantine(plain(typed(original)))
    assert kept == a_quarantine(), "the control fails: an ordinary record does not come back"
    return f"{count:,} mutated records: 0 unhandled; {counted(answers)}"


def published_notices(count: int = 20_000) -> str:
    """Hand the notifier mutated messages; each is logged as what it says, or refused."""
    chance, answers = random.Random(4), Counter[str]()  # noqa: S311 - as above
    said = about_quarantines.of_containment(a_quarantine(), a_finding(), "c2").as_json()
    with _logged() as lines:
        for nth in range(count):
            message = json.dumps(mutated(said, chance))
            if nth % 5 == 0:
                message = _torn(message.encode(), chance).decode("utf-8", "replace")
            answers[_notified(message)] += 1
    assert lines() == answers["taken"], f"{lines()} lines for {answers['taken']} notices"
    assert answers["taken"], "no notice was taken: the control fails"
    return f"{count:,} mutated notices: 0 unhandled, all taken are in the log; {counted(answers)}"


def _notified(message: str) -> str:
    told = {"Message": message, "Subject": "x", "Timestamp": "x", "MessageAttributes": {}}
    event = {"Records": [{"Sns": told}]}
    try:
        door.notify(event, None)
    except RejectedError:
        return "refused"
    return "taken"


def list_sources(count: int = 20_000) -> str:
    """Read sources of every shape with bytes changed, torn or doubled: read, or told why not."""
    chance, answers = random.Random(5), Counter[str]()  # noqa: S311 - as above
    bodies = [
        shape.write(["c1.bad.example"] if shape.takes == "domains" else _ENTRIES)
        for shape in SHAPES.values()
    ]
    for nth in range(count):
        body = _torn(bodies[nth % len(bodies)], chance)
        sidecar = _torn(b'{"confidence": "high", "expires": "2027-01-31"}', chance)
        reading = read("f", body, sidecar if nth % 3 == 0 else None, Bar(min_prefix=8), _NOW)
        entries = list(reading.cleaned.entries())
        assert not (reading.is_unreadable and (entries or not reading.note)), repr(body[:300])
        answers["read" if entries else "told why not" if reading.note else "nothing in it"] += 1
    assert answers["read"], "no source was read: the control fails"
    return f"{count:,} torn sources of {len(bodies)} shapes: 0 unhandled; {counted(answers)}"


def api_requests(count: int = 20_000) -> str:
    """Ask every route with mutated bodies, names and queries; nothing answers 5xx."""
    chance, answers = random.Random(6), Counter[str]()  # noqa: S311 - as above
    with _logged() as lines:
        for nth in range(count):
            world = _world_of_api()
            with patch.object(door, "responder", lambda _, world=world: world.responder):
                answers[_asked(Api(world), nth, chance)] += 1
        lines()
    assert answers["2xx"], "no request was answered well: the control fails"
    assert not answers["5xx"], f"{answers['5xx']} answers of 5xx"
    return f"{count:,} mutated requests to {len(_ROUTES)} routes: 0 of 5xx; {counted(answers)}"


def _world_of_api() -> World:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    return world


def _asked(api: Api, nth: int, chance: random.Random) -> str:
    method, path = _ROUTES[nth % len(_ROUTES)]
    name = chance.choice((an_instance().ref.instance_id, "i-0", "\u202e", "a b", "i-" + "f" * 99))
    body = mutated(chance.choice(_BODIES), chance)
    text = json.dumps(body).encode()
    raw = (_torn(text, chance) if chance.random() < _SHARE else text).decode("utf-8", "replace")
    asked_for = _torn(b"open", chance).decode("latin-1")
    query = {chance.choice(("state", "cursor", "format", "x")): asked_for}
    answer = api.raw(
        method, path.format(name), None if method == "GET" else raw, query if nth % 2 else None
    )
    return f"{answer['statusCode'] // 100}xx"


def channel_answers(count: int = 20_000) -> str:
    """Let each channel answer whatever it likes: told again, or said to be told, never lost."""
    chance, answers = random.Random(7), Counter[str]()  # noqa: S311 - as above
    names = ("bot", "slack", "teams", "on-call", "siem")
    for nth in range(count):
        channels, name = Channels(), names[nth % len(names)]
        good = chance.choice((b'{"ok": true, "ts": "1.2"}', b'{"ok": false}', b"1", b"ok", b"[]"))
        status = chance.choice(_STATUSES)
        again = chance.choice(("", "1", "-1", "x", "9" * 40, "Sun, 01 Mar 2026 12:00:05 GMT"))
        channels.answers[name] = Answer(status, _torn(good, chance), again)
        said = _told(channels, name)
        if said != "refused":
            assert status // 100 == 2, f"{name} answered {status}, and was taken for told"  # noqa: PLR2004
        answers[said] += 1
        others = {each for each in names if each != name}
        assert others <= set(channels.names), f"{name} kept the others from being told"
    assert answers["delivered"], "no answer was good: the control fails"
    return f"{count:,} answers of channels: 0 unhandled, the others are told; {counted(answers)}"


def pages(count: int = 5_000) -> str:
    """Show hostile texts in every place of report, console and terminal."""
    texts_on_pages(count)
    return f"{count:,} hostile texts shown in {len(SHOWN)} ways, 0 unhandled: {', '.join(SHOWN)}"


def _told(channels: Channels, name: str) -> str:
    notice = about_quarantines.of_containment(a_quarantine(), a_finding(), "c2")
    try:
        return channels.notify(notice)[name]
    except UndeliveredError as error:
        if f"{name}: " not in str(error):
            raise
        return "refused"


def _torn(body: bytes, chance: random.Random) -> bytes:
    """Return `body` with bytes changed, taken out, or put in twice; some as it was."""
    if chance.random() < _SHARE or not body:
        return body
    torn = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at, to = sorted(chance.randrange(len(torn) + 1) for _ in range(2))
        torn[at:to] = chance.choice((b"", bytes([chance.randrange(256)]), torn[at:to] * 2))
    return bytes(torn[:20_000])


@contextmanager
def _logged() -> Iterator[Any]:
    """Have the app write its log; yield what counts its lines, each of which is JSON."""

    def lines() -> int:
        written = _LOG.read_text(encoding="utf-8").splitlines()
        assert all(isinstance(json.loads(line), dict) for line in written)
        return len(written)

    with log_in(_LOG):
        yield lines
