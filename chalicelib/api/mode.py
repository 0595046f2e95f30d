"""The kill switches: shown, turned."""

from __future__ import annotations

from typing import Any

from chalicelib.api.asked import Answered, Asked
from chalicelib.core.api.request import parse_mode, refuse_parameters
from chalicelib.flows import switch_mode
from chalicelib.flows.ports.responder import Responder


def show(asked: Asked) -> Answered:
    refuse_parameters(asked.query)
    return Answered(_present(asked.steadfast()))


def turn(asked: Asked) -> Answered:
    to = asked.steadfast()
    switch_mode.switch_mode(parse_mode(asked.body(), asked.caller()), to)
    said = _present(to)
    asked.log.warning("mode switched", setting=said)
    return Answered(said)


def _present(to: Responder) -> dict[str, Any]:
    mode, setting = switch_mode.present_mode(to)
    lists, said = switch_mode.present_lists(to)
    return {
        "mode": mode.value,
        "set": setting and setting.as_json(),
        "lists": lists.value,
        "lists_set": said and said.as_json(),
    }
