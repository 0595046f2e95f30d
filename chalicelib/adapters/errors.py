"""AWS's error codes, in Cordon's words."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from chalicelib.core.errors import AwsBusyError, AwsRefusedError, AwsSilentError

# Codes that mean "later", after botocore's own retries.
# Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
_BUSY = frozenset(
    {
        "ConditionalRequestConflict",
        "EC2ThrottledException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "KMSThrottlingException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
        "Unavailable",
    }
)
_SERVER_ERROR = 500
_TOO_MANY = 429


def code_of(error: ClientError) -> str:
    """Return the code that AWS answered with."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


@contextmanager
def aws_errors(doing: str, *, not_yet: Container[str] = ()) -> Iterator[None]:
    """Turn what botocore raises inside the block into AwsBusyError or AwsRefusedError.

    AwsSilentError, an AwsBusyError, if the request was sent and no answer came that can be read.

    Args:
        doing: what the block is for, e.g. "describe i-0abc"; it opens the message.
        not_yet: codes that mean "later" here, e.g. since what was just made is not seen everywhere.
    """
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        is_busy = code in _BUSY or code in not_yet or status >= _SERVER_ERROR or status == _TOO_MANY
        raise (AwsBusyError if is_busy else AwsRefusedError)(doing, code) from error
    except (ConnectionClosedError, ReadTimeoutError, ResponseParserError) as error:  # it was asked
        raise AwsSilentError(doing, type(error).__name__) from error
    except BotoCoreError as error:  # it was never asked: DNS, credentials
        raise AwsBusyError(doing, type(error).__name__) from error
