"""HTML that cannot be broken out of: whatever is not made by `tag` is shown as text."""

from __future__ import annotations

import html
from collections.abc import Sequence

from chalicelib.core.plain_text import one_line

_LONG = 1_000  # characters
_VOID = frozenset({"input", "meta"})


class Html(str):
    """Markup that `tag` made."""

    __slots__ = ()


NOTHING = Html()


def tag(name: str, /, *children: str | Html, **attributes: str) -> Html:
    """Return an element; a child that is no Html is hostile text, on one line.

    An attribute's `_` stands for `-`, and the one at its end for nothing: `class_`.
    """
    named = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_text(value)}"'
        for key, value in attributes.items()
    )
    if name in _VOID:
        return Html(f"<{name}{named}>")
    return Html(f"<{name}{named}>{join(*children)}</{name}>")


def join(*children: str | Html) -> Html:
    """Return children one after the other."""
    return Html("".join(each if isinstance(each, Html) else _text(each) for each in children))


def table(heads: Sequence[str], rows: Sequence[Sequence[str | Html]]) -> Html:
    """Return rows below their heads; on a phone, where the heads are hidden, each cell has its own.

    Without rows there is no table.
    """
    if not rows:
        return NOTHING
    head = tag("thead", tag("tr", *(tag("th", each, scope="col") for each in heads)))
    body = (
        tag("tr", *(tag("td", cell, data_of=of) for of, cell in zip(heads, row, strict=True)))
        for row in rows
    )
    return tag("table", head, tag("tbody", *body))


def _text(text: str) -> str:
    return html.escape(one_line(text, _LONG), quote=True)
