"""What the flows need from the world.

A port is written down where two things implement it: the AWS adapter, and the in-memory fake
that the flow tests run on. All of them raise AwsBusyError when the same call may work later, and
AwsRefusedError when it never will.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from chalicelib.core.decision.decision import Bounds

if TYPE_CHECKING:  # a port is no reason to import what it is about
    from chalicelib.core.api.cursor import Page, Place
    from chalicelib.core.api.request import Selection
    from chalicelib.core.findings.letter import Letter
    from chalicelib.core.findings.origin import Origin
    from chalicelib.core.instance import InstanceRef
    from chalicelib.core.notices.about_channels import Hearing
    from chalicelib.core.notices.posture import DetectorHealth
    from chalicelib.core.policy.policy import Mode, Policy
    from chalicelib.core.quarantine.dossier import Breaker, Dossier, Sighting
    from chalicelib.core.quarantine.held import Held
    from chalicelib.core.quarantine.record import Line, Quarantine
    from chalicelib.flows.ports.control import Control
    from chalicelib.flows.ports.exemptions import Exemptions
    from chalicelib.flows.ports.people import Audience, Notices
    from chalicelib.flows.ports.site import Site
    from chalicelib.flows.ports.together import Together


class Quarantines(Protocol):
    """The records of quarantines, and what else is remembered about instances."""

    def dossier(self, key: str, account_id: str, finding_id: str = "") -> Dossier:
        """Return what is on record under `key`: of an instance, or of a finding about none.

        However many findings are on record, it reads one page of them: the last of each type that
        accuses, and the one named `finding_id`, are always among it.
        """

    def open(
        self,
        quarantine: Quarantine,
        line: Line,
        as_described: str,
        breaker: Breaker | None,
        policy: Policy,
    ) -> None:
        """Record a new quarantine, count it in its account's breaker, keep the description.

        All or nothing.

        Args:
            quarantine: its first version.
            line: the first of its timeline.
            as_described: EC2's answer about the instance before anything was changed, JSON.
            breaker: as it was when the quarantine was decided on; None: a person decided,
                and it does not count.
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

    def has(self, quarantine: Quarantine, line: Line) -> bool:
        """Whether its timeline has a line that was appended and says the same, whenever it was."""

    def append(self, quarantine: Quarantine, line: Line) -> None:
        """Add a line to the timeline and nothing else; the same line again adds nothing."""

    def timeline(self, quarantine: Quarantine) -> tuple[Line, ...]:
        """Return the lines of its timeline, oldest first."""

    def page(self, selection: Selection, after: Place | None, most: int) -> Page:
        """Return a page of quarantines, newest first; a record that is none is named in it.

        It may be a second old.

        Args:
            selection: which of them.
            after: the place where the page before ended; None: the first page.
            most: how many to return.
        """

    def as_described(self, quarantine: Quarantine) -> str:
        """Return the description that was kept when `quarantine` was opened."""

    def remember(self, key: str, sighting: Sighting) -> None:
        """Remember a finding under `key`, in place of what was remembered of it before."""


class HeldCases(Protocol):
    """What was held; people see it, and the watcher decides again on what only waits for room."""

    def keep(self, held: Held, event: str) -> None:
        """Keep it with its event, JSON, unless a stronger one is kept for that instance."""

    def all(self) -> tuple[Held, ...]:
        """Return everything that is held."""

    def event(self, held: Held) -> Mapping[str, Any] | None:
        """Return the event that is kept with `held`; None: it was dropped meanwhile."""

    def remind(self, held: Held) -> None:
        """Write down how often people were reminded of it, unless it was dropped, or held anew."""

    def drop(self, key: str) -> None:
        """Forget what is held for the instance `key`, if anything is."""


class DeadLetters(Protocol):
    """Events that failed for good."""

    def count(self) -> int:
        """Return about how many there are."""

    def take(self) -> Letter | None:
        """Return one that nobody has taken lately; one that is not `done` comes again later."""

    def done(self, letter: Letter) -> None:
        """Take it out of the queue."""


class Detector(Protocol):
    """The GuardDuty detector of one account and region."""

    def id(self) -> str:
        """Return the id of the detector."""

    def call_false(self, finding_ids: Sequence[str]) -> str:
        """Tell GuardDuty that the findings were not useful; return the request id."""

    def health(self) -> DetectorHealth:
        """Return whether the detector, its plans and its lists work."""


class ThreatIndex(Protocol):
    """What is known of the entries of our own threat list."""

    def look_up(self, remote: str, lists: Iterable[str]) -> Origin | None:
        """Return who put `remote` on our list; None: nobody, or `lists` names others' lists only.

        `remote` is an address or a domain; `lists` what GuardDuty calls the lists, if it says.
        """


class Evidence(Protocol):
    """The store of what must never change."""

    def keep(self, name: str, body: bytes, *, over: bool = False) -> str | None:
        """Keep `body` under `name`; return its version there; None: something else is kept there.

        What is kept there already stays as it is, unless it may be written `over`; then it stays
        as the version before.
        """

    def read(self, name: str) -> bytes:
        """Return what is kept under `name`."""


@dataclass(frozen=True, slots=True)
class Responder:
    """Everything that a response needs, handed in once."""

    sites: Callable[[str, str], Site]  # by account and region
    quarantines: Quarantines
    held: HeldCases
    exemptions: Exemptions
    control: Control
    detector: Callable[[str], Detector]  # of Cordon's account, in a region
    dead_letters: DeadLetters
    evidence: Evidence
    threat_index: ThreatIndex
    notices: Notices
    audience: Audience
    channels: Callable[[], Hearing]  # how those fare that are told over the internet
    policy: Policy
    mode: Mode
    own_account: str
    own_region: str
    now: Callable[[], datetime]  # UTC
    pause: Callable[[float], None]  # seconds
    together: Together
    name_worker: Callable[[], str]  # a name that no other worker has

    def site(self, ref: InstanceRef) -> Site:
        """Return the site where `ref` lives."""
        return self.sites(ref.account_id, ref.region)

    def policy_of(self, ref: InstanceRef) -> Policy:
        """Return the policy of the account where `ref` lives."""
        return self.policy.at(ref.account_id)

    def bounds(self, ref: InstanceRef) -> Bounds:
        """Return what bounds a response about `ref`."""
        return Bounds(self.own_account, self.mode, self.policy_of(ref), self.now())
