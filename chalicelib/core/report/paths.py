"""What of an instance is cut, what is not, and what nobody knows: network, DNS, keys, storage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chalicelib.core.quarantine.record import Quarantine, State, StepStatus
from chalicelib.core.steps.drift import Drift, DriftKind

CUT, NOT_CUT, UNKNOWN, GIVEN_BACK = "cut", "not cut", "unknown", "given back"
OUT = (DriftKind.NOT_CUT_OFF, DriftKind.GROUPS_CHANGED)

Path = tuple[str, str, str]  # what, how it stands, why


def paths(quarantine: Quarantine, drift: tuple[Drift, ...]) -> list[dict[str, Any]]:
    """Return each way in and out of the instance, and whether it is cut."""
    if quarantine.state is State.RELEASED:
        why = "EC2 was read back on what was recorded"
        return [{"path": "network", "stands": GIVEN_BACK, "why": why}]
    found = (_network(quarantine, drift), *_others(quarantine))
    return [{"path": path, "stands": stands, "why": why} for path, stands, why in found]


def _network(quarantine: Quarantine, drift: tuple[Drift, ...]) -> Path:
    if quarantine.state is not State.CONTAINED:
        return "network", UNKNOWN, "work on it is under way"
    out = [each for each in drift if each.kind in OUT]
    if out:
        return "network", NOT_CUT, f"{out[0].subject}: {out[0].detail}"
    return "network", CUT, "every interface read back on the deny group"


def _others(quarantine: Quarantine) -> Iterator[Path]:
    steps = {name.value: step for name, step in quarantine.steps.items()}

    def is_done(name: str) -> bool:
        return name in steps and steps[name].status is StepStatus.DONE

    stopped = is_done("stop")
    if stopped or is_done("drain"):
        why = "but those of a NAT gateway, NLB or endpoint"
        yield "open connections", CUT, "the instance is stopped" if stopped else why
    else:
        yield "open connections", NOT_CUT, "the drain hop was not done"
    if stopped:
        yield "DNS", CUT, "the instance is stopped"
    else:
        yield "DNS", NOT_CUT, "the VPC's resolver answers whatever the groups"
    asks = "answers only with a token (IMDSv2)"
    yield "metadata", NOT_CUT, asks if is_done("metadata") else "reachable from inside"
    keys = "stolen keys work elsewhere until they expire"
    yield _step(is_done("credentials"), "role", "its keys are denied", keys)
    outlives = "outlive it" if is_done("protection") else "are not protected"
    yield "storage", NOT_CUT, f"the volumes stay attached, and {outlives}"


def _step(done: object, path: str, cut: str, why: str) -> Path:
    return (path, CUT, cut) if done else (path, NOT_CUT, why)
