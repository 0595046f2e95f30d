"""Somebody touches what a quarantine rests on: it is cut off again at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.errors import CordonError, RecordMovedError
from chalicelib.core.instance import InstanceRef
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.call import Call, OwnRoles, parse_call
from chalicelib.core.quarantine.record import Line, State
from chalicelib.core.steps.network import left_to_cut, open_interfaces
from chalicelib.flows.attend import HOP, keep_cut_off, tell_trouble
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.ports.site import Site
from chalicelib.flows.quarantine.look import Look, look_at_once, look_in_order
from chalicelib.flows.switch_mode import present_mode

_TRIES = 5  # when others keep moving the same record; each loss is somebody's progress


def repair_drift(event: Mapping[str, Any], own: OwnRoles, to: Responder) -> dict[str, Any]:
    """Cut off again what one call let out; at most four calls one after the other come before.

    The watcher is the net below: it sees what no event told of. What Cordon did itself is left
    alone, and so is a call that AWS refused.

    Args:
        event: as EventBridge delivers what CloudTrail recorded.
        own: the roles that are Cordon's.
        to: the world.

    Returns the call and who made it, and which instances it let out, or which groups it spoilt.

    Raises:
        RejectedError: the event tells of no call.
        CordonError: the first thing that could not be carried out; people were told, if it was
            about an instance.
    """
    call = parse_call(event)
    answer: dict[str, Any] = {"call": call.name, "by": call.by, "at": call.at}
    is_ours = own.made(call)
    is_allowed = call.account_id in {to.own_account, *to.policy.allowed_accounts}
    if is_ours or call.has_failed or not is_allowed:
        return {**answer, "ignored": "ours" if is_ours else "refused, or not allowed here"}
    site = to.sites(call.account_id, call.region)
    if not call.instance_ids and not call.interface_ids:
        return {**answer, "groups": _mend(call, site, to)}
    touched = call.instance_ids or site.instances.holders(call.interface_ids)
    out = [each for each in touched if _repair(each, call, to)]
    return {**answer, "let_out": out}


def _repair(instance_id: str, call: Call, to: Responder) -> bool:
    """Cut the instance off again, if it is contained and out; return whether it was out."""
    ref = InstanceRef(call.account_id, call.region, instance_id)
    for turn in range(_TRIES):
        look, rivals = _look(ref, call, turn, to)
        quarantine, instance = look.dossier.quarantine, look.instance
        if quarantine is None or quarantine.state is not State.CONTAINED:
            return False  # who is at work on it reads back what this call did
        if instance is None or instance.is_gone or not left_to_cut(instance, look.groups):
            return False
        if quarantine.at_work(to.now()) and open_interfaces(instance, look.groups):
            to.pause(HOP)  # over in a moment, where all is well
            continue
        try:
            keep_cut_off(quarantine, instance, look, to, rivals)
        except RecordMovedError:
            continue
        except CordonError as error:
            tell_trouble(quarantine, error, to)
            raise
        said = {"call": call.name, "by": call.by, "at": call.at}
        to.quarantines.append(quarantine, Line(to.now(), call.by or call.name, "let_out", said))
        return True
    raise RecordMovedError(instance_id)


def _look(ref: InstanceRef, call: Call, turn: int, to: Responder) -> tuple[Look, frozenset[str]]:
    """Look at the instance, and at which groups that the call names are another Cordon's.

    In order; but where EC2 was asked whose interface it is, at once, for the time's sake. EC2 may
    be older than the record then. What is changed is right all the same: whatever comes after the
    record was read moves it, and every change of a contained instance is a cut.
    """
    look = look_in_order if call.instance_ids or turn else look_at_once
    named = frozenset(call.group_ids)
    if not named:
        return look(ref, to), named
    ours = to.site(ref).security_groups
    return to.together(lambda: look(ref, to), lambda: ours.rivals(named))


def _mend(call: Call, site: Site, to: Responder) -> list[str]:
    """Bring those of Cordon's groups that the call changed back to what they must be."""
    (mode, _), groups = to.together(lambda: present_mode(to), site.security_groups.groups)
    spoilt = [each for each in groups if each.id in call.group_ids and not each.is_ready]
    if mode is not Mode.OBSERVE:
        for group in spoilt:
            site.security_groups.prepare(group.vpc_id, group.role)
    return [each.id for each in spoilt]
