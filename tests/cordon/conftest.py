"""The operator, with the ordinary instance behind the API."""

from __future__ import annotations

import pytest

import app as door
from tests.builders import an_instance
from tests.cordon.operator import Operator, Wire
from tests.entry.api import Api
from tests.fakes import World


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch) -> Operator:
    world = World()
    world.launch(an_instance())
    monkeypatch.setattr(door, "responder", lambda _: world.responder)
    return Operator(Wire(Api(world)))
