from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber

from sandbox.faithful.faults import Crash, Fault, Faults
from tests.sandbox.estate import client, code_of, served_client


@pytest.fixture(params=["in process", "served"])
def ec2(request: pytest.FixtureRequest) -> Any:
    if request.param == "served":
        return served_client("ec2", request.getfixturevalue("served"))
    request.getfixturevalue("aws")
    return client("ec2")


@pytest.fixture
def here(aws: None) -> Any:  # noqa: ARG001 - it is there
    return client("ec2")


def vpcs(ec2: Any) -> int:
    return len(ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.1.0.0/16"]}])["Vpcs"])


def make_vpc(ec2: Any) -> None:
    ec2.create_vpc(CidrBlock="10.1.0.0/16")


def test_a_crash_before_a_call_leaves_nothing_behind(ec2: Any) -> None:
    with Faults(crash_at=2).on():
        ec2.describe_vpcs()
        with pytest.raises(Crash, match=r"before ec2\.CreateVpc"):
            make_vpc(ec2)

    assert vpcs(ec2) == 0


def test_a_crash_after_a_call_leaves_its_effect_behind(ec2: Any) -> None:
    with Faults(crash_at=1, after=True).on(), pytest.raises(Crash, match=r"after ec2\.CreateVpc"):
        make_vpc(ec2)

    assert vpcs(ec2) == 1


def test_a_crash_after_a_call_comes_even_if_it_was_refused(ec2: Any) -> None:
    with Faults(crash_at=1, after=True).on(), pytest.raises(Crash):
        ec2.describe_vpcs(VpcIds=["vpc-00000000000000000"])


def test_a_crash_is_no_exception_that_a_program_would_catch() -> None:
    assert not issubclass(Crash, Exception)


def test_one_of_many_threads_dies(here: Any) -> None:
    deaths: list[str] = []

    def look(_: int) -> None:
        try:
            here.describe_vpcs()
        except Crash as death:
            deaths.append(str(death))

    with Faults(crash_at=7).on() as faults, ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(20)))

    assert deaths == ["before ec2.DescribeVpcs"]
    assert len(faults.calls) == 19


def test_a_call_is_recorded_with_its_time(ec2: Any) -> None:
    with Faults().on() as faults:
        ec2.describe_vpcs()
        code_of(ec2.delete_vpc, VpcId="vpc-00000000000000000")

    first, second = faults.calls
    assert [first.operation, second.operation] == ["ec2.DescribeVpcs", "ec2.DeleteVpc"]
    assert first.started < first.ended <= second.started < second.ended


def test_nothing_is_left_of_the_faults_afterwards(here: Any) -> None:
    before = vars(BaseClient)["_make_api_call"], vars(BotocoreStubber)["__call__"]

    with Faults(crash_at=1).on(), pytest.raises(Crash):
        here.describe_vpcs()

    assert before == (vars(BaseClient)["_make_api_call"], vars(BotocoreStubber)["__call__"])


def test_a_call_that_is_throttled_once_is_made_again(here: Any) -> None:
    with Faults(wire=[Fault("ec2.CreateVpc", times=1)]).on() as faults:
        make_vpc(here)

    assert faults.attempts == ["ec2.CreateVpc"] * 2
    assert faults.hits == ["ec2.CreateVpc"]
    assert [call.operation for call in faults.calls] == ["ec2.CreateVpc"]
    assert vpcs(here) == 1


def test_a_later_attempt_can_be_the_one_that_fails(here: Any) -> None:
    fault = Fault("ec2.DescribeVpcs", code="UnauthorizedOperation", status=403, first=2, times=1)

    with Faults(wire=[fault]).on():
        codes = [code_of(here.describe_vpcs) for _ in range(3)]

    assert codes == [None, "UnauthorizedOperation", None]


