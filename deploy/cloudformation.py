"""The road over CloudFormation: the resources, and what `make package` writes, as two stacks."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from deploy.artifacts import Artifacts
from deploy.cloud import Cloud
from deploy.errors import DeployError
from deploy.packaging import package
from deploy.road import has_function
from deploy.stack import Wanted, carry_out, drop, find_stack, plan_stack, ready_stack, show
from deploy.stages import Stage
from deploy.tell import Tell
from deploy.template import as_text
from deploy.upon import is_wanted, make_resources, ready_resources, tell_mode, tell_unheard


def deploy_package(
    stage: Stage, parameters: Mapping[str, str], artifacts: Artifacts, tell: Tell, *, dry_run: bool
) -> None:
    """Bring `stage` to AWS, or bring what is there up to date; again changes nothing.

    What would be done is told first. On a terminal a person is asked before it is done.

    Raises:
        DeployError: something is missing or in the way.
    """
    cloud = artifacts.cloud
    refuse_chalice_road(stage, cloud)
    artifacts.check()
    template, code = _packaged(stage)
    uri = artifacts.uri(code)
    tell_mode(stage, cloud, tell)
    ready_stack(stage.app_stack, cloud, tell, dry_run=dry_run)
    with ExitStack() as undo:
        resources = ready_resources(stage, parameters, cloud, tell, dry_run=dry_run)
        undo.callback(drop, resources, cloud)
        wanted = Wanted(stage.app_stack, template_of(template, uri), [], "CAPABILITY_NAMED_IAM")
        app = plan_stack(wanted, cloud)
        undo.callback(drop, app, cloud)
        tell(f"then the code: {uri}")
        show(app, tell)
        if dry_run or not is_wanted():
            tell("nothing was changed")
            return
        undo.pop_all()
    make_resources(stage, resources, cloud, tell)
    artifacts.put(code)
    carry_out(app, cloud, tell)
    tell_unheard(stage, cloud, tell)
    tell(f"the API: {_api_url(stage, cloud)}")


def _packaged(stage: Stage) -> tuple[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        package(stage, made)
        template = (made / "template.json").read_text(encoding="utf-8")
        return template, (made / "deployment.zip").read_bytes()


def template_of(packaged: str, code: str) -> str:
    """Return the template that `make package` wrote, with the place of the code in it.

    `aws cloudformation package` does the same. It is written without spaces: CloudFormation takes
    51,200 bytes.
    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    """
    template = json.loads(packaged)
    for each in template["Resources"].values():
        if "CodeUri" in each["Properties"]:
            each["Properties"]["CodeUri"] = code
    return as_text(template)


def _api_url(stage: Stage, cloud: Cloud) -> str:
    stack = find_stack(cloud, stage.app_stack) or {}
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}
    return str(outputs["EndpointURL"])


def refuse_chalice_road(stage: Stage, cloud: Cloud) -> None:
    """Keep a stage to one road: both give the functions the same names.

    Raises:
        DeployError: the stage was brought by `chalice deploy`.
    """
    if find_stack(cloud, stage.app_stack):
        return
    if stage.state() or has_function(stage.api_function, cloud):
        raise DeployError(
            "chalice deploy has brought this stage: leave out ARTIFACTS, "
            f"or first make destroy STAGE={stage.name}"
        )
