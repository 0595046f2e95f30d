"""A story with every step on, of an instance that is tied to all that there is, and back."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.faithful.autoscaling import health_check_tick
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION
from tests.adapters.everything import changed, everything
from tests.permissions.deployment import deployed
from tests.permissions.requests import before_calls

RELEASE = {"reason": "it was a test", "verdict": "false_positive"}


@dataclass(frozen=True, slots=True)
class Story:
    """All that AWS described before, in between, and after; and what the release answered."""

    instance_id: str
    before: Mapping[str, Any]
    contained: Mapping[str, Any]
    after: Mapping[str, Any]
    said: Mapping[str, Any]
    checks: list[list[str]] = field(default_factory=list)  # whom each health check terminated

    @property
    def replacement(self) -> str:
        """The instance that the Auto Scaling group launched in its place."""
        [name] = [each for each in self._new() if each.startswith("Instances ")]
        return name.split()[1]

    @property
    def snapshot(self) -> str:
        """The one that was taken of its volume, and is kept."""
        [name] = [each for each in self._new() if each.startswith("Snapshots ")]
        return name.split()[1]

    def left(self) -> set[str]:
        """Return what is not as it was before, but for the replacement itself."""
        there = self.after[f"Instances {self.replacement}"]
        of_the_replacement = {
            self.replacement,
            there["NetworkInterfaces"][0]["NetworkInterfaceId"],
            there["BlockDeviceMappings"][0]["Ebs"]["VolumeId"],
        }
        names = changed(self.before, self.after)
        return {name for name in names if not of_the_replacement & set(name.split())}

    def expected(self) -> set[str]:
        """Return what may be left: the group of two, and what Cordon keeps."""
        groups = ("cordon-dev-deny", "cordon-dev-drain")
        ids = [self.after[f"SecurityGroups {name}"]["GroupId"] for name in groups]
        return {
            "AutoScalingGroups web",
            "Targets web",
            f"Snapshots {self.snapshot}",
            f"Tags {self.snapshot} cordon:case",
            *(f"SecurityGroups {name}" for name in groups),
            *(f"Tags {group} cordon:role" for group in ids),
        }

    def _new(self) -> set[str]:
        return set(self.after.keys() - self.before.keys())


@contextmanager
def health_checks(found: list[list[str]]) -> Iterator[None]:
    """Let the health check of every group run before each call inside the block, of any thread.

    One that finds nobody to terminate changes nothing: so this is every order of its runs and of
    the calls in one.
    """
    one_at_a_time = threading.Lock()

    def check(*_: Any) -> None:
        with one_at_a_time:
            found.append(health_check_tick(AWS_ACCOUNT, AWS_REGION))

    with before_calls(check):
        yield


def play(folder: Path) -> Story:
    """Contain, and let two persons release; `folder` is empty."""
    with deployed(folder) as cordon:
        instance_id, session = cordon.home.instance_id, cordon.home.session
        cordon.put_in_a_group(instance_id, name="web")
        before, checks = everything(session), list[list[str]]()
        with health_checks(checks):
            cordon.contain()
            contained = everything(session)
            for who in ("ada", "grace"):
                said = cordon.ask("POST", f"/quarantines/{instance_id}/release", RELEASE, who=who)
        return Story(instance_id, before, contained, everything(session), said, checks)
