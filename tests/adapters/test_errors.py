from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from chalicelib.adapters.errors import aws_errors, code_of
from chalicelib.core.errors import AwsBusyError, AwsRefusedError, AwsSilentError


def answer(code: str, status: int = 400) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "x"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "Operation")


@pytest.mark.parametrize(
    "error",
    [
        answer("RequestLimitExceeded"),
        answer("Throttling"),
        answer("ThrottlingException"),
        answer("ProvisionedThroughputExceededException"),
        answer("PriorRequestNotComplete"),
        answer("SomethingNew", 500),
        answer("SomethingNew", 503),
        ConnectTimeoutError(endpoint_url="https://ec2.example"),
        EndpointConnectionError(endpoint_url="https://ec2.example"),
        NoCredentialsError(),
    ],
)
def test_what_may_pass_is_busy(error: Exception) -> None:
    with (
        pytest.raises(AwsBusyError, match="describe i-0abc") as caught,
        aws_errors("describe i-0abc"),
    ):
        raise error

    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [
        answer("UnauthorizedOperation", 403),
        answer("AccessDenied", 403),
        answer("InvalidParameterValue"),
        answer("SomethingNew"),
        ClientError({}, "Operation"),
    ],
)
def test_what_stays_is_refused(error: ClientError) -> None:
    with pytest.raises(AwsRefusedError) as caught, aws_errors("describe i-0abc"):
        raise error

    assert caught.value.code == code_of(error)
    assert caught.value.doing == "describe i-0abc"


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://ec2.example"),
        ConnectionClosedError(endpoint_url="https://ec2.example"),
        ResponseParserError("a page of HTML, from whatever stands between"),
    ],
)
def test_where_no_answer_came_that_can_be_read_it_may_be_done_all_the_same(
    error: Exception,
) -> None:
    with pytest.raises(AwsSilentError), aws_errors("set the groups"):
        raise error


def test_an_answer_without_a_code_is_unknown() -> None:
    assert code_of(ClientError({}, "Operation")) == "Unknown"


def test_other_errors_pass_through_as_they_are() -> None:
    with pytest.raises(KeyError), aws_errors("read"):
        raise KeyError("mine")


def test_nothing_is_raised_when_nothing_goes_wrong() -> None:
    with aws_errors("read"):
        pass
