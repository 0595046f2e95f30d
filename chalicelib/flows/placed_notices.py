"""Notices that say where to act: told last, since what counts is that people are told."""

from __future__ import annotations

from chalicelib.core.errors import CordonError
from chalicelib.core.notices.notice import Notice
from chalicelib.core.notices.where import placed
from chalicelib.flows.ports.control import Control
from chalicelib.flows.ports.people import Notices


class PlacedNotices:
    """A topic whose notices name the API and the evidence."""

    def __init__(self, notices: Notices, control: Control, evidence: str) -> None:
        """Make it; `evidence` is the place of all evidence, such as s3://bucket/."""
        self._notices = notices
        self._control = control
        self._evidence = evidence
        self._api = ""

    def publish(self, notice: Notice) -> str:
        """Send `notice` with its places; one whose API cannot be told is sent all the same."""
        return self._notices.publish(placed(notice, self._address(), self._evidence))

    def _address(self) -> str:
        """Return the API's address, which is looked for until it is found once."""
        if not self._api:
            try:
                deployed = self._control.deployed()
            except CordonError:
                return ""
            self._api = deployed.address if deployed else ""
        return self._api
