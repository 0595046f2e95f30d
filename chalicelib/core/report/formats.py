"""The formats of the incident report: a page, Markdown for a ticket, JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Mapping

from chalicelib.core.quarantine.record import Line, Quarantine
from chalicelib.core.report.facts import facts
from chalicelib.core.report.markdown import render_markdown
from chalicelib.core.report.page import CONTENT_SECURITY_POLICY, render_report
from chalicelib.core.steps.drift import Drift

_TYPES = {"html": "text/html", "md": "text/markdown", "json": "application/json"}


def rendered(
    shape: str, quarantine: Quarantine, lines: tuple[Line, ...], drift: tuple[Drift, ...]
) -> tuple[str, Mapping[str, str]]:
    """Return the report in the format `shape`, and the headers that it is served with."""
    headers = {
        "Content-Type": f"{_TYPES[shape]}; charset=utf-8",
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    if shape == "html":
        return render_report(quarantine, lines, drift), headers
    said = facts(quarantine, lines, drift)
    body = json.dumps(said, indent=1) if shape == "json" else render_markdown(said)
    return body, headers
