"""A look before the leap: what a containment would do now, and whom it would hurt."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.api.preview import Preview
from chalicelib.core.errors import NotAllowedError, UnknownInstanceError
from chalicelib.core.instance import InstanceRef
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.look import look_in_order


def preview(ref: InstanceRef, to: Responder) -> Preview:
    """Return what a containment of `ref` would do now; nothing is changed, or written down.

    Raises:
        NotAllowedError: Cordon may not act in that account, so it does not look either.
        UnknownInstanceError: EC2 does not know the instance, or it is terminated.
    """
    if not to.bounds(ref).allows(ref.account_id):
        raise NotAllowedError(ref.account_id)
    look = look_in_order(ref, to)
    if look.instance is None or look.instance.is_gone:
        raise UnknownInstanceError(ref.instance_id, f"is no instance of {ref.account_id} now")
    around = to.site(ref).neighbourhood.around(look.instance)
    is_route = look.instance.may_route and around.routes != ()
    instance = replace(look.instance, is_route=is_route)
    return Preview(ref, instance, look.groups, look.dossier, to.bounds(ref), around)
