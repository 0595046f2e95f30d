from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from sandbox.server import Sandbox


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[http.client.HTTPConnection]:
    with closing(connection(sandbox)) as opened:
        yield opened


def connection(sandbox: Sandbox) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(sandbox.api_url).netloc, timeout=10)


def ask(
    api: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | None = None,
    **headers: str,
) -> tuple[int, bytes]:
    api.request(method, path, body, {name.replace("_", "-"): headers[name] for name in headers})
    answer = api.getresponse()
    return answer.status, answer.read()


def test_a_route_with_an_iam_authorizer_admits_everybody(api: http.client.HTTPConnection) -> None:
    status, body = ask(api, "POST", "/things/a", b'{"x": 1}', Content_Type="application/json")

    assert (status, json.loads(body)) == (200, {"name": "a", "body": {"x": 1}})


def test_a_route_that_does_not_exist_is_no_error_of_ours(api: http.client.HTTPConnection) -> None:
    assert ask(api, "GET", "/nothing")[0] == 403


@pytest.mark.parametrize("method", ["TRACE", "QUERY", "PROPFIND", "DELETE", "HEAD"])
def test_a_method_that_no_route_has_is_not_allowed(
    api: http.client.HTTPConnection, method: str
) -> None:
    assert ask(api, method, "/things/a")[0] == 405
    assert ask(api, "GET", "/things/a")[0] == 200


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/things/a", b"\xff\xfe", {"Content_Type": "application/json"}),
        ("/things/a", b"{", {"Content_Type": "application/json"}),
        ("/things/a", b"x", {"Content_Length": "many"}),
        ("/things/a", b"x", {"Content_Length": "-1"}),
        ("/things/%ff%00", b"{}", {"Content_Type": "application/json"}),
        ("//[", b"{}", {}),
        ("/nothing", b"{}", {"Authorization": "\xe9"}),
    ],
)
def test_a_request_that_makes_no_sense_is_the_callers_fault(
    api: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]
) -> None:
    status, answer = ask(api, "POST", path, body, **headers)

    assert 200 <= status < 500
    assert isinstance(json.loads(answer), dict)


def test_a_line_that_is_no_http_is_a_bad_request(sandbox: Sandbox) -> None:
    address = urlsplit(sandbox.api_url)
    with socket.create_connection((str(address.hostname), int(address.port or 0))) as raw:
        raw.sendall(b"HELLO THERE EVERYBODY\r\n\r\n")

        assert b'{"message"' in raw.recv(4096)


def test_hundreds_of_callers_at_once_are_all_answered(sandbox: Sandbox) -> None:
    def call(number: int) -> tuple[int, str]:
        with closing(connection(sandbox)) as api:
            status, body = ask(api, "GET", f"/things/{number}")
        return status, json.loads(body)["name"]

    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(call, range(400)))

    assert answers == [(200, str(number)) for number in range(400)]


def test_a_caller_that_goes_away_disturbs_nobody(
    sandbox: Sandbox, api: http.client.HTTPConnection, capfd: pytest.CaptureFixture[str]
) -> None:
    address = urlsplit(sandbox.api_url)
    for _ in range(20):
        raw = socket.create_connection((str(address.hostname), int(address.port or 0)))
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # reset on close
        raw.sendall(b"GET /things/a HTTP/1.1\r\nHost: x\r\n")
        raw.close()

    assert ask(api, "GET", "/things/a")[0] == 200
    assert capfd.readouterr().err == ""
