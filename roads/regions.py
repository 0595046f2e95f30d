"""One Cordon for all Regions of an account: two others forward what GuardDuty finds there."""

from __future__ import annotations

from roads.api import Person, call
from roads.local import STAGE, Roads
from roads.story import check, wait_until
from roads.world import DENIED, find, groups_of, launch
from sandbox.guard import REGION

_OTHERS = ("eu-west-1", "ap-southeast-2")
_STACK = f"cordon-{STAGE}-forward"
_RELEASE = {"reason": "rebuilt", "verdict": "remediated"}


def other_regions(roads: Roads, responder: Person) -> None:
    template = (roads.project / "infra" / "forward.yaml").read_text(encoding="utf-8")
    for region in _OTHERS:
        _forward(roads, region, template)
        _there_and_back(roads, region, responder)
        roads.client("cloudformation", region_name=region).delete_stack(StackName=_STACK)


def _there_and_back(roads: Roads, region: str, responder: Person) -> None:
    instance = launch(roads, region)
    path = f"/quarantines/{instance}/release?region={region}"
    find(roads, instance, region, finding_id=instance.removeprefix("i-").rjust(32, "0"))
    wait_until(
        f"a finding of {region} cuts its instance there",
        lambda: groups_of(roads, instance, region) == DENIED,
    )
    wait_until(
        "and it is given back there",
        lambda: call(roads, responder, "POST", path, _RELEASE)[0] in (200, 202),
    )
    check("as it was", holds=groups_of(roads, instance, region) == ["default"])


def _forward(roads: Roads, region: str, template: str) -> None:
    cloudformation = roads.client("cloudformation", region_name=region)
    given = {"Stage": STAGE, "HomeRegion": REGION}
    cloudformation.create_stack(
        StackName=_STACK,
        TemplateBody=template,
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=_STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
