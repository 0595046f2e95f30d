"""Which quarantines have a report in the evidence, and which want a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chalicelib.core.instance import InstanceRef
from chalicelib.core.quarantine.record import Quarantine

Filed = Mapping[str, str]  # the state that the last report shows, by the name of its quarantine
_MOST = 1_000  # that are remembered; of more, a report may be filed twice, under the same name


def name_of(quarantine: Quarantine) -> str:
    """Return the name by which what was filed is remembered."""
    return f"{quarantine.ref.key}#{quarantine.number}"


def ref_of(name: str) -> InstanceRef:
    """Return the instance of the quarantine that `name` names."""
    account_id, region, instance_id = name.partition("#")[0].split("/")
    return InstanceRef(account_id, region, instance_id)


def unfiled(quarantines: Iterable[Quarantine], filed: Filed) -> tuple[Quarantine, ...]:
    """Return those that are in another state than the report that was filed last shows."""
    wanting = {
        name_of(each): each for each in quarantines if filed.get(name_of(each)) != each.state
    }
    return tuple(wanting.values())


def out_of_sight(seen: Iterable[Quarantine], filed: Filed) -> tuple[str, ...]:
    """Return the names of those that were filed while open, and are on no list any more."""
    names = {name_of(each) for each in seen}
    return tuple(name for name, state in filed.items() if name not in names and state != "RELEASED")


def remembered(seen: Iterable[Quarantine], filed: Filed) -> dict[str, str]:
    """Return what to remember: of those on a list, what was filed last."""
    names = dict.fromkeys(name_of(each) for each in seen)
    return {name: filed[name] for name in list(names)[:_MOST] if name in filed}
