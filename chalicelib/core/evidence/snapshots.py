"""Snapshots of the volumes of an instance, and how far EC2 got with copying them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.core.quarantine.record import Step, StepStatus

_ID = re.compile(r"snap-\w+")
UNFOLLOWED = "AWS was still at work at the release, and nobody looks whether it ended well"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot as EC2 says that it is.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html
    """

    id: str
    state: str = "completed"  # pending, completed, error, ...
    problem: str = ""  # of one in error; in EC2's words


def names_of(snapshots: Sequence[Snapshot]) -> str:
    """Return their ids, for people."""
    return ", ".join(each.id for each in snapshots)


def progress(known: str, found: Sequence[Snapshot]) -> Step:
    """Return how the step stands whose detail so far is `known`: waiting, failed, or done."""
    gone = sorted(set(_ID.findall(known)) - {each.id for each in found})
    if gone:
        return Step(StepStatus.FAILED, f"{', '.join(gone)}: somebody deleted it")
    for each in found:
        if each.state == "error":
            said = f"{each.id}: EC2 could not copy it: {each.problem or 'it does not say why'}"
            return Step(StepStatus.FAILED, said)
    if any(each.state == "pending" for each in found):
        return Step(StepStatus.WAITING, f"{names_of(found)}: EC2 is copying")
    return Step(StepStatus.DONE, names_of(found))
