"""The door. Each function takes an event apart, calls one flow, and shapes the answer.

The names of the functions are the names of the Lambdas: renaming one replaces the Lambda. All
start with this file: what a containment does not need is imported in the functions that do.
"""

import functools
import gc
import os
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

_IN_LAMBDA = "AWS_LAMBDA_FUNCTION_NAME"  # set by Lambda, and nowhere else
if _IN_LAMBDA in os.environ:
    # What imports make stays: to look for garbage in it takes a twentieth of a cold start.
    gc.set_threshold(100_000)

from aws_lambda_powertools import Logger
from chalice import Chalice, IAMAuthorizer, Response
from chalice.app import CloudWatchEvent, ConvertToMiddleware, Request, SNSEvent

from chalicelib.core import errors
from chalicelib.core.instance import InstanceRef
from chalicelib.core.quarantine.record import State
from chalicelib.flows.contain import contain
from chalicelib.flows.ports.responder import Responder
from chalicelib.settings.deployment import SettingsError
from chalicelib.wiring.responder import responder

app = Chalice(app_name="cordon", configure_logs=False)
logger = Logger(service="cordon")
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


@app.on_sns_message(topic=f"cordon-{os.environ.get('STAGE') or 'dev'}-notices")
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
    from chalicelib.core.api.caller import who_called
    from chalicelib.flows.watch import watch

    if event.detail_type == "AWS API Call via CloudTrail":  # the rule that guards the deny groups
        logger.warning("deny group changed", **who_called(event.detail))
    answer = watch(responder(_arn(event.context)))
    logger.info("watched", answer=answer, at=event.to_dict().get("time"))
    return answer


@app.schedule("rate(1 hour)")
def sync_threat_lists(event: CloudWatchEvent) -> dict[str, object]:
    from chalicelib.flows.sync_threat_lists import sync
    from chalicelib.wiring.curator import curator

    answer = sync(curator(_arn(event.context)))
    logger.info("threat lists synced", answer=answer, at=event.to_dict().get("time"))
    return answer


View = Callable[..., Any]


def route(path: str, *methods: str) -> Callable[[View], View]:
    """Serve `path` to callers that IAM knows, and answer every error of Cordon's as what it is."""

    def register(view: View) -> View:
        @functools.wraps(view)
        def answered(*args: str, **kwargs: str) -> Any:
            try:
                return view(*args, **kwargs)
            except errors.CordonError as error:
                return _refusal(error)

        served: View = app.route(path, methods=list(methods), authorizer=IAMAuthorizer())(answered)
        return served

    return register


@route("/quarantines", "GET")
def list_all() -> dict[str, Any]:
    from chalicelib.core.api.cursor import parse_cursor
    from chalicelib.core.api.request import parse_selection
    from chalicelib.core.api.view import shown_page
    from chalicelib.flows.inspect import list_quarantines

    query = _query()
    selection, after = parse_selection(query), parse_cursor(query.get("cursor"))
    page = list_quarantines(selection, after, _steadfast())
    for problem in page.unreadable:
        logger.error("unreadable record", problem=problem)
    return shown_page(page)


@route("/quarantines/{instance_id}", "GET")
def show(instance_id: str) -> dict[str, Any]:
    from chalicelib.core.api.view import shown_whole
    from chalicelib.flows.inspect import inspect

    seen = inspect(_target(instance_id), _steadfast())
    return shown_whole(seen.quarantine, seen.lines, seen.drift)


@route("/quarantines/{instance_id}", "POST")
def quarantine(instance_id: str) -> Response:
    from chalicelib.core.api.request import parse_quarantine
    from chalicelib.core.api.view import shown
    from chalicelib.flows.quarantine_by_hand import quarantine_by_hand

    request = parse_quarantine(_body(), _caller())
    to = _responder()
    record = quarantine_by_hand(_target(instance_id), request, to)
    logger.info("quarantined by hand", quarantine=record.id, by=request.by, state=record.state)
    is_done = record.state is State.CONTAINED and not record.is_unfinished
    return _answer(shown(record), is_done=is_done)


