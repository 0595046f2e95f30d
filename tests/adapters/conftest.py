"""AWS on this machine, empty for each test; clients are made once, since they take longest.

The tables can be those of another server: CONTRACT_DYNAMODB is where it listens, CONTRACT_WITHOUT
the operations that it does not know, with commas. A test that needs one of them is skipped, and
says so; any other that is unknown fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import boto3
import pytest
from botocore.model import OperationModel
from moto import mock_aws

from chalicelib.adapters.dynamodb.quarantines import DynamoQuarantines
from tests.adapters.aws import AWS_REGION, TABLE, make_table
from tests.adapters.sites import AwsSite, FakeSite, Site
from tests.adapters.stores import DynamoStore, FakeStore, Store

ELSEWHERE = os.environ.get("CONTRACT_DYNAMODB")
UNKNOWN = [name for name in os.environ.get("CONTRACT_WITHOUT", "").split(",") if name]


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    return boto3.Session(region_name=AWS_REGION)


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture(scope="session")
def shared_dynamodb(session: boto3.Session) -> Iterator[DynamoStore]:
    client = session.client("dynamodb", endpoint_url=ELSEWHERE)
    for name in UNKNOWN:
        client.meta.events.register(f"before-call.dynamodb.{name}", _leave_out)
    if ELSEWHERE:
        make_table(client)  # it fails where there is one: nobody's table is emptied here
        client.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1})
    yield DynamoStore(client, DynamoQuarantines(client, TABLE))
    if ELSEWHERE:
        client.delete_table(TableName=TABLE)


def _leave_out(model: OperationModel, **_: object) -> None:
    pytest.skip(f"without {model.name}")


@pytest.fixture
def table(shared_dynamodb: DynamoStore, request: pytest.FixtureRequest) -> DynamoStore:
    if ELSEWHERE:
        shared_dynamodb.empty()
    else:
        request.getfixturevalue("aws")
        make_table(shared_dynamodb.client)
    return shared_dynamodb


@pytest.fixture(params=["fake", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Store:
    """The two implementations of the Quarantines port."""
    if request.param == "fake":
        return FakeStore()
    made: DynamoStore = request.getfixturevalue("table")
    return made


@pytest.fixture
def ec2(session: boto3.Session, aws: None) -> AwsSite:  # noqa: ARG001 - it is there
    return AwsSite(session.client("ec2"))


@pytest.fixture(params=["fake", "ec2"])
def site(request: pytest.FixtureRequest) -> Site:
    """The two implementations of the Instances and SecurityGroups ports."""
    if request.param == "fake":
        return FakeSite()
    made: AwsSite = request.getfixturevalue("ec2")
    return made
