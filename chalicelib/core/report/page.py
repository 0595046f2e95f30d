"""The incident report: one page that stands by itself, for the night and for the auditor.

Everything on it may come from a finding, a tag or a caller, so everything is escaped; there is no
script, and nothing is fetched.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.core.notices.about_quarantines import LIMITS
from chalicelib.core.plain_text import one_line
from chalicelib.core.quarantine.record import Line, Quarantine, State
from chalicelib.core.report.style import STYLE
from chalicelib.core.steps.drift import Drift

_LONG = 1_000  # characters
_STATES = {
    State.CONTAINING: ("work", "Being contained"),
    State.CONTAINED: ("cut", "Contained"),
    State.RELEASING: ("work", "Being released"),
    State.RELEASED: ("free", "Released"),
}


def render_report(quarantine: Quarantine, lines: tuple[Line, ...], drift: tuple[Drift, ...]) -> str:
    """Return the report of `quarantine` as HTML.

    Args:
        quarantine: its record.
        lines: its timeline, oldest first.
        drift: what is not as it should be now.
    """
    tone, words = _STATES[quarantine.state]
    ref = quarantine.ref
    parts = (
        '<header class="', tone, '"><p class="state">', words, "</p><h1>", _text(ref.instance_id),
        "</h1><p>", _text(f"account {ref.account_id}, {ref.region}, quarantine {quarantine.id}"),
        "</p></header><main>",
        _facts(_summary(quarantine, lines)),
        _section("Not as it should be now", _drift(drift)),
        _section("Network interfaces", _interfaces(quarantine)),
        _section("Steps", _steps(quarantine)),
        _section("Release", _facts(_release(quarantine))),
        _section("What a security group cannot cut", f"<p>{_text(' '.join(LIMITS))}</p>"),
        _section("Timeline, UTC", _timeline(lines)),
        "</main>",
    )  # fmt: skip
    title = f"{ref.instance_id}: {words}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _summary(quarantine: Quarantine, lines: Iterable[Line]) -> Iterator[tuple[str, str]]:
    cut_at = next((line.at for line in lines if line.what == "contained"), None)
    yield "Why", quarantine.reason
    yield "Finding", f"{quarantine.finding_type or 'none: by hand'}, {quarantine.severity}"
    if quarantine.finding_id:
        yield "Finding id", quarantine.finding_id
    yield "Opened", f"{_moment(quarantine.opened_at)} by {quarantine.opened_by}"
    if cut_at:
        yield "Contained", f"{_moment(cut_at)}, {_since(quarantine.opened_at, cut_at)} later"
    if quarantine.release and quarantine.state is State.RELEASED:
        yield "Released", f"{_moment(quarantine.release.at)} by {quarantine.release.by}"


def _release(quarantine: Quarantine) -> Iterator[tuple[str, str]]:
    order = quarantine.release
    if order is None:
        return
    yield "Verdict", order.verdict.value.replace("_", " ")
    yield "Reason", order.reason
    yield "Ordered", f"{_moment(order.at)} by {order.by}"
    if order.confirmed_by:
        yield "Confirmed by", order.confirmed_by
    yield "Drift accepted", "yes" if order.accepts_drift else "no"


def _drift(drift: Iterable[Drift]) -> str:
    rows = [(each.subject, each.kind.value.replace("_", " "), each.detail) for each in drift]
    return _table(("What", "How", "In detail"), rows)


def _interfaces(quarantine: Quarantine) -> str:
    rows = [
        (original.interface_id, original.vpc_id, ", ".join(original.group_ids) or "unknown")
        for original in quarantine.originals
    ]
    return _table(("Interface", "VPC", "Groups before"), rows)


def _steps(quarantine: Quarantine) -> str:
    rows = [(name.value, step.status.value, step.detail) for name, step in quarantine.steps.items()]
    return _table(("Step", "Status", "In detail"), rows)


def _timeline(lines: Iterable[Line]) -> str:
    rows = [
        (_moment(line.at), line.who, line.what.replace("_", " "), "; ".join(_detail(line.detail)))
        for line in lines
    ]
    return _table(("When", "Who", "What", "In detail"), rows)


def _detail(detail: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parts of a line's detail in words; what no word is known for, as JSON."""
    for name, value in detail.items():
        if name == "changes":
            yield from (_change(each) for each in value)
        elif name == "originals":
            yield from (f"{each} was on {', '.join(groups)}" for each, groups in value.items())
        elif isinstance(value, str):
            yield from [f"{name.replace('_', ' ')}: {value}"] if value else []
        elif value not in ([], False):
            yield f"{name.replace('_', ' ')}: {json.dumps(value)}"


def _change(change: Mapping[str, str]) -> str:
    proof = f"request {change['request_id']}" if change["request_id"] else change["error"]
    return f"{change['interface']} to {change['groups']} ({proof or 'it was gone'})"


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2>{content}</section>" if content else ""


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{name}</dt><dd>{_text(value)}</dd>" for name, value in facts)
    return f"<dl>{rows}</dl>" if rows else ""


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(text: str) -> str:
    """Return hostile text as HTML that shows it, on one line."""
    return html.escape(one_line(text, _LONG), quote=True)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _since(start: datetime, end: datetime) -> str:
    seconds = (end - start).total_seconds()
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"  # noqa: PLR2004 - reads better so
