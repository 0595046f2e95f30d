"""The instance as a drawing: its interfaces with their groups, and what is cut and what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.core.plain_text import one_line
from chalicelib.core.report.markup import Html, tag
from chalicelib.core.report.paths import CUT, GIVEN_BACK, NOT_CUT

_WIDE, _ROW, _CARD, _TIE = 360, 44, 62, 19
_MARKS = {CUT: "✕", NOT_CUT: "→", GIVEN_BACK: "✓"}
_MOST = 12  # interfaces; the table below has all of them


def draw_instance(facts: Mapping[str, Any]) -> Html:
    """Return the instance as a box: interfaces above, ways in and out below."""
    interfaces, paths = facts["interfaces"][:_MOST], facts["paths"]
    ties = tuple(_ties(facts.get("blast_radius") or {}))[:_MOST]
    foot = 52 + _CARD * len(interfaces) + (_TIE * len(ties) + 10 if ties else 0)
    tall = foot + 16 + _ROW * len(paths)
    parts = (
        tag("rect", x="1", y="1", width="358", height=str(foot - 8), rx="10", class_="box"),
        tag("text", facts["instance_id"], x="16", y="28", class_="strong"),
        tag("text", facts["state_in_words"], x="344", y="28", class_="soft end"),
        *_interfaces(interfaces, {each["subject"]: each["detail"] for each in facts["drift"]}),
        *_tied(ties, 58 + _CARD * len(interfaces)),
        *_paths(paths, foot + 16),
    )
    said = "; ".join(f"{each['path']}: {each['stands']}" for each in paths)
    box = f"0 0 {_WIDE} {tall}"
    return tag("svg", *parts, viewBox=box, role="img", aria_label=said, class_="drawing")


def _interfaces(
    interfaces: Sequence[Mapping[str, Any]], drift: Mapping[str, str]
) -> Iterator[Html]:
    """Yield a card each: what it was on, and is on now; or how it is not as Cordon left it."""
    for row, each in enumerate(interfaces):
        y = 58 + row * _CARD
        before = ", ".join(each["groups_before"]) or "unknown"
        now = ", ".join(each["groups_set"]) or "unchanged"
        yield tag("text", one_line(each["interface_id"], 44), x="16", y=str(y), class_="small")
        strays = drift.get(each["interface_id"])
        was = one_line(f"was {before}", 48)
        # Two identifiers are 46 characters, and narrower than prose.
        is_now = one_line(strays, 43) if strays else one_line(f"now {now}", 48)
        yield tag("text", was, x="16", y=str(y + 17), class_="small soft")
        tone = "small strong out" if strays else "small strong"
        yield tag("text", is_now, x="16", y=str(y + 34), class_=tone)


def _ties(around: Mapping[str, Any]) -> Iterator[str]:
    """Yield what ties the instance to others, a line each."""
    group = around.get("auto_scaling_group")
    if group:
        yield f"Auto Scaling group {group['name']}, {group['in_service']} in service"
    for each in around.get("load_balancers") or ():
        yield f"load balancing {each['name']}, {each['healthy_others']} other healthy"
    yield from (f"Elastic IP {each}" for each in around.get("elastic_ips") or ())
    yield from (f"route {each}" for each in around.get("routes") or ())
    if around.get("role"):
        name, count = around["role"].rpartition("/")[2], len(around.get("siblings") or ())
        yield f"role {name}, shared with {count} other" if count else f"role {name}"


def _tied(ties: Sequence[str], top: int) -> Iterator[Html]:
    for row, each in enumerate(ties):
        y = str(top + row * _TIE)
        yield tag("text", one_line(each, 50), x="16", y=y, class_="small soft")


def _paths(paths: Sequence[Mapping[str, Any]], top: int) -> Iterator[Html]:
    for row, each in enumerate(paths):
        y, stands = top + 12 + row * _ROW, each["stands"]
        tone = str(stands).replace(" ", "-")
        yield tag("circle", cx="18", cy=str(y), r="12", class_=f"badge {tone}")
        mark = _MARKS.get(stands, "?")
        yield tag("text", mark, x="18", y=str(y + 5), class_="mark", text_anchor="middle")
        yield tag("text", f"{each['path']}: {stands}", x="40", y=str(y - 1), class_="strong")
        yield tag("text", one_line(each["why"], 46), x="40", y=str(y + 15), class_="small soft")
