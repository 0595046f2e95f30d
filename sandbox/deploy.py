"""What CloudFormation and Chalice make in AWS, made in the sandbox from the same sources."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
import time
import uuid
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import boto3
from chalice import Chalice
from chalice.app import CloudWatchEventConfig, ScheduledEventConfig, SNSEventConfig

from chalicelib.settings.deployment import STAGE_NAME
from sandbox.events.delivery import Delivery
from sandbox.events.invocation import Handler, function_arn
from sandbox.events.rules import iso_time
from sandbox.guard import ACCOUNT, REGION, SandboxError

ROOT = Path(__file__).parents[1]

_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


def stage_environment(stage: str) -> None:
    """Put the variables of `stage` in `.chalice/config.json` into the environment.

    A stage that is not there gets those of dev. What a person has set stays, but STAGE.

    Raises:
        SandboxError: that is no name for a stage.
    """
    if not STAGE_NAME.fullmatch(stage):
        raise SandboxError(f"STAGE is {stage!r}; it must match {STAGE_NAME.pattern}")
    config = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    stages = config["stages"]
    for name, value in stages.get(stage, stages["dev"])["environment_variables"].items():
        os.environ.setdefault(name, value)
    os.environ["STAGE"] = stage


@contextmanager
def imported_app() -> Iterator[Chalice]:
    """Import `app.py` in the environment as it is now, and forget it afterwards.

    Its decorators read the environment, so one that was imported before is not the one wanted.
    """
    before = sys.modules.pop("app", None)
    sys.path.insert(0, str(ROOT))
    try:
        yield import_module("app").app
    finally:
        sys.path.remove(str(ROOT))
        sys.modules.pop("app", None)
        if before is not None:
            sys.modules["app"] = before


def make_resources(stage: str) -> None:
    """Make what `infra/resources.yaml` describes.

    moto's CloudFormation passes over what nothing here needs (policies, alarms), and over two
    things that the app does need: the detector, and the versions of objects in the buckets.
    """
    logging.getLogger("moto").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Tried to parse", category=UserWarning)
        boto3.client("cloudformation").create_stack(
            StackName=f"cordon-{stage}-resources",
            TemplateBody=(ROOT / "infra" / "resources.yaml").read_text(encoding="utf-8"),
            Parameters=[{"ParameterKey": "Stage", "ParameterValue": stage}],
        )
    boto3.client("guardduty").create_detector(
        Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES"
    )
    s3 = boto3.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        s3.put_bucket_versioning(
            Bucket=bucket["Name"], VersioningConfiguration={"Status": "Enabled"}
        )


def wire_functions(app: Chalice, stage: str, delivery: Delivery) -> None:
    """Make every function of `app`, and the rule or subscription that its decorator asks for.

    A function answers to its name and, as in AWS, to `cordon-<stage>-<name>`; the routes, if there
    are any, to `api_handler` and `cordon-<stage>`.

    Raises:
        SandboxError: a decorator asks for something that the sandbox does not have.
    """
    role = boto3.client("iam").create_role(
        RoleName=f"cordon-{stage}", AssumeRolePolicyDocument="{}"
    )["Role"]["Arn"]
    for name, handler in _functions(app, stage):
        delivery.handlers[name] = handler
        _make_function(name, role)
    for source in app.event_sources:
        _trigger(source)


def _functions(app: Chalice, stage: str) -> Iterator[tuple[str, Handler]]:
    names = [each.name for each in app.pure_lambda_functions]
    for name in names + [each.name for each in app.event_sources]:
        handler: Handler = app.handler_map[name]
        yield name, handler
        yield f"cordon-{stage}-{name}", handler
    if app.routes:
        yield "api_handler", app
        yield f"cordon-{stage}", app


def _make_function(name: str, role: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("app.py", "# runs in the sandbox's own process\n")
    boto3.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler=f"app.{name}",
        Code={"ZipFile": made.getvalue()},
    )


def _trigger(source: Any) -> None:
    target = function_arn(source.name)
    if isinstance(source, CloudWatchEventConfig):
        _make_rule(source.name, EventPattern=json.dumps(source.event_pattern))
    elif isinstance(source, ScheduledEventConfig):
        _make_rule(source.name, ScheduleExpression=_expression(source))
    elif isinstance(source, SNSEventConfig):
        _subscribe(source.topic, target)
    else:
        raise SandboxError(f"the sandbox cannot trigger {source.name}: {type(source).__name__}")


def _make_rule(name: str, **what: str) -> None:
    events: Any = boto3.client("events")
    events.put_rule(Name=name, **what)
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": function_arn(name)}])


def _subscribe(topic: str, function: str) -> None:
    sns = boto3.client("sns")
    arn = topic if topic.startswith("arn:") else f"arn:aws:sns:{REGION}:{ACCOUNT}:{topic}"
    if arn not in [each["TopicArn"] for each in sns.list_topics()["Topics"]]:
        raise SandboxError(f"{function} subscribes to {arn}, which infra/resources.yaml lacks")
    sns.subscribe(TopicArn=arn, Protocol="lambda", Endpoint=function)


def scheduled_event(function: str) -> dict[str, Any]:
    """Return what the rule of a scheduled function sends it."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": iso_time(time.time()),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{function}"],
        "detail": {},
    }


def rates(app: Chalice) -> dict[str, int]:
    """Return the seconds between runs of each scheduled function; a cron has no rate, so none."""
    found = {}
    for source in app.event_sources:
        if isinstance(source, ScheduledEventConfig):
            rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", _expression(source))
            if rate:
                found[source.name] = int(rate[1]) * _SECONDS[rate[2]]
    return found


def _expression(source: ScheduledEventConfig) -> str:
    said = source.schedule_expression
    return said if isinstance(said, str) else str(said.to_string())
