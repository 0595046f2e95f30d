"""The central list of exemptions, as the flows need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a port is no reason to import what it is about
    from chalicelib.core.instance import InstanceRef
    from chalicelib.core.quarantine.exemption import Exempt, Exemption, Wish


class Exemptions(Protocol):
    """The central list; a dossier has the entry of its instance."""

    def all(self) -> tuple[Exempt, ...]:
        """Return every entry, those that ended lately too."""

    def by_hand(self) -> tuple[Exempt, ...]:
        """Return what people wrote into the table themselves; it reads the whole of it."""

    def find_by_hand(self, ref: InstanceRef) -> Exemption | None:
        """Return what somebody wrote into the table for an instance; None: nobody did."""

    def keep_by_hand(self, ref: InstanceRef, exemption: Exemption) -> None:
        """Write it anew where it was written by hand."""

    def find(self, ref: InstanceRef) -> Exemption | None:
        """Return the entry of an instance; None: it has none."""

    def keep(self, ref: InstanceRef, exemption: Exemption) -> None:
        """Write the entry of an instance, whatever was there."""

    def wishes(self) -> tuple[tuple[InstanceRef, Wish], ...]:
        """Return everything that waits for a second person, or waited in vain lately."""

    def wish(self, ref: InstanceRef) -> Wish | None:
        """Return what waits for a second person; None: nothing does."""

    def keep_wish(self, ref: InstanceRef, wish: Wish | None) -> None:
        """Let it wait for a second person; None: it no longer does."""
