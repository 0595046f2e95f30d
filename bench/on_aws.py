"""Figures by the calls that Cordon makes to AWS: how many wait, and what if one of them fails."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime

from bench.aws_world import AwsWorld, aws_world
from chalicelib.adapters import s3, sns
from chalicelib.adapters.dynamodb import quarantines
from chalicelib.adapters.ec2 import attributes, instances, security_groups, snapshots
from chalicelib.core.api.request import ReleaseRequest
from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import AlreadyReleasedError, CordonError
from chalicelib.core.quarantine.lease import LEASE
from chalicelib.core.quarantine.record import State
from chalicelib.core.quarantine.release import Verdict
from chalicelib.core.steps.network import GroupRole
from chalicelib.flows.contain import contain
from chalicelib.flows.release import release
from chalicelib.wiring.responder import responder
from sandbox.faithful.faults import LULLS, Crash, Fault, Faults, sequential_round_trips
from tests.builders import an_event

_ORDER = ReleaseRequest("arn:aws:iam::123456789012:user/ada", "clean", Verdict.FALSE_POSITIVE)
_STOPS = "version = 1\n[containment]\nstop_after_cut = true\n"
_CUT = "ec2.ModifyNetworkInterfaceAttribute"
_READS = ("Describe", "Get", "BatchGet", "Query")
# IAM's name is not always that of a call: updates come in a transaction, tags with a group too. The
# watcher locks and shares snapshots, once they are there.
_NO_CALLS = (
    "ec2:CreateTags",
    "dynamodb:UpdateItem",
    "ec2:LockSnapshot",
    "ec2:ModifySnapshotAttribute",
)
_ADAPTERS = (quarantines, instances, attributes, snapshots, s3, security_groups, sns)
_CHANGING = (
    *(
        permission.replace(":", ".")
        for adapter in _ADAPTERS
        for permission in adapter.PERMISSIONS
        if permission not in _NO_CALLS and not permission.split(":")[1].startswith(_READS)
    ),
    "dynamodb.TransactWriteItems",
    "ec2.CreateTags",
)


def round_trips(interfaces: int) -> str:
    """Count the round trips from event to cut that wait for one another: warm, groups there."""
    count = trips_to_cut(interfaces)
    assert count <= 3, f"{count} sequential round trips"  # noqa: PLR2004 - the claim
    return f"{count} sequential round trips to the cut, {interfaces} interface(s)"


def trips_to_cut(interfaces: int) -> int:
    """Return how many calls until the cut of all interfaces wait for one another.

    What waits for another call never overlaps it, however slow the machine is; what does not may
    only seem to, where a thread begins late. So the least that is seen is the count, and an answer
    takes ever longer until it is.
    """
    for lull in LULLS:
        count = _sequential(interfaces, lull)
        if count <= 3:  # noqa: PLR2004 - look, record, cut
            break
    return count


def _sequential(interfaces: int, lull: float) -> int:
    with aws_world(interfaces) as world:
        make_warm(world)
        with Faults(lull=lull).on() as faults:
            answer = contain(world.event, responder())
        assert answer.outcome is Outcome.CONTAINED
        assert world.is_cut(), "an interface is open"
        assert world.recorded_originals() == world.originals, "what the groups were is not kept"
        cuts = [call for call in faults.calls if call.operation == _CUT]
        ended = max(call.ended for call in cuts[:interfaces])  # those of the hop come later
        until_cut = [call for call in faults.calls if call.started < ended]
        return sequential_round_trips(until_cut)


def calls_of_containment() -> list[str]:
    """Return what a containment asks of AWS, in its order: one interface, warm, groups there."""
    with aws_world(1) as world:
        make_warm(world)
        with Faults().on() as faults:
            assert contain(world.event, responder()).outcome is Outcome.CONTAINED
        return [call.operation for call in sorted(faults.calls, key=lambda each: each.started)]


def crashes(*, every: int = 1) -> str:
    """Crash before and after each AWS call of a containment, deliver again, and look."""
    with aws_world() as world, Faults().on() as faults:
        contain(world.event, responder())
    calls = len(faults.calls)
    runs = 0
    for nth in range(1, calls + 1, every):
        for after in (False, True):
            with aws_world() as world:
                responder()
                with (
                    Faults(crash_at=nth, after=after).on(),
                    contextlib.suppress(Crash, CordonError),
                ):
                    contain(world.event, responder())
                _deliver_until_done(world)
                where = f"{'after' if after else 'before'} call {nth}"
                assert world.is_cut(), f"not cut, crashed {where}"
                assert world.recorded_originals() == world.originals, f"originals, {where}"
            runs += 1
    return (
        f"{runs} crashes before and after each of {calls} AWS calls: all converge, 0 originals lost"
    )


def release_crashes(*, every: int = 1) -> str:
    """Crash before and after each AWS call of a release, ask again, and look."""
    calls = _release_calls()
    runs = 0
    for nth in range(1, calls + 1, every):
        for after in (False, True):
            with aws_world() as world:
                contain(world.event, responder())
                with (
                    Faults(crash_at=nth, after=after).on(),
                    contextlib.suppress(Crash, CordonError),
                ):
                    release(world.ref, _ORDER, responder())
                _release_until_done(world)
                where = f"{'after' if after else 'before'} call {nth}"
                assert world.groups() == world.originals, f"not as it was, crashed {where}"
            runs += 1
    return f"{runs} crashes before and after each of {calls} AWS calls of a release: all converge"


def _release_calls() -> int:
    with aws_world() as world:
        contain(world.event, responder())
        with Faults().on() as faults:
            release(world.ref, _ORDER, responder())
        assert world.groups() == world.originals, "not as it was"
    return len(faults.calls)


def _release_until_done(world: AwsWorld) -> None:
    """Ask again once the lease of the worker that died is over, as a person or the watcher does."""
    later = replace(responder(), now=lambda: datetime.now(UTC) + LEASE)
    with contextlib.suppress(AlreadyReleasedError):
        assert release(world.ref, _ORDER, later).quarantine.state is State.RELEASED


def refusals(*, every: int = 1) -> str:
    """Refuse each call that changes something; what is not cut off is never called contained.

    What comes after the cut may fail: that is told, and the instance is cut off all the same.
    """
    refused = _CHANGING[::every]
    for operation in refused:
        fault = Fault(operation, code="AccessDenied", status=403)
        with aws_world(policy=_STOPS) as world:
            if operation == "ec2.RevokeSecurityGroupIngress":
                world.poison_deny_group()
            responder()
            outcome = None
            with Faults(wire=[fault]).on() as faults, contextlib.suppress(CordonError):
                outcome = contain(world.event, responder()).outcome
            assert faults.hits, f"{operation} was never called: the fault did not happen"
            is_true = outcome is not Outcome.CONTAINED or world.is_cut()
            assert is_true, f"{operation} refused, and said contained"
    return f"AccessDenied on each of {len(refused)} changing calls: contained only if cut off"


def make_warm(world: AwsWorld) -> None:
    """Let another finding, of a type that is held, make the clients, and the groups exist."""
    to = responder()
    ref = (world.event["detail"]["accountId"], world.event["detail"]["region"])
    site = to.sites(*ref)
    for interface in site.instances.interfaces(world.instance_id):
        for role in GroupRole:
            site.security_groups.prepare(interface.vpc_id, role)
    held = an_event(
        account_id=ref[0],
        region=ref[1],
        instance_id=world.instance_id,
        finding_id="warm",
        type_="UnauthorizedAccess:EC2/TorClient",
    )
    assert contain(held, to).outcome is Outcome.HELD


def _deliver_until_done(world: AwsWorld) -> None:
    """Deliver as Lambda does: twice more, after a failure."""
    for _ in range(3):
        with contextlib.suppress(CordonError):
            contain(world.event, responder())
