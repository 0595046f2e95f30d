"""Deny what the instance's role allows, to the keys that were given to this instance alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.record import StepName
from chalicelib.core.steps.step import AllowKeys, Change, DenyKeys, ReversibleStep, Traits


class Credentials(ReversibleStep):
    """Its keys do nothing, here and wherever they were taken to; those of its siblings go on.

    What was begun with them before, a session of another role, say, has keys of its own, which
    live until they expire. A policy of the instance's name that is there already is Cordon's own,
    left over: it is written anew, and goes with the release.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-ec2-source-instance-arn
    """

    name = StepName.CREDENTIALS
    sentence = "Denying the keys of its role that were given to it"

    def is_wanted(self, policy: Policy) -> bool:
        return policy.credentials

    def unfit(self, seen: Traits) -> str:
        return "" if seen.role else "it has no role"

    def before(self, seen: Traits) -> Mapping[str, Any]:
        return {"role": seen.role} if seen.role else {}

    def left(self, before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        return () if before and seen.is_denied else (DenyKeys(seen.role),)

    def left_to_undo(self, before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        return (AllowKeys(before["role"]),) if seen.is_denied else ()
