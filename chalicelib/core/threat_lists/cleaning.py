"""Lines that somebody wrote, made into a list that GuardDuty can be given; the rest is counted.

GuardDuty matches publicly routable addresses only, takes no IPv6, and domains in entity lists.
Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_upload-lists.html
"""

from __future__ import annotations

import enum
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from chalicelib.core.threat_lists.ipv4 import (
    Spans,
    mark,
    merged,
    networks,
    overlaps,
    parse_span,
    sift,
)


class Reason(enum.StrEnum):
    """Why a line is not taken into the list."""

    NO_ADDRESS = "no_address"
    IPV6 = "ipv6"
    DOMAIN = "domain"  # and the list takes addresses only
    TOO_WIDE = "too_wide"
    PRIVATE = "private"
    RESERVED = "reserved"
    OWN = "own"
    TRUSTED = "trusted"


# Source: https://www.iana.org/assignments/iana-ipv4-special-registry/ (not globally reachable),
# https://www.rfc-editor.org/rfc/rfc5771 (multicast), https://www.rfc-editor.org/rfc/rfc7526 (6to4)
PRIVATE = merged(
    map(parse_span, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"))
)
RESERVED = merged(
    map(
        parse_span,
        (
            "0.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)

_SHOWN = 20  # line numbers kept for a reason; the count goes on
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"(?:\*\.)?(?:{_LABEL}\.)*(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{1,59}})")
_LONGEST = 253  # characters of a domain: RFC 1035
_IPV6 = frozenset("0123456789abcdefABCDEF:./")  # its characters
_COMMENT = re.compile("[#;]")


@dataclass(slots=True)
class Refused:
    """How many lines were refused for a reason, and the numbers of the first of them."""

    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, number: int) -> None:
        self.count += 1
        if len(self.lines) < _SHOWN:
            self.lines.append(number)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of some lines."""

    spans: Spans = field(default_factory=lambda: array("Q"))
    domains: frozenset[str] = frozenset()  # lower case; `*.example.org` stands for what is below
    refused: Mapping[Reason, Refused] = field(default_factory=dict)

    def entries(self) -> Iterator[str]:
        """Yield the entries: networks by address, then domains by name; always the same."""
        yield from networks(self.spans)
        yield from sorted(self.domains)


@dataclass(frozen=True, slots=True)
class Bar:
    """What a line must pass."""

    min_prefix: int  # a network that is wider is a mistake
    takes_domains: bool = True
    own: Spans = field(default_factory=lambda: array("Q"))  # public addresses of our own
    trusted: Cleaned = field(default_factory=Cleaned)

    def refuses_span(self, span: int) -> Reason | None:
        """Return why the span is not taken, if it is not.

        What only touches a forbidden address is refused whole: a list that names ours, or one we
        trust, is wrong about its neighbours too.
        """
        if (span & 0xFFFFFFFF) - (span >> 32) >= 1 << (32 - self.min_prefix):
            return Reason.TOO_WIDE
        for reason, spans in self._forbidden():
            if overlaps(spans, span):
                return reason
        return None

    def refuses_domain(self, domain: str) -> Reason | None:
        """Return why the domain is not taken, if it is not."""
        if not self.takes_domains:
            return Reason.DOMAIN
        if domain.startswith("*.") and domain.count(".") == 1:
            return Reason.TOO_WIDE
        return Reason.TRUSTED if self._trusts(domain) else None

    def doubtful(self) -> bytes:
        """Return where an address must be looked at; see `ipv4.sift`."""
        return mark(merged(span for _, spans in self._forbidden() for span in spans))

    def _forbidden(self) -> tuple[tuple[Reason, Spans], ...]:
        return (
            (Reason.OWN, self.own),
            (Reason.TRUSTED, self.trusted.spans),
            (Reason.PRIVATE, PRIVATE),
            (Reason.RESERVED, RESERVED),
        )

    def _trusts(self, domain: str) -> bool:
        trusted = self.trusted.domains
        if domain.startswith("*."):
            below = domain[1:]
            return domain in trusted or any(each.endswith(below) for each in trusted)
        return domain in trusted or not trusted.isdisjoint(wildcards(domain))


def wildcards(domain: str) -> Iterator[str]:
    """Yield every wildcard that stands for `domain`: a.b.org is below *.b.org and *.org."""
    below = domain.partition(".")[2]
    while below:
        yield f"*.{below}"
        below = below.partition(".")[2]


def clean(lines: Iterable[str], bar: Bar) -> Cleaned:
    """Return the entries that `lines` hold, each line an entry, alone or in front of other columns.

    Comments begin with # or ;. No line is so bad that the others are lost.
    """
    spans, others = sift(lines, bar.doubtful())
    domains: set[str] = set()
    refused: dict[Reason, Refused] = {}
    for number, line in others:
        text = first_column(line)
        if not text:
            continue
        match _judged(text, bar):
            case Reason() as reason:
                refused.setdefault(reason, Refused()).add(number)
            case str() as domain:
                domains.add(domain)
            case span:
                spans.append(span)
    return Cleaned(merged(spans), frozenset(domains), refused)


def together(parts: Iterable[Cleaned]) -> Cleaned:
    """Return the entries of all `parts` as one list."""
    each = tuple(parts)
    spans = merged(span for part in each for span in part.spans)
    return Cleaned(spans, frozenset().union(*(part.domains for part in each)))


def first_column(line: str) -> str:
    """Return what a line says before its comment and its second column, without quotes."""
    return _COMMENT.split(line, maxsplit=1)[0].partition(",")[0].strip().strip("\"'").strip()


def _judged(text: str, bar: Bar) -> int | str | Reason:
    """Return the span or the domain that `text` is, or why it is not taken."""
    entry = _entry(text)
    if entry is None:
        is_ipv6 = text.count(":") > 1 and _IPV6.issuperset(text)
        return Reason.IPV6 if is_ipv6 else Reason.NO_ADDRESS
    if isinstance(entry, str):
        return bar.refuses_domain(entry) or entry
    return bar.refuses_span(entry) or entry


def _entry(text: str) -> int | str | None:
    """Return a span, a domain, or None for neither."""
    try:
        return parse_span(text)
    except ValueError:
        domain = text.lower().removesuffix(".")
        is_one = "." in domain and len(domain) <= _LONGEST and _DOMAIN.fullmatch(domain)
        return domain if is_one else None
