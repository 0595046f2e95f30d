"""The page of `make sandbox` that shows what the channels were sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from sandbox.channels.views import Arrived, view

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
article { border: 1px solid #8886; border-radius: .5rem; margin: 1rem 0; padding: 0 1rem 1rem }
h2 { font-size: 1rem; margin: .8rem 0 }
pre { overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem }
summary { cursor: pointer }
time { font-weight: normal; opacity: .7 }
:root { color-scheme: light dark }
"""


def page(arrived: Sequence[Arrived]) -> str:
    """Return the page, the newest message first; all that was sent is shown as text."""
    messages = "".join(map(_article, reversed(arrived))) or "<p>Nothing was sent yet.</p>"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="5">'
        f"<title>What the channels were sent</title><style>{_STYLE}</style>"
        f"<main><h1>What the channels were sent: {len(arrived)}</h1>{messages}</main></html>\n"
    )


def _article(each: Arrived) -> str:
    headers = "".join(
        f"{name}: {'...' if name == 'Authorization' else value}\n"
        for name, value in each.headers.items()
    )
    raw = headers + json.dumps(each.message, indent=1, ensure_ascii=False)
    return (
        f"<article><h2>{escape(each.channel)} <time>{each.at:%H:%M:%S} UTC</time></h2>"
        f"<pre>{escape(chr(10).join(view(each.channel, each.message)))}</pre>"
        f"<details><summary>as it was sent</summary><pre>{escape(raw)}</pre></details></article>"
    )
