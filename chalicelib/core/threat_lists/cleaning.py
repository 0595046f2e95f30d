"""Values that somebody wrote, made into a list that GuardDuty can be given; the rest is counted.

GuardDuty matches publicly routable addresses only, takes no IPv6, and domains in entity lists.
Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_upload-lists.html
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice

from chalicelib.core.threat_lists.ipv4 import (
    Spans,
    mark,
    merged,
    networks,
    overlaps,
    parse_span,
    sift,
)
from chalicelib.core.threat_lists.reasons import Reason, Refused
from chalicelib.core.threat_lists.shared_hosts import SHARED_HOSTS, is_shared
from chalicelib.core.threat_lists.values import (
    BESIDE,
    BROKEN,
    LONGEST,
    OTHER,
    URL,
    is_plain_domain,
    tidied,
    understood,
)

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

_BATCH = 1_024  # values that are made ready at once


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of some lines."""

    spans: Spans = field(default_factory=lambda: array("Q"))
    domains: AbstractSet[str] = frozenset()  # lower case; `*.example.org` stands for what is below
    refused: Mapping[Reason, Refused] = field(default_factory=dict)
    taken: int = 0  # values that became entries, repeats and all

    @property
    def understood(self) -> float:
        """The share of the values that said something, whether it was wanted or not."""
        clear = sum(each.count for reason, each in self.refused.items() if reason.is_understood)
        unclear = sum(each.count for reason, each in self.refused.items()) - clear
        known = self.taken + clear
        return known / (known + unclear) if unclear else 1.0

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
    shared: frozenset[str] = SHARED_HOSTS
    min_understood: float = 0.5  # the share of a source's lines; of less of them it is refused

    def refuses_span(self, span: int, doubtful: bytes = b"") -> Reason | None:
        """Return why the span is not taken, if it is not; `doubtful` spares a look, if it is there.

        What only touches a forbidden address is refused whole: a list that names ours, or one we
        trust, is wrong about its neighbours too.
        """
        if (span & 0xFFFFFFFF) - (span >> 32) >= 1 << (32 - self.min_prefix):
            return Reason.TOO_WIDE
        if doubtful and span >> 48 == (span & 0xFFFFFFFF) >> 16 and not doubtful[span >> 48]:
            return None
        for reason, spans in self._forbidden():
            if overlaps(spans, span):
                return reason
        return None

    def refuses_domain(self, domain: str, *, is_of_url: bool = False) -> Reason | None:
        """Return why the domain is not taken, if it is not.

        A URL names a page; its host is taken only where nobody else serves from it.
        """
        if not self.takes_domains:
            return Reason.DOMAIN
        if domain.removeprefix("*.") in self.shared:
            return Reason.SHARED_HOST
        if domain.startswith("*.") and domain.count(".") == 1:
            return Reason.TOO_WIDE
        if self.trusted.domains and self._trusts(domain):
            return Reason.TRUSTED
        if is_of_url and any(
            is_shared(domain, each) for each in (self.shared, self.trusted.domains)
        ):
            return Reason.SHARED_HOST
        return None

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


def clean(values: Iterable[str], bar: Bar) -> Cleaned:
    """Return the entries that `values` say, numbered from 1; a value may say several.

    No value is so bad that the others are lost.
    """
    spans: list[int] = []
    domains: set[str] = set()
    refused: dict[Reason, Refused] = {}
    taken = 0
    doubtful, bits = bar.doubtful(), bar.min_prefix
    takes_names, shared = bar.takes_domains and not bar.trusted.domains, bar.shared
    is_plain = is_ready = True
    for batch in _batches(values):
        # What is plain is most often all plain, or not at all: the last batch tells of the next.
        plain, others = sift(batch, doubtful, bits) if is_plain else ([], batch)
        is_plain = len(plain) > len(others)
        others = _ready(others)
        more, others = sift(others, doubtful, bits) if is_ready else ([], others)
        is_ready = 2 * len(more) >= len(others)
        spans += plain
        spans += more
        taken += len(plain) + len(more)
        for number, text in others:
            if takes_names and text[-1].isalpha() and text not in shared and is_plain_domain(text):
                domains.add(text)
                taken += 1
                continue
            match _judged(text, bar, doubtful):
                case Reason() as reason:
                    found = refused.setdefault(reason, Refused())
                    found.add(number, text.lstrip(BROKEN + OTHER).removeprefix(URL))
                    continue
                case str() as domain:
                    domains.add(domain)
                case span:
                    spans.append(span)
            taken += 1
    return Cleaned(merged(spans), domains, refused, taken)


def _batches(values: Iterable[str]) -> Iterator[list[tuple[int, str]]]:
    """Yield the values with their numbers, some thousand at a time."""
    left, number = iter(values), 1
    while batch := list(islice(left, _BATCH)):
        yield list(enumerate(batch, number))
        number += len(batch)


def _ready(others: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return what is not plain, made ready to be judged, with its number; nothing of a comment."""
    if any(BESIDE in text for _, text in others):
        others = [(n, each) for n, text in others for each in text.split(BESIDE)]
    texts = tidied([text if len(text) <= LONGEST else BROKEN + text[:80] for _, text in others])
    return [(n, text) for (n, _), text in zip(others, texts, strict=True) if text]


def together(parts: Iterable[Cleaned]) -> Cleaned:
    """Return the entries of all `parts` as one list."""
    each = tuple(parts)
    spans = merged(span for part in each for span in part.spans)
    return Cleaned(spans, frozenset().union(*(part.domains for part in each)))


def _judged(text: str, bar: Bar, doubtful: bytes) -> int | str | Reason:
    """Return the span or the domain that `text` is, or why it is not taken."""
    entry = understood(text)
    match entry:
        case Reason():
            return entry
        case str():
            domain = entry.removeprefix(URL)
            return bar.refuses_domain(domain, is_of_url=domain != entry) or domain
        case _:
            return bar.refuses_span(entry, doubtful) or entry
