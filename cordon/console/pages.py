"""The pages of the console: plain HTML with forms, no script; a keyboard is enough."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from chalicelib.core.findings.severity import Band
from chalicelib.core.host import in_words
from chalicelib.core.report.drawing import draw_instance
from chalicelib.core.report.markup import Html, join, tag
from chalicelib.core.report.style import STYLE
from chalicelib.core.report.timeline import draw_timeline
from chalicelib.core.steps.order import ORDERABLE
from cordon.commands.status import of_standing
from cordon.screen import age

_OWN = """
nav{background:var(--card);border-bottom:1px solid var(--line);
padding:.7rem max(1.25rem,calc(50% - 34rem));display:flex;gap:1.5rem;flex-wrap:wrap}
a{color:inherit}
form{display:grid;gap:.6rem;max-width:34rem;margin:0;padding:1rem;background:var(--card);
border:1px solid var(--line);border-radius:8px}
label{display:grid;gap:.2rem}label.check{display:flex;gap:.6rem;align-items:baseline}
input,select,button{font:inherit;color:inherit;background:var(--page);border:1px solid var(--soft);
border-radius:6px;padding:.45rem .6rem}
input[type=checkbox]{padding:0}
button{background:var(--ink);color:var(--page);font-weight:600;cursor:pointer;justify-self:start}
:focus-visible{outline:3px solid #3b82f6;outline-offset:2px}
.said{padding:.7rem 1rem;border-left:4px solid var(--not-cut);background:var(--card);
overflow-wrap:anywhere}
.said.done{border-color:var(--cut);color:inherit}
.CONTAINED{color:var(--not-cut)}.RELEASED{color:var(--cut)}
.CONTAINING,.RELEASING{color:var(--unknown)}
details form{margin-top:.6rem}details{margin-bottom:.8rem}
"""
_STYLE = STYLE + _OWN
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_VERDICTS = ("remediated", "false_positive", "accepted_risk")
_AGAIN = "10"  # seconds, while something is under way


def address(each: Mapping[str, Any]) -> str:
    """Return the path of an incident's page."""
    parts = (each["account_id"], each["region"], each["instance_id"])
    return "/i/" + "/".join(quote(str(part), safe="") for part in parts)


def board(said: Mapping[str, Any], released: Sequence[Mapping[str, Any]], form: str) -> str:
    """Return the first page: the mode, what is open, what is held, what was given back."""
    mode = str(said["mode"]["mode"])
    other = "observe" if mode == "enforce" else "enforce"
    is_paused = said["mode"].get("lists") == "paused"
    paused = tag("p", "Threat lists are paused: cordon mode --lists on") if is_paused else Html()
    turn = _form("mode", form, f"Turn to {other}", _hidden("mode", other), key="m")
    parts = (
        _section(f"Mode: {mode}", paused, tag("details", tag("summary", f"Turn to {other}"), turn)),
        _section("Held", _held(said["held"], form)),
        _section(f"{len(said['open'])} open", _rows(said["open"]) or tag("p", "Nothing is open.")),
        _section("Given back lately", _rows(released) or tag("p", "Nothing was.")),
        _section("Cut an instance off by hand", _by_hand(form)),
        _section("Cordon itself", _list(of_standing(said["standing"]))),
    )
    return page(f"Cordon: {len(said['open'])} open", *parts)


def incident(said: Mapping[str, Any], version: int, form: str) -> str:
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
        _section("Give it back", _release(said, version, form)),
        tag(
            "div",
            _section("What happened when, UTC", draw_timeline(said["moments"])),
            _section("What is cut, and what is not", draw_instance(said)),
            class_="pair",
        ),
        _section("Not as it should be now", _table(said["drift"], "subject", "kind", "detail")),
        _section("Who else it hurts, and who is in danger", _around(said.get("blast_radius"))),
        _section("Steps", _table(_steps(said), "step", "status", "detail"), _order(said, form)),
        _section("Who did what", _table(map(_moment, said["people"]), "at", "who", "what")),
    )
    return page(f"{said['instance_id']}: {said['state']}", *parts, head=head, again=is_busy)


def told(title: str, said: str, where: str, *, is_done: bool) -> str:
    """Return a page that says how an act ended."""
    link = tag("p", tag("a", "Look again", href=where, accesskey="b"))
    note = tag("p", said, class_="said done" if is_done else "said", role="status")
    return page(title, note, link)


def page(title: str, *parts: Html, head: Html | None = None, again: bool = False) -> str:
    """Return a whole page; `again` lets the browser look again after a while."""
    heads = (
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        *((tag("meta", http_equiv="refresh", content=_AGAIN),) if again else ()),
        tag("title", title),
        tag("style", Html(_STYLE)),
    )
    bar = tag("nav", tag("a", "Cordon", href="/", accesskey="b"), tag("span", title))
    body = tag("body", bar, head or Html(), tag("main", *parts))
    return f"<!doctype html>{tag('html', tag('head', *heads), body, lang='en')}\n"


def _where(said: Mapping[str, Any]) -> str:
    return f"account {said['account_id']}, {said['region']}, quarantine {said['quarantine_id']}"


