"""AWS on this machine, empty for each test; clients are made once, since they take longest."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.dynamodb.quarantines import DynamoQuarantines
from tests.adapters.aws import AWS_REGION, TABLE, make_table
from tests.adapters.sites import AwsSite, FakeSite, Site
from tests.adapters.stores import DynamoStore, FakeStore, Store


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    return boto3.Session(region_name=AWS_REGION)


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture(scope="session")
def shared_dynamodb(session: boto3.Session) -> DynamoStore:
    client = session.client("dynamodb")
    return DynamoStore(client, DynamoQuarantines(client, TABLE))


@pytest.fixture
def table(shared_dynamodb: DynamoStore, aws: None) -> DynamoStore:  # noqa: ARG001 - it is there
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
