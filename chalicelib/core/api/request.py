"""What people ask of Cordon over its API, read by hand; every mistake names its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.core.errors import MalformedRequestError
from chalicelib.core.instance import INSTANCE_ID, InstanceRef
from chalicelib.core.plain_text import one_line
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.record import State
from chalicelib.core.quarantine.release import Verdict

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,5}(-[a-z]{1,16}){1,3}-\d{1,2}", re.ASCII)
_REASON = 1_000  # characters


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """Who wants an instance back, why, and how exactly."""

    by: str  # the ARN of a person's role
    reason: str
    verdict: Verdict
    version: int | None = None  # of the record that the person looked at
    accept_drift: bool = False


@dataclass(frozen=True, slots=True)
class QuarantineRequest:
    """Who wants an instance cut off, and why."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class DismissRequest:
    """Who wants what was held dismissed, and why."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModeRequest:
    """Who wants Cordon to act, or only to observe, and why."""

    by: str
    reason: str
    mode: Mode


def parse_release(body: Any, by: str) -> ReleaseRequest:
    """Return the release that `body`, the JSON that `by` sent, asks for.

    Raises:
        MalformedRequestError: a field is missing, unknown or unusable.
    """
    fields = _fields(body, "reason", "verdict", "version", "accept_drift")
    reason = _reason(fields)
    version = fields.get("version")
    if version is not None and (
        not isinstance(version, int) or isinstance(version, bool) or version < 1
    ):
        raise MalformedRequestError("version", "must be a whole number from 1", version)
    accept_drift = fields.get("accept_drift", False)
    if not isinstance(accept_drift, bool):
        raise MalformedRequestError("accept_drift", "must be true or false", accept_drift)
    verdict = Verdict(_one_of(fields, "verdict", tuple(Verdict)))
    return ReleaseRequest(by, reason, verdict, version, accept_drift)


def parse_quarantine(body: Any, by: str) -> QuarantineRequest:
    """Return the quarantine by hand that `body` asks for; raises as `parse_release` does."""
    return QuarantineRequest(by, _reason(_fields(body, "reason")))


def parse_dismiss(body: Any, by: str) -> DismissRequest:
    """Return the dismissal that `body` asks for; raises as `parse_release` does."""
    return DismissRequest(by, _reason(_fields(body, "reason")))


def parse_mode(body: Any, by: str) -> ModeRequest:
    """Return the mode that `body` asks for; raises as `parse_release` does."""
    fields = _fields(body, "mode", "reason")
    mode = Mode(_one_of(fields, "mode", tuple(Mode)))
    return ModeRequest(by, _reason(fields), mode)


def parse_target(
    instance_id: str, query: Mapping[str, Any] | None, own_account: str, own_region: str
) -> InstanceRef:
    """Return the instance that a path and its parameters `account_id` and `region` name.

    Raises:
        MalformedRequestError: one of them is none.
    """
    said = query or {}
    account_id, region = said.get("account_id", own_account), said.get("region", own_region)
    for field, value, pattern, must in (
        ("instance_id", instance_id, INSTANCE_ID, "must be i- and 8 to 17 hexadecimal digits"),
        ("account_id", account_id, _ACCOUNT, "must be 12 digits"),
        ("region", region, _REGION, "must be the name of a region"),
    ):
        if not pattern.fullmatch(value):
            raise MalformedRequestError(field, must, value)
    return InstanceRef(account_id, region, instance_id)


def parse_state(query: Mapping[str, Any] | None) -> State | None:
    """Return the state that a list is limited to; None if it is not, or by an empty text.

    Raises:
        MalformedRequestError: there is no such state.
    """
    if (query or {}).get("state") in (None, ""):
        return None
    return State(_one_of(query or {}, "state", tuple(State)))


def parse_format(query: Mapping[str, Any] | None) -> str:
    """Return the format that a report is asked for in; without one, a page.

    Raises:
        MalformedRequestError: there is no such format.
    """
    said = query or {}
    return "html" if "format" not in said else _one_of(said, "format", ("html", "md", "json"))


def _fields(body: Any, *known: str) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise MalformedRequestError("the body", "must be a JSON object", body)
    for field in body:
        if field not in known:
            raise MalformedRequestError(one_line(field, 40), f"is none of {', '.join(known)}")
    return body


def _one_of(fields: Mapping[str, Any], field: str, allowed: tuple[str, ...]) -> str:
    value = fields.get(field)
    if not isinstance(value, str) or value not in allowed:
        raise MalformedRequestError(field, f"must be one of {', '.join(allowed)}", value)
    return value


def _reason(fields: Mapping[str, Any]) -> str:
    value = fields.get("reason")
    if isinstance(value, str) and len(value) > _REASON:
        must = f"must have at most {_REASON} characters, not {len(value)}"
        raise MalformedRequestError("reason", must, value)
    reason = one_line(value, _REASON) if isinstance(value, str) else ""
    if not reason:
        raise MalformedRequestError("reason", "must be a text that says why", value)
    return reason
