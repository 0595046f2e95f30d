"""The deployed API, called as the operator's command does: signed by botocore's own SigV4."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from roads.local import Roads
from sandbox.guard import ACCOUNT, REGION


@dataclass(frozen=True)
class Person:
    """Somebody with keys of their own; without any, somebody who does not sign."""

    name: str
    keys: Credentials | None = None


def a_person(name: str, policies: tuple[str, ...], roads: Roads) -> Person:
    """Make a user with managed policies of the stack."""
    iam = roads.client("iam")
    iam.create_user(UserName=name)
    for policy in policies:
        iam.attach_user_policy(UserName=name, PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/{policy}")
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return Person(name, Credentials(made["AccessKeyId"], made["SecretAccessKey"]))


def call(roads: Roads, who: Person, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Return the status and the body of the answer."""
    [api] = roads.client("apigateway").get_rest_apis()["items"]
    url = f"{roads.url}/_aws/execute-api/{api['id']}/api{path}"
    data = json.dumps(body).encode() if body is not None else None
    signed = AWSRequest(method, url, {"Content-Type": "application/json"}, data)
    if who.keys is not None:
        SigV4Auth(who.keys, "execute-api", REGION).add_auth(signed)
    if urlsplit(url).hostname != "127.0.0.1":
        raise AssertionError(url)
    request = Request(url, data, dict(signed.headers), method=method)  # noqa: S310 - just asked
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - just asked
            said = answer.read().decode()
            is_page = answer.headers.get_content_type() == "text/html"
            return answer.status, said if is_page else json.loads(said)
    except HTTPError as error:
        return error.code, error.read().decode()
