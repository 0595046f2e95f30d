"""Everybody around an instance, as a test says."""

from __future__ import annotations

from chalicelib.core.instance import Instance
from chalicelib.core.surroundings import Surroundings
from tests.fakes.calls import Calls


class FakeNeighbourhood:
    """Nobody is there, until a test says otherwise."""

    def __init__(self, calls: Calls) -> None:
        self.present = Surroundings()
        self._calls = calls

    def around(self, instance: Instance) -> Surroundings:
        with self._calls.call("neighbourhood.around", instance.ref.instance_id):
            return self.present
