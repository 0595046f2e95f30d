"""The right word that somebody who wrote a wrong one most likely meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(wrong: object, words: Iterable[str]) -> str:
    """Return "; did you mean X?" with the word nearest to `wrong`, or nothing if none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - who makes no mistake never waits for it

    by_lower = {word.lower(): word for word in words}
    found = get_close_matches(str(wrong).lower()[:200], by_lower, n=1)
    return f"; did you mean {by_lower[found[0]]}?" if found else ""
