"""The road over `chalice deploy`: the resources, the app, and what Chalice forgets."""

from __future__ import annotations

import os
from collections.abc import Mapping

from botocore.exceptions import ClientError

from deploy.cloud import Cloud
from deploy.errors import DeployError
from deploy.forgotten import complete
from deploy.runtime import refuse_unknown
from deploy.stack import drop, find_stack
from deploy.stages import Stage
from deploy.staging import run_chalice, staged_project
from deploy.tell import Tell
from deploy.upon import is_wanted, make_resources, ready_resources, tell_mode, tell_unheard


def deploy(
    stage: Stage, parameters: Mapping[str, str], cloud: Cloud, tell: Tell, *, dry_run: bool
) -> None:
    """Bring `stage` to AWS, or bring what is there up to date; again changes nothing.

    What would be done is told first. On a terminal a person is asked before it is done.

    Raises:
        DeployError: something is missing or in the way.
    """
    refuse_unknown()
    refuse_other_road(stage, cloud)
    tell_mode(stage, cloud, tell)
    change = ready_resources(stage, parameters, cloud, tell, dry_run=dry_run)
    tell(f"then chalice deploy: the functions and the API {stage.api_function}")
    tell("then what Chalice leaves out: retries, dead letters, logs and traces of the API")
    if dry_run or not is_wanted():
        drop(change, cloud)
        tell("nothing was changed")
        return
    make_resources(stage, change, cloud, tell)
    with staged_project() as project:
        environment = {**os.environ, "AWS_DEFAULT_REGION": cloud.region}
        tell(run_chalice(project, ["deploy", "--stage", stage.name], environment).rstrip())
    for line in complete(stage, cloud):
        tell(line)
    tell_unheard(stage, cloud, tell)


def refuse_other_road(stage: Stage, cloud: Cloud) -> None:
    """Keep a stage to one road, and to one API.

    Raises:
        DeployError: the stage was brought over CloudFormation, or Chalice's state is lost, or is
            that of another place.
    """
    refuse_other_place(stage, cloud)
    if find_stack(cloud, stage.app_stack):
        raise DeployError(
            f"the stack {stage.app_stack} has this stage: give ARTIFACTS=<bucket for its code>, "
            f"or first make destroy STAGE={stage.name}"
        )
    if not stage.state() and has_function(stage.api_function, cloud):
        raise DeployError(
            f"{stage.state_file.name} is lost, and Chalice would make a second API: "
            "put it back, see docs/deploying.md"
        )


def refuse_other_place(stage: Stage, cloud: Cloud) -> None:
    """Keep Chalice from forgetting what it made elsewhere.

    Raises:
        DeployError: its state is that of another account or Region.
    """
    for function in [made["lambda_arn"] for made in stage.state() if "lambda_arn" in made]:
        region, account = function.split(":")[3:5]
        if (account, region) != (cloud.account, cloud.region):
            raise DeployError(
                f"{stage.state_file.name} is of account {account}, region {region}, "
                f"and this is {cloud}: set AWS_PROFILE and AWS_REGION, or CORDON_STATE"
            )


def has_function(name: str, cloud: Cloud) -> bool:
    """Say whether Lambda has a function of that name."""
    try:
        cloud.client("lambda").get_function_configuration(FunctionName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return False
        raise
    return True
