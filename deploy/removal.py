"""The way back: everything but what must outlive it, and never over the head of an incident."""

from __future__ import annotations

import os
from collections.abc import Callable

from botocore.exceptions import ClientError

from chalicelib.adapters.dynamodb.quarantines import DynamoQuarantines
from chalicelib.core.api.request import Selection
from chalicelib.core.quarantine.record import State
from deploy.cloud import Cloud
from deploy.errors import DeployError
from deploy.road import has_function, refuse_other_place
from deploy.stack import delete_stack, find_stack
from deploy.stages import Stage
from deploy.staging import run_chalice, staged_project
from deploy.upon import is_wanted

_OPEN = (State.CONTAINING, State.CONTAINED, State.RELEASING)
_STAYS = "the table, the buckets, the queue, the key and the detector stay, by DeletionPolicy"


def destroy(stage: Stage, cloud: Cloud, tell: Callable[[str], None]) -> None:
    """Remove the app, whichever road it came by, and then its resources; again goes on.

    On a terminal a person is asked before it is done.

    Raises:
        DeployError: an instance is quarantined, or Chalice's state is lost or of another place.
    """
    refuse_other_place(stage, cloud)
    refuse_while_quarantined(stage, cloud)
    if not _is_there(stage, cloud):
        tell(f"stage {stage.name} is not there: nothing to remove ({cloud})")
        return
    tell(f"stage {stage.name} would go from {cloud}: app, alarms, dashboard, topics; {_STAYS}")
    if not is_wanted():
        tell("nothing was changed")
        return
    _remove_app(stage, cloud, tell)
    if find_stack(cloud, stage.resources_stack):
        tell(f"{stage.resources_stack}: deleting")
        delete_stack(stage.resources_stack, cloud)
    tell(f"stage {stage.name} is gone ({cloud})")


def _is_there(stage: Stage, cloud: Cloud) -> bool:
    return (
        bool(stage.state())
        or any(find_stack(cloud, each) for each in (stage.app_stack, stage.resources_stack))
        or has_function(stage.api_function, cloud)
    )


def _remove_app(stage: Stage, cloud: Cloud, tell: Callable[[str], None]) -> None:
    """Remove the app, if there is one.

    Raises:
        DeployError: it is there, and Chalice's state is not.
    """
    if find_stack(cloud, stage.app_stack):
        tell(f"{stage.app_stack}: deleting")
        delete_stack(stage.app_stack, cloud)
    elif stage.state():
        with staged_project() as project:
            environment = {**os.environ, "AWS_DEFAULT_REGION": cloud.region}
            tell(run_chalice(project, ["delete", "--stage", stage.name], environment).rstrip())
    elif has_function(stage.api_function, cloud):
        raise DeployError(
            f"{stage.state_file.name} is lost, and without it Chalice deletes nothing: "
            "put it back, see docs/deploying.md"
        )


def refuse_while_quarantined(stage: Stage, cloud: Cloud) -> None:
    """Without its record nobody could give an instance back.

    Raises:
        DeployError: there is a quarantine that is not over.
    """
    if not _has_table(stage, cloud):
        return
    quarantines = DynamoQuarantines(cloud.client("dynamodb"), stage.table)
    pages = [quarantines.page(Selection(state), None, 5) for state in _OPEN]
    still = [each.ref.instance_id for page in pages for each in page.quarantines]
    still += [problem for page in pages for problem in page.unreadable]
    if still:
        raise DeployError(f"still quarantined: {', '.join(still)}: release them first")


def _has_table(stage: Stage, cloud: Cloud) -> bool:
    try:
        cloud.client("dynamodb").describe_table(TableName=stage.table)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return False
        raise
    return True
