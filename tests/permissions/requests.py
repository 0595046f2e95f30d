"""What the app asks AWS for, as it leaves botocore."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.client import BaseClient

from sandbox.faithful.mending import mend
from tests.adapters.aws import AWS_ACCOUNT
from tests.builders import OTHER_ACCOUNT


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a function's."""

    service: str
    operation: str
    arguments: Mapping[str, Any]
    region: str
    account: str  # of the role that it was made with

    @property
    def of_credentials(self) -> bool:
        """Whether it was made as the role that may deny the keys of others."""
        return self.service == "iam"

    @property
    def in_member(self) -> bool:
        return self.account == OTHER_ACCOUNT and not self.of_credentials


@contextmanager
def before_calls(do: Callable[[Any, str, Any], object]) -> Iterator[None]:
    """Let `do` have client, operation and arguments of every call inside, before it is made."""
    make_call = vars(BaseClient)["_make_api_call"]

    def called(client: Any, operation: str, arguments: Any) -> Any:
        do(client, operation, arguments)
        return make_call(client, operation, arguments)

    mend(BaseClient, "_make_api_call", called)
    try:
        yield
    finally:
        mend(BaseClient, "_make_api_call", make_call)


@contextmanager
def recorded(requests: list[Request]) -> Iterator[None]:
    """Add every call inside the block to `requests`."""

    def record(client: Any, operation: str, arguments: Any) -> None:
        service, region = client.meta.service_model.service_name, client.meta.region_name
        assumed = client._request_signer._credentials.method == "assume-role"
        account = OTHER_ACCOUNT if assumed else AWS_ACCOUNT
        requests.append(Request(service, operation, arguments, region, account))

    with before_calls(record):
        yield
