"""Which column of a table, or which key of an object, holds what is bad."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.core.threat_lists.reasons import Reason
from chalicelib.core.threat_lists.values import BESIDE, URL, tidied, understood

_MOST = 0.5  # of the cells of the column that is taken

# What people call it, the surest name first; of names alike, what is listed goes before who saw it.
_NAMES = re.findall(
    r"\S+",
    """
    iocvalue ioc indicator indicatorvalue observable observablevalue threat c2 c2ip c2address
    dstip dstipaddress destip destinationip destination dstaddress remoteip remoteaddress
    attackerip attacker maliciousip badip ip ipaddress ipaddr ipv4 ipv4address address addr
    cidr ipprefix prefix network netblock subnet range iprange srcip sourceip srcipaddress
    domain domainname hostname host fqdn baddomain maliciousdomain dnsname url uri link value
    """,
)
_RANK = {name: rank for rank, name in enumerate(_NAMES)}

# What a cell says of a line that is not about what is bad; and what the same column says of others.
GOOD_WORDS = frozenset(
    re.findall(
        r"\S+",
        """allow allowed accept permit pass allowlist allowlisted whitelist whitelisted benign
        clean trusted good safe harmless false_positive""",
    )
)
_BAD_WORDS = frozenset(
    re.findall(
        r"\S+",
        """deny denied block blocked drop reject denylist blocklist blacklist blacklisted malicious
        malware phishing suspicious bad black evil compromised""",
    )
)

# What MISP calls the column that says which lines are for detection, and how it says so.
_MARK, _MARKED = "toids", frozenset({"1", "true"})

_RANGES = (("start", "end"), ("first", "last"), ("from", "to"), ("begin", "end"), ("low", "high"))

# A column of such a name is about somebody else, however many addresses it holds.
_OTHERS = re.compile(
    r"report|refer|resolv|nameserv|^ns\d?$|^dns$|sensor|victim|target|honeypot|sinkhole|source$|"
    r"contact|mail|allow|white|benign|trusted|except|falsepositive|version|malware|family|"
    r"file|sample|sha|md5|vendor|detect|contrib|credit|licen[cs]e|docs|documentation"
)


def plain_name(name: str) -> str:
    """Return a column's name without what people write differently: Dst-IP is dst_ip."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def is_known(name: str) -> bool:
    """Whether people call the column so that holds what is bad."""
    return plain_name(name) in _RANK


def is_about_others(name: str) -> bool:
    """Whether what is called so is not what is bad, whatever it holds."""
    return _OTHERS.search(plain_name(name)) is not None


def kinds(cells: Iterable[str]) -> list[str]:
    """Return what each cell is: `address`, `domain`, `url`, `other` or nothing."""
    return [_kind(text) for text in tidied(list(cells))]


def _kind(text: str) -> str:
    entry = understood(text)
    match entry:
        case Reason.OTHER_KIND:
            return "other"
        case Reason.IPV6:
            return "address"
        case Reason():
            return ""
        case str():
            return "url" if entry.startswith(URL) else "domain"
        case _:
            return "address"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said about a source: which column to take, and of which lines."""

    column: str = ""  # its name, or its number from 1; empty: it is to be found
    where: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by column, in lower case

    def index(self, name: str, names: Sequence[str], width: int) -> int:
        """Return where the column `name` is.

        Raises:
            ValueError: there is none.
        """
        alike = [at for at, each in enumerate(names) if plain_name(each) == plain_name(name)]
        if alike:
            return alike[0]
        if name.isascii() and name.isdigit() and 1 <= int(name[:4]) <= width:
            return int(name) - 1
        raise ValueError(f"it has no column {name!a}")

    def lines(self, names: Sequence[str], width: int) -> tuple[tuple[int, frozenset[str]], ...]:
        """Return which columns say which lines count, and what they must say; as `index` raises."""
        marks = {at: _MARKED for at, name in enumerate(names) if plain_name(name) == _MARK}
        said = {self.index(name, names, width): which for name, which in self.where.items()}
        return tuple((marks | said).items())


def is_verdict(cells: Iterable[str]) -> bool:
    """Whether a column says of each line whether it is good or bad."""
    found = {cell.lower() for cell in cells}
    return not (GOOD_WORDS | _BAD_WORDS).isdisjoint(found)


def range_end(names: Sequence[str], at: int) -> int | None:
    """Return the column where the ranges end that the column `at` begins, by their names."""
    if not names:
        return None
    plain = [plain_name(name) for name in names]
    ends = {plain[at].replace(start, end) for start, end in _RANGES if start in plain[at]}
    return next((n for n, name in enumerate(plain) if name in ends), None)


def range_start(names: Sequence[str], at: int) -> int:
    """Return the column where the ranges begin that the column `at` ends; `at`, if it ends none.

    The end of a range alone is another entry than the range.
    """
    return next((n for n in range(len(names)) if range_end(names, n) == at), at)


def chosen(columns: Sequence[Sequence[str]], names: Sequence[str]) -> int | None:
    """Return the column whose cells are entries; None: there is none.

    A name that people give to it counts for more than what is in the others; without one, it is
    the column with most addresses, domains or URLs, in this order, and the first of equals.

    Args:
        columns: some cells of each.
        names: one for each column, or nothing.
    """
    best: tuple[float, ...] = ()
    found = None
    for at, column in enumerate(columns):
        cells = [cell.partition(BESIDE)[0] for cell in column if cell]
        if not cells or (names and is_about_others(names[at])):
            continue
        merit = _merit(kinds(cells))
        rank = _RANK.get(plain_name(names[at]), len(_RANK)) if names else 0
        if merit and (not best or (-rank, *merit, -at) > best):
            best, found = (-rank, *merit, -at), at
    return found


def _merit(found: Sequence[str]) -> tuple[float, float] | None:
    """Return how well a column's cells would do as entries; None: not at all."""
    some = len(found) - found.count("")
    listed = some - found.count("other")
    if some < len(found) * _MOST or not listed:
        return None
    sure = (found.count("address") * 3 + found.count("domain") * 2 + found.count("url")) / listed
    return sure, some / len(found)


def shown(name: str) -> str:
    """Return a column's name as it may be shown: short, quoted, printable ASCII."""
    return json.dumps(name[:40])
