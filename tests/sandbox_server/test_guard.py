from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from sandbox.guard import (
    OPERATOR,
    SERVICES,
    SandboxError,
    local_environment,
    refuse_unless_local,
)

ENDPOINT = "http://127.0.0.1:5555"
ROOT = Path(__file__).parents[2]


def services_with_a_client() -> Iterator[str]:
    """Yield the service of every `client("...")` and `resource("...")` in what we wrote."""
    for path in (ROOT / "app.py", *ROOT.glob("chalicelib/**/*.py"), *ROOT.glob("sandbox/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("client", "resource")
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                yield str(node.args[0].value)


def test_a_shell_full_of_aws_settings_counts_for_nothing_inside(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\nignore_configured_endpoint_urls = true\nregion = eu-west-1\n")
    theirs = {
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "token",
        "AWS_CONFIG_FILE": str(config),
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_ENDPOINT_URL_S3": "https://s3.example.com",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "HTTP_PROXY": "http://proxy.example.com:3128",
    }
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)

    with local_environment(ENDPOINT):
        refuse_unless_local(ENDPOINT)
        inside = dict(os.environ)

    assert inside["AWS_ACCESS_KEY_ID"] == "sandbox"
    assert inside["AWS_REGION"] == inside["AWS_DEFAULT_REGION"] == "us-east-1"
    assert inside["NO_PROXY"] == "127.0.0.1,localhost"
    assert not inside.keys() & (theirs.keys() - {"AWS_CONFIG_FILE", "HTTP_PROXY"})
    assert dict(os.environ) == before


def test_what_a_default_session_has_read_before_does_not_count_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "theirs")
    session = boto3.Session()
    session.get_credentials()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)

    with local_environment(ENDPOINT):
        boto3.client("sts")
        made: Any = boto3.DEFAULT_SESSION
        inside = made.get_credentials().access_key

    assert inside == "sandbox"
    assert session is boto3.DEFAULT_SESSION


@pytest.mark.parametrize("theirs", ["arn:aws:iam::123456789012:user/me", None])
def test_an_operator_that_was_named_stays(
    monkeypatch: pytest.MonkeyPatch, theirs: str | None
) -> None:
    if theirs:
        monkeypatch.setenv("CORDON_LOCAL_OPERATOR", theirs)

    with local_environment(ENDPOINT):
        assert os.environ["CORDON_LOCAL_OPERATOR"] == (theirs or OPERATOR)


@pytest.mark.parametrize(
    ("name", "value", "service"),
    [
        ("AWS_ENDPOINT_URL_DYNAMODB", "https://dynamodb.eu-west-1.amazonaws.com", "dynamodb"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", "autoscaling"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1", "autoscaling"),
    ],
)
def test_a_setting_that_leads_elsewhere_is_refused(name: str, value: str, service: str) -> None:
    with local_environment(ENDPOINT):
        os.environ[name] = value

        with pytest.raises(SandboxError, match=f"a client of {service} would reach http"):
            refuse_unless_local(ENDPOINT)


def test_an_endpoint_that_others_can_reach_is_refused() -> None:
    with pytest.raises(SandboxError, match=r"must be on 127\.0\.0\.1"):
        refuse_unless_local("http://0.0.0.0:5555")


def test_every_service_that_has_a_client_is_asked() -> None:
    found = set(services_with_a_client())

    assert {"ec2", "dynamodb", "sns"} <= found <= set(SERVICES)
