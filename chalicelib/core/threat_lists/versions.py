"""What another version of Cordon remembered of the lists, read by this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any


def known(kind: type[Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of `said` the dataclass `kind` has a field for: a newer version may say more."""
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in said.items() if name in names}
