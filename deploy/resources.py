"""The stack of `infra/resources.yaml`, on both roads the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from deploy.cloud import Cloud
from deploy.errors import DeployError
from deploy.stack import Change, Wanted, find_stack, plan_stack
from deploy.stages import ROOT, Stage

_TEMPLATE = ROOT / "infra" / "resources.yaml"


def plan_resources(stage: Stage, wishes: Mapping[str, str], cloud: Cloud) -> Change:
    """Ask CloudFormation what it would do with the resources, and let it do nothing.

    Parameters that are not given keep the value that they have. Where GuardDuty is on already, a
    new stack takes the detector that is there.

    Raises:
        DeployError: a parameter is not one of the template, or CloudFormation refuses.
    """
    stack = find_stack(cloud, stage.resources_stack)
    given = {"Stage": stage.name, **wishes}
    if stack is None and "CreateDetector" not in given:
        given |= _detector_that_is_there(cloud)
    template = _TEMPLATE.read_text(encoding="utf-8")
    wanted = Wanted(stage.resources_stack, template, parameters(given, stack), "CAPABILITY_IAM")
    return plan_stack(wanted, cloud)


def _detector_that_is_there(cloud: Cloud) -> dict[str, str]:
    ids = cloud.client("guardduty").list_detectors()["DetectorIds"]
    return {"CreateDetector": "false", "DetectorId": ids[0]} if ids else {}


def parameters(given: Mapping[str, str], stack: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return the parameters as CloudFormation takes them; those not given stay as they are.

    Raises:
        DeployError: one of them is not in the template.
    """
    known = _known()
    for name in given:
        if name not in known:
            raise DeployError(f"infra/resources.yaml has no parameter {name!r}: {', '.join(known)}")
    kept = {each["ParameterKey"] for each in (stack or {}).get("Parameters", ())}
    return [
        *({"ParameterKey": name, "ParameterValue": value} for name, value in given.items()),
        *(
            {"ParameterKey": name, "UsePreviousValue": True}
            for name in known
            if name in kept and name not in given
        ),
    ]


def _known() -> list[str]:
    """Return the names of the template's parameters; CloudFormation's tags do not matter here."""
    head = _TEMPLATE.read_text(encoding="utf-8").split("\nConditions:")[0]
    return sorted(yaml.safe_load(head)["Parameters"])
