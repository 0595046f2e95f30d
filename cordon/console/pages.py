"""The pages of the console: plain HTML with forms, no script; a keyboard is enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from chalicelib.core.findings.severity import Band
from chalicelib.core.host import in_words
from chalicelib.core.report.drawing import draw_instance
from chalicelib.core.report.markup import NOTHING, Html, join, table, tag
from chalicelib.core.report.page import the_finding, the_people, the_steps
from chalicelib.core.report.timeline import draw_timeline
from chalicelib.core.steps.order import ORDERABLE
from cordon.commands.status import of_standing, of_times
from cordon.console.forms import about, check, field, folded, form, hidden, select
from cordon.console.style import STYLE
from cordon.screen import age

_VERDICTS = ("remediated", "false_positive", "accepted_risk")
_AGAIN = "10"  # seconds, while something is under way
_KEYS = (
    "Keys: Tab and Enter reach all of it. With Alt (on a Mac Control and Option): b the board, "
    "l look again, r give back, s order a step, q cut off, m mode, d decide about what is held."
)


def address(each: Mapping[str, Any]) -> str:
    """Return the path of an incident's page."""
    parts = (each["account_id"], each["region"], each["instance_id"])
    return "/i/" + "/".join(quote(str(part), safe="", errors="replace") for part in parts)


def board(said: Mapping[str, Any], released: Sequence[Mapping[str, Any]], secret: str) -> str:
    """Return the first page: the mode, what is open, what is held, what was given back."""
    mode, count = str(said["mode"]["mode"]), len(said["open"])
    other = "observe" if mode == "enforce" else "enforce"
    is_paused = said["mode"].get("lists") == "paused"
    paused = tag("p", "Threat lists are paused: cordon mode --lists on") if is_paused else NOTHING
    turn = form("mode", secret, f"Turn to {other}", hidden("mode", other))
    instance = field("Instance", "instance_id", pattern="i-[0-9a-f]{8,17}", required="required")
    by_hand = form("quarantine", secret, "Cut it off", instance)
    itself = (*of_standing(said["standing"]), *of_times(said["time_to_contain"]))
    parts = (
        _section(f"Mode: {mode}", paused, folded(f"Turn to {other}", turn, key="m")),
        _section("Held", _held(said["held"], secret), at="held"),
        _section(f"{count} open", _rows(said["open"]) or tag("p", "Nothing is open."), at="open"),
        _section("Given back lately", _rows(released) or tag("p", "Nothing was."), at="back"),
        _section("By hand", folded("Cut an instance off", by_hand, key="q"), at="hand"),
        _section("Cordon itself", _list(itself), at="itself"),
    )
    held = said["held"] or ()
    ways = {
        "held": f"{len(held)} held",
        "open": f"{count} open",
        "back": "Given back",
        "hand": "By hand",
        "itself": "Cordon itself",
    }
    bar = (tag("a", name, href=f"#{way}") for way, name in ways.items())
    return page(f"Cordon: {count} open", *parts, bar=join(*bar))


def incident(said: Mapping[str, Any], version: int, secret: str) -> str:
    """Return the page of one incident, from the data of its report."""
    is_busy = said["state"] in ("CONTAINING", "RELEASING")
    head = tag(
        "header",
        tag("p", said["state_in_words"], class_="state"),
        tag("h1", said["instance_id"]),
        tag("p", said["summary"], class_="summary"),
        *(
            tag("p", each, class_="where")
            for each in (_where(said), in_words(said.get("host", {})))
            if each
        ),
        class_={"CONTAINED": "cut", "RELEASED": "free"}.get(said["state"], "work"),
    )
    parts = (
        _release(said, version, secret),
        tag(
            "div",
            _section("What happened when, UTC", draw_timeline(said["moments"])),
            _section("What is cut, and what is not", draw_instance(said)),
            class_="pair",
        ),
        _section("Not as it should be now", _table(said["drift"], "subject", "kind", "detail")),
        _section("The finding", the_finding(said)),
        _section("Who else it hurts, and who is in danger", _around(said.get("blast_radius"))),
        _section("Steps", the_steps(said["steps"]), _order(said, secret)),
        _section("Who did what", the_people(said["people"])),
        tag("p", f"All of it, evidence too: cordon report {said['instance_id']} --open"),
    )
    return page(f"{said['instance_id']}: {said['state']}", *parts, head=head, again=is_busy)


def told(title: str, said: str, where: str, *, is_done: bool) -> str:
    """Return a page that says how an act ended."""
    link = tag("p", tag("a", "Look again", href=where, accesskey="l", autofocus="autofocus"))
    note = tag("p", said, class_="said done" if is_done else "said", role="status")
    return page(title, note, link)


