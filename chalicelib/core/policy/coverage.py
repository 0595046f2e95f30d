"""Rules that can never decide anything, since an earlier one fits all that they fit."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.policy.policy import Rule, type_pattern


def find_covered(rules: tuple[Rule, ...]) -> Iterator[tuple[Rule, Rule]]:
    """Yield each rule that never gets a turn, with the earlier one that covers it wholly."""
    for nth, rule in enumerate(rules):
        for earlier in rules[:nth]:
            if _covers(earlier, rule):
                yield rule, earlier
                break


def _covers(earlier: Rule, later: Rule) -> bool:
    return (
        earlier.resource in ("any", later.resource)
        and set(earlier.places) <= set(later.places)
        and earlier.role in (None, later.role)
        and earlier.direction in (None, later.direction)
        and earlier.affiliated in (None, later.affiliated)
        and _is_as_wide(earlier, later)
        and all(_covers_type(earlier, text) for text in later.types)
    )


def _covers_type(earlier: Rule, text: str) -> bool:
    """A `*` of the later rule is a character that only a `*` of the earlier one can match."""
    return any(type_pattern(wider).fullmatch(text) for wider in earlier.types)


def _is_as_wide(earlier: Rule, later: Rule) -> bool:
    """Whether no floor of the earlier rule is above that of the later one."""
    return (
        (
            earlier.severity is None
            or (later.severity is not None and later.severity.floor >= earlier.severity.floor)
        )
        and (
            earlier.threat is None or (later.threat is not None and earlier.threat in later.threat)
        )
        and (
            earlier.confidence is None
            or (later.confidence is not None and later.confidence.reaches(earlier.confidence))
        )
    )
