"""Quarantines: looked at, ordered, given back."""

from __future__ import annotations

from chalicelib.api.asked import Answered, Asked
from chalicelib.core.api.cursor import parse_cursor
from chalicelib.core.api.request import (
    parse_format,
    parse_quarantine,
    parse_release,
    parse_selection,
    parse_step,
)
from chalicelib.core.api.view import shown, shown_handover, shown_page, shown_whole
from chalicelib.core.quarantine.record import State
from chalicelib.flows.inspect import inspect, list_quarantines
from chalicelib.flows.order_step import order_step
from chalicelib.flows.preview import preview as preview_of
from chalicelib.flows.quarantine_by_hand import quarantine_by_hand
from chalicelib.flows.release import release as give_back


def list_all(asked: Asked) -> Answered:
    selection, after = parse_selection(asked.query), parse_cursor(asked.query.get("cursor"))
    page = list_quarantines(selection, after, asked.steadfast())
    for problem in page.unreadable:
        asked.log.error("unreadable record", problem=problem)
    return Answered(shown_page(page))


def show(asked: Asked) -> Answered:
    seen = inspect(asked.target(), asked.steadfast())
    return Answered(shown_whole(seen.quarantine, seen.lines, seen.drift))


def quarantine(asked: Asked) -> Answered:
    request = parse_quarantine(asked.body(), asked.caller())
    to = asked.responder()
    record = quarantine_by_hand(asked.target(), request, to)
    asked.log.info("quarantined by hand", quarantine=record.id, by=request.by, state=record.state)
    is_done = record.state is State.CONTAINED and not record.is_unfinished
    return Answered(shown(record), is_done=is_done)


def release(asked: Asked) -> Answered:
    request = parse_release(asked.body(), asked.caller())
    handover = give_back(asked.target(), request, asked.steadfast())
    record = handover.quarantine
    asked.log.info("release answered", quarantine=record.id, by=request.by, state=record.state)
    body = shown_handover(record, handover.drift, handover.proposal)
    return Answered(body, is_done=record.state is State.RELEASED)


def order(asked: Asked) -> Answered:
    path = asked.path
    request = parse_step(asked.body(), asked.caller(), path["instance_id"], path["step"])
    record = order_step(asked.target(), request, asked.responder())
    asked.log.info("step ordered", quarantine=record.id, by=request.by, step=request.step)
    return Answered(
        shown(record), is_done=not (record.is_due(request.step) or record.is_waiting(request.step))
    )


def report(asked: Asked) -> Answered:
    from chalicelib.flows.report import report as written  # noqa: PLC0415 - of this route alone

    shape = parse_format(asked.query)
    body, headers = written(shape, asked.target("format"), asked.steadfast())
    return Answered(body, headers=dict(headers))


def preview(asked: Asked) -> Answered:
    return Answered(preview_of(asked.target(), asked.steadfast()).as_json())
