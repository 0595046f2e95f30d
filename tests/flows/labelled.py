"""A step as somebody would write it: a tag on the instance, so that whoever looks sees it.

Step, change and what the adapter does with it are all here: no flow knows anything of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.record import StepName
from chalicelib.core.steps.step import ReversibleStep, Traits
from tests.fakes.ec2 import FakeEc2

WARNING = "quarantined: do not log in"


@dataclass(frozen=True, slots=True)
class Tagged(Traits):
    warning: str = ""


@dataclass(frozen=True, slots=True)
class SetTag:
    warning: str


class Labelled(ReversibleStep):
    name = StepName.METADATA  # in whose place it stands
    sentence = "Labelling the instance"

    def is_wanted(self, policy: Policy) -> bool:
        return policy.metadata

    def unfit(self, seen: Traits) -> str:
        return "" if isinstance(seen, Tagged) else "its tags are not known"

    def before(self, seen: Any) -> Mapping[str, Any]:
        return {"warning": seen.warning}

    def left(self, before: Mapping[str, Any], seen: Any) -> Any:
        done = bool(before) and seen.warning == WARNING
        return () if done else (SetTag(WARNING),)

    def left_to_undo(self, before: Mapping[str, Any], seen: Any) -> Any:
        return () if seen.warning == before["warning"] else (SetTag(before["warning"]),)


class TaggingEc2(FakeEc2):
    warning = "web server of the shop"

    def see(self, instance_id: str, asked: Mapping[StepName, Mapping[str, Any]]) -> Traits | None:
        seen = super().see(instance_id, asked)
        known = {each.name: getattr(seen, each.name) for each in fields(Traits)} if seen else {}
        return seen and Tagged(**known, warning=self.warning)

    def alter(self, instance_id: str, change: Any) -> str:
        if not isinstance(change, SetTag):
            return super().alter(instance_id, change)
        with self._calls.call("ec2.alter", f"SetTag {instance_id}"):
            self.warning = change.warning
        return "request-of-the-tag"
