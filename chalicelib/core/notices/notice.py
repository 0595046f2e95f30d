"""What people are told: one message, for people and for machines."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.core.errors import MalformedNoticeError
from chalicelib.core.notices.fit import Section, fit
from chalicelib.core.plain_text import subject_line, unlinked

_VERSION = 1
_TEXTS = ("kind", "outcome", "severity", "account_id", "subject", "text")
_OF_EVERY_NOTICE = frozenset({"version", "sections", "cordon", *_TEXTS})


class Kind(enum.StrEnum):
    """What a notice is about; subscriptions filter by it."""

    FINDING = "finding"
    CONTAINMENT = "containment"
    HOLD = "hold"
    RELEASE = "release"
    DRIFT = "drift"
    REVIEW = "review"
    MODE = "mode"
    DIGEST = "digest"
    THREAT_LIST = "threat_list"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message for people, and the same as data for machines."""

    kind: Kind
    outcome: str
    severity: str  # a band
    account_id: str
    subject: str  # fit for SNS
    sections: tuple[Section, ...]
    facts: Mapping[str, Any]  # JSON

    @property
    def mail_subject(self) -> str:
        """The subject of the e-mail: one for all of an incident, so that mailers thread it.

        What happened is the first line of the text. A notice of no incident says it itself.
        """
        number = self.facts.get("quarantine_id") or self.facts.get("incident")
        where = f"{self.account_id}, {self.facts.get('region')}"
        return subject_line(f"Cordon: incident {number} in {where}") if number else self.subject

    @property
    def text(self) -> str:
        """The message as an e-mail, plain text; no mailer makes a link of what others wrote."""
        blocks = [
            "\n".join([heading, *(f"  {unlinked(line)}" for line in lines)])
            for heading, lines in self.sections
            if lines
        ]
        return "\n\n".join([unlinked(self.subject), *blocks]) + "\n"

    @property
    def id(self) -> str:
        """The SHA-256 of all that it says: whoever publishes it again says the same."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()

    def shortened(self, most: int) -> Notice:
        """Return the notice with at most `most` characters of headings and lines; see `fit`."""
        return replace(self, sections=fit(self.sections, most))

    def as_json(self) -> dict[str, Any]:
        return {
            "version": _VERSION,
            "kind": self.kind.value,
            "outcome": self.outcome,
            "severity": self.severity,
            "account_id": self.account_id,
            "subject": self.subject,
            **self.facts,
            "sections": [
                {"heading": heading, "lines": list(lines)} for heading, lines in self.sections
            ],
            "text": self.text,
        }


def parse_notice(text: str) -> dict[str, Any]:
    """Return what `Notice.as_json` said, out of the message that a subscriber received.

    Raises:
        MalformedNoticeError: it is no JSON object, or lacks a field that every notice has.
    """
    try:
        said = json.loads(text)
    except (RecursionError, ValueError) as error:
        raise MalformedNoticeError("the message", "no JSON") from error
    if not isinstance(said, dict):
        raise MalformedNoticeError("the message", said)
    for field in _TEXTS:
        if not isinstance(said.get(field), str):
            raise MalformedNoticeError(field, said.get(field))
    if said.get("version") != _VERSION:
        raise MalformedNoticeError("version", said.get("version"))
    return said


def read_notice(said: Mapping[str, Any]) -> Notice:
    """Return the notice that `parse_notice` found.

    One that was published without its sections has the lines of its text as the only one.

    Raises:
        MalformedNoticeError: its kind is none of ours, or its sections cannot be read.
    """
    if said["kind"] not in tuple(Kind):
        raise MalformedNoticeError("kind", said["kind"])
    plain = (("", tuple(line.strip() for line in said["text"].splitlines()[1:] if line.strip())),)
    return Notice(
        kind=Kind(said["kind"]),
        outcome=said["outcome"],
        severity=said["severity"],
        account_id=said["account_id"],
        subject=said["subject"],
        sections=_sections(said["sections"]) if "sections" in said else plain,
        facts={name: value for name, value in said.items() if name not in _OF_EVERY_NOTICE},
    )


def _sections(said: Any) -> tuple[Section, ...]:
    if not isinstance(said, list):
        raise MalformedNoticeError("sections", said)
    return tuple(_section(each) for each in said)


def _section(said: Any) -> Section:
    match said:
        case {"heading": str(heading), "lines": [*lines]} if all(
            isinstance(line, str) for line in lines
        ):
            return heading, tuple(lines)
        case _:
            raise MalformedNoticeError("sections", said)
