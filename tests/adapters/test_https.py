from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import pytest
import trustme

from chalicelib.adapters.https import HttpsWeb, resolve
from chalicelib.core.notices.channels.errors import (
    ChannelBusyError,
    ChannelRefusedError,
    ForbiddenTargetError,
)
from chalicelib.core.notices.channels.post import Answer, Post, check_answer
from tests.adapters.https_server import HERE, HOST, Service, serving

POST = Post(HOST, "/in?a=b", b'{"a": 1}', {"Content-Type": "application/json"})


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with serving(HOST) as service:
        yield service


@pytest.fixture
def service(running: Service) -> Service:
    running.received.clear()
    running.status, running.body, running.headers, running.drips = 200, b"ok", {}, False
    return running


def test_a_request_arrives_as_it_was_made(service: Service) -> None:
    answer = service.web().post(POST)

    (received,) = service.received
    assert answer == Answer(200, b"ok")
    assert (received.path, received.body) == (POST.path, POST.body)
    assert received.headers["Host"] == f"{HOST}:{service.port}"
    assert received.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", [204, 301, 307, 404, 429, 500])
def test_an_answer_is_returned_whatever_its_status(service: Service, status: int) -> None:
    service.status, service.body = status, b""

    assert service.web().post(POST).status == status


def test_a_redirect_is_refused_and_not_followed(service: Service) -> None:
    service.status, service.headers = 302, {"Location": f"https://{HOST}:{service.port}/there"}

    with pytest.raises(ChannelRefusedError, match="answered 302"):
        check_answer(POST, service.web().post(POST))

    assert [received.path for received in service.received] == [POST.path]


def test_only_the_beginning_of_a_long_answer_is_read(service: Service) -> None:
    service.body = b"x" * 200_000

    assert service.web().post(POST).body == b"x" * 65_536


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("169.254.169.254",),
        ("10.0.0.1",),
        ("::1",),
        ("fd00:ec2::254",),
        ("8.8.8.8", "10.0.0.1"),
        (),
    ],
    ids=str,
)
def test_a_name_with_an_address_that_is_not_public_is_refused(
    service: Service, addresses: tuple[str, ...]
) -> None:
    web = HttpsWeb(resolve=lambda _host, _port: addresses, port=service.port)

    with pytest.raises(ForbiddenTargetError, match=f"{HOST}: has an address"):
        web.post(POST)

    assert service.received == []


def test_what_ships_refuses_this_machine(service: Service) -> None:
    web = HttpsWeb(port=service.port)
    here = Post("localhost", "/", b"", {})

    with pytest.raises(ForbiddenTargetError, match="localhost"):
        web.post(here)

    assert service.received == []


def test_a_name_is_resolved_once_and_the_connection_goes_to_that_address(
    service: Service,
) -> None:
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> tuple[str, ...]:
        """Answer with an allowed address first, and with another one from then on."""
        asked.append(host)
        return (HERE,) if len(asked) == 1 else ("169.254.169.254",)

    service.web(resolve=rebinding).post(POST)

    assert asked == [HOST]
    assert len(service.received) == 1


def test_a_certificate_of_another_name_is_refused(service: Service) -> None:
    with pytest.raises(ChannelRefusedError, match="certificate cannot be trusted"):
        service.web().post(Post("other.example.com", "/", b"", {}))

    assert service.received == []


def test_a_certificate_of_an_authority_that_nobody_knows_is_refused(service: Service) -> None:
    with pytest.raises(ChannelRefusedError, match="certificate cannot be trusted"):
        service.web(context=ssl.create_default_context()).post(POST)

    assert service.received == []


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(service: Service) -> None:
    service.drips = True  # for longer than anybody waits

    with pytest.raises(ChannelBusyError, match=f"{HOST}: no answer: TimeoutError"):
        service.web(patience=0.3).post(POST)


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server((HERE, 0)) as silent:
        service = Service(authority=_nobody(), port=silent.getsockname()[1])

        with pytest.raises(ChannelBusyError, match=f"{HOST}: no answer"):
            service.web(patience=0.3).post(POST)


def test_a_port_where_nobody_listens_is_no_answer() -> None:
    with socket.create_server((HERE, 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(ChannelBusyError, match="ConnectionRefusedError"):
        Service(authority=_nobody(), port=port).web().post(POST)


def test_a_name_that_nobody_knows_is_no_answer() -> None:
    def unknown(_host: str, _port: int) -> tuple[str, ...]:
        raise socket.gaierror("no such name")

    with pytest.raises(ChannelBusyError, match=f"{HOST}: no answer: gaierror"):
        HttpsWeb(resolve=unknown).post(POST)


def test_every_address_of_a_name_is_looked_at() -> None:
    assert "127.0.0.1" in resolve("localhost", 443)


def _nobody() -> trustme.CA:
    return trustme.CA()
