"""What people are told: one message, for people and for machines."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.core.errors import MalformedNoticeError

_VERSION = 1


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


Section = tuple[str, tuple[str, ...]]  # heading, lines


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
    def text(self) -> str:
        """The message as an e-mail, plain text."""
        blocks = [
            "\n".join([heading, *(f"  {line}" for line in lines)])
            for heading, lines in self.sections
            if lines
        ]
        return "\n\n".join([self.subject, *blocks]) + "\n"

    def as_json(self) -> dict[str, Any]:
        return {
            "version": _VERSION,
            "kind": self.kind.value,
            "outcome": self.outcome,
            "severity": self.severity,
            "account_id": self.account_id,
            "subject": self.subject,
            **self.facts,
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
    for field in ("kind", "outcome", "severity", "account_id", "subject", "text"):
        if not isinstance(said.get(field), str):
            raise MalformedNoticeError(field, said.get(field))
    if said.get("version") != _VERSION:
        raise MalformedNoticeError("version", said.get("version"))
    return said