def test_a_refused_change_has_no_effect(here: Any) -> None:
    with Faults(wire=[Fault("ec2.*", code="UnauthorizedOperation", status=403)]).on():
        refused = code_of(here.create_vpc, CidrBlock="10.1.0.0/16")

    assert refused == "UnauthorizedOperation"
    assert vpcs(here) == 0


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("service", "operation", "call"),
    [
        ("ec2", "DescribeVpcs", lambda ec2: ec2.describe_vpcs()),
        ("dynamodb", "ListTables", lambda dynamodb: dynamodb.list_tables()),
        ("s3", "ListBuckets", lambda s3: s3.list_buckets()),
        ("sns", "ListTopics", lambda sns: sns.list_topics()),
        ("elbv2", "DescribeTargetGroups", lambda elbv2: elbv2.describe_target_groups()),
        ("guardduty", "ListDetectors", lambda guardduty: guardduty.list_detectors()),
    ],
)
def test_every_protocol_refuses(service: str, operation: str, call: Callable[[Any], Any]) -> None:
    fault = Fault(f"{service}.{operation}", code="AccessDenied", status=403)

    with Faults(wire=[fault]).on(), pytest.raises(ClientError) as refused:
        call(client(service))

    assert refused.value.response["Error"]["Code"] == "AccessDenied"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_timeout_before_the_effect_leaves_nothing_behind(here: Any) -> None:
    faults = Faults(wire=[Fault("ec2.CreateVpc", kind="timeout_before", times=5)])

    with faults.on(), pytest.raises(ConnectTimeoutError):
        make_vpc(here)

    assert vpcs(here) == 0


def test_a_timeout_after_the_effect_makes_the_retry_meet_it(here: Any) -> None:
    vpc = here.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    group = {"GroupName": "deny", "Description": "deny", "VpcId": vpc}

    with Faults(wire=[Fault("ec2.*", kind="timeout_after", times=1)]).on():
        refused = code_of(here.create_security_group, **group)

    assert refused == "InvalidGroup.Duplicate"


def test_a_timeout_of_every_attempt_reaches_the_caller(here: Any) -> None:
    with Faults(wire=[Fault("*", kind="timeout_after")]).on(), pytest.raises(ReadTimeoutError):
        here.describe_vpcs()


def test_a_stale_read_is_what_the_same_question_was_answered_before(here: Any) -> None:
    stale = Fault("ec2.DescribeVpcs", kind="stale", first=2, times=1)

    with Faults(wire=[stale]).on():
        before = vpcs(here)
        make_vpc(here)
        seen = vpcs(here), vpcs(here)

    assert (before, seen) == (0, (0, 1))


@pytest.mark.usefixtures("aws")
def test_a_stale_read_can_be_of_an_object() -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="lists")

    def read() -> bytes:
        body: bytes = s3.get_object(Bucket="lists", Key="k")["Body"].read()
        return body

    with Faults(wire=[Fault("s3.GetObject", kind="stale", first=2)]).on():
        s3.put_object(Bucket="lists", Key="k", Body=b"old")
        first = read()
        s3.put_object(Bucket="lists", Key="k", Body=b"new")
        second = read()

    assert (first, second) == (b"old", b"old")


def test_each_attempt_is_answered_at_a_lull(here: Any) -> None:
    with Faults(lull=0.05, wire=[Fault("ec2.DescribeVpcs", times=1)]).on() as faults:
        here.describe_vpcs()

    assert faults.calls[0].ended - faults.calls[0].started >= 2 * 0.05


def test_faults_meet_the_attempts_of_all_threads(here: Any) -> None:
    everyone = threading.Barrier(4)
    fault = Fault("ec2.DescribeVpcs", code="UnauthorizedOperation", status=403, times=3)

    def look(_: int) -> str | None:
        everyone.wait(timeout=10)
        return code_of(here.describe_vpcs)

    with Faults(wire=[fault]).on() as faults, ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(look, range(4)))

    assert sorted(codes, key=str) == [None, *["UnauthorizedOperation"] * 3]
    assert len(faults.hits) == 3
