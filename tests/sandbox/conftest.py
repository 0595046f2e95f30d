"""AWS, empty for each test: in this process, or served by it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from tests.sandbox.estate import empty_aws
from tests.sandbox.guard import Guard


@pytest.fixture
def aws() -> Iterator[None]:
    with empty_aws():
        yield


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Return the address of an AWS that this process serves."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def served(endpoint: str) -> str:
    moto_api_backend.reset()
    return endpoint


@pytest.fixture(params=["in process", "served"])
def guard(request: pytest.FixtureRequest) -> Guard:
    """Return a guarded account, in process and served."""
    if request.param == "served":
        return Guard(request.getfixturevalue("served"))
    request.getfixturevalue("aws")
    return Guard()
