"""Why a line is not taken into the list, counted."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

_SHOWN = 20  # line numbers kept for a reason; the count goes on
_EXAMPLE = 80  # characters


class Reason(enum.StrEnum):
    """Why a line is not taken into the list."""

    NO_ADDRESS = "no_address"
    FILE_NAME = "file_name"  # looks like a domain, ends like a file
    OTHER_KIND = "other_kind"  # a hash, an e-mail address: known, and nothing that GuardDuty lists
    ALLOW_RULE = "allow_rule"  # says what is good
    IPV6 = "ipv6"
    DOMAIN = "domain"  # and the list takes addresses only
    SHARED_HOST = "shared_host"  # of a URL: others are served from that host too
    TOO_WIDE = "too_wide"
    PRIVATE = "private"
    RESERVED = "reserved"
    OWN = "own"
    TRUSTED = "trusted"

    @property
    def is_understood(self) -> bool:
        """Whether what the line says is known, though it is not wanted."""
        return self not in (Reason.NO_ADDRESS, Reason.FILE_NAME)


@dataclass(slots=True)
class Refused:
    """How many lines were refused for a reason, the numbers of the first of them, and the first."""

    count: int = 0
    lines: list[int] = field(default_factory=list)
    example: str = ""

    def add(self, number: int, text: str = "") -> None:
        if not self.count:
            self.example = text[:_EXAMPLE]
        self.count += 1
        if len(self.lines) < _SHOWN:
            self.lines.append(number)