def page(
    title: str, *parts: Html, head: Html = NOTHING, bar: Html = NOTHING, again: bool = False
) -> str:
    """Return a whole page; `again` lets the browser look again after a while."""
    heads = (
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        *((tag("meta", http_equiv="refresh", content=_AGAIN),) if again else ()),
        tag("title", title),
        tag("style", Html(STYLE)),
    )
    top = tag("nav", tag("a", "Cordon", href="/", accesskey="b"), bar or tag("span", title))
    main = tag("main", *parts, tag("p", _KEYS, class_="note"))
    body = tag("body", top, head, main)
    return f"<!doctype html>{tag('html', tag('head', *heads), body, lang='en')}\n"


def _where(said: Mapping[str, Any]) -> str:
    return f"account {said['account_id']}, {said['region']}, quarantine {said['quarantine_id']}"


def _release(said: Mapping[str, Any], version: int, secret: str) -> Html:
    if said["state"] == "RELEASED":
        return NOTHING
    verdicts = {each: each.replace("_", " ") for each in _VERDICTS}
    drift = check("accept_drift", "Give it back as far as that goes, drift accepted")
    give_back = form(
        "release",
        secret,
        "Give it back",
        *about(said),
        hidden("version", str(version)),
        select("Verdict", "verdict", verdicts),
        drift if said["drift"] else NOTHING,
    )
    return _section("Do next", folded("Give it back", give_back, key="r"))


def _order(said: Mapping[str, Any], secret: str) -> Html:
    """Return a form that orders a step which was left off or failed, if there is one."""
    left = {
        each["step"]: each["step"].replace("_", " ")
        for each in said["steps"]
        if each["step"] in ORDERABLE and each["status"] in ("skipped", "failed")
    }
    if said["state"] != "CONTAINED" or not left:
        return NOTHING
    order = form("step", secret, "Carry it out", *about(said), select("Step", "step", left))
    return folded("Order a step that was left off or failed", order, key="s")


def _around(said: Mapping[str, Any] | None) -> Html:
    if not said:
        return NOTHING
    unknown = (f"Not known: {each}" for each in said["unknown"])
    return _list((*said["hurts"], *said["shares"], *unknown)) or _list(("Nobody known of.",))


def _list(lines: Iterable[str]) -> Html:
    items = [tag("li", each) for each in lines]
    return tag("ul", *items) if items else NOTHING


def _held(held: Sequence[Mapping[str, Any]] | None, secret: str) -> Html:
    if held is None:
        return tag("p", "This server does not list what is held; its notices do.")
    rows = [
        {
            "instance": each["instance_id"],
            "severity": Band.of(float(each["severity"])).value,
            "finding": each["finding_type"],
            "held": age(each["held_at"]),
            "where": _place(each),
            "why": "; ".join(map(str, each["in_words"])),
        }
        for each in held
    ]
    decide = (_decide(each, secret, "" if nth else "d") for nth, each in enumerate(held))
    table = _table(rows, "instance", "severity", "finding", "held", "where", "why")
    return join(table or tag("p", "Nothing is held."), *decide)


def _decide(held: Mapping[str, Any], secret: str, key: str) -> Html:
    """Return the two ways out of a hold: contain it, or decide not to."""
    approve = form("quarantine", secret, "Contain it", *about(held))
    dismiss = form("dismiss", secret, "Dismiss it", *about(held))
    return folded(f"Decide about {held['instance_id']}", approve, dismiss, key=key)


def _rows(quarantines: Iterable[Mapping[str, Any]]) -> Html:
    rows = [
        (
            tag("a", each["instance_id"], href=address(each)),
            tag("b", each["state"], class_=each["state"]),
            age(each["opened_at"]),
            each["severity"],
            each["finding_type"] or "by hand",
            _place(each),
        )
        for each in quarantines
    ]
    return table(("Instance", "State", "Age", "Severity", "Finding", "Where"), rows)


def _place(each: Mapping[str, Any]) -> str:
    return f"{each['account_id']}, {each['region']}"


def _table(rows: Iterable[Mapping[str, Any]], *columns: str) -> Html:
    heads = tuple(name.replace("_", " ").capitalize() for name in columns)
    return table(heads, [tuple(str(each[name]) for name in columns) for each in rows])


def _section(title: str, *content: Html, at: str = "") -> Html:
    named = {"id": at} if at else {}
    return tag("section", tag("h2", title), *content, **named) if any(content) else NOTHING
