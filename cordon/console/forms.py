"""Forms of the console: each with a reason, a confirmation, and the secret that lets it act once.

A keyboard is enough: `key` is the access key of the first field, or of what folds the form open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.report.markup import Html, tag


def form(do: str, secret: str, button: str, *fields: Html, key: str = "") -> Html:
    """Return a form that does `do` and has a button named `button`."""
    by_key = {"accesskey": key} if key else {}
    reason = field("Reason", "reason", required="required", maxlength="1000", **by_key)
    sure = check("sure", f"Yes: {button[0].lower()}{button[1:]}", required="required")
    send = tag("button", button, type="submit")
    own = (hidden("do", do), hidden("form", secret))
    return tag("form", *own, *fields, reason, sure, send, method="post", action="/act")


def folded(summary: str, *forms: Html, key: str = "") -> Html:
    """Return forms that are seen once somebody asks for them."""
    by_key = {"accesskey": key} if key else {}
    return tag("details", tag("summary", summary, **by_key), *forms)


def field(label: str, name: str, **more: str) -> Html:
    """Return a line to write in, with its label."""
    return tag("label", label, tag("input", name=name, autocomplete="off", **more))


def select(label: str, name: str, options: Mapping[str, str]) -> Html:
    """Return a choice of `options`, by value."""
    shown = (tag("option", said, value=value) for value, said in options.items())
    return tag("label", label, tag("select", *shown, name=name))


def check(name: str, said: str, **more: str) -> Html:
    """Return a box to tick."""
    box = tag("input", type="checkbox", name=name, value="yes", **more)
    return tag("label", box, said, class_="check")


def hidden(name: str, value: str) -> Html:
    """Return a field that the person does not see."""
    return tag("input", type="hidden", name=name, value=value)


def about(said: Mapping[str, Any]) -> tuple[Html, ...]:
    """Return the fields that say which instance a form is about."""
    return tuple(hidden(name, str(said[name])) for name in ("instance_id", "account_id", "region"))
