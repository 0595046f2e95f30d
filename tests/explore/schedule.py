"""Workers that take turns at every call of a port, exactly as a schedule says.

A worker is a greenlet: it runs real flows, and hands over control before each call that leaves the
process. So which call comes after which is chosen, not left to threads, and every run can be had
again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from greenlet import getcurrent, greenlet

from tests.fakes.calls import Call, Calls, Crash

Job = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Who runs: the first worker until it ends, then the next, but for the switches.

    A step is one call, counted from 0 over all workers.
    """

    order: tuple[int, ...]  # of the workers, by number
    switches: tuple[tuple[int, int], ...] = ()  # before this step, go on with that worker
    crash: tuple[int, bool] | None = None  # at this step the one who runs dies; True: after it


class Steps(Calls):
    """Calls that are made only when it is the worker's turn."""

    def __init__(self) -> None:
        super().__init__()
        self.dies: bool | None = None  # whoever makes the next call: before or after it

    @contextmanager
    def call(self, name: str, about: str = "") -> Iterator[None]:
        hub = getcurrent().parent
        if hub is None:  # nobody takes turns: this is the world before, or after
            yield
            return
        self.made.append(Call(name, about))
        hub.switch()
        dies, self.dies = self.dies, None
        if dies is False:
            raise Crash(name)
        yield
        if dies is True:
            raise Crash(name)


@dataclass(slots=True)
class Ended:
    """How a worker ended: what it returned, or what it raised."""

    result: object = None
    error: BaseException | None = None


def run(jobs: Sequence[Job], schedule: Schedule, calls: Steps) -> tuple[list[Ended], bytes]:
    """Run all jobs to their ends, in turns; return how each ended, and whose turn each step was."""
    ended = [Ended() for _ in jobs]
    workers = [greenlet(_guarded(job, end)) for job, end in zip(jobs, ended, strict=True)]
    switches, waiting = dict(schedule.switches), list(schedule.order)
    for worker in workers:
        worker.switch()  # up to the first call
    trace = bytearray()
    while alive := [number for number in waiting if not workers[number].dead]:
        wanted = switches.get(len(trace))
        turn = alive[0] if wanted is None or wanted not in alive else wanted
        waiting = [turn, *(number for number in alive if number != turn)]
        if schedule.crash is not None and schedule.crash[0] == len(trace):
            calls.dies = schedule.crash[1]
        workers[turn].switch()
        trace.append(turn)
    return ended, bytes(trace)


def _guarded(job: Job, end: Ended) -> Callable[[], None]:
    def guarded() -> None:
        try:
            end.result = job()
        except (Exception, Crash) as error:  # noqa: BLE001 - whatever a worker ends with is looked at
            end.error = error

    return guarded
