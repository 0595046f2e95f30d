"""What the API answers an error of Cordon's with."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from chalicelib.core import errors
from chalicelib.settings.deployment import SettingsError

# What a caller can do about an error decides its status; the first that fits. A refusal by AWS
# is no fault of the server's that asking again would cure.
_STATUS: tuple[tuple[type[errors.CordonError], HTTPStatus], ...] = (
    (SettingsError, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.UnknownCallerError, HTTPStatus.FORBIDDEN),
    (errors.NotAllowedError, HTTPStatus.FORBIDDEN),
    (errors.FourEyesError, HTTPStatus.FORBIDDEN),
    (errors.UnknownInstanceError, HTTPStatus.NOT_FOUND),
    (errors.UnknownStepError, HTTPStatus.NOT_FOUND),
    (errors.RejectedError, HTTPStatus.BAD_REQUEST),
    (errors.ReleaseInProgressError, HTTPStatus.CONFLICT),
    (errors.BusyError, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.CordonError, HTTPStatus.CONFLICT),
)


def status_of(error: errors.CordonError) -> HTTPStatus:
    """Return the status of an error; each has one."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def body_of(error: errors.CordonError) -> dict[str, Any]:
    """Return what the caller reads."""
    body: dict[str, Any] = {"Code": type(error).__name__, "Message": str(error)}
    if isinstance(error, errors.DriftError):
        body["drift"] = list(error.drift)
    return body
