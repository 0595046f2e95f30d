"""The central list of exemptions, in memory; a dossier shows the same."""

from __future__ import annotations

from chalicelib.core.instance import InstanceRef
from chalicelib.core.quarantine.exemption import Exempt, Exemption, Wish
from tests.fakes.calls import Calls
from tests.fakes.quarantines import FakeQuarantines


class FakeExemptions:
    """What is asked for waits beside it."""

    def __init__(self, calls: Calls, quarantines: FakeQuarantines) -> None:
        self._calls = calls
        self._listed = quarantines.exemptions
        self.written: dict[str, Exemption] = {}  # by hand, by key
        self._wishes: dict[str, Wish] = {}

    def all(self) -> tuple[Exempt, ...]:
        with self._calls.call("exemptions.all"):
            return tuple(Exempt(_ref(key), each) for key, each in sorted(self._listed.items()))

    def by_hand(self) -> tuple[Exempt, ...]:
        with self._calls.call("exemptions.by_hand"):
            return tuple(Exempt(_ref(key), each) for key, each in sorted(self.written.items()))

    def find_by_hand(self, ref: InstanceRef) -> Exemption | None:
        with self._calls.call("exemptions.find_by_hand", ref.key):
            return self.written.get(ref.key)

    def keep_by_hand(self, ref: InstanceRef, exemption: Exemption) -> None:
        with self._calls.call("exemptions.keep_by_hand", ref.key):
            self.written[ref.key] = exemption

    def find(self, ref: InstanceRef) -> Exemption | None:
        with self._calls.call("exemptions.find", ref.key):
            return self._listed.get(ref.key)

    def keep(self, ref: InstanceRef, exemption: Exemption) -> None:
        with self._calls.call("exemptions.keep", ref.key):
            self._listed[ref.key] = exemption

    def wishes(self) -> tuple[tuple[InstanceRef, Wish], ...]:
        with self._calls.call("exemptions.wishes"):
            return tuple((_ref(key), wish) for key, wish in sorted(self._wishes.items()))

    def wish(self, ref: InstanceRef) -> Wish | None:
        with self._calls.call("exemptions.wish", ref.key):
            return self._wishes.get(ref.key)

    def keep_wish(self, ref: InstanceRef, wish: Wish | None) -> None:
        with self._calls.call("exemptions.keep_wish", ref.key):
            if wish is None:
                self._wishes.pop(ref.key, None)
            else:
                self._wishes[ref.key] = wish


def _ref(key: str) -> InstanceRef:
    return InstanceRef(*key.split("/"))
