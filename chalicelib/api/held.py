"""What was held: listed, dismissed."""

from __future__ import annotations

from chalicelib.api.asked import Answered, Asked
from chalicelib.core.api.held_view import held_shown
from chalicelib.core.api.request import parse_dismiss, refuse_parameters
from chalicelib.flows import held


def list_all(asked: Asked) -> Answered:
    refuse_parameters(asked.query)
    to = asked.responder()
    found = held.list_held(to)
    breakers = held.breakers_of(found, to)
    return Answered({"held": [held_shown(each, breakers) for each in found]})


def dismiss(asked: Asked) -> Answered:
    request = parse_dismiss(asked.body(), asked.caller())
    dismissed = held.dismiss(asked.target(), request, asked.responder())
    asked.log.info("dismissed", held=dismissed.key, by=request.by, reason=request.reason)
    return Answered(held_shown(dismissed))
