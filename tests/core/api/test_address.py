from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.api.address import address_of

STAGE = "a1b2c3.execute-api.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("host", "path", "address"),
    [
        (STAGE, "/api/version", f"https://{STAGE}/api"),
        ("cordon.example.com", "/version", "https://cordon.example.com"),
        ("cordon.example.com", "/security/v1/version", "https://cordon.example.com/security/v1"),
    ],
)
def test_the_address_is_the_one_that_the_caller_used(host: str, path: str, address: str) -> None:
    assert address_of({"domainName": host, "path": path}, "/version") == address


@pytest.mark.parametrize(
    "context",
    [
        {},  # as chalice local has it
        {"domainName": STAGE},
        {"domainName": STAGE, "path": "/api/mode"},
        {"domainName": STAGE, "path": "/a b/version"},
        {"domainName": f"{STAGE}/x?", "path": "/api/version"},
        {"domainName": "localhost", "path": "/version"},
        {"domainName": None, "path": None},
    ],
)
def test_a_request_that_does_not_say_has_none(context: dict[str, Any]) -> None:
    assert not address_of(context, "/version")
