"""The world in memory: what flows need of it, as fast as a dictionary, and failing on request."""

from tests.fakes.calls import ALWAYS, Call, Calls, Crash
from tests.fakes.ec2 import FakeEc2
from tests.fakes.quarantines import FakeQuarantines
from tests.fakes.stores import FakeEvidence, FakeNotices
from tests.fakes.world import World

__all__ = [
    "ALWAYS",
    "Call",
    "Calls",
    "Crash",
    "FakeEc2",
    "FakeEvidence",
    "FakeNotices",
    "FakeQuarantines",
    "World",
]
