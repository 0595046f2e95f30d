"""Take the instance's Elastic IPs away, and give it the same ones back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.record import StepName
from chalicelib.core.steps.step import (
    Address,
    Associate,
    Change,
    Disassociate,
    ReversibleStep,
    Traits,
)


class ElasticAddress(ReversibleStep):
    """No Elastic IP leads to it; each stays with the account, and is kept for it by nobody.

    One that stands for something else by the time of the release, or was given back to AWS, is
    refused by AWS, and told as drift. EC2 may give an instance with one interface another public
    address, of AWS's, in the place of the Elastic IP; it is gone with the release.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
    """

    name = StepName.ADDRESS
    sentence = "Taking its Elastic IPs away"
    lasting = "a public address that AWS gave it meanwhile is gone"

    def is_wanted(self, policy: Policy) -> bool:
        return policy.address

    def unfit(self, seen: Traits) -> str:
        return "" if seen.addresses else "it has no Elastic IP"

    def before(self, seen: Traits) -> Mapping[str, Any]:
        found = [each.as_json() for each in seen.addresses]
        return {"addresses": found} if found else {}

    def left(self, before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        known = _addresses(before or self.before(seen))
        return tuple(Disassociate(each) for each in seen.addresses if each in known)

    def left_to_undo(self, before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        return tuple(Associate(each) for each in _addresses(before) if each not in seen.addresses)


def _addresses(before: Mapping[str, Any]) -> tuple[Address, ...]:
    return tuple(map(Address.read, before.get("addresses", ())))
