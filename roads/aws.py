"""MiniStack, with what AWS has and it lacks; run by the environment of `make roads`.

An AWS that nobody of this project wrote: CloudFormation with SAM, Lambda that runs the zip,
EventBridge, API Gateway with signatures, SNS, SQS, DynamoDB, S3, KMS, and every request judged by
its IAM engine. Its EC2 has no interfaces of instances and it has no GuardDuty: both come from
another server, which the functions find by AWS_ENDPOINT_URL_EC2 and its like.

Mended here: variables in policies (`${aws:PrincipalAccount}`), `dynamodb:LeadingKeys`,
`aws:PrincipalArn` of a session is the role's ARN, `aws:SecureTransport` is true (it is spoken to in
the clear, on loopback), ImportRestApi (what Chalice calls), an empty minimumCompressionSize; the
bus takes events of `aws.guardduty` from whoever plays GuardDuty, and hands them to Lambda's own
queue, which tries again and then buries, as AWS does; a bus of another Region is reached. Each
decision of the IAM engine is a line of the file that DECISIONS names.
"""

from __future__ import annotations

import contextvars
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import ministack.core.iam_actions as actions
import ministack.core.iam_evaluator as iam
import ministack.services.apigateway_v1 as gateway
from ministack.app import main
from ministack.core import responses
from ministack.services import eventbridge, lambda_svc

_LOG = Path(os.environ["DECISIONS"]).open("a", encoding="utf-8")  # noqa: SIM115 - until the end
_SESSION = re.compile(r"arn:(aws[^:]*):sts::(\d+):assumed-role/([^/]+)/")

_key, _conditions, _evaluate = iam._resolve_condition_key, iam._conditions_met, iam.evaluate
_of_dynamodb = actions.dynamodb_service_context
_create, _patch = gateway._create_rest_api, gateway._apply_patch
_put_events, _to_bus = eventbridge._put_events, eventbridge._dispatch_to_event_bus


def resolve_key(name: str, context: Any) -> Any:
    """Return what a condition's key stands for."""
    if name.lower() == "aws:principalarn":
        found = _SESSION.match(context.principal_arn)
        return f"arn:{found[1]}:iam::{found[2]}:role/{found[3]}" if found else context.principal_arn
    return "true" if name.lower() == "aws:securetransport" else _key(name, context)


def expand(value: Any, context: Any) -> Any:
    """Fill in the variables of a policy."""
    if isinstance(value, list):
        return [expand(each, context) for each in value]
    if not isinstance(value, str):
        return value
    return re.sub(
        r"\$\{([\w:/-]+)\}", lambda found: str(resolve_key(found[1], context) or found[0]), value
    )


def conditions_met(wanted: Any, context: Any) -> Any:
    """Judge a statement's conditions, with their variables filled in."""
    filled = {
        operator: {name: expand(value, context) for name, value in pairs.items()}
        for operator, pairs in (wanted or {}).items()
    }
    return _conditions(filled, context)


def keys_of_request(body: bytes) -> dict[str, Any]:
    """Return what a request to DynamoDB says that a policy may ask for, its partition keys too."""
    said = _of_dynamodb(body)
    request = json.loads(body or b"{}")
    node = request.get("Key") or request.get("Item") or {}
    value = node.get("pk") or request.get("ExpressionAttributeValues", {}).get(":pk")
    return {**said, "dynamodb:LeadingKeys": [value["S"]]} if value else said


def evaluate(context: Any, *policies: Any, **more: Any) -> Any:
    """Judge a request, and write down how."""
    result = _evaluate(context, *policies, **more)
    said = (result.decision, context.principal_arn, context.action, context.resource_arn)
    print(*said, result.matched_sid or "-", file=_LOG, flush=True)
    return result


def create_rest_api(data: Any) -> Any:
    """Make an API; one with a body is ImportRestApi's."""
    if isinstance(data, dict) and "swagger" in data:
        made = gateway._import_rest_api(data)
        return gateway._v1_response(gateway._rest_api_view(gateway._rest_apis[made]), 201)
    return _create(data)


def apply_patch(api: Any, operations: Any) -> None:
    """Patch an API; compression that is set to nothing is off."""
    _patch(api, operations)
    if api.get("minimumCompressionSize") == "":
        api["minimumCompressionSize"] = None


def put_events(data: Any, *_: Any, **__: Any) -> Any:
    """Put events on the bus, as services of AWS do."""
    return _put_events(data, allow_aws_source=True)


def dispatch_to_lambda(arn: str, payload: str) -> None:
    """Hand an event over as it is to one who calls without waiting."""
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if function and config:
        record = lambda_svc._execution_record_for_config(function, config)
        lambda_svc.invoke_async_with_retry(record, json.loads(payload))


def dispatch_to_event_bus(spec: Any, event: Any, rule: Any, path: Any, *more: Any) -> None:
    """Bring an event to a bus; one of another Region gets it with the Region that it is from."""
    if spec.region == responses.get_region():
        _to_bus(spec, event, rule, path, *more)
        return

    def deliver() -> None:
        responses.set_request_region(spec.region)
        eventbridge._dispatch_event({**event, "EventBusName": spec.resource.split("/", 1)[1]})

    contextvars.copy_context().run(deliver)


if __name__ == "__main__":
    iam._resolve_condition_key, iam._conditions_met = resolve_key, conditions_met
    iam.evaluate, actions.dynamodb_service_context = evaluate, keys_of_request
    gateway._create_rest_api, gateway._apply_patch = create_rest_api, apply_patch
    eventbridge._put_events = put_events
    eventbridge._dispatch_to_event_bus = dispatch_to_event_bus
    eventbridge._dispatch_to_lambda = dispatch_to_lambda
    sys.exit(main())
