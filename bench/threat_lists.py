"""Figures of the threat list: a feed as long as GuardDuty takes, against a loop of `ipaddress`."""

from __future__ import annotations

import gc
import ipaddress
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from bench.figures import Drawing, Measured
from chalicelib.core.threat_lists.cleaning import Bar
from chalicelib.core.threat_lists.draft import draft
from chalicelib.core.threat_lists.reading import Reading, read
from tests.builders import a_policy
from tests.core.threat_lists.shapes import SHAPES

_ROOT = Path(__file__).parents[1]
_FASTER = 20  # times as a loop of ipaddress
_BAR = Bar(min_prefix=8)
_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_JUNK = (
    "# a comment",
    "",
    "300.1.2.3",
    "1.2.3",
    "1.2.3.4/33",
    "10.0.0.1",
    "192.168.1.0/24",
    "2001:db8::1",
    "0.0.0.0/0",
    "=cmd|calc",
    "http://10.2.3.4/x",
    "01.02.03.04",
    "224.0.0.1",
)
_NOT_PUBLIC = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)


def a_quarter_of_a_million(lines: int = 250_000, runs: int = 3) -> Measured:
    """Clean a feed, compare with the naive loop, and measure the memory of a process of its own."""
    body = a_feed(lines, seed=7)
    ours, entries = _best(body, runs)
    started = time.process_time()
    expected = naive(body.decode())
    slow = time.process_time() - started
    assert entries == expected, "the list is not the one that ipaddress makes"
    assert slow / ours >= _FASTER, f"only {slow / ours:.0f} times faster than ipaddress"
    seconds, megabytes = _alone(body, runs)
    assert seconds < 1, f"{seconds:.2f} s of CPU"
    assert megabytes < 64, f"{megabytes} MB"  # noqa: PLR2004 - the claim
    times = {"Cordon": 1.0, "a loop of ipaddress": round(slow / ours, 1)}
    return Measured(
        f"{lines:,} lines to {len(entries):,} entries: {seconds:.2f} s CPU, {megabytes} MB peak, "
        f"{slow / ours:.0f} times less CPU than a loop of ipaddress, same list",
        (Drawing("lists", f"CPU for {lines:,} lines, ours is 1, same run", times),),
    )


def a_million(lines: int = 250_000, sources: int = 4, runs: int = 2) -> str:
    """Draft a whole list of several feeds; it may cost no more for each line than of one."""
    bodies = [a_feed(lines, seed) for seed in range(sources)]
    one = min(_drafted(bodies[:1]) for _ in range(runs))
    all_of_them = min(_drafted(bodies) for _ in range(runs))
    growth = all_of_them / one / sources
    # Of several sources each is made into entries, and then all of them together once more.
    assert growth < 1.5, f"each line costs {growth:.1f} times as much"  # noqa: PLR2004
    return (
        f"{lines * sources:,} lines in {sources} sources: {all_of_them:.2f} s CPU to the last "
        f"object; each line costs {growth:.2f} times what it costs in one source"
    )


def every_shape(lines: int = 100_000, runs: int = 6) -> Measured:
    """Read the same entries in every shape, and compare with one a line, in the same run."""
    bodies = {name: a_shape(name, lines) for name in SHAPES}
    costs = dict.fromkeys(SHAPES, float("inf"))
    gc.collect()
    gc.freeze()  # what the bench holds is no work of a reader
    for _ in range(runs):  # one after the other: what else the machine does meets all of them
        costs = {name: min(cost, _read_alone(bodies[name])) for name, cost in costs.items()}
    gc.unfreeze()
    times = {name: cost / costs["lines"] for name, cost in costs.items()}
    worst = max(times, key=lambda name: times[name])
    assert times[worst] < 4, f"{worst} costs {times[worst]:.1f} times as much"  # noqa: PLR2004
    over = ", ".join(f"{name} {each:.1f}" for name, each in times.items() if each > 3)  # noqa: PLR2004
    dearest = dict(sorted(times.items(), key=lambda each: each[1], reverse=True)[:8])
    drawn = {"lines": 1.0, **{name: round(each, 1) for name, each in dearest.items()}}
    return Measured(
        f"{len(SHAPES)} shapes of {lines:,} entries: at most {times[worst]:.1f} times the CPU of "
        f"one a line ({worst}); over 3 times: {over or 'none'}",
        (Drawing("shapes", "CPU of the dearest shapes of feeds, one entry a line is 1", drawn),),
    )


def memory_of_every_shape(lines: int = 250_000) -> str:
    """Read as many entries as GuardDuty takes, in every shape, each in a process of its own."""
    more: dict[str, float] = {}
    for name in SHAPES:
        body = a_shape(name, lines)
        more[name] = _alone(body, runs=1)[1] - len(body) / 2**20
    worst = max(more, key=lambda name: more[name])
    assert more[worst] < 64, f"{worst}: {more[worst]:.0f} MB"  # noqa: PLR2004 - the claim
    return (
        f"{len(SHAPES)} shapes of {lines:,} entries: a process needs at most {more[worst]:.0f} MB "
        f"more than the file has, Python itself included ({worst})"
    )


def _read_alone(body: bytes) -> float:
    started = time.process_time()
    assert list(_reading("feed", body).cleaned.entries())
    return time.process_time() - started


