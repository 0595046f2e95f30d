"""The items of the table `cordon-<stage>`, to and from Cordon's values.

Keys are `pk` and `sk`:

    about#<key>                sighting#<finding id>   a finding about the key's instance; expires
                               latest#<finding type>   the last sighting of a type that accuses
                               quarantine#000001       a quarantine; a new one, the next number
                               exemption               an exemption written by hand, as of old
    timeline#<key>#<number>    line#<tag>              one line of a quarantine's timeline
                               described               the instance before the cut, JSON
    control                    mode                    the kill switch
                               mode#<moment>           what it was set to, and by whom
                               lists, lists#<moment>   the same of the threat lists
                               breaker#<account>       when it was contained in lately
                               digest, exercise        when they last were
                               deployed                which version is at work, since when
                               rounds                  whose turn it is when the watcher looks
    exemptions                 <key>                   an entry of the central list; expires
    exemptions#asked           <key>                   what waits there for a second person
    held                       <key>                   the strongest finding that was held
    held#<key>                 event                   that finding, as it was received, JSON

A key is that of an instance, account/region/id, or of a finding about no instance.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.core.policy.policy import Mode, Response
from chalicelib.core.quarantine.dossier import Breaker, Sighting
from chalicelib.core.quarantine.exemption import Exemption
from chalicelib.core.quarantine.record import (
    Line,
    Quarantine,
)

Item = dict[str, Any]

QUARANTINE = "quarantine#"
SIGHTING = "sighting#"
LATEST = "latest#"
EXEMPTION = "exemption"
EXEMPTIONS = "exemptions"
CONTROL = "control"
MODE = "mode"
DESCRIBED = "described"
KIND = "quarantine"  # of the items that the index by_opened holds

_KEPT = timedelta(days=90)  # as long as GuardDuty keeps a finding


def about(key: str) -> str:
    """Return the partition of what is known about an instance, or a finding about none."""
    return f"about#{key}"


def quarantine_key(quarantine: Quarantine) -> Item:
    """Return the key of a quarantine; its number has six digits, so that they sort."""
    return {"pk": about(quarantine.ref.key), "sk": f"{QUARANTINE}{quarantine.number:06d}"}


def timeline(quarantine: Quarantine) -> str:
    """Return the partition of a quarantine's timeline."""
    return f"timeline#{quarantine.ref.key}#{quarantine.number:06d}"


def breaker_key(account_id: str) -> Item:
    """Return the key of an account's breaker."""
    return {"pk": CONTROL, "sk": f"breaker#{account_id}"}


def from_line(quarantine: Quarantine, line: Line, *, tag: str = "") -> Item:
    """Return the item of a timeline's `line`.

    Without `tag` it is named by what it says: the same again is the same item.
    """
    detail = json.dumps(line.detail, sort_keys=True)
    said = hashlib.sha256(f"{line.who}\n{line.what}\n{detail}".encode()).hexdigest()
    return {
        "pk": timeline(quarantine),
        "sk": f"line#{tag or said}",
        "at": line.at.isoformat(),
        "who": line.who,
        "what": line.what,
        "detail": detail,
    }


def to_line(item: Mapping[str, Any]) -> Line:
    """Return the line of `item`."""
    return Line(moment_of(item["at"]), item["who"], item["what"], json.loads(item["detail"]))


def latest(key: str, sighting: Sighting) -> Iterator[Item]:
    """Yield the item of `sighting` as the last of its type, if it accuses the instance.

    There are few types: a second one is found however many findings there are of the first.
    """
    if sighting.response in (Response.APPROVE, Response.CONTAIN):
        yield {**from_sighting(key, sighting), "sk": f"{LATEST}{sighting.finding_type}"}


def from_sighting(key: str, sighting: Sighting) -> Item:
    """Return the item of `sighting`; it expires once GuardDuty has dropped the finding."""
    return {
        "pk": about(key),
        "sk": f"{SIGHTING}{sighting.finding_id}",
        "finding_id": sighting.finding_id,
        "finding_type": sighting.finding_type,
        "response": sighting.response.value,
        "seen_at": sighting.seen_at.isoformat(),
        "told": sighting.told,
        "sha256": sighting.sha256,
        "expires": int((sighting.seen_at + _KEPT).timestamp()),
    }


def to_sightings(about: Iterable[Mapping[str, Any]]) -> Iterator[Sighting]:
    """Yield the sightings among all that is known about an instance.

    One that another version wrote, and that cannot be read, counts as not seen yet: its finding
    is told once more.
    """
    known: dict[str, Sighting] = {}
    for item in sorted(about, key=lambda each: str(each["sk"])):  # a sighting after a type's last
        if item["sk"].startswith((SIGHTING, LATEST)):
            with suppress(AttributeError, KeyError, TypeError, ValueError):
                sighting = _to_sighting(item)
                known[sighting.finding_id] = sighting
    yield from (known[finding_id] for finding_id in sorted(known))


def _to_sighting(item: Mapping[str, Any]) -> Sighting:
    """Return the sighting of `item`."""
    return Sighting(
        finding_id=item["finding_id"],
        finding_type=item["finding_type"],
        response=Response(item["response"]),
        seen_at=moment_of(item["seen_at"]),
        told=item["told"],
        sha256=item["sha256"],
    )


def from_exemption(exemption: Exemption) -> Item:
    """Return an exemption as the rest of an item."""
    return {
        "reason": exemption.reason,
        "until": exemption.until and exemption.until.isoformat(),
        "by": exemption.by,
        "at": exemption.at and exemption.at.isoformat(),
        "confirmed_by": exemption.confirmed_by,
        "told": exemption.told,
    }


def to_exemptions(about: Iterable[Item]) -> Iterator[Exemption]:
    """Yield the entry of the central list, and the exemption written by hand, if they are there."""
    for item in about:
        if item["pk"] == EXEMPTIONS or item["sk"] == EXEMPTION:
            yield to_exemption(item)


def to_exemption(item: Mapping[str, Any]) -> Exemption:
    """Return the exemption of `item`, which a person may have written by hand.

    Without an `until` that can be read it does not end: it holds, and people are told so.
    """
    return Exemption(
        reason=str(item.get("reason", "")),
        until=moment_if_any(item.get("until")),
        by=str(item.get("by", "")),
        at=moment_if_any(item.get("at")),
        confirmed_by=str(item.get("confirmed_by", "")),
        told=str(item.get("told", "")),
    )


def moment_if_any(value: object) -> datetime | None:
    """Return the moment that `value` says; None: it says none."""
    try:
        return moment_of(str(value))
    except ValueError:
        return None


def to_mode(item: Mapping[str, Any]) -> Mode:
    """Return the mode of the kill switch's `item`; whatever is not `enforce` stops Cordon."""
    return Mode.ENFORCE if item.get("mode") == Mode.ENFORCE else Mode.OBSERVE


def to_breaker(item: Mapping[str, Any]) -> Breaker:
    """Return the breaker of `item`; of an account that has none, one that never counted.

    An older version counted from the first containment of a window on.
    """
    if "opened" in item:
        return Breaker(tuple(moment_of(at) for at in item["opened"]))
    if "since" in item:
        return Breaker((moment_of(item["since"]),) * int(item["count"]))
    return Breaker()


def moment_of(text: str) -> datetime:
    """Return the moment that `text` names; without an offset it is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
