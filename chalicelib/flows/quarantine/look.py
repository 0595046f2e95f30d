"""What is the case now: EC2 and the records."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.core.instance import Instance, InstanceRef, seen_by_both
from chalicelib.core.quarantine.dossier import Dossier
from chalicelib.core.steps.network import Groups, by_vpc_and_role
from chalicelib.flows.ports.responder import Responder


@dataclass(frozen=True, slots=True)
class Look:
    """One look at an instance, at Cordon's groups, and at what is on record."""

    instance: Instance | None
    groups: Groups
    dossier: Dossier


def look_at_once(ref: InstanceRef, to: Responder, finding_id: str = "") -> Look:
    """Return what EC2 and the records say of `ref`, in one round trip.

    Which of them was read first is not known: a whole release may lie between. Whoever acts on
    it asks `core.containment.is_doubtful` first.

    In an account where Cordon may not act it does not look either: only the records are read.
    """
    if not to.bounds(ref).allows(ref.account_id):
        return Look(None, {}, to.quarantines.dossier(ref.key, ref.account_id, finding_id))
    ec2 = to.site(ref).instances
    ours = to.site(ref).security_groups
    instance, interfaces, groups, dossier = to.together(
        lambda: ec2.find(ref.instance_id),
        lambda: ec2.interfaces(ref.instance_id),
        ours.groups,
        lambda: to.quarantines.dossier(ref.key, ref.account_id, finding_id),
    )
    seen = seen_by_both(instance, interfaces)
    return Look(seen, by_vpc_and_role(groups), dossier)


def look_in_order(ref: InstanceRef, to: Responder, finding_id: str = "") -> Look:
    """Return what the records say, and then what EC2 says, in two round trips.

    So EC2 is never older than the record, and a conditional write of the record proves that
    nothing of Cordon's came between. Of an account likewise.
    """
    dossier = to.quarantines.dossier(ref.key, ref.account_id, finding_id)
    if not to.bounds(ref).allows(ref.account_id):
        return Look(None, {}, dossier)
    ec2 = to.site(ref).instances
    ours = to.site(ref).security_groups
    instance, interfaces, groups = to.together(
        lambda: ec2.find(ref.instance_id), lambda: ec2.interfaces(ref.instance_id), ours.groups
    )
    seen = seen_by_both(instance, interfaces)
    return Look(seen, by_vpc_and_role(groups), dossier)
