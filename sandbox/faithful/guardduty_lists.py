"""Threat intel sets and threat entity sets: a list file in S3, which GuardDuty reads and activates.

Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_upload-lists.html
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from moto.core.exceptions import JsonRESTError
from moto.moto_api import state_manager
from moto.moto_api._internal.managed_state_model import ManagedState
from moto.s3.models import FakeKey, s3_backends

FORMATS = ("TXT", "STIX", "OTX_CSV", "ALIEN_VAULT", "PROOF_POINT", "FIRE_EYE")
SETS = 6  # of a kind, for each detector
MAX_BYTES = 35 * 1024 * 1024
MODEL = "guardduty::list_set"

_TRANSITIONS: list[tuple[str | None, str]] = [
    ("INACTIVE", "INACTIVE"),
    ("ACTIVATING", "ACTIVE"),
    ("DEACTIVATING", "INACTIVE"),
]
_LOCATIONS = (
    re.compile(r"s3://(?P<bucket>[^/]+)/(?P<key>.+)"),
    re.compile(r"https?://s3[.-][a-z0-9-]*\.?amazonaws\.com/(?P<bucket>[^/]+)/(?P<key>.+)"),
    re.compile(r"https?://(?P<bucket>[^/]+?)\.s3[.-]?[a-z0-9-]*\.amazonaws\.com/(?P<key>.+)"),
)


class BadRequest(JsonRESTError):  # noqa: N818 - AWS's name of it
    """GuardDuty refuses the request."""

    code = 400

    def __init__(self, message: str, error_type: str = "InvalidInputException") -> None:
        super().__init__(error_type, message)

    def get_headers(self, *_: Any, **__: Any) -> list[tuple[str, str]]:
        return [("X-Amzn-ErrorType", "BadRequestException")]


class ListSet(ManagedState):
    """One set; its status moves as moto's state manager is told to move it."""

    def __init__(self, account_id: str, kind: str, wanted: Mapping[str, Any]) -> None:
        super().__init__(MODEL, _TRANSITIONS)
        self.id = uuid.uuid4().hex
        self.kind = kind
        self.token = wanted.get("clientToken")
        self.entries: list[str] = []
        self.created = self.updated = datetime.now(UTC)
        self._account_id = account_id
        self._error = ""
        self._said = {key: wanted[key] for key in ("name", "format", "location")}
        self._said["tags"] = wanted.get("tags") or {}
        self.change(wanted)

    def refuse_if_moving(self) -> None:
        """Refuse a change while the status is on its way; AWS documents that, not the words.

        Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-lists-update-procedure.html
        """
        if self.status in ("ACTIVATING", "DEACTIVATING"):
            raise BadRequest(f"The request is rejected because the set is {self._status}.")

    def change(self, wanted: Mapping[str, Any]) -> None:
        """Take over what `wanted` names; the format cannot be changed."""
        self.refuse_if_moving()
        for key in ("name", "location", "expectedBucketOwner"):
            if wanted.get(key):
                self._said[key] = wanted[key]
        if wanted.get("activate") is True:
            self._activate()
        elif wanted.get("activate") is False and self._status in ("ACTIVE", "ACTIVATING"):
            self._start("DEACTIVATING")
        self.updated = datetime.now(UTC)

    def view(self) -> dict[str, Any]:
        """Return what a Get answers; asking moves the status on."""
        self.advance()
        status = self.status
        if self._error and status == "ACTIVE":
            status = self._status = "ERROR"
        said: dict[str, Any] = {**self._said, "status": status}
        if self.kind == "entity":
            said["createdAt"] = self.created.timestamp()
            said["updatedAt"] = self.updated.timestamp()
            if self._error:
                said["errorDetails"] = self._error
        return said

    def _activate(self) -> None:
        """Read the object now: what it holds later counts only after the next activation."""
        self._start("ACTIVATING")
        try:
            self.entries, self._error = self._read(), ""
        except ValueError as error:
            self._error = str(error)

    def _start(self, status: str) -> None:
        self._status, self._tick, self._time_progressed = status, 0, datetime.now()  # noqa: DTZ005 - moto's clock

    def _read(self) -> list[str]:
        bucket, key = parse_location(self._said["location"])
        _, owner = s3_backends.bucket_accounts.get(bucket, ("aws", self._account_id))
        self._refuse_others(owner)
        buckets = s3_backends[owner]["aws"].buckets
        found = buckets[bucket].keys.get(key) if bucket in buckets else None
        readable = found if isinstance(found, FakeKey) else None  # not the mark of a deletion
        if readable is None:
            raise ValueError("The S3 object was not found or could not be read.")
        if readable.size > MAX_BYTES:
            raise ValueError("The list file is larger than 35 MB.")
        lines = readable.value.decode("utf-8", "replace").splitlines()
        entries = [line.strip() for line in lines if line.strip()]
        if not entries:
            raise ValueError("The list file is empty.")
        return entries

    def _refuse_others(self, owner: str) -> None:
        """Refuse a bucket of another account; of an IP list's only if one was expected.

        Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateThreatEntitySet.html
        """
        anybody = owner if self.kind == "intel" else self._account_id
        if owner != self._said.get("expectedBucketOwner", anybody):
            raise ValueError("The S3 bucket does not belong to the expected account.")


def parse_location(location: str) -> tuple[str, str]:
    """Return the bucket and key of an S3 location, in any of the spellings that AWS takes."""
    for pattern in _LOCATIONS:
        if match := pattern.fullmatch(location):
            return match["bucket"], unquote(match["key"])
    raise invalid("location")


def check(wanted: Mapping[str, Any], required: tuple[str, ...] = ()) -> None:
    """Refuse what GuardDuty refuses of a set."""
    for name in required:
        if name not in wanted:
            raise BadRequest(f"The request is rejected because the parameter {name} is missing.")
    for name in ("name", "location"):
        if name in wanted and not 1 <= len(str(wanted[name])) <= 300:  # noqa: PLR2004 - AWS's limit
            raise invalid(name)
    if "format" in wanted and wanted["format"] not in FORMATS:
        raise invalid("format")
    if "location" in wanted:
        parse_location(wanted["location"])


def invalid(name: str) -> BadRequest:
    """Return the refusal of a parameter."""
    return BadRequest(f"The request is rejected because the parameter {name} has an invalid value.")


def register() -> None:
    """Let a set have moved on when it is asked for next, unless a test says otherwise."""
    state_manager.register_default_transition(MODEL, {"progression": "manual", "times": 1})
