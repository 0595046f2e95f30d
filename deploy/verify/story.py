"""The exercise: a connection lives, is cut, stays cut, and lives again; then all is removed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cordon.client import Client, path_of
from deploy.cloud import Cloud
from deploy.errors import DeployError
from deploy.tell import Tell
from deploy.verify.ground import Ground, clear_ground, make_ground
from deploy.verify.witness import Witness

COSTS = (
    "two t4g.nano with 8 GB each, a VPC with a flow log, a bucket, a key that only signs and is "
    "deleted after 7 days, a snapshot: under 0.05 dollars; about 15 minutes; all of it is tagged "
    "and removed"
)
_PATIENCE = 600.0  # seconds for each thing that is waited for
_BETWEEN = 5.0
_SETTLED = 60  # seconds from the cut until no flow is accepted: one interval of the log
_SILENCE = 60.0  # seconds that nothing is heard


@dataclass(frozen=True)
class Exercise:
    """Where it happens, and how time passes there."""

    cloud: Cloud
    client: Client
    witness: Witness
    tell: Tell
    pause: Callable[[float], object] = time.sleep
    now: Callable[[], float] = time.time

    def run(self, name: str) -> dict[str, Any]:
        """Go through it, whatever happens remove what was made, and return what was seen.

        Raises:
            DeployError: something was not as it must be, or is left; the message says what.
            CommandError: the API refused, or does not answer.
        """
        try:
            ground = make_ground(name, self.cloud)
            self.tell(f"made {ground.victim}, {ground.peer} and {ground.vpc}")
            seen = self._seen(ground)
        finally:
            self.tell("removing what was made")
            left = clear_ground(name, self.cloud, self.pause)
            for each in left:
                self.tell(f"LEFT, remove it by hand: {each}")
        return {**seen, "left": list(left)}

    def _seen(self, ground: Ground) -> dict[str, Any]:
        before = self._hears_more(0, ground, "the connection never lived")
        self.tell(f"the connection lives: {before} heard")
        path = path_of(ground.victim)
        try:
            return self._cut_and_back(path, before, ground)
        finally:
            # Whatever went wrong: what is in quarantine is protected, and could not be removed.
            if self._state(path) != "RELEASED":
                self._release(path)

    def _cut_and_back(self, path: str, before: int, ground: Ground) -> dict[str, Any]:
        asked = self.now()
        self.client.ask("POST", path, {"reason": "exercise: make verify-aws"})
        self._wait(lambda: self._state(path) == "CONTAINED", "it was not contained")
        cut = self.now()
        self._refuse_unless_denied(ground)
        self.tell(f"contained after {cut - asked:.1f} s, read back from EC2")
        last = self._silent(ground)
        self.tell(f"nothing heard for {_SILENCE:g} s after number {last}")
        released = self.now()
        self._release(path)
        if self._groups(ground) != ground.groups:
            raise DeployError(f"{ground.interface} has not got its groups back")
        again = self._hears_more(last, ground, "the connection did not come back")
        self.tell(f"given back; {again} heard")
        return {
            "account": self.cloud.account,
            "region": self.cloud.region,
            "instance": ground.victim,
            "asked_to_contained_seconds": round(cut - asked, 1),
            "heard_before": before,
            "last_heard_while_cut": last,
            "heard_after": again,
            **self._flows(ground, cut + _SETTLED, released),
        }

    def _release(self, path: str) -> None:
        body = {"reason": "exercise: over", "verdict": "remediated"}
        self.client.ask("POST", f"{path}/release", body)
        self._wait(lambda: self._state(path) == "RELEASED", "it was not released")

    def _silent(self, ground: Ground) -> int:
        self.pause(_SILENCE)  # a console is read with a delay
        last = self.witness.heard(ground)
        self.pause(_SILENCE)
        if (now := self.witness.heard(ground)) != last:
            raise DeployError(f"it is contained, and yet {now} was heard after {last}")
        return last

    def _flows(self, ground: Ground, since: float, until: float) -> dict[str, int]:
        """Count records: before the cut some are accepted, within it none is."""
        self._wait(
            lambda: any(each.start >= until for each in self.witness.flows(ground)),
            "the flow log does not reach beyond the release",
        )
        flows = self.witness.flows(ground)
        within = [each for each in flows if each.start >= since and each.end <= until]
        accepted = sum(each.action == "ACCEPT" for each in within)
        earlier = sum(each.action == "ACCEPT" and each.end < since for each in flows)
        if accepted or not earlier:
            why = f"{accepted} flows accepted while cut, {earlier} before"
            raise DeployError(f"the flow log says otherwise: {why}")
        return {"flows_accepted_before": earlier, "flows_rejected_while_cut": len(within)}

    def _hears_more(self, than: int, ground: Ground, why: str) -> int:
        self._wait(lambda: self.witness.heard(ground) > than, why)
        return self.witness.heard(ground)

    def _state(self, path: str) -> str:
        return str(self.client.get(path)["state"])

    def _groups(self, ground: Ground) -> tuple[str, ...]:
        ids = [ground.interface]
        ec2 = self.cloud.client("ec2")
        (found,) = ec2.describe_network_interfaces(NetworkInterfaceIds=ids)["NetworkInterfaces"]
        return tuple(group["GroupId"] for group in found["Groups"])

    def _refuse_unless_denied(self, ground: Ground) -> None:
        """Ask EC2, not Cordon: one group, and no rule in it."""
        ec2, groups = self.cloud.client("ec2"), self._groups(ground)
        found = ec2.describe_security_groups(GroupIds=list(groups))["SecurityGroups"]
        if len(found) != 1 or found[0]["IpPermissions"] or found[0]["IpPermissionsEgress"]:
            raise DeployError(f"it says contained, and {ground.interface} is on {groups}")

    def _wait(self, holds: Callable[[], bool], why: str) -> None:
        until = self.now() + _PATIENCE
        while not holds():
            if self.now() > until:
                raise DeployError(f"{why} within {_PATIENCE:g} seconds")
            self.pause(_BETWEEN)
