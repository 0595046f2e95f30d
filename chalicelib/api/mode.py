"""The kill switch: shown, turned."""

from __future__ import annotations

from chalicelib.api.asked import Answered, Asked
from chalicelib.core.api.request import parse_mode
from chalicelib.flows import switch_mode


def show(asked: Asked) -> Answered:
    mode, setting = switch_mode.present_mode(asked.steadfast())
    return Answered({"mode": mode.value, "set": setting and setting.as_json()})


def turn(asked: Asked) -> Answered:
    setting = switch_mode.switch_mode(parse_mode(asked.body(), asked.caller()), asked.steadfast())
    asked.log.warning("mode switched", setting=setting.as_json())
    return Answered({"mode": setting.mode.value, "set": setting.as_json()})