@route("/quarantines/{instance_id}/release", "POST")
def give_back(instance_id: str) -> Response:
    from chalicelib.core.api.request import parse_release
    from chalicelib.core.api.view import shown_handover
    from chalicelib.flows.release import release

    request = parse_release(_body(), _caller())
    handover = release(_target(instance_id), request, _steadfast())
    record = handover.quarantine
    logger.info("release answered", quarantine=record.id, by=request.by, state=record.state)
    body = shown_handover(record, handover.drift, handover.proposal)
    return _answer(body, is_done=record.state is State.RELEASED)


@route("/quarantines/{instance_id}/steps/{step}", "POST")
def order(instance_id: str, step: str) -> Response:
    from chalicelib.core.api.request import parse_step
    from chalicelib.core.api.view import shown
    from chalicelib.flows.order_step import order_step

    request = parse_step(_body(), _caller(), instance_id, step)
    record = order_step(_target(instance_id), request, _responder())
    logger.info("step ordered", quarantine=record.id, by=request.by, step=step)
    return _answer(shown(record), is_done=not record.is_due(request.step))


@route("/quarantines/{instance_id}/report", "GET")
def report(instance_id: str) -> Response:
    from chalicelib.core.api.request import parse_format
    from chalicelib.flows.report import report as written

    body, headers = written(parse_format(_query()), _target(instance_id), _steadfast())
    return Response(body, headers=dict(headers))


@route("/quarantines/{instance_id}/preview", "GET")
def show_preview(instance_id: str) -> dict[str, Any]:
    from chalicelib.flows.preview import preview

    return preview(_target(instance_id), _steadfast()).as_json()


@route("/held", "GET")
def show_held() -> dict[str, Any]:
    from chalicelib.core.api.held_view import held_shown
    from chalicelib.flows.held import list_held

    return {"held": [held_shown(each) for each in list_held(_responder())]}


@route("/held/{instance_id}/dismiss", "POST")
def dismiss_held(instance_id: str) -> dict[str, Any]:
    from chalicelib.core.api.held_view import held_shown
    from chalicelib.core.api.request import parse_dismiss
    from chalicelib.flows.held import dismiss

    request = parse_dismiss(_body(), _caller())
    held = dismiss(_target(instance_id), request, _responder())
    logger.info("dismissed", held=held.key, by=request.by, reason=request.reason)
    return held_shown(held)


@route("/mode", "GET")
def show_mode() -> dict[str, Any]:
    from chalicelib.flows.switch_mode import present_mode

    mode, setting = present_mode(_steadfast())
    return {"mode": mode.value, "set": setting and setting.as_json()}


@route("/mode", "PUT")
def set_mode() -> dict[str, Any]:
    from chalicelib.core.api.request import parse_mode
    from chalicelib.flows.switch_mode import switch_mode

    setting = switch_mode(parse_mode(_body(), _caller()), _steadfast())
    logger.warning("mode switched", setting=setting.as_json())
    return {"mode": setting.mode.value, "set": setting.as_json()}


@route("/version", "GET")
def show_version() -> dict[str, Any]:
    from chalicelib.wiring.version import present_version

    return present_version(os.environ, _steadfast)


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


def _caller() -> str:
    from chalicelib.core.api.caller import caller_of

    return caller_of(_request().context.get("identity"), os.environ, in_lambda=_IN_LAMBDA)


def _request() -> Request:
    if app.current_request is None:
        raise RuntimeError("a route is served to a request only")
    return app.current_request


def _body() -> Any:
    try:
        return _request().json_body
    except RecursionError as error:
        raise errors.MalformedRequestError("the body", "must not be nested so deeply") from error


def _query() -> dict[str, str]:
    return dict(_request().query_params or {})


def _target(instance_id: str) -> InstanceRef:
    from chalicelib.core.api.request import parse_target

    to = _steadfast()
    return parse_target(instance_id, _query(), to.own_account, to.own_region)


def _answer(body: dict[str, Any], *, is_done: bool) -> Response:
    """Answer 200, or 202 if the watcher, or another person, is to finish it."""
    return Response(body, status_code=(HTTPStatus.OK if is_done else HTTPStatus.ACCEPTED).value)


def _refusal(error: errors.CordonError) -> Response:
    from chalicelib.wiring.statuses import body_of, status_of

    status = status_of(error)
    logger.warning("refused", error=type(error).__name__, why=str(error), status=status.value)
    return Response(body_of(error), status_code=status.value)
