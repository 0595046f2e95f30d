"""How a mend is put in."""

from __future__ import annotations

from functools import cache
from typing import Any

from moto.core import responses
from moto.core.utils import method_names_from_class

# moto looks through a class for each request to it, and finds the same until one is put in.
_found = cache(lambda owner, _: method_names_from_class(owner))
setattr(responses, method_names_from_class.__name__, lambda owner: _found(owner, len(vars(owner))))


def mend(owner: type, name: str, replacement: Any, *, is_new: bool = False) -> None:
    """Put `replacement` in the place of the attribute `name` of one of moto's classes.

    Raises:
        AttributeError: moto has no such attribute to mend, or, with `is_new`, has one by now.
    """
    if hasattr(owner, name) is is_new:
        raise AttributeError(f"moto's {owner.__name__}.{name} is not what the mend was made for")
    setattr(owner, name, replacement)
