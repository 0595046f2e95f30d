"""A TOML text that knows on which line a name stands; tomllib does not say."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from chalicelib.core.errors import PolicyError
from chalicelib.core.plain_text import one_line
from chalicelib.core.policy.nearest import nearest

_T = TypeVar("_T")
_HEAD = re.compile(r"\s*\[\[?\s*([^\]\s]+)\s*\]\]?")
_MOST_CHARACTERS = 1_000_000
_LONGEST_COMPLAINT = 500  # characters
_MOST_TOLD = 50


class Page:
    """The text of a policy file; every complaint names a line of it, from 1.

    Complaints are gathered, so that `refuse` tells all of them at once.
    """

    def __init__(self, text: str) -> None:
        self.complaints: list[tuple[int, str]] = []
        self._text = text
        self._lines = text.splitlines()
        self._known_heads: dict[str, list[int]] | None = None  # looked for at the first mistake

    def complain(self, line: int, said: str) -> None:
        """Remember a mistake on `line`, as one line of text."""
        self.complaints.append((line, one_line(said, _LONGEST_COMPLAINT)))

    def refuse(self) -> None:
        """Do nothing if there was no complaint.

        Raises:
            PolicyError: there was; names each of the first, and says how many more there are.
        """
        if self.complaints:
            (line, said), *more = sorted(self.complaints)
            told, left = more[: _MOST_TOLD - 1], more[_MOST_TOLD - 1 :]
            rest = ((left[0][0], f"and {len(left)} more mistakes from here on"),) if left else ()
            raise PolicyError(line, said, (*told, *rest))

    def parse(self) -> dict[str, Any]:
        """Return the document that the text is.

        Raises:
            PolicyError: it is no TOML, or none that a person wrote.
        """
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
        heads = self._heads(section)
        start = heads[nth] if section and nth < len(heads) else -1
        if not section or (start >= 0 and key):
            for number in range(start + 1, len(self._lines)):
                if section and self._lines[number].lstrip().startswith("["):
                    break
                if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", self._lines[number]):
                    return number + 1
        return start + 1 if start >= 0 else max(1, len(self._lines))

    def _heads(self, section: str) -> list[int]:
        """Return where, from 0, the heads of the sections of that name stand."""
        if self._known_heads is None:
            self._known_heads = {}
            for n, text in enumerate(self._lines):
                if found := _HEAD.match(text):
                    self._known_heads.setdefault(found[1], []).append(n)
        return self._known_heads.get(section, [])

    def section(
        self, document: Mapping[str, Any], name: str, names: Collection[str], shown: str = ""
    ) -> Mapping[str, Any]:
        """Return a section of `document`, where only `names` may stand; empty if there is none."""
        values = document.get(name, {})
        if not isinstance(values, dict):
            above, _, key = (shown or name).rpartition(".")
            self.complain(self.line(above, key), f"{shown or name} must be a section")
            return {}
        self.only(values, names, shown or name)
        return values

    def only(
        self,
        values: Mapping[str, Any],
        names: Collection[str],
        section: str,
        nth: int = 0,
    ) -> None:
        """Complain about each name that is none of `names`."""
        for name, value in values.items():
            if name not in names:
                head = f"{section}.{name}" if section else name
                is_head = isinstance(value, dict | list) and bool(self._heads(head))
                at = self.line(head) if is_head else None
                allowed = f"; known are {', '.join(sorted(names))}"
                said = f"unknown name {name}{nearest(name, names)}{allowed}"
                self.complain(at or self.line(section, name, nth), said)

    def read(
        self, section: str, key: str, value: Any, read: Callable[[Any], _T], nth: int = 0
    ) -> _T | None:
        """Return the value as `read` does; None, and a complaint, if that raises ValueError."""
        try:
            return read(value)
        except (OverflowError, ValueError) as error:
            self.complain(self.line(section, key, nth), f"{key} {error}")
            return None
