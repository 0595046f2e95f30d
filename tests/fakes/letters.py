"""The dead letters in memory."""

from __future__ import annotations

from chalicelib.core.findings.letter import Letter
from tests.fakes.calls import Calls


class FakeDeadLetters:
    """What was taken comes again once `reappear` is called, unless it was done with."""

    def __init__(self, calls: Calls) -> None:
        self.bodies: list[str] = []
        self._calls = calls
        self._taken: list[str] = []

    def put(self, body: str) -> None:
        self.bodies.append(body)

    def reappear(self) -> None:
        self._taken.clear()

    def count(self) -> int:
        with self._calls.call("dead_letters.count"):
            return len(self.bodies)

    def take(self) -> Letter | None:
        with self._calls.call("dead_letters.take"):
            body = next((each for each in self.bodies if each not in self._taken), None)
            if body is None:
                return None
            self._taken.append(body)
            return Letter(f"receipt of {body}", body)

    def done(self, letter: Letter) -> None:
        with self._calls.call("dead_letters.done"):
            self.bodies.remove(letter.body)
