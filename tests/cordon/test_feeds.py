from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cordon.command import main
from tests.adapters.https_server import HOST, Service, serving

TRACKER = """\
"first_seen_utc","dst_ip","dst_port"
"2026-02-28 07:30:05","45.1.2.3","443"
"2026-02-28 07:30:06","10.0.0.1","443"
"""


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "feed.csv"
    path.write_text(TRACKER, encoding="utf-8")
    return path


def test_a_file_is_told_as_it_would_be_read(feed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feeds", "check", str(feed)]) == 0

    said = capsys.readouterr().out
    assert 'read as: CSV, column 2 "dst_ip"; confidence medium' in said
    assert "1 entries, 100% of it understood\n- 45.1.2.3" in said
    assert "private  1      3          10.0.0.1" in said


def test_a_long_list_is_shown_by_its_beginning(
    feed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed.write_text("\n".join(f"45.1.{n}.3" for n in range(12)), encoding="utf-8")

    assert main(["feeds", "check", str(feed)]) == 0
    assert "45.1.9.3\n- and 2 more" in capsys.readouterr().out


def test_a_sidecar_beside_the_file_counts(feed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = {"confidence": "high", "expires": "2999-01-01", "where": {"dst_port": "443"}}
    Path(f"{feed}.meta.json").write_text(json.dumps(said), encoding="utf-8")

    assert main(["feeds", "check", str(feed), "--json"]) == 0

    answer = json.loads(capsys.readouterr().out)
    assert (answer["entries"], answer["confidence"]) == (["45.1.2.3"], "high")
    assert answer["expires"] == "2999-01-01T00:00:00+00:00"
    assert answer["dropped"] == {"private": {"count": 1, "lines": [3], "example": "10.0.0.1"}}


def test_what_would_be_refused_ends_with_1_and_says_why(
    feed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed.write_text("Bad gateway\nTry again\x1b[31m\n45.1.2.3\n", encoding="utf-8")

    assert main(["feeds", "check", str(feed)]) == 1

    said = capsys.readouterr().out
    assert "NOT READ" in said
    assert "only 33% of it is understood: 2 no address, e.g. line 1: 'Bad gateway'" in said
    assert "\x1b" not in said


def test_what_cannot_be_opened_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["feeds", "check", str(tmp_path / "none")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    (tmp_path / "policy.toml").write_text("version = 2", encoding="utf-8")
    (tmp_path / "f").write_text("45.1.2.3", encoding="utf-8")
    policy = str(tmp_path / "policy.toml")
    assert main(["feeds", "check", str(tmp_path / "f"), "--policy", policy]) == 2


def test_a_column_may_be_named(feed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path(f"{feed}.meta.json").write_text("{", encoding="utf-8")

    assert main(["feeds", "check", str(feed), "--column", "2"]) == 0
    assert 'column 2 "dst_ip"' in capsys.readouterr().out


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with serving(HOST) as made:
        monkeypatch.setattr("cordon.commands.feeds.HttpsWeb", lambda **_: made.web())
        yield made


def test_what_a_server_answers_is_told_in_the_same_way(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    body = TRACKER.encode()
    service.raw = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    assert main(["feeds", "check", f"https://{HOST}/a.csv"]) == 0
    assert 'read as: CSV, column 2 "dst_ip"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "answered 302: it has moved"),
        (b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "answered 403"),
        (b"", "no answer"),
    ],
)
def test_a_server_that_gives_no_list_ends_with_7(
    service: Service, capsys: pytest.CaptureFixture[str], raw: bytes, said: str
) -> None:
    service.raw = raw

    assert main(["feeds", "check", f"https://{HOST}/a.csv"]) == 7
    assert said in capsys.readouterr().err


def test_a_url_that_no_feed_may_have_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feeds", "check", "https://10.0.0.1/a.csv"]) == 2
    assert "is not an https URL of a public name" in capsys.readouterr().err
