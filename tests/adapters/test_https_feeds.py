"""A server that answers a feed, and one that fails in every way."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator

import pytest
import trustme

from chalicelib.adapters.https import HttpsWeb
from chalicelib.core.notices.channels.errors import ChannelBusyError, ForbiddenTargetError
from chalicelib.core.threat_lists.feeds import LARGEST, Fetched
from tests.adapters.https_server import HERE, HOST, Service, serving

LIST = b"45.1.2.3\n45.1.2.5\n"
ASKED = {"If-None-Match": '"1"', "Accept-Encoding": "identity"}


def said(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with serving(HOST) as service:
        yield service


@pytest.fixture
def service(running: Service) -> Service:
    running.received.clear()
    running.raw, running.drips = said(LIST, 'ETag: "1"', "Last-Modified: Sun"), False
    return running


def test_a_list_comes_as_it_is_with_what_the_server_says_of_it(service: Service) -> None:
    fetched = service.web().get(HOST, "/a?b=c", ASKED)

    (received,) = service.received
    assert (received.path, received.headers["If-None-Match"]) == ("/a?b=c", '"1"')
    assert (fetched.status, fetched.body) == (200, LIST)
    assert (fetched.headers["etag"], fetched.headers["last-modified"]) == ('"1"', "Sun")


@pytest.mark.parametrize("status", ["304 Not Modified", "302 Found", "404 No", "503 Later"])
def test_any_status_is_returned_and_nothing_is_followed(service: Service, status: str) -> None:
    there = f"Location: https://{HOST}:{service.port}/there"
    service.raw = said(b"", there, status=status)

    assert service.web().get(HOST, "/", {}).status == int(status[:3])
    assert len(service.received) == 1


def test_no_more_is_read_than_shows_that_it_is_too_large(service: Service) -> None:
    service.raw = said(bytes(LARGEST + 100_000))

    assert len(service.web().get(HOST, "/", {}).body) == LARGEST + 1


def test_what_is_packed_stays_packed(service: Service) -> None:
    bomb = gzip.compress(bytes(10_000_000))
    service.raw = said(bomb, "Content-Encoding: gzip")

    assert service.web().get(HOST, "/", {}) == Fetched(
        200, {"content-length": str(len(bomb)), "content-encoding": "gzip"}, bomb
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9",
        said(LIST, length=len(LIST) + 1),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n12\r\n45.1.2.3\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n45.1.2.3\n",
        said(LIST, *(f"X-{n}: y" for n in range(200))),
        said(LIST, f"X: {'y' * 70_000}"),
    ],
    ids=["nothing", "nonsense", "head", "cut", "chunk", "no chunk", "headers", "long header"],
)
def test_an_answer_that_is_none_or_is_cut_off_is_no_list(service: Service, raw: bytes) -> None:
    service.raw = raw

    with pytest.raises(ChannelBusyError, match=f"{HOST}: "):
        service.web().get(HOST, "/", {})


def test_an_answer_that_never_ends_is_ended(service: Service) -> None:
    service.drips = True

    with pytest.raises(ChannelBusyError, match="TimeoutError"):
        service.web(patience=0.3).get(HOST, "/", {})


def test_a_server_that_says_nothing_is_left() -> None:
    with socket.create_server((HERE, 0)) as silent:
        service = Service(trustme.CA(), silent.getsockname()[1])

        with pytest.raises(ChannelBusyError, match="no answer"):
            service.web(patience=0.3).get(HOST, "/", {})


def test_nobody_there_another_name_or_another_authority_is_no_list(service: Service) -> None:
    with socket.create_server((HERE, 0)) as gone:
        port = gone.getsockname()[1]
    for web, host in (
        (service.web(port=port), HOST),
        (service.web(), "other.example.com"),
        (Service(trustme.CA(), service.port).web(), HOST),
    ):
        with pytest.raises(ChannelBusyError):
            web.get(host, "/", {})
    assert service.received == []


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1"])
def test_an_address_that_is_not_public_is_not_asked(service: Service, address: str) -> None:
    web = HttpsWeb(resolve=lambda _host, _port: ("8.8.8.8", address), port=service.port)

    with pytest.raises(ForbiddenTargetError, match="not public"):
        web.get(HOST, "/", {})
    assert service.received == []
