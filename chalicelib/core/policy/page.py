"""A TOML text that knows on which line a name stands; tomllib does not say."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from chalicelib.core.errors import PolicyError

_T = TypeVar("_T")
_MOST_CHARACTERS = 1_000_000


class Page:
    """The text of a policy file; every complaint names a line of it, from 1."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = text.splitlines()

    def parse(self) -> dict[str, Any]:
        if len(self._text) > _MOST_CHARACTERS:
            raise PolicyError(1, "the file is longer than a million characters")
        if self._text.startswith("\ufeff"):
            raise PolicyError(1, "the file begins with a byte order mark; save it without one")
        try:
            return tomllib.loads(self._text)
        except RecursionError as error:
            raise PolicyError(1, "nested too deeply") from error
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"at line (\d+)", str(error))
            line = int(at.group(1)) if at else max(1, len(self._lines))
            raise PolicyError(line, str(error)) from error

    def line(self, section: str, key: str = "", nth: int = 0) -> int:
        """Return the line, from 1, of `key` in the `nth` section of that name, or of its head.

        The last line, if it stands nowhere.
        """
        heads = [n for n, text in enumerate(self._lines) if _heads(text, section)]
        start = heads[nth] if section and nth < len(heads) else -1
        if not section or (start >= 0 and key):
            for number in range(start + 1, len(self._lines)):
                if section and self._lines[number].lstrip().startswith("["):
                    break
                if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", self._lines[number]):
                    return number + 1
        return start + 1 if start >= 0 else max(1, len(self._lines))

    def only(
        self,
        values: Mapping[str, Any],
        names: Collection[str],
        section: str,
        nth: int = 0,
    ) -> None:
        for name, value in values.items():
            if name not in names:
                at = self.line(name) if isinstance(value, dict | list) and not section else None
                raise PolicyError(at or self.line(section, name, nth), f"unknown name {name}")

    def read(
        self, section: str, key: str, value: Any, read: Callable[[Any], _T], nth: int = 0
    ) -> _T:
        try:
            return read(value)
        except (OverflowError, ValueError) as error:
            raise PolicyError(self.line(section, key, nth), f"{key} {error}") from error


def _heads(text: str, section: str) -> bool:
    return bool(re.match(rf"\s*\[\[?\s*{re.escape(section)}\s*\]\]?", text))
