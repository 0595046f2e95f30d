"""moto's EventBridge, SNS and Lambda, connected to functions of this process.

moto delivers EventBridge to neither Lambda nor SNS, hands Lambda a canned SNS record, and runs
functions in Docker. While a delivery is connected, events take the route that the rules and
subscriptions describe; otherwise moto does what it always does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.core.exceptions import JsonRESTError
from moto.sqs.models import sqs_backends
from moto.utilities.arns import parse_arn

from sandbox.events import rules, topics, trail
from sandbox.events.delivery import Delivery
from sandbox.faithful.mending import mend

_CONNECTED: list[Delivery] = []


@contextmanager
def connected(delivery: Delivery) -> Iterator[None]:
    """Let `delivery` have what moto's services send to functions, while the context lasts."""
    _mend_moto()
    _CONNECTED.append(delivery)
    try:
        yield
    finally:
        _CONNECTED.remove(delivery)


def send_message(queue_arn: str, body: Mapping[str, Any]) -> None:
    """Send `body`, as JSON, to a queue, as a service of AWS does."""
    arn = parse_arn(queue_arn)
    sqs_backends[arn.account][arn.region].send_message(
        queue_name=arn.resource_id, message_body=json.dumps(body)
    )


def _delivery_now() -> Delivery | None:
    return _CONNECTED[-1] if _CONNECTED else None


def _delivery_for(function: str) -> Delivery | None:
    """Return the delivery that has the function, if one has it."""
    delivery = _delivery_now()
    return delivery if delivery is not None and function in delivery.handlers else None


@cache
def _mend_moto() -> None:
    rules.install(_delivery_now)
    topics.install(_delivery_now)
    trail.install(_delivery_now)
    _run_functions_here()
    _invoke_as_asked()


def _run_functions_here() -> None:
    original = LambdaFunction._invoke_lambda

    def invoke_lambda(function: Any, event: Any = None) -> tuple[str, bool, str]:
        delivery = _delivery_for(function.function_name)
        if delivery is None:
            in_docker: tuple[str, bool, str] = original(function, event)
            return in_docker
        body = json.loads(event) if isinstance(event, str | bytes) else event
        made = delivery.invoke(function.function_name, body)
        return json.dumps(made.payload), bool(made.error), made.error or "END"

    mend(LambdaFunction, "_invoke_lambda", invoke_lambda)


def _invoke_as_asked() -> None:
    """Let an invocation of the type Event be asynchronous, and a DryRun run nothing."""
    original = LambdaFunction.invoke

    def invoke(
        function: Any, body: str, request_headers: Any, response_headers: Any
    ) -> str | bytes:
        delivery = _delivery_for(function.function_name)
        kind = request_headers.get("x-amz-invocation-type", "RequestResponse")
        event = _decode(body) if delivery else None
        if delivery is None or kind == "RequestResponse":
            answer: str | bytes = original(function, body, request_headers, response_headers)
            if "x-amz-function-error" in response_headers:
                response_headers["x-amz-function-error"] = "Unhandled"
            return answer
        if kind == "Event":
            delivery.submit(function.function_name, event)
        return b""

    mend(LambdaFunction, "invoke", invoke)


def _decode(body: str) -> Any:
    try:
        return json.loads(body or "{}")
    except ValueError as error:
        why = f"Could not parse request body into json: {error}"
        raise JsonRESTError("InvalidRequestContentException", why) from error
