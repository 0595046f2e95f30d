from __future__ import annotations

import pytest

from chalicelib.core import errors
from chalicelib.core.errors import (
    AwsBusyError,
    AwsRefusedError,
    BreakerOpenError,
    BusyError,
    ConflictError,
    CordonError,
    MalformedFindingError,
    MalformedNoticeError,
    NotAFindingError,
    NotContainedError,
    PolicyError,
    RecordMovedError,
    RefusedError,
    RejectedError,
    ReleaseInProgressError,
    StepFailedError,
    UnknownRegionError,
    UnreadableRecordError,
)
from tests.builders import ACCOUNT, WEB

REJECTED = [
    NotAFindingError("source", "aws.ec2"),
    MalformedFindingError("detail.id", 7),
    MalformedNoticeError("kind", None),
    PolicyError(3, "unknown name"),
]
BUSY = [
    AwsBusyError("describing", "Throttling"),
    RecordMovedError(WEB),
    ReleaseInProgressError(WEB),
    NotContainedError(WEB, ("eni-1 is on sg-web",)),
]
REFUSED = [
    AwsRefusedError("describing", "UnauthorizedOperation"),
    BreakerOpenError(ACCOUNT),
    StepFailedError(WEB, ("the stop failed",)),
    UnreadableRecordError("about#x quarantine#000001", "KeyError: 'state'"),
]


@pytest.mark.parametrize(
    ("branch", "error"),
    [
        *((RejectedError, error) for error in REJECTED),
        *((BusyError, error) for error in BUSY),
        *((RefusedError, error) for error in REFUSED),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else type(value).__name__,
)
def test_an_error_is_on_the_branch_that_says_what_to_do_about_it(
    branch: type[CordonError], error: CordonError
) -> None:
    others = {RejectedError, BusyError, RefusedError} - {branch}

    assert isinstance(error, branch)
    assert not isinstance(error, tuple(others))


def test_every_error_is_a_cordon_error_and_on_exactly_one_branch() -> None:
    classes = [c for c in vars(errors).values() if isinstance(c, type) and c is not CordonError]

    branches = (RejectedError, ConflictError, BusyError, RefusedError)
    assert all(sum(issubclass(c, branch) for branch in branches) == 1 for c in classes)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (NotAFindingError("source", "aws.ec2"), "not a GuardDuty finding: source is 'aws.ec2'"),
        (MalformedFindingError("detail.id"), "malformed finding: detail.id is missing"),
        (MalformedNoticeError("kind", 7), "malformed notice: kind is 7"),
        (PolicyError(3, "unknown name drian"), "policy file, line 3: unknown name drian"),
        (AwsBusyError("describing i-1", "Throttling"), "describing i-1: AWS answered Throttling"),
        (AwsRefusedError("tagging i-1", "Denied"), "tagging i-1: AWS refused with Denied"),
        (RecordMovedError(WEB), f"the record of {WEB} was changed by someone else"),
        (ReleaseInProgressError(WEB), f"{WEB} is being released"),
        (NotContainedError(WEB, ("a", "b")), f"{WEB} is not contained: a; b"),
        (UnknownRegionError("moon-1"), "region moon-1 is none of EC2's"),
        (BreakerOpenError(ACCOUNT), f"the circuit breaker of account {ACCOUNT} is open"),
        (StepFailedError(WEB, ("a", "b")), f"{WEB} is cut off, but: a; b"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, CordonError) else "",
)
def test_a_message_says_what_happened_to_whom(error: CordonError, message: str) -> None:
    assert str(error) == message


def test_an_error_keeps_its_facts_apart_from_its_message() -> None:
    assert NotAFindingError("source", "x").field == "source"
    assert MalformedFindingError("detail.id").field == "detail.id"
    assert MalformedNoticeError("kind").field == "kind"
    assert PolicyError(3, "x").line == 3
    assert (AwsBusyError("doing", "Code").doing, AwsBusyError("doing", "Code").code) == (
        "doing",
        "Code",
    )
    assert (AwsRefusedError("doing", "Code").doing, AwsRefusedError("doing", "Code").code) == (
        "doing",
        "Code",
    )
    assert RecordMovedError(WEB).instance_id == WEB
    assert ReleaseInProgressError(WEB).instance_id == WEB
    assert NotContainedError(WEB, ("a",)).problems == ("a",)
    assert NotContainedError(WEB, ("a",)).instance_id == WEB
    assert UnknownRegionError("moon-1").region == "moon-1"
    assert BreakerOpenError(ACCOUNT).account_id == ACCOUNT
    assert StepFailedError(WEB, ("a",)).problems == ("a",)
    assert StepFailedError(WEB, ("a",)).instance_id == WEB


@pytest.mark.parametrize("length", [77, 78, 79, 80, 5000])
def test_what_was_found_takes_80_characters_at_most(length: int) -> None:
    found = "x" * (length - 2)  # and its quotes

    shown = str(MalformedFindingError("f", found)).removeprefix("malformed finding: f is ")

    assert len(shown) == min(length, 80)
    assert shown.endswith("...") == (length > 80)


def test_what_was_found_cannot_forge_a_line_of_a_log() -> None:
    message = str(MalformedFindingError("detail.id", "a\nERROR: b\u2028c\u202ed\x1b[31m"))

    assert message.isascii()
    assert message.isprintable()
