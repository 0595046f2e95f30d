"""The kill switch: seen, and turned at once, without a deployment."""

from __future__ import annotations

from chalicelib.core.api.request import ModeRequest
from chalicelib.core.policy.mode import ModeSetting, of_mode
from chalicelib.core.policy.policy import Mode
from chalicelib.flows.ports.responder import Responder


def present_mode(to: Responder) -> tuple[Mode, ModeSetting | None]:
    """Return the mode that holds now, and who set it; without one, it is the deployment's."""
    setting = to.control.mode()
    return (setting.mode if setting else to.mode), setting


def switch_mode(request: ModeRequest, to: Responder) -> ModeSetting:
    """Set the mode that `request` asks for, then tell people: what matters first."""
    before, _ = present_mode(to)
    setting = ModeSetting(request.mode, request.by, request.reason, to.now())
    to.control.set_mode(setting)
    to.notices.publish(of_mode(setting, before, to.own_account, to.own_region))
    return setting
