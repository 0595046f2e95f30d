"""The formats of the incident report: a page, Markdown for a ticket, JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.core.report.markdown import render_markdown
from chalicelib.core.report.page import CONTENT_SECURITY_POLICY, render_report

_TYPES = {"html": "text/html", "md": "text/markdown", "json": "application/json"}


def rendered(shape: str, said: Mapping[str, Any]) -> tuple[str, Mapping[str, str]]:
    """Return the report that says `said` in the format `shape`, and the headers to serve it with.

    Args:
        shape: html, md or json.
        said: what `facts` returned.
    """
    headers = {
        "Content-Type": f"{_TYPES[shape]}; charset=utf-8",
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    if shape == "html":
        return render_report(said), headers
    body = json.dumps(said, indent=1) if shape == "json" else render_markdown(said)
    return body, headers
