"""The central list of exemptions: shown, added to, ended."""

from __future__ import annotations

from chalicelib.api.asked import Answered, Asked
from chalicelib.core.api.exemption_view import exemption_shown, list_shown, wish_shown
from chalicelib.core.api.request import parse_end_of_exemption, parse_exemption, refuse_parameters
from chalicelib.core.instance import InstanceRef
from chalicelib.core.quarantine.exemption import Exempt, Exemption, Wish
from chalicelib.flows import exemptions


def list_all(asked: Asked) -> Answered:
    refuse_parameters(asked.query)
    to = asked.steadfast()
    held, wishes = exemptions.list_exemptions(to), exemptions.list_wishes(to)
    return Answered(list_shown(held, wishes, to.policy.exempt_instances, to.now()))


def exempt(asked: Asked) -> Answered:
    request = parse_exemption(asked.body(), asked.caller())
    ref = asked.target()
    return _answered(ref, exemptions.exempt(ref, request, asked.responder()), asked)


def end(asked: Asked) -> Answered:
    request = parse_end_of_exemption(asked.body(), asked.caller())
    ref = asked.target()
    return _answered(ref, exemptions.end_exemption(ref, request, asked.steadfast()), asked)


def _answered(ref: InstanceRef, settled: Exemption | Wish, asked: Asked) -> Answered:
    if isinstance(settled, Wish):
        body = wish_shown(ref, settled)
    else:
        body = exemption_shown(Exempt(ref, settled), asked.steadfast().now())
    asked.log.warning("exemption", exemption=body)
    return Answered(body, is_done=not isinstance(settled, Wish))
