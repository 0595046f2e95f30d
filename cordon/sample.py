"""A made-up incident, drawn as the report draws it: the picture in the README."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chalicelib.core.findings.severity import Band
from chalicelib.core.instance import Instance, InstanceRef, Interface
from chalicelib.core.policy.file import parse_policy
from chalicelib.core.quarantine.record import Line, Quarantine, State, Step, StepName, StepStatus
from chalicelib.core.quarantine.record import opened as open_record
from chalicelib.core.report.drawing import draw_instance
from chalicelib.core.report.facts import facts
from chalicelib.core.report.markup import Html, tag
from chalicelib.core.report.style import STYLE
from chalicelib.core.report.timeline import draw_timeline
from chalicelib.core.steps.order import planned
from chalicelib.core.steps.stop import foreseen
from chalicelib.settings.deployment import PACKAGED_POLICY

_NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
_INSTANCE = Instance(
    InstanceRef("111122223333", "eu-west-1", "i-0a1b2c3d4e5f60718"),
    "running",
    (Interface("eni-0a1b2c3d4e5f60718", "vpc-0a1b2c3d", ("sg-0a1b2c3d4e5f60718",)),),
    {},
)
_CUT = {"interface": "eni-0a1b2c3d4e5f60718", "groups": "cordon-prod-deny", "error": ""}
_ABOUT = {
    "last_seen": (_NOON - timedelta(minutes=4)).isoformat(),
    "sent_at": (_NOON - timedelta(seconds=2)).isoformat(),
}
_TALL = 380
_SPACED = "svg svg{overflow:visible}text{font-family:system-ui,sans-serif}"


def sample_steps() -> dict[str, str]:
    """Return what comes of each step of the sample, by its name, in their order."""
    return {name.value: step.detail or step.status for name, step in _quarantine().steps.items()}


def sample_picture() -> str:
    """Return the timeline and the instance of the sample, side by side, as SVG."""
    lines = (
        Line(_NOON, "cordon", "opened", {"about": _ABOUT}),
        Line(_NOON + timedelta(seconds=0.4), "cordon", "contained", {"changes": [_CUT]}),
        Line(_NOON + timedelta(seconds=1.1), "cordon", "announce", {}),
        Line(_NOON + timedelta(seconds=2.6), "cordon", "evidence", {}),
    )
    said = facts(_quarantine(), lines, ())
    page = tag("rect", width="800", height=str(_TALL + 40), class_="page")
    left = _placed(draw_timeline(said["moments"]), 24)
    right = _placed(draw_instance(said), 416)
    style = tag("style", Html(f"{STYLE}{_SPACED}.page{{fill:var(--page)}}"))
    box = f"0 0 800 {_TALL + 40}"
    return (
        tag("svg", style, page, left, right, xmlns="http://www.w3.org/2000/svg", viewBox=box) + "\n"
    )


def _placed(drawing: Html, x: int) -> Html:
    return tag("svg", drawing, x=str(x), y="20", width="360", height=str(_TALL))


def _quarantine() -> Quarantine:
    quarantine = open_record(
        _INSTANCE,
        number=1,
        at=_NOON,
        by="guardduty",
        reason="The instance talks to a command and control server.",
        finding_id="6cb5a1f2d3e4057968798a0b1c2d3e4f",
        finding_type="Backdoor:EC2/C&CActivity.B",
        severity=Band.HIGH,
        ours=frozenset(),
        worker="sample",
    )
    done = {
        name: Step(StepStatus.DONE) if step.status is StepStatus.PENDING else step
        for name, step in quarantine.steps.items()
    }
    policy = parse_policy(PACKAGED_POLICY.read_text(encoding="utf-8"))
    planned_steps = planned(policy).items()
    done |= {name: each for name, each in planned_steps if each.status is StepStatus.SKIPPED}
    done[StepName.STOP] = foreseen(_INSTANCE, policy, quarantine.finding_type)
    return quarantine.next(state=State.CONTAINED, steps=done)
