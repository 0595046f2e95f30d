"""Credentials whose time is over, before a road is gone and on the way: one line, what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws

from deploy.command import main

SAYS = "The security token included in the request is expired"


@pytest.fixture
def expire(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Let AWS say so at the first call of an operation, and from then on."""

    def at(operation: str, code: str) -> None:
        call: Any = BaseClient._make_api_call  # type: ignore[attr-defined]  # sees every call
        is_over = False

        def checked(self: BaseClient, name: str, arguments: dict[str, Any]) -> Any:
            nonlocal is_over
            is_over = is_over or name == operation
            if is_over:
                raise ClientError({"Error": {"Code": code, "Message": SAYS}}, name)
            return call(self, name, arguments)

        monkeypatch.setattr(BaseClient, "_make_api_call", checked)

    return at


@pytest.mark.parametrize(
    ("road", "operation", "code"),
    [
        ("deploy", "GetCallerIdentity", "ExpiredToken"),
        ("smoke", "GetCallerIdentity", "ExpiredToken"),
        ("destroy", "GetCallerIdentity", "ExpiredToken"),
        ("deploy", "DescribeStacks", "RequestExpired"),
        ("smoke", "GetFunctionConfiguration", "ExpiredTokenException"),
        ("destroy", "DescribeStacks", "ExpiredToken"),
    ],
)
def test_credentials_that_ran_out_are_one_line_with_the_next_command(
    road: str,
    operation: str,
    code: str,
    expire: Callable[[str, str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    with mock_aws():
        expire(operation, code)

        status = main([road, "--stage", "dev"])

    assert status == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{road}: ")
    assert SAYS in line
    assert "aws sso login" in line
    assert "AWS_PROFILE" in line


def test_another_refusal_says_nothing_of_credentials(
    expire: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    with mock_aws():
        expire("DescribeStacks", "AccessDenied")

        assert main(["destroy", "--stage", "dev"]) == 2

    assert "sso" not in capsys.readouterr().err