def a_shape(name: str, lines: int) -> bytes:
    """Return as many entries in a shape: addresses, or domains where it takes nothing else."""
    shape = SHAPES[name]
    if shape.takes == "domains":
        return shape.write([f"c{n}.bad.example" for n in range(lines)])
    return shape.write([str(ipaddress.IPv4Address((45 << 24) + 2 * n)) for n in range(lines)])


def calls_by_entry(name: str, lines: int) -> float:
    """Return how many calls an entry of a shape costs."""
    body = a_shape(name, lines)
    return _calls(lambda: list(_reading("feed", body).cleaned.entries())) / lines


def calls_by_line(lines: int, sources: int) -> float:
    """Return how many calls a line of several feeds costs: what time says, without its noise."""
    bodies = [a_feed(lines, seed) for seed in range(sources)]
    return _calls(lambda: _drafted(bodies)) / lines / sources


def calls_beside_ipaddress(lines: int) -> float:
    """Return how many calls a feed costs for each of the naive loop's; both make the same list."""
    body = a_feed(lines, seed=7)
    assert list(_reading("feed", body).cleaned.entries()) == naive(body.decode())
    ours = _calls(lambda: list(_reading("feed", body).cleaned.entries()))
    return ours / _calls(lambda: naive(body.decode()))


def _calls(work: Callable[[], object]) -> int:
    calls = 0

    def count(_frame: FrameType, event: str, _of: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    usual = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(usual)
    return calls


def a_feed(lines: int, seed: int) -> bytes:
    """Return hosts, dense runs, networks, repeats and junk, the same for the same `seed`."""
    chance = random.Random(seed)  # noqa: S311 - a feed, not a secret
    found: list[str] = []
    while len(found) < lines:
        found.extend(_some(chance, found))
    chance.shuffle(found)
    return "\n".join((*found[:lines], "")).encode()


def _some(chance: random.Random, found: list[str]) -> Iterator[str]:
    first = chance.choice((5, 23, 31, 45, 62, 80, 91, 103, 141, 185, 193, 212))
    address = (first << 24) + chance.randrange(1 << 24)
    kind = chance.random()
    if kind < 0.50:  # noqa: PLR2004 - a share of the feed, as the next ones
        yield str(ipaddress.IPv4Address(address))
    elif kind < 0.51:  # noqa: PLR2004
        yield from (str(ipaddress.IPv4Address(address + n)) for n in range(24))
    elif kind < 0.84:  # noqa: PLR2004
        yield f"{ipaddress.IPv4Address(address)}/{chance.choice((20, 22, 24, 24, 25, 28, 30))}"
    elif kind < 0.94 and found:  # noqa: PLR2004
        yield chance.choice(found)
    else:
        yield chance.choice(_JUNK)


def naive(text: str) -> list[str]:
    """Return what `clean` returns, as one writes it first."""
    networks = set()
    for line in text.split("\n"):
        try:
            network = ipaddress.IPv4Network(line.split("#", maxsplit=1)[0].strip(), strict=False)
        except ValueError:
            continue
        if network.prefixlen >= _BAR.min_prefix and not any(map(network.overlaps, _NOT_PUBLIC)):
            networks.add(network)
    return [str(each).removesuffix("/32") for each in ipaddress.collapse_addresses(networks)]


def _best(body: bytes, runs: int) -> tuple[float, list[str]]:
    best, entries = float("inf"), list[str]()
    for _ in range(runs):
        started = time.process_time()
        entries = list(_reading("feed", body).cleaned.entries())
        best = min(best, time.process_time() - started)
    return best, entries


def _reading(name: str, body: bytes) -> Reading:
    return read(name, body, None, _BAR, _NOW)


def _drafted(bodies: list[bytes]) -> float:
    started = time.process_time()
    readings = (_reading(str(n), body) for n, body in enumerate(bodies))
    assert draft(readings, (), a_policy(max_entries=250_000)).publication.entries
    return time.process_time() - started


_ALONE = """
import json, re, sys, time
from datetime import UTC, datetime
from chalicelib.core.threat_lists.reading import read
from chalicelib.core.threat_lists.cleaning import Bar
with open(sys.argv[1], "rb") as file:
    body = file.read()
started = time.process_time()
reading = read("feed", body, None, Bar(8), datetime.now(UTC))
text = "\\n".join(reading.cleaned.entries())
seconds = time.process_time() - started
with open("/proc/self/status", encoding="ascii") as status:
    kilobytes = int(re.search(r"VmHWM:\\s+(\\d+)", status.read())[1])
print(json.dumps([seconds, kilobytes // 1024]))
"""


def _alone(body: bytes, runs: int) -> tuple[float, int]:
    """Return seconds of CPU and peak megabytes of a process that does nothing else; the best.

    The peak is Linux's own; `getrusage` would count what the parent had before the fork.
    """
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        command = [sys.executable, "-c", _ALONE, file.name]
        outputs = [
            subprocess.run(command, cwd=_ROOT, capture_output=True, check=True).stdout  # noqa: S603 - our own text
            for _ in range(runs)
        ]
    measured = [json.loads(each) for each in outputs]
    return min(seconds for seconds, _ in measured), min(megabytes for _, megabytes in measured)
