"""Calls that do not wait for each other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, overload

_A = TypeVar("_A")
_B = TypeVar("_B")
_C = TypeVar("_C")
_D = TypeVar("_D")


@overload
def together(a: Callable[[], _A], b: Callable[[], _B], /) -> tuple[_A, _B]: ...
@overload
def together(
    a: Callable[[], _A], b: Callable[[], _B], c: Callable[[], _C], d: Callable[[], _D], /
) -> tuple[_A, _B, _C, _D]: ...
def together(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    """Return what all `calls` return, made at the same time: one round trip instead of many.

    All are waited for; then the error of the first, in the order given, that failed is raised.
    """
    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        results = [pool.submit(call) for call in calls]
    return tuple(result.result() for result in results)
