"""Calls that do not wait for each other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar, overload

_A = TypeVar("_A")
_B = TypeVar("_B")
_C = TypeVar("_C")
_D = TypeVar("_D")


class Together(Protocol):
    """Makes several calls and returns what they return, in their order."""

    @overload
    def __call__(self, a: Callable[[], _A], b: Callable[[], _B], /) -> tuple[_A, _B]: ...
    @overload
    def __call__(
        self, a: Callable[[], _A], b: Callable[[], _B], c: Callable[[], _C], /
    ) -> tuple[_A, _B, _C]: ...
    @overload
    def __call__(
        self, a: Callable[[], _A], b: Callable[[], _B], c: Callable[[], _C], d: Callable[[], _D], /
    ) -> tuple[_A, _B, _C, _D]: ...
    @overload
    def __call__(self, *calls: Callable[[], None]) -> tuple[None, ...]: ...
    def __call__(self, *calls: Callable[[], Any]) -> tuple[Any, ...]:
        """Return the results; raise the error of the first, in the order given, that failed."""


def at_once(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    """Make all calls at the same time, in one round trip instead of many; wait for all."""
    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        results = [pool.submit(call) for call in calls]
    return tuple(result.result() for result in results)


def in_order(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    """Make one call after the other, for whoever must know which comes first."""
    return tuple(call() for call in calls)
