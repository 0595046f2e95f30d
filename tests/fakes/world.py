"""All fakes together, as one world to respond in."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.core.decision.outcome import Answer
from chalicelib.core.instance import Instance
from chalicelib.core.notices.about_channels import NO_CHANNELS
from chalicelib.core.policy.policy import Mode, Policy
from chalicelib.core.quarantine.record import Quarantine
from chalicelib.flows.contain import contain
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.ports.together import Together, in_order
from tests.builders import ACCOUNT, NOON, PACKAGED, REGION, WEB, a_ref
from tests.fakes.calls import ALWAYS, Calls
from tests.fakes.control import FakeControl, FakeDetector
from tests.fakes.ec2 import FakeEc2
from tests.fakes.exemptions import FakeExemptions
from tests.fakes.held import FakeHeld
from tests.fakes.letters import FakeDeadLetters
from tests.fakes.neighbourhood import FakeNeighbourhood
from tests.fakes.quarantines import FakeQuarantines
from tests.fakes.scans import FakeScans
from tests.fakes.stores import FakeAudience, FakeEvidence, FakeNotices, FakeThreatIndex


@dataclass(frozen=True)
class FakeSite:
    """One account and region, of which one fake plays nearly all."""

    instances: FakeEc2
    security_groups: FakeEc2
    attributes: FakeEc2
    snapshots: FakeEc2
    forensics: FakeEc2
    scans: FakeScans
    neighbourhood: FakeNeighbourhood


@dataclass
class World:
    """Enforcing, at noon, with the packaged policy; calls are made one after the other."""

    now: datetime = NOON
    policy: Policy = PACKAGED
    mode: Mode = Mode.ENFORCE
    together: Together = in_order
    calls: Calls = field(default_factory=Calls)
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.quarantines = FakeQuarantines(self.calls)
        self.evidence = FakeEvidence(self.calls)
        self.notices = FakeNotices(self.calls)
        self.audience = FakeAudience(self.calls)
        self.hearing = NO_CHANNELS
        self.threat_index = FakeThreatIndex(self.calls)
        self.held = FakeHeld(self.calls)
        self.exemptions = FakeExemptions(self.calls, self.quarantines)
        self.control = FakeControl(self.calls, self.quarantines)
        self.detector = FakeDetector(self.calls)
        self.neighbourhood = FakeNeighbourhood(self.calls)
        self.scans = FakeScans(self.calls, lambda: self.now)
        self.dead_letters = FakeDeadLetters(self.calls)
        self.places: dict[tuple[str, str], FakeEc2] = {}
        self._workers = itertools.count(1)

    @property
    def ec2(self) -> FakeEc2:
        """EC2 where the ordinary instance lives."""
        return self.ec2_in(ACCOUNT, REGION)

    def ec2_in(self, account_id: str, region: str) -> FakeEc2:
        place = account_id, region
        if place not in self.places:
            self.places[place] = FakeEc2(self.calls)
        return self.places[place]

    def site(self, account_id: str, region: str) -> FakeSite:
        ec2 = self.ec2_in(account_id, region)
        return FakeSite(ec2, ec2, ec2, ec2, ec2, self.scans, self.neighbourhood)

    @property
    def responder(self) -> Responder:
        return Responder(
            sites=self.site,
            quarantines=self.quarantines,
            held=self.held,
            exemptions=self.exemptions,
            control=self.control,
            detector=lambda _region: self.detector,
            dead_letters=self.dead_letters,
            evidence=self.evidence,
            threat_index=self.threat_index,
            notices=self.notices,
            audience=self.audience,
            channels=lambda: self.hearing,
            policy=self.policy,
            mode=self.mode,
            own_account=ACCOUNT,
            own_region=REGION,
            now=lambda: self.now,
            pause=self.pauses.append,
            together=self.together,
            name_worker=lambda: f"worker-{next(self._workers)}",
        )

    def launch(self, *instances: Instance) -> None:
        for instance in instances:
            self.ec2_in(instance.ref.account_id, instance.ref.region).launch(instance)

    def deliver(self, event: Mapping[str, Any]) -> Answer:
        return contain(event, self.responder)

    def fails(
        self,
        name: str,
        error: BaseException,
        *,
        times: int = ALWAYS,
        skip: int = 0,
        about: str = "",
    ) -> None:
        """Let the calls `name`, such as "notices.publish", raise `error` instead of happening."""

        def fail() -> None:
            raise error

        self.calls.before(name, fail, times=times, skip=skip, about=about)

    def quarantine(self, instance_id: str = WEB) -> Quarantine:
        """Return the last quarantine of `instance_id`, which there must be."""
        quarantine = self.quarantines.last(a_ref(instance_id).key)
        assert quarantine is not None, f"{instance_id} was never quarantined"
        return quarantine

    def is_cut(self, instance_id: str = WEB) -> bool:
        """Whether every interface of the instance is on a deny group, and on nothing else."""
        on = self.ec2.groups_on(instance_id).values()
        return bool(on) and all(len(ids) == 1 and ids[0].startswith("sg-deny-") for ids in on)

    def timeline(self, instance_id: str = WEB) -> list[str]:
        """Return what happened to the last quarantine of `instance_id`, in words."""
        return [line.what for line in self.quarantines.lines(self.quarantine(instance_id))]
