"""What the flows need to know of everybody around an instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a port is no reason to import what it is about
    from chalicelib.core.instance import Instance
    from chalicelib.core.surroundings import Surroundings


class Neighbourhood(Protocol):
    """The instances of one account and region, and what ties them to each other."""

    def around(self, instance: Instance) -> Surroundings:
        """Return who shares something with the instance.

        What AWS does not tell, or not now, is named in it: never an error.
        """