def _steps(said: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    for each in said["steps"]:
        yield {**each, "step": each["step"].replace("_", " ")}


def _release(said: Mapping[str, Any], version: int, form: str) -> Html:
    if said["state"] == "RELEASED":
        return Html()
    verdicts = (tag("option", each.replace("_", " "), value=each) for each in _VERDICTS)
    drift = _check("accept_drift", "Give it back as far as that goes, drift accepted")
    return _form(
        "release",
        form,
        "Give it back",
        *(_hidden(name, str(said[name])) for name in ("instance_id", "account_id", "region")),
        _hidden("version", str(version)),
        tag("label", "Verdict", tag("select", *verdicts, name="verdict")),
        drift if said["drift"] else Html(),
        key="r",
    )


def _order(said: Mapping[str, Any], form: str) -> Html:
    """Return a form that orders a step which was left off or failed, if there is one."""
    left = [
        each["step"]
        for each in said["steps"]
        if each["step"] in ORDERABLE and each["status"] in ("skipped", "failed")
    ]
    if said["state"] != "CONTAINED" or not left:
        return Html()
    named = [_hidden(name, str(said[name])) for name in ("instance_id", "account_id", "region")]
    steps = tag("select", *(tag("option", each, value=each) for each in left), name="step")
    order = _form("step", form, "Carry it out", *named, tag("label", "Step", steps), key="s")
    return tag("details", tag("summary", "Order a step that was left off or failed"), order)


def _around(said: Mapping[str, Any] | None) -> Html:
    if not said:
        return Html()
    unknown = (f"Not known: {each}" for each in said["unknown"])
    return _list((*said["hurts"], *said["shares"], *unknown)) or _list(("Nobody known of.",))


def _list(lines: Iterable[str]) -> Html:
    items = [tag("li", each) for each in lines]
    return tag("ul", *items) if items else Html()


def _moment(each: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**each, "at": str(each["at"])[:19].replace("T", " ")}


def _by_hand(form: str, key: str = "q", instance: str = "") -> Html:
    named = tag(
        "label",
        "Instance",
        _input("instance_id", instance, pattern="i-[0-9a-f]{8,17}", required="required"),
    )
    return _form("quarantine", form, "Cut it off", named, key=key)


def _form(do: str, form: str, button: str, *fields: Html, key: str) -> Html:
    reason = tag("label", "Reason", _input("reason", "", required="required", maxlength="1000"))
    sure = _check("sure", f"Yes: {button.lower()}", required="required")
    send = tag("button", button, type="submit", accesskey=key)
    own = (_hidden("do", do), _hidden("form", form))
    return tag("form", *own, *fields, reason, sure, send, method="post", action="/act")


def _input(name: str, value: str, **more: str) -> Html:
    return tag("input", name=name, value=value, autocomplete="off", **more)


def _hidden(name: str, value: str) -> Html:
    return tag("input", type="hidden", name=name, value=value)


def _check(name: str, said: str, **more: str) -> Html:
    box = tag("input", type="checkbox", name=name, value="yes", **more)
    return tag("label", box, said, class_="check")


def _held(held: Sequence[Mapping[str, Any]] | None, form: str) -> Html:
    if held is None:
        return tag("p", "This server does not list what is held; its notices do.")
    rows = [
        {
            "instance": each["instance_id"],
            "severity": Band.of(float(each["severity"])).value,
            "finding": each["finding_type"],
            "held": age(each["held_at"]),
            "why": "; ".join(map(str, each["in_words"])),
        }
        for each in held
    ]
    decide = (_decide(each, form) for each in held)
    table = _table(rows, "instance", "severity", "finding", "held", "why")
    return join(table or tag("p", "Nothing is held."), *decide)


def _decide(held: Mapping[str, Any], form: str) -> Html:
    """Return the two ways out of a hold: contain it, or decide not to."""
    named = [_hidden(name, str(held[name])) for name in ("instance_id", "account_id", "region")]
    approve = _form("quarantine", form, "Contain it", *named, key="a")
    dismiss = _form("dismiss", form, "Dismiss it", *named, key="d")
    return tag("details", tag("summary", f"Decide about {held['instance_id']}"), approve, dismiss)


def _rows(quarantines: Iterable[Mapping[str, Any]]) -> Html:
    body = [
        tag(
            "tr",
            tag("td", tag("a", each["instance_id"], href=address(each))),
            tag("td", tag("b", each["state"], class_=each["state"])),
            tag("td", age(each["opened_at"])),
            tag("td", each["severity"]),
            tag("td", each["finding_type"] or "by hand"),
        )
        for each in quarantines
    ]
    return _body(("Instance", "State", "Age", "Severity", "Finding"), body)


def _table(rows: Iterable[Mapping[str, Any]], *columns: str) -> Html:
    cells = ((tag("td", str(each[name])) for name in columns) for each in rows)
    body = [tag("tr", *row) for row in cells]
    return _body(tuple(name.replace("_", " ").capitalize() for name in columns), body)


def _body(heads: tuple[str, ...], rows: Sequence[Html]) -> Html:
    if not rows:
        return Html()
    head = tag("thead", tag("tr", *(tag("th", each, scope="col") for each in heads)))
    return tag("table", head, tag("tbody", *rows))


def _section(title: str, *content: Html) -> Html:
    return tag("section", tag("h2", title), *content) if any(content) else Html()
