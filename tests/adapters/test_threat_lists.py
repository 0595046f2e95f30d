"""The bucket of the threat lists, GuardDuty's sets and our own addresses, on moto."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.adapters.ec2.public_addresses import Ec2PublicAddresses
from chalicelib.adapters.threat_index import S3ThreatIndex
from chalicelib.adapters.threat_lists import S3ThreatLists
from chalicelib.adapters.threat_sets import GuardDutyThreatSets
from chalicelib.core.errors import AwsBusyError, AwsRefusedError, ListMovedError
from chalicelib.core.findings.origin import Confidence, Origin
from chalicelib.core.policy.policy import ListKind
from chalicelib.core.threat_lists.publication import Listed, Memory, index_text
from chalicelib.core.threat_lists.sets import Create, Delete, Update
from chalicelib.flows.ports.curator import Shelf
from tests.adapters.aws import AWS_ACCOUNT
from tests.core.threat_lists.examples import a_publication
from tests.fakes.calls import Calls
from tests.fakes.threat_lists import FakeShelf

if TYPE_CHECKING:
    from mypy_boto3_guardduty import GuardDutyClient
    from mypy_boto3_s3 import S3Client

LISTS = "lists"


@pytest.fixture
def s3(session: boto3.Session, aws: None) -> S3Client:  # noqa: ARG001 - it is there
    client = session.client("s3")
    client.create_bucket(Bucket=LISTS)
    return client


@pytest.fixture(params=["fake", "s3"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    """The two implementations of the Shelf port."""
    if request.param == "fake":
        return FakeShelf(Calls())
    return S3ThreatLists(request.getfixturevalue("s3"), LISTS, AWS_ACCOUNT)


# The bucket


def test_names_are_sorted_and_under_their_prefix(shelf: Shelf) -> None:
    for name in ("sources/b", "sources/a", "trusted/c"):
        shelf.keep(name, "x")

    assert shelf.names("sources/") == ("sources/a", "sources/b")
    assert shelf.names("overrides/") == ()


def test_a_folder_is_no_object(s3: S3Client) -> None:
    s3.put_object(Bucket=LISTS, Key="sources/")

    assert S3ThreatLists(s3, LISTS, AWS_ACCOUNT).names("sources/") == ()


def test_names_go_on_over_pages(s3: S3Client) -> None:
    for n in range(1_005):
        s3.put_object(Bucket=LISTS, Key=f"sources/{n:04d}")

    assert len(S3ThreatLists(s3, LISTS, AWS_ACCOUNT).names("sources/")) == 1_005


def test_what_is_kept_is_read_and_never_written_over(shelf: Shelf) -> None:
    shelf.keep("published/a", "first é")
    shelf.keep("published/a", "second")

    assert shelf.read("published/a").decode() == "first é"


def test_what_is_not_there_cannot_be_read_and_may_be_removed(shelf: Shelf) -> None:
    with pytest.raises(AwsRefusedError, match=r"read sources/x: .*NoSuchKey"):
        shelf.read("sources/x")
    shelf.keep("overrides/a", "")

    shelf.remove("overrides/a")
    shelf.remove("overrides/a")

    assert shelf.names("overrides/") == ()


def test_what_is_remembered_first_and_next(shelf: Shelf) -> None:
    assert shelf.memory() == Memory()

    saved = shelf.save(replace(shelf.memory(), live=a_publication()))
    again = shelf.save(replace(saved, untold=("history/1.json",)))

    assert shelf.memory() == again
    assert shelf.memory().version == again.version


def test_whoever_saw_an_older_memory_cannot_save(shelf: Shelf) -> None:
    none = shelf.memory()
    first = shelf.save(replace(none, refused="a"))
    shelf.save(replace(first, refused="b"))

    for stale in (none, first):
        with pytest.raises(ListMovedError):
            shelf.save(replace(stale, refused="c"))
    assert shelf.memory().refused == "b"


def test_errors_of_s3_are_sorted(session: boto3.Session) -> None:
    client = session.client("s3")
    lists = S3ThreatLists(client, LISTS, AWS_ACCOUNT)
    calls: list[tuple[str, Any, Any, str, Any]] = [
        ("get_object", lists.memory, (), "AccessDenied", AwsRefusedError),
        ("get_object", lists.memory, (), "SlowDown", AwsBusyError),
        ("put_object", lists.save, (Memory(),), "AccessDenied", AwsRefusedError),
        ("put_object", lists.save, (Memory(),), "ConditionalRequestConflict", ListMovedError),
        ("put_object", lists.keep, ("a", "b"), "ConditionalRequestConflict", AwsBusyError),
        ("delete_object", lists.remove, ("a",), "AccessDenied", AwsRefusedError),
        ("list_objects_v2", lists.names, ("a",), "NoSuchBucket", AwsRefusedError),
    ]
    for operation, call, arguments, code, error in calls:
        with Stubber(client) as stubber:
            stubber.add_client_error(operation, code, http_status_code=400)
            with pytest.raises(error):
                call(*arguments)


# Who listed it


def test_the_index_of_the_live_list_is_asked(s3: S3Client) -> None:
    shelf = S3ThreatLists(s3, LISTS, AWS_ACCOUNT)
    index = S3ThreatIndex(s3, LISTS, AWS_ACCOUNT, "dev")
    text = index_text([Listed("sources/a", Confidence.HIGH, ("45.1.0.0/16",))])
    shelf.keep("published/indexes/i.json", text)
    memory = shelf.save(replace(shelf.memory(), live=a_publication()))

    assert index.look_up("45.1.2.3", ["cordon-dev-threats-1"]) == Origin(
        ("sources/a",), Confidence.HIGH
    )
    assert index.look_up("45.1.2.3", []) is not None
    assert index.look_up("45.2.2.3", ["cordon-dev-threats-1"]) is None
    assert index.look_up("45.1.2.3", ["corporate"]) is None
    shelf.save(replace(memory, live=None))
    assert index.look_up("45.1.2.3", []) is None


def test_an_index_that_is_not_there_is_an_error(s3: S3Client) -> None:
    with pytest.raises(AwsRefusedError, match=r"memory.json: .*NoSuchKey"):
        S3ThreatIndex(s3, LISTS, AWS_ACCOUNT, "dev").look_up("45.1.2.3", [])


# GuardDuty


@pytest.fixture
def guardduty(session: boto3.Session, s3: S3Client) -> GuardDutyClient:
    for name in ("a", "b"):
        s3.put_object(Bucket=LISTS, Key=f"published/{name}.txt", Body=b"45.1.2.3\n")
    client = session.client("guardduty")
    client.create_detector(Enable=True)
    return client


@pytest.mark.parametrize("kind", ListKind)
def test_a_set_is_made_once_changed_and_taken_away(
    guardduty: GuardDutyClient, kind: ListKind
) -> None:
    sets = GuardDutyThreatSets(guardduty, AWS_ACCOUNT)
    create = Create("cordon-dev-threats-1", kind, "s3://lists/published/a.txt")

    sets.apply(create)
    sets.apply(create)
    (made,) = sets.everyones()
    sets.apply(Update(made, "s3://lists/published/b.txt"))
    (changed,) = sets.everyones()
    sets.apply(Delete(changed))

    assert (made.name, made.kind, made.status, made.location) == (
        "cordon-dev-threats-1",
        kind,
        "ACTIVE",
        "s3://lists/published/a.txt",
    )
    assert changed == replace(made, location="s3://lists/published/b.txt")
    assert sets.everyones() == ()


def test_a_set_says_what_is_wrong_with_it(guardduty: GuardDutyClient) -> None:
    sets = GuardDutyThreatSets(guardduty, AWS_ACCOUNT)

    sets.apply(Create("cordon-dev-threats-1", ListKind.ENTITY, "s3://lists/missing.txt"))

    (found,) = sets.everyones()
    assert (found.status, "not found" in found.trouble) == ("ERROR", True)


def test_without_a_detector_there_is_nothing_to_look_at(session: boto3.Session) -> None:
    with mock_aws(), pytest.raises(AwsRefusedError, match="GuardDutyIsNotEnabled"):
        GuardDutyThreatSets(session.client("guardduty"), AWS_ACCOUNT).everyones()


# Our own addresses


@pytest.fixture
def pages() -> list[dict[str, Any]]:
    assigned = {"PrivateIpAddress": "10.0.0.2", "Association": {"PublicIp": "45.1.2.8"}}
    balancer = {"Association": {"PublicIp": "45.1.2.9", "IpOwnerId": "amazon-elb"}}
    inside = {"PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.1"}]}
    return [
        {"NetworkInterfaces": [balancer, inside], "NextToken": "t"},
        {
            "NetworkInterfaces": [
                {"PrivateIpAddresses": [inside["PrivateIpAddresses"][0], assigned]}
            ]
        },
    ]


def test_elastic_addresses_and_those_of_all_interfaces_are_ours(
    session: boto3.Session, pages: list[dict[str, Any]]
) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        found: Any = {"Addresses": [{"PublicIp": "45.1.2.3"}, {"CarrierIp": "10.1.1.1"}]}
        stubber.add_response("describe_addresses", found)
        for page in pages:
            stubber.add_response("describe_network_interfaces", page)

        assert Ec2PublicAddresses(client).all() == ("45.1.2.3", "45.1.2.8", "45.1.2.9")


def test_a_region_that_the_account_did_not_opt_in_to_is_not_asked(session: boto3.Session) -> None:
    client = session.client("ec2")
    said: Any = [("us-east-1", "opt-in-not-required"), ("af-south-1", "not-opted-in")]
    regions: Any = [{"RegionName": name, "OptInStatus": status} for name, status in said]
    with Stubber(client) as stubber:
        stubber.add_response("describe_regions", {"Regions": regions})

        assert Ec2PublicAddresses(client).regions() == ("us-east-1",)


def test_addresses_that_cannot_be_read_are_not_none(session: boto3.Session) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        stubber.add_client_error("describe_addresses", "UnauthorizedOperation")

        with pytest.raises(AwsRefusedError):
            Ec2PublicAddresses(client).all()
