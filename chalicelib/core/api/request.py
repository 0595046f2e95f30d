"""What people ask of Cordon over its API, read by hand; every mistake names its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.core.errors import MalformedRequestError, UnknownStepError
from chalicelib.core.instance import INSTANCE_ID, InstanceRef
from chalicelib.core.plain_text import one_line
from chalicelib.core.policy.policy import Lists, Mode
from chalicelib.core.quarantine.record import Quarantine, State, StepName
from chalicelib.core.quarantine.release import Verdict
from chalicelib.core.steps.order import ORDERABLE

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,5}(-[a-z]{1,16}){1,3}-\d{1,2}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_REASON = 1_000  # characters
_OF_A_LIST = ("state", "account_id", "cursor")
_OPEN = "open"


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

    @property
    def is_exercise(self) -> bool:
        """Whether it is none in earnest: its reason begins so, as that of `cordon drill` does."""
        return self.reason.lower().startswith("exercise:")


@dataclass(frozen=True, slots=True)
class StepRequest:
    """Who wants a step carried out on a contained instance, and why."""

    by: str
    reason: str
    instance_id: str
    step: StepName


@dataclass(frozen=True, slots=True)
class Selection:
    """Which quarantines a list shows."""

    state: State | None = None
    is_open: bool = False  # all but the released ones
    account_id: str | None = None

    def takes(self, quarantine: Quarantine) -> bool:
        """Whether the list shows `quarantine`."""
        return (
            self.state in (None, quarantine.state)
            and (quarantine.is_open or not self.is_open)
            and self.account_id in (None, quarantine.ref.account_id)
        )


@dataclass(frozen=True, slots=True)
class DismissRequest:
    """Who wants what was held dismissed, and why."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExemptionRequest:
    """Who wants an instance exempt, until when, and why; without an end: who wants it to end."""

    by: str
    reason: str
    until: datetime | None  # UTC


@dataclass(frozen=True, slots=True)
class ModeRequest:
    """Who wants Cordon to act, or only to observe; or its lists to go on, or to stay; and why."""

    by: str
    reason: str
    mode: Mode | None  # None: as it is
    lists: Lists | None = None  # likewise


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


def parse_step(body: Any, by: str, instance_id: str, step: str) -> StepRequest:
    """Return the step that a path names and `body` gives the reason for.

    Raises:
        UnknownStepError: there is no such step, or nobody may order it.
        MalformedRequestError: a field is missing, unknown or unusable.
    """
    if step not in ORDERABLE:
        known = ", ".join(ORDERABLE)
        raise UnknownStepError(f"there is no step {one_line(step, 40)} to order; there are {known}")
    return StepRequest(by, _reason(_fields(body, "reason")), instance_id, StepName(step))


def parse_dismiss(body: Any, by: str) -> DismissRequest:
    """Return the dismissal that `body` asks for; raises as `parse_release` does."""
    return DismissRequest(by, _reason(_fields(body, "reason")))


def parse_exemption(body: Any, by: str) -> ExemptionRequest:
    """Return the exemption that `body` asks for; raises as `parse_release` does."""
    fields = _fields(body, "reason", "until")
    return ExemptionRequest(by, _reason(fields), _moment(fields, "until"))


def parse_end_of_exemption(body: Any, by: str) -> ExemptionRequest:
    """Return the end of an exemption that `body` asks for; raises as `parse_release` does."""
    return ExemptionRequest(by, _reason(_fields(body, "reason")), None)


def parse_mode(body: Any, by: str) -> ModeRequest:
    """Return the mode that `body` asks for, of either switch; raises as `parse_release` does."""
    fields = _fields(body, "mode", "lists", "reason")
    lists = Lists(_one_of(fields, "lists", tuple(Lists))) if "lists" in fields else None
    asks_mode = "mode" in fields or lists is None
    mode = Mode(_one_of(fields, "mode", tuple(Mode))) if asks_mode else None
    return ModeRequest(by, _reason(fields), mode, lists)


def parse_target(
    instance_id: str,
    query: Mapping[str, Any] | None,
    own_account: str,
    own_region: str,
    more: tuple[str, ...] = (),
) -> InstanceRef:
    """Return the instance that a path and its parameters `account_id` and `region` name.

    No other parameters may be there but `more`: a name that is misspelt must not turn a request
    for another account into one for Cordon's own.

    Raises:
        MalformedRequestError: one of them is none, or unknown.
    """
    said = query or {}
    _only(said, ("account_id", "region", *more))
    account_id, region = said.get("account_id", own_account), said.get("region", own_region)
    for field, value, pattern, must in (
        ("instance_id", instance_id, INSTANCE_ID, "must be i- and 8 to 17 hexadecimal digits"),
        ("account_id", account_id, _ACCOUNT, "must be 12 digits"),
        ("region", region, _REGION, "must be the name of a region"),
    ):
        if not pattern.fullmatch(value):
            raise MalformedRequestError(field, must, value)
    return InstanceRef(account_id, region, instance_id)


def refuse_parameters(query: Mapping[str, Any] | None) -> None:
    """Refuse whatever a route without parameters is asked with.

    Raises:
        MalformedRequestError: it is asked with one.
    """
    for name in query or {}:
        raise MalformedRequestError(one_line(name, 40), "is no parameter here: there is none")


def parse_selection(query: Mapping[str, Any] | None) -> Selection:
    """Return what a list is limited to by its parameters; an empty one limits nothing.

    Raises:
        MalformedRequestError: a parameter is unknown, or none of its values.
    """
    said = {name: value for name, value in (query or {}).items() if value not in (None, "")}
    _only(said, _OF_A_LIST)
    account_id = said.get("account_id")
    if account_id is not None and not _ACCOUNT.fullmatch(account_id):
        raise MalformedRequestError("account_id", "must be 12 digits", account_id)
    state = _one_of(said, "state", (*State, _OPEN)) if "state" in said else None
    if state == _OPEN:
        return Selection(is_open=True, account_id=account_id)
    return Selection(State(state) if state else None, account_id=account_id)


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
    _only(body, known)
    return body


def _only(said: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in said:
        if name not in known:
            raise MalformedRequestError(one_line(name, 40), f"is none of {', '.join(known)}")


def _one_of(fields: Mapping[str, Any], field: str, allowed: tuple[str, ...]) -> str:
    value = fields.get(field)
    if not isinstance(value, str) or value not in allowed:
        raise MalformedRequestError(field, f"must be one of {', '.join(allowed)}", value)
    return value


def _moment(fields: Mapping[str, Any], field: str) -> datetime:
    """Return a moment in UTC; a day stands for its end."""
    value = fields.get(field)
    text = value if isinstance(value, str) else ""
    try:
        if _DAY.fullmatch(text):
            return datetime.fromisoformat(f"{text}T00:00:00+00:00") + timedelta(days=1)
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        must = "must be a day or a time, such as 2027-01-31T18:00:00+00:00"
        raise MalformedRequestError(field, must, value) from error


def _reason(fields: Mapping[str, Any]) -> str:
    value = fields.get("reason")
    if isinstance(value, str) and len(value) > _REASON:
        must = f"must have at most {_REASON} characters, not {len(value)}"
        raise MalformedRequestError("reason", must, value)
    reason = one_line(value, _REASON) if isinstance(value, str) else ""
    if not reason:
        raise MalformedRequestError("reason", "must be a text that says why", value)
    return reason
