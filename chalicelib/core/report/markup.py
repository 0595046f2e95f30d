"""HTML that cannot be broken out of: whatever is not made by `tag` is shown as text."""

from __future__ import annotations

import html

from chalicelib.core.plain_text import one_line

_LONG = 1_000  # characters
_VOID = frozenset({"input", "meta"})


class Html(str):
    """Markup that `tag` made."""

    __slots__ = ()


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


def _text(text: str) -> str:
    return html.escape(one_line(text, _LONG), quote=True)
