"""Let the metadata service ask for a token: who can merely make it fetch a page gets nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.record import StepName
from chalicelib.core.steps.step import Change, ReversibleStep, SetTokens, Traits


class Metadata(ReversibleStep):
    """IMDSv2 alone answers; a security group does not reach the metadata service.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-existing-instances.html
    """

    name = StepName.METADATA
    sentence = "Asking for a token at the metadata service"

    def is_wanted(self, policy: Policy) -> bool:
        return policy.metadata

    def unfit(self, seen: Traits) -> str:
        return "its metadata service is off" if seen.endpoint == "disabled" else ""

    def before(self, seen: Traits) -> Mapping[str, Any]:
        return {"tokens": seen.tokens}

    def left(self, _before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        return () if seen.tokens == "required" else (SetTokens("required"),)

    def left_to_undo(self, before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        return () if before["tokens"] == seen.tokens else (SetTokens(before["tokens"]),)
