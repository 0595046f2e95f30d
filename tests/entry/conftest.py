"""The app behind Chalice's own test client, which hands events over as Lambda does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chalice.test import Client

import app as door
from tests.builders import an_instance
from tests.entry.api import Api
from tests.entry.home import Home, at_home
from tests.fakes import World

ROOT = Path(__file__).parents[2]


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(door.app, stage_name="dev", project_dir=str(ROOT)) as client:
        yield client


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Return the world that the app finds itself in."""
    made = World()
    monkeypatch.setattr(door, "responder", lambda _: made.responder)
    return made


@pytest.fixture
def home() -> Iterator[Home]:
    with at_home() as made:
        yield made


@pytest.fixture
def api(world: World) -> Api:
    """Return the API, with the ordinary instance behind it."""
    world.launch(an_instance())
    return Api(world)
