"""What a refusal of the API means to a person: an exit status, one line, and the next command."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from chalicelib.core.plain_text import one_line
from cordon.exits import CommandError, Exit

HOW = "set CORDON_API to the URL that make deploy prints, or http://127.0.0.1:8000 of make sandbox"
_LONG = 600  # characters
_STATUS = {
    HTTPStatus.BAD_REQUEST: Exit.USAGE,
    HTTPStatus.FORBIDDEN: Exit.FORBIDDEN,
    HTTPStatus.NOT_FOUND: Exit.GONE,
    HTTPStatus.METHOD_NOT_ALLOWED: Exit.GONE,  # an older Cordon has no such route
    HTTPStatus.CONFLICT: Exit.CONFLICT,
}
# By Cordon's own code of an error; of the others by how the command ends.
_NEXT = {
    "AlreadyReleasedError": "cordon report INSTANCE --format md",
    "NotAllowedError": "the owner adds the account to [accounts] allowed of policy.toml",
    "UnknownCallerError": "aws sso login, or --profile NAME",
    "UnknownStepError": "cordon show INSTANCE",
    "UnknownInstanceError": "cordon list, or name its --account and --in-region",
    "DriftError": "cordon show INSTANCE, then put it right, or release with --accept-drift",
    "FourEyesError": "let another person run the same command",
    "StaleViewError": "cordon show INSTANCE, and decide again",
    "ReleaseInProgressError": "cordon show INSTANCE",
    "SettingsError": "cordon check",
}
_OTHERWISE = {
    Exit.USAGE: "the command's --help says what it takes",
    Exit.GONE: "cordon list",
    Exit.CONFLICT: "cordon show INSTANCE",
    Exit.FORBIDDEN: "--profile NAME, of somebody who may",
    Exit.UNREACHABLE: "the same again in a minute; cordon status",
}
# What API Gateway says itself, before Cordon is asked; in lower case.
_GATEWAY = (
    ("security token included in the request is expired", "aws sso login"),
    ("security token included in the request is invalid", "aws sts get-caller-identity"),
    ("signature expired", "set the clock of this machine"),
    ("missing authentication token", "check the stage in CORDON_API; an older Cordon lacks it"),
    ("credential should be scoped", "--region NAME, the one that the API is in"),
    ("is not authorized", "ask for the policy cordon-<stage>-responder, or -approver"),
    ("forbidden", "check the stage in CORDON_API"),
)


def refusal(status: int, text: str, path: str) -> CommandError:
    """Return the error that the answer `text` with `status` to a request for `path` is."""
    said = _object(text)
    if not said:
        return CommandError(Exit.UNREACHABLE, f"what answers {status} is not Cordon's API", HOW)
    code = str(said.get("Code", ""))
    message = one_line(str(said.get("Message") or said.get("message") or text), _LONG)
    ends = _STATUS.get(_known(status), Exit.UNREACHABLE)
    if code:
        next_step = _NEXT.get(code, _OTHERWISE[ends])
        return CommandError(ends, message, next_step.replace("INSTANCE", _instance(path)))
    for words, next_step in _GATEWAY:
        if words in message.lower():
            return CommandError(Exit.FORBIDDEN, f"the API refuses: {message}", next_step)
    why = f"{status} from the API: {message or 'no reason given'}"
    return CommandError(ends, why, "cordon status; the function's log says more")


def _object(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _known(status: int) -> HTTPStatus:
    try:
        return HTTPStatus(status)
    except ValueError:
        return HTTPStatus.BAD_GATEWAY


def _instance(path: str) -> str:
    """Return the instance that the path of a request names."""
    parts = path.split("/")
    return parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - "", a collection, a name
