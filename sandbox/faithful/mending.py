"""How a mend is put in."""

from __future__ import annotations

from typing import Any


def mend(owner: type, name: str, replacement: Any, *, is_new: bool = False) -> None:
    """Put `replacement` in the place of the attribute `name` of one of moto's classes.

    Raises:
        AttributeError: moto has no such attribute to mend, or, with `is_new`, has one by now.
    """
    if hasattr(owner, name) is is_new:
        raise AttributeError(f"moto's {owner.__name__}.{name} is not what the mend was made for")
    setattr(owner, name, replacement)
