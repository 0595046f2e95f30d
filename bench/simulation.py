"""Findings against AWS's documented quotas: each call waits for its bucket, as botocore does.

A function that waits too long fails, and comes again as Lambda brings it; what fails three times is
a dead letter, which the watcher hands back. What AWS gives are its published defaults.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

Bucket = tuple[str, int]  # a quota, and whose it is: an account, or 0 for the one of Cordon

# Where each stands. Of the numbers, 100 and 20, and Lambda's, were compared with what the pages
# say; the others are as commonly known: look at them again before you rely on a sum.
# https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html: of each API, account and
# Region; size of the bucket, and tokens a second.
_LOOKS, _CHANGES = (100.0, 20.0), (50.0, 5.0)
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html:
# write units a second of one partition. All records are under one key of the index `by_opened`.
_PARTITION = (1_000.0, 1_000.0)
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: at the same time.
_WORKERS = 1_000
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html: a failure comes
# again after these seconds, then is a dead letter; a throttled event after 1 s to 5 minutes, for
# six hours. EventBridge hands over to that queue, for 24 hours and 185 times if it must.
_AGAIN = (60.0, 120.0)
_LONGEST, _SIX_HOURS = 300.0, 21_600.0
_HANDED_BACK, _EVERY = 20, 300.0  # letters a run of the watcher, which flows/hand_back.py says

# Assumed, and said to be: what no quota says.
_TRIP, _REST = 0.1, 4.0  # seconds of a call, and of all that comes after the cut
_PATIENCE = 10.0  # seconds that botocore's tries of one call last
_WINDOW = 600.0  # seconds of the breaker
_WEEK = 7 * 86_400.0  # after which what is still waiting counts as lost


@dataclass(frozen=True, slots=True)
class Storm:
    """Findings, each about another instance, that all deserve containment."""

    name: str
    findings: int
    seconds: float
    accounts: int
    most: int = 10  # containments of an account in ten minutes: the breaker's knob


@dataclass(slots=True)
class Answered:
    """What came of a storm."""

    seconds: list[float] = field(default_factory=list)  # from finding to cut
    held: int = 0
    lost: int = 0
    letters: int = 0
    throttled: int = 0
    busiest: int = 0  # functions at the same time
    waited: Counter[str] = field(default_factory=Counter)  # seconds, by what was waited for

    def percentile(self, share: float) -> float:
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


class _Aws:
    """The buckets of tokens, full at the beginning."""

    def __init__(self) -> None:
        self._left: dict[Bucket, tuple[float, float]] = {}

    def wait(self, now: float, wanted: Mapping[Bucket, float]) -> tuple[float, str]:
        """Return how long all of `wanted` takes, and which of them longest; too long takes none."""
        after, longest, slowest = {}, 0.0, ""
        for bucket, tokens in wanted.items():
            size, rate = _rate(bucket[0])
            left, at = self._left.get(bucket, (size, now))
            left = min(size, left + (now - at) * rate) - tokens
            after[bucket] = (left, now)
            if -left / rate > longest:
                longest, slowest = -left / rate, bucket[0]
        if longest <= _PATIENCE:
            self._left.update(after)
        return longest, slowest


def _rate(quota: str) -> tuple[float, float]:
    if not quota.startswith("ec2."):
        return _PARTITION
    return _LOOKS if quota.startswith(("ec2.Describe", "ec2.Get")) else _CHANGES


_FAILED = -1


@dataclass(slots=True)
class _Finding:
    came: float
    account: int
    tries: int = 0
    throttles: int = 0
    phase: int = 0  # look, record, cut, rest; _FAILED where it waited in vain
    is_open: bool = False  # on record


class Simulation:
    """One storm; the same every time."""

    def __init__(self, storm: Storm, phases: tuple[Mapping[str, int], ...], seed: int = 1) -> None:
        chance = random.Random(seed)  # noqa: S311 - an order, not a secret
        self._storm, self._phases, self._aws = storm, phases, _Aws()
        self._chance, self._free = chance, _WORKERS
        self._opened: dict[int, list[float]] = {}
        self._letters: list[_Finding] = []
        self._queue: list[tuple[float, int, _Finding | None]] = []
        self._count = 0
        self.answered = Answered()
        for nth in range(storm.findings):
            came = chance.random() * storm.seconds
            self._at(came, _Finding(came, nth % storm.accounts))

    def run(self) -> Answered:
        """Return what came of every finding."""
        while self._queue:
            now, _, finding = heapq.heappop(self._queue)
            if finding is None:
                self._hand_back(now)
            elif now - finding.came > _WEEK:
                self.answered.lost += 1
            elif finding.phase == _FAILED:
                self._fail(now, finding)
            elif finding.phase:
                self._go_on(now, finding)
            else:
                self._begin(now, finding)
        return self.answered

    def _at(self, when: float, finding: _Finding | None) -> None:
        self._count += 1
        heapq.heappush(self._queue, (when, self._count, finding))

    def _begin(self, now: float, finding: _Finding) -> None:
        if not self._free:
            self.answered.throttled += 1
            finding.throttles += 1
            again = min(_LONGEST, 2.0 ** min(finding.throttles, 9)) * self._chance.uniform(0.5, 1)
            if now + again - finding.came > _SIX_HOURS:
                self._to_letters(now, finding)
            else:
                self._at(now + again, finding)
            return
        self._free -= 1
        self.answered.busiest = max(self.answered.busiest, _WORKERS - self._free)
        self._go_on(now, finding)

    def _go_on(self, now: float, finding: _Finding) -> None:
        if finding.phase == len(self._phases):
            self._free += 1
            return
        if finding.phase == 1 and not self._may_open(now, finding):
            self.answered.held += 1
            self._free += 1
            return
        wanted = {_of(call, finding.account): n for call, n in self._phases[finding.phase].items()}
        wait, slowest = self._aws.wait(now, wanted)
        if slowest:
            self.answered.waited[slowest] += round(min(wait, _PATIENCE))
        if wait > _PATIENCE:
            is_cut = finding.phase == len(self._phases) - 1
            # What is cut stays so, and the watcher does the rest.
            finding.phase = len(self._phases) if is_cut else _FAILED
            self._at(now + _PATIENCE, finding)
            return
        finding.phase += 1
        if finding.phase == len(self._phases) - 1:
            self.answered.seconds.append(now + wait + _TRIP - finding.came)
        is_last = finding.phase == len(self._phases)
        self._at(now + wait + (_REST if is_last else _TRIP), finding)

    def _may_open(self, now: float, finding: _Finding) -> bool:
        """Whether the breaker lets one more quarantine begin; one that is on record goes on."""
        recent = [at for at in self._opened.get(finding.account, ()) if at > now - _WINDOW]
        if not finding.is_open and len(recent) >= self._storm.most:
            return False
        if not finding.is_open:
            self._opened[finding.account] = [*recent, now][-self._storm.most :]
        finding.is_open = True
        return True

    def _fail(self, now: float, finding: _Finding) -> None:
        self._free += 1
        finding.phase = 0
        if finding.tries < len(_AGAIN):
            finding.tries += 1
            self._at(now + _AGAIN[finding.tries - 1], finding)
        else:
            self._to_letters(now, finding)

    def _to_letters(self, now: float, finding: _Finding) -> None:
        self.answered.letters += 1
        if not self._letters:
            self._at(now + _EVERY, None)
        self._letters.append(finding)

    def _hand_back(self, now: float) -> None:
        for finding in self._letters[:_HANDED_BACK]:
            finding.tries, finding.throttles = 0, 0
            self._at(now, finding)
        del self._letters[:_HANDED_BACK]
        if self._letters:
            self._at(now + _EVERY, None)


def _of(call: str, account: int) -> Bucket:
    return (call, account) if call.startswith("ec2.") else (call, 0)
