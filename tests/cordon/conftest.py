"""The operator, with the ordinary instance behind the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import app as door
from cordon.client import Client
from cordon.exports import as_event
from cordon.samples_to_send import an_exercise
from tests.builders import an_instance
from tests.cordon.operator import Operator, Wire
from tests.entry.api import Api
from tests.fakes import World


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch) -> Operator:
    world = World()
    world.launch(an_instance())
    monkeypatch.setattr(door, "responder", lambda _: world.responder)

    def deliver(_: Client, about: Mapping[str, Any]) -> str:
        detail = an_exercise(about["account_id"], about["region"], about["instance_id"])
        world.deliver(as_event(detail))
        return str(detail["id"])

    monkeypatch.setattr("cordon.commands.drill.send_exercise", deliver)
    return Operator(Wire(Api(world)))
