"""The kill switches: seen, and turned at once, without a deployment."""

from __future__ import annotations

from chalicelib.core.api.request import ModeRequest
from chalicelib.core.policy.mode import ListsSetting, ModeSetting, of_lists, of_mode
from chalicelib.core.policy.policy import Lists, Mode
from chalicelib.flows.ports.responder import Responder


def present_mode(to: Responder) -> tuple[Mode, ModeSetting | None]:
    """Return the mode that holds now, and who set it; without one, it is the deployment's."""
    setting = to.control.mode()
    return (setting.mode if setting else to.mode), setting


def present_lists(to: Responder) -> tuple[Lists, ListsSetting | None]:
    """Return whether threat lists are kept in step, and who said so, if anybody ever did."""
    setting = to.control.lists()
    return (setting.lists if setting else Lists.ON), setting


def switch_mode(request: ModeRequest, to: Responder) -> None:
    """Set what `request` asks for, then tell people: what matters first."""
    if request.mode is not None:
        before, _ = present_mode(to)
        setting = ModeSetting(request.mode, request.by, request.reason, to.now())
        to.control.set_mode(setting)
        to.notices.publish(of_mode(setting, before, to.own_account, to.own_region))
    if request.lists is not None:
        were, _ = present_lists(to)
        said = ListsSetting(request.lists, request.by, request.reason, to.now())
        to.control.set_lists(said)
        to.notices.publish(of_lists(said, were, to.own_account, to.own_region))
