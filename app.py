"""The door. Each function takes an event apart, calls one flow, and shapes the answer.

The names of the functions are the names of the Lambdas: renaming one replaces the Lambda. All
start with this file: what a containment does not need is imported in the functions that do.
"""

import gc
import os
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

_IN_LAMBDA = "AWS_LAMBDA_FUNCTION_NAME"  # set by Lambda, and nowhere else
if _IN_LAMBDA in os.environ:
    # What imports make stays: to look for garbage in it takes a twentieth of a cold start.
    gc.set_threshold(100_000)

from aws_lambda_powertools import Logger
from chalice import Chalice, IAMAuthorizer, Response
from chalice.app import CloudWatchEvent, ConvertToMiddleware, Request, SNSEvent

from chalicelib.core import errors
from chalicelib.flows.contain import contain
from chalicelib.flows.ports.responder import Responder
from chalicelib.settings.deployment import SettingsError
from chalicelib.wiring.api import ROUTES, view_of
from chalicelib.wiring.responder import responder

if TYPE_CHECKING:
    from chalicelib.api.asked import Asked

app = Chalice(app_name="cordon", configure_logs=False)
logger = Logger(service="cordon")
_STAGE = os.environ.get("STAGE") or "dev"
_inject_context = ConvertToMiddleware(logger.inject_lambda_context)


@app.middleware("all")
def log_with_context(event: Any, respond: Callable[[Any], Any]) -> Any:
    """Let every line of the log name its invocation; a caller in the same process gives none."""
    context = event.lambda_context if isinstance(event, Request) else event.context
    return respond(event) if context is None else _inject_context(event, respond)


# An attack sequence has no instance in its resource, so no more is asked of an event here; the
# policy decides. The range only says that a severity is a number: a list of numbers misses 8.7.
GUARDDUTY_FINDING = {
    "source": ["aws.guardduty"],
    "detail-type": ["GuardDuty Finding"],
    "detail": {"severity": [{"numeric": [">=", 0]}]},
}


@app.on_cw_event(GUARDDUTY_FINDING)
def contain_finding(event: CloudWatchEvent) -> dict[str, object]:
    answer = contain(event.to_dict(), responder(_arn(event.context))).as_json()
    logger.info("finding answered", answer=answer, finding_id=event.detail.get("id"))
    return answer


@app.on_sns_message(topic=f"cordon-{_STAGE}-notices")
def notify(event: SNSEvent) -> dict[str, str]:
    from chalicelib.core.notices.notice import parse_notice, read_notice
    from chalicelib.flows.notify import notify as deliver
    from chalicelib.wiring import notifier

    notice = parse_notice(event.message)
    logger.info("notice", notice=notice)
    if (to := notifier.notifier(_arn(event.context))) is not None:
        timestamp = str(event.to_dict()["Records"][0]["Sns"].get("Timestamp"))
        logger.info("delivered", channels=deliver(read_notice(notice), timestamp, to))
    return {"kind": notice["kind"], "outcome": notice["outcome"]}


@app.schedule("rate(5 minutes)")
def watch_quarantines(event: CloudWatchEvent) -> dict[str, int]:
    from chalicelib.flows.watch import watch

    answer = watch(responder(_arn(event.context)))
    logger.info("watched", answer=answer, at=event.to_dict().get("time"))
    return answer


# Everything that can let a quarantined instance out. CloudTrail must record management events.
CALLS_THAT_LET_OUT = {
    "source": ["aws.ec2"],
    "detail-type": ["AWS API Call via CloudTrail"],
    "detail": {
        "eventSource": ["ec2.amazonaws.com"],
        "eventName": [
            "AttachNetworkInterface",
            "AuthorizeSecurityGroupEgress",
            "AuthorizeSecurityGroupIngress",
            "ModifyInstanceAttribute",
            "ModifyNetworkInterfaceAttribute",
            "ModifySecurityGroupRules",
        ],
    },
}


@app.on_cw_event(CALLS_THAT_LET_OUT)
def repair_drift(event: CloudWatchEvent) -> dict[str, Any]:
    from chalicelib.core.quarantine.call import OwnRoles
    from chalicelib.flows.repair_drift import repair_drift as repair

    to = responder(_arn(event.context))
    answer = repair(event.to_dict(), OwnRoles(_STAGE, to.own_account), to)
    if answer.get("groups"):
        logger.warning("deny group changed", answer=answer)
    logger.info("call looked at", answer=answer)
    return answer


@app.schedule("rate(1 hour)")
def sync_threat_lists(event: CloudWatchEvent) -> dict[str, object]:
    from chalicelib.flows.sync_threat_lists import sync
    from chalicelib.wiring.curator import curator

    answer = sync(curator(_arn(event.context)))
    logger.info("threat lists synced", answer=answer, at=event.to_dict().get("time"))
    return answer


def serve(path: str, method: str, name: str) -> None:
    """Serve a route to callers that IAM knows, and answer every error of Cordon's as what it is."""

    @app.route(path, methods=[method], name=name, authorizer=IAMAuthorizer())
    def answer(**places: str) -> Response:
        try:
            answered = view_of(name)(_asked(places))
        except errors.CordonError as error:
            return _refusal(error)
        # 202: the watcher, or another person, is to finish it.
        status = HTTPStatus.OK if answered.is_done else HTTPStatus.ACCEPTED
        return Response(answered.body, dict(answered.headers), status.value)


for (_path, _method), _name in ROUTES.items():
    serve(_path, _method, _name)


def _arn(context: Any) -> str:
    """Return the ARN of the Lambda that runs, which says whose account this is; "" outside one."""
    return str(context.invoked_function_arn) if _IN_LAMBDA in os.environ else ""


def _responder() -> Responder:
    return responder(_arn(app.lambda_context))


def _steadfast() -> Responder:
    """Return a responder even with settings that are wrong: to look, release, turn the mode."""
    try:
        return _responder()
    except SettingsError:
        from chalicelib.wiring.responder import shipped_responder

        logger.exception("the settings cannot be read; the packaged policy serves")
        return shipped_responder(_arn(app.lambda_context))


def _asked(places: Mapping[str, str]) -> "Asked":
    from chalicelib.api.asked import Asked
    from chalicelib.core.api.caller import caller_of

    request = app.current_request
    if request is None:
        raise RuntimeError("a route is served to a request only")

    def body() -> Any:
        try:
            return request.json_body
        except RecursionError as error:
            must = "must not be nested so deeply"
            raise errors.MalformedRequestError("the body", must) from error

    def caller() -> str:
        return caller_of(request.context.get("identity"), os.environ, in_lambda=_IN_LAMBDA)

    query = dict(request.query_params or {})
    return Asked(places, query, request.context, body, caller, _responder, _steadfast, logger)


def _refusal(error: errors.CordonError) -> Response:
    from chalicelib.wiring.statuses import body_of, status_of

    status = status_of(error)
    logger.warning("refused", error=type(error).__name__, why=str(error), status=status.value)
    return Response(body_of(error), status_code=status.value)
