"""What the flows need from the world.

A port is written down where two things implement it: the AWS adapter, and the in-memory fake
that the flow tests run on. All of them raise AwsBusyError when the same call may work later, and
AwsRefusedError when it never will.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.core.containment import Applied, Group, GroupRole, Plan
from chalicelib.core.decision import Bounds
from chalicelib.core.dossier import Breaker, Dossier, Sighting
from chalicelib.core.instance import Instance, Interface
from chalicelib.core.notice import Notice
from chalicelib.core.policy import Mode, Policy
from chalicelib.core.quarantine import Line, Quarantine
from chalicelib.flows.together import Together


class Instances(Protocol):
    """The EC2 instances and interfaces of one account and region."""

    def find(self, instance_id: str) -> Instance | None:
        """Return the instance as it is now, without its interfaces; None if it is unknown."""

    def interfaces(self, instance_id: str) -> tuple[Interface, ...]:
        """Return every interface that is attached to the instance now."""

    def apply(self, plan: Plan) -> tuple[Applied, ...]:
        """Carry out `plan`: interfaces all at once, the steps of one in their order.

        An interface that is gone needs nothing. A step that fails stops neither the other
        interfaces nor, if it is optional, the next step; it comes back with its error.
        """

    def stop(self, instance_id: str) -> str:
        """Stop the instance, if it runs; return the request id of AWS's answer."""


class SecurityGroups(Protocol):
    """Cordon's security groups in one account and region."""

    def groups(self) -> tuple[Group, ...]:
        """Return them, of all VPCs, as they are now."""

    def prepare(self, vpc_id: str, role: GroupRole) -> None:
        """Make the VPC's group for `role`, or bring its rules back to what the role says.

        Safe to be done by several at once; there is one group in the end.
        """


class Quarantines(Protocol):
    """The records of quarantines, and what else is remembered about instances."""

    def dossier(self, key: str, account_id: str) -> Dossier:
        """Return what is on record under `key`: of an instance, or of a finding about none."""

    def open(
        self,
        quarantine: Quarantine,
        line: Line,
        as_described: str,
        breaker: Breaker,
        policy: Policy,
    ) -> None:
        """Record a new quarantine, count it in its account's breaker, keep the description.

        All or nothing.

        Args:
            quarantine: its first version.
            line: the first of its timeline.
            as_described: EC2's answer about the instance before anything was changed, JSON.
            breaker: as it was when the quarantine was decided on.
            policy: with the limits of the breaker.

        Raises:
            RecordMovedError: somebody else opened it, or the breaker's next window, meanwhile.
            BreakerOpenError: the account may open no more for now.
        """

    def save(self, quarantine: Quarantine, line: Line) -> None:
        """Record the next version, with a line in its timeline.

        Raises:
            RecordMovedError: the record is no longer at the version before.
        """

    def append(self, quarantine: Quarantine, line: Line) -> None:
        """Add a line to the timeline and nothing else; the same line again adds nothing."""

    def as_described(self, quarantine: Quarantine) -> str:
        """Return the description that was kept when `quarantine` was opened."""

    def remember(self, key: str, sighting: Sighting) -> None:
        """Remember a finding under `key`, in place of what was remembered of it before."""


class Evidence(Protocol):
    """The store of what must never change."""

    def keep(self, name: str, text: str) -> None:
        """Keep `text` under `name`; what is kept there already stays as it is."""


class Notices(Protocol):
    """The topic that people subscribe to."""

    def publish(self, notice: Notice) -> str:
        """Send `notice` to everyone who subscribed; return the id of the message."""


@dataclass(frozen=True, slots=True)
class Responder:
    """Everything that a response needs, handed in once."""

    instances: Callable[[str, str], Instances]  # of an account and region
    security_groups: Callable[[str, str], SecurityGroups]  # likewise
    quarantines: Quarantines
    evidence: Evidence
    notices: Notices
    policy: Policy
    mode: Mode
    own_account: str
    now: Callable[[], datetime]  # UTC
    pause: Callable[[float], None]  # seconds
    together: Together
    name_worker: Callable[[], str]  # a name that no other worker has

    def bounds(self) -> Bounds:
        return Bounds(self.own_account, self.mode, self.policy, self.now())
