"""What Chalice and CloudFormation make in AWS, made in the sandbox from the same sources."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
from chalice import Chalice
from chalice.app import CloudWatchEventConfig, ScheduledEventConfig, SNSEventConfig

from sandbox.events.delivery import Delivery

ROOT = Path(__file__).parents[1]

_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


def stage_environment(stage: str) -> None:
    """Put the variables of `stage` in `.chalice/config.json` into the environment.

    What a person set of CORDON_... stays.
    """
    config = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    stages = config["stages"]
    wanted = stages.get(stage, stages["dev"])["environment_variables"]
    for name, value in {**wanted, "STAGE": stage}.items():
        if name == "STAGE" or name not in os.environ:
            os.environ[name] = value


def make_resources(stage: str) -> None:
    """Make what `infra/resources.yaml` describes; moto leaves out what nothing here needs."""
    logging.getLogger("moto").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Tried to parse", category=UserWarning)
        boto3.client("cloudformation").create_stack(
            StackName=f"cordon-{stage}-resources",
            TemplateBody=(ROOT / "infra" / "resources.yaml").read_text(encoding="utf-8"),
            Parameters=[{"ParameterKey": "Stage", "ParameterValue": stage}],
        )
    # moto's CloudFormation knows no detector and drops the versioning of buckets.
    boto3.client("guardduty").create_detector(Enable=True)
    s3 = boto3.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        s3.put_bucket_versioning(
            Bucket=bucket["Name"], VersioningConfiguration={"Status": "Enabled"}
        )


def wire_functions(app: Chalice, stage: str, delivery: Delivery) -> None:
    """Make every function of `app`, and the rule or subscription that its decorator asks for.

    A function answers to its name and, as in AWS, to `cordon-<stage>-<name>`.
    """
    role = boto3.client("iam").create_role(RoleName="cordon", AssumeRolePolicyDocument="{}")
    for name, handler in _functions(app):
        for function in (name, f"cordon-{stage}-{name}"):
            delivery.handlers[function] = handler
            boto3.client("lambda").create_function(
                FunctionName=function,
                Runtime="python3.13",
                Role=role["Role"]["Arn"],
                Handler=f"app.{name}",
                Code={"ZipFile": _EMPTY_ZIP},
            )
    for source in app.event_sources:
        _trigger(source)


def _functions(app: Chalice) -> Iterator[tuple[str, Callable[[Any, Any], Any]]]:
    names = [each.name for each in app.pure_lambda_functions]
    names += [each.name for each in app.event_sources]
    for name in names:
        yield name, app.handler_map[name]


def _trigger(source: Any) -> None:
    arn = boto3.client("lambda").get_function(FunctionName=source.name)
    target = arn["Configuration"]["FunctionArn"]
    if isinstance(source, CloudWatchEventConfig):
        events = boto3.client("events")
        events.put_rule(Name=source.name, EventPattern=json.dumps(source.event_pattern))
        events.put_targets(Rule=source.name, Targets=[{"Id": "1", "Arn": target}])
    elif isinstance(source, SNSEventConfig):
        topic = boto3.client("sns").create_topic(Name=source.topic)["TopicArn"]
        boto3.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=target)


def run_schedules(app: Chalice, delivery: Delivery, stopped: threading.Event) -> None:
    """Fire every scheduled function of `app` at its rate, until `stopped`."""
    for source in app.event_sources:
        if isinstance(source, ScheduledEventConfig):
            seconds = _seconds(source.schedule_expression)
            arguments = (source.name, seconds, delivery, stopped)
            threading.Thread(target=_tick, args=arguments, daemon=True).start()


def _tick(name: str, seconds: int, delivery: Delivery, stopped: threading.Event) -> None:
    while not stopped.wait(seconds):
        fire(name, delivery)


def fire(name: str, delivery: Delivery) -> None:
    """Send a scheduled function its event now."""
    event = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
    missing = {"version": "0", "id": name, "account": "", "time": "", "region": "", "resources": []}
    delivery.submit(name, {**missing, **event})


def _seconds(expression: Any) -> int:
    text = expression if isinstance(expression, str) else expression.to_string()
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", text)
    if rate is None:
        raise ValueError(f"the sandbox runs rates only, not {text}")
    return int(rate[1]) * _SECONDS[rate[2]]


def _empty_zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("app.py", "")
    return made.getvalue()


_EMPTY_ZIP = _empty_zip()
