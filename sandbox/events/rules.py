"""EventBridge's rules: which event reaches which target, and in what shape.

One door that AWS keeps shut is open here: PutEvents takes events of `aws.*` sources, so that a
person can send a GuardDuty finding by hand. AWS answers NotAuthorizedForSourceException.
"""

from __future__ import annotations

import copy
import json
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.events.exceptions import InvalidEventPatternException
from moto.events.models import EventPatternParser, Rule, events_backends
from moto.events.responses import EventsHandler
from moto.events.utils import EventTemplateParser
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.utilities.arns import parse_arn

from sandbox.events.delivery import Delivery
from sandbox.events.operators import PatternError
from sandbox.events.pattern import check, matches
from sandbox.faithful.mending import mend

_OURS = ("lambda", "sns", "sqs")  # moto serves the other targets well enough
_REQUIRED = ("id", "account", "source", "time", "region", "resources", "detail-type")


def install(delivery_now: Callable[[], Delivery | None]) -> None:
    """Mend moto's rules; `delivery_now` names the delivery that is connected, if one is."""
    _send_to_targets(delivery_now)
    _refuse_bad_patterns()
    mend(EventsHandler, "test_event_pattern", _test_event_pattern)


def put_event(account_id: str, region: str, event: Mapping[str, Any]) -> None:
    """Put a whole event on the default bus, as a service of AWS does."""
    bus: Any = events_backends[account_id][region].describe_event_bus("default")
    for rule in list(bus.rules.values()):
        rule.send_to_targets({"ingestion-time": time.time(), **event})


def _send_to_targets(delivery_now: Callable[[], Delivery | None]) -> None:
    original = Rule.send_to_targets

    def send(rule: Any, original_event: Any, *args: Any, **kwargs: Any) -> None:
        delivery = delivery_now()
        if delivery is None:
            original(rule, original_event, *args, **kwargs)
            return
        pattern, event = rule.event_pattern.get_pattern(), envelope(original_event, rule)
        if rule.state == "DISABLED" or not pattern or not matches(pattern, event):
            return
        for target in list(rule.targets):
            if parse_arn(target["Arn"]).service in _OURS:
                _send(delivery, target, _shaped(target, event))
            else:
                alone = copy.copy(rule)
                alone.targets = [target]
                original(alone, original_event, *args, **kwargs)

    mend(Rule, "send_to_targets", send)


def envelope(event: Mapping[str, Any], rule: Any) -> dict[str, Any]:
    """Return the event as a target gets it; moto counts the time in seconds, and adds keys."""
    sent = event.get("time")
    seconds = float(sent) if isinstance(sent, int | float) else time.time()
    return {
        "version": "0",
        "id": event.get("id") or str(uuid.uuid4()),
        "detail-type": event.get("detail-type"),
        "source": event.get("source"),
        "account": event.get("account") or rule.account_id,
        "time": sent if isinstance(sent, str) else iso_time(seconds),
        "region": event.get("region") or rule.region_name,
        "resources": event.get("resources", []),
        "detail": event.get("detail"),
    }


def iso_time(seconds: float) -> str:
    """Return a moment since the epoch, as events write it: 2026-01-02T03:04:05Z."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _shaped(target: Mapping[str, Any], event: dict[str, Any]) -> Any:
    if "Input" in target:
        return json.loads(target["Input"])
    if "InputPath" in target:
        return _at(target["InputPath"], event)
    if "InputTransformer" in target:
        wanted = target["InputTransformer"]
        now: Any = {**event, "ingestion-time": time.time()}
        return EventTemplateParser.parse(
            wanted["InputTemplate"], wanted.get("InputPathsMap", {}), now
        )
    return event


def _at(path: str, event: Any) -> Any:
    """Return what stands at a path such as `$.detail.resource`; null where there is nothing."""
    for key in path.split(".")[1:]:
        event = event.get(key) if isinstance(event, dict) else None
    return event


def _send(delivery: Delivery, target: Mapping[str, Any], body: Any) -> None:
    arn = parse_arn(target["Arn"])
    if arn.service == "lambda":
        delivery.submit(target["Arn"].split(":")[6], body)
    elif arn.service == "sns":
        sns_backends[arn.account][arn.region].publish(message=json.dumps(body), arn=target["Arn"])
    else:
        sqs_backends[arn.account][arn.region].send_message(
            queue_name=arn.resource_id,
            message_body=json.dumps(body),
            group_id=target.get("SqsParameters", {}).get("MessageGroupId"),
        )


def _refuse_bad_patterns() -> None:
    original = EventPatternParser.parse

    def parse(parser: Any) -> dict[str, Any]:
        parsed = original(parser)
        try:
            check(parsed)
        except PatternError as error:
            raise InvalidEventPatternException(reason=str(error)) from error
        return parsed

    mend(EventPatternParser, "parse", parse)


def _test_event_pattern(handler: Any) -> str:
    try:
        event = json.loads(handler._get_param("Event"))
        missing = [key for key in _REQUIRED if key not in event]
        if missing:
            raise PatternError(f"the event has no {', '.join(missing)}")
        return json.dumps({"Result": matches(handler._get_param("EventPattern"), event)})
    except ValueError as error:
        raise InvalidEventPatternException(reason=str(error)) from error
