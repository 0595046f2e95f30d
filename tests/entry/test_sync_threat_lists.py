"""The whole way on moto: objects in the bucket, sets in GuardDuty, notices on the topic."""

from __future__ import annotations

import contextlib
import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.test import Client
from moto import mock_aws
from moto.moto_api import state_manager

from chalicelib.adapters.ec2.public_addresses import Ec2PublicAddresses
from chalicelib.core.errors import AwsBusyError, AwsRefusedError, CordonError
from chalicelib.wiring import curator, responder
from sandbox.faithful.faults import Crash, Fault, Faults
from sandbox.faithful.guardduty_lists import MODEL
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION, BUCKET, make_table
from tests.builders import OTHER_ACCOUNT, an_event
from tests.entry.home import session_of
from tests.entry.lists import ELSEWHERE, LISTS, Lists, make_lists

pytestmark = pytest.mark.no_cover  # the same lines, very often

GOOD = ("45.1.2.3", "45.1.2.4/31", "80.9.0.0/16", "bad.example.com")
CLEAN = ["45.1.2.3", "45.1.2.4/31", "80.9.0.0/16", "bad.example.com"]
MUTATING = ("Put", "Create", "Update", "Delete", "Publish", "Copy")


@pytest.fixture
def lists(client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lists]:
    with mock_aws():
        curator._curator.cache_clear()
        made = make_lists(client, monkeypatch)
        make_table(made.session.client("dynamodb"))
        yield made
        curator._curator.cache_clear()


@pytest.fixture
def slowly() -> Iterator[None]:
    state_manager.set_transition(MODEL, {"progression": "manual", "times": 2})
    yield
    state_manager.unset_transition(MODEL)


def test_a_messy_source_becomes_an_active_list(lists: Lists) -> None:
    lists.put("sources/feed.txt", "# a comment", "", *GOOD, "10.0.0.1", "0.0.0.0/0", "nonsense")

    answer = lists.sync()

    assert answer == {"outcome": "published", "entries": 4}
    assert lists.active() == CLEAN
    (found,) = lists.sets().values()
    assert (found["Name"], found["Format"], found["Status"]) == (
        "cordon-dev-threats-1",
        "TXT",
        "ACTIVE",
    )
    assert found["ExpectedBucketOwner"] == AWS_ACCOUNT
    assert found["Location"].startswith(f"s3://{LISTS}/published/lists/")
    (notice,) = lists.told()
    assert (notice["kind"], notice["outcome"]) == ("threat_list", "published")
    assert notice["sources"][0]["refused"] == {"private": 1, "too_wide": 1, "no_address": 1}
    assert "1 private (line 7)" in notice["text"]


def test_an_unchanged_run_changes_nothing(lists: Lists) -> None:
    lists.put("sources/feed.txt", *GOOD)
    lists.sync()

    with Faults().on() as faults:
        answer = lists.sync()

    assert answer["outcome"] == "unchanged"
    operations = [call.operation.partition(".")[2] for call in faults.calls]
    assert operations
    assert [each for each in operations if each.startswith(MUTATING)] == []


@pytest.mark.parametrize(
    ("poison", "guard"),
    [
        (("<html>", "502 Bad Gateway"), "empty"),
        ((), "empty"),
        (("45.1.2.3",), "shrunk"),
        (tuple(f"45.{n}.7.1" for n in range(200)), "grown"),
    ],
)
def test_a_poisoned_whole_leaves_the_last_good_list_and_people_are_told_once(
    lists: Lists, poison: tuple[str, ...], guard: str
) -> None:
    lists.put("sources/feed.txt", *GOOD)
    lists.sync()
    lists.told()
    before = lists.sets()

    lists.put("sources/feed.txt", *poison)
    answers = [lists.sync() for _ in range(3)]

    assert {answer["outcome"] for answer in answers} == {"refused"}
    assert guard in answers[0]["guards"]
    assert lists.active() == CLEAN
    assert [each["Location"] for each in lists.sets().values()] == [
        each["Location"] for each in before.values()
    ]
    (notice,) = lists.told()
    assert notice["outcome"] == "refused"
    assert guard in notice["guards"]
    assert f"--key overrides/{notice['digest']}" in notice["text"]


def test_an_override_lets_one_list_through_once(lists: Lists) -> None:
    lists.put("sources/feed.txt", *GOOD)
    lists.sync()
    lists.put("sources/feed.txt", "45.1.2.3")
    lists.sync()
    digest = lists.told()[-1]["digest"]

    lists.put(f"overrides/{digest}")
    answer = lists.sync()
    lists.put("sources/feed.txt", *GOOD, *(f"45.{n}.7.1" for n in range(200)))
    again = lists.sync()

    assert answer == {"outcome": "published", "entries": 1}
    assert lists.active() == ["45.1.2.3"]
    assert lists.names("overrides/") == []
    assert again["outcome"] == "refused"


def test_our_own_addresses_and_trusted_ones_never_go_live(lists: Lists) -> None:
    ec2 = lists.session.client("ec2")
    own = ec2.allocate_address(Domain="vpc")["PublicIp"]
    lists.put("trusted/partners.txt", "80.9.1.0/24", "*.example.org")
    lists.put("sources/feed.txt", "45.1.2.3", own, "80.9.0.0/16", "www.example.org", "80.9.1.7")

    lists.sync()

    assert lists.active() == ["45.1.2.3"]
    (notice,) = lists.told()
    assert notice["sources"][0]["refused"] == {"own": 1, "trusted": 3}


def test_our_own_addresses_of_another_region_never_go_live_either(lists: Lists) -> None:
    elsewhere = lists.session.client("ec2", region_name=ELSEWHERE)
    own = elsewhere.allocate_address(Domain="vpc")["PublicIp"]
    lists.put("sources/feed.txt", "45.1.2.3", own)

    lists.sync()

    assert lists.active() == ["45.1.2.3"]


@pytest.mark.parametrize(("closed", "ends"), [(ELSEWHERE, "published"), (AWS_REGION, "refused")])
def test_a_region_that_the_organisation_closes_stops_no_list_unless_it_is_ours(
    lists: Lists, monkeypatch: pytest.MonkeyPatch, closed: str, ends: str
) -> None:
    open_to_all = Ec2PublicAddresses.all

    def all_(of: Any) -> tuple[str, ...]:
        if of._ec2.meta.region_name == closed:
            raise AwsRefusedError("look", "UnauthorizedOperation")
        return open_to_all(of)

    monkeypatch.setattr(Ec2PublicAddresses, "all", all_)
    lists.put("sources/feed.txt", "45.1.2.3")

    with pytest.raises(AwsRefusedError) if ends == "refused" else contextlib.nullcontext():
        assert lists.sync()["outcome"] == "published"


def test_a_member_role_of_an_earlier_version_which_may_not_list_regions_stops_no_list(
    lists: Lists,
) -> None:
    refusal = Fault("ec2.DescribeRegions", code="UnauthorizedOperation", status=403)
    lists.put("sources/feed.txt", "45.1.2.3")

    with Faults(wire=[refusal]).on():
        assert lists.sync()["outcome"] == "published"


def test_addresses_of_an_account_that_we_may_act_in_are_ours_too(lists: Lists, policy: Any) -> None:
    policy(f'kind = "entity"\n[accounts]\nallowed = ["{OTHER_ACCOUNT}"]')
    there = session_of(lists.session, OTHER_ACCOUNT).client("ec2")
    address = there.allocate_address(Domain="vpc")["PublicIp"]
    lists.put("sources/feed.txt", "45.1.2.3", address)

    lists.sync()

    assert lists.told()[0]["sources"][0]["refused"] == {"own": 1}


def test_a_finding_of_the_list_says_who_listed_the_other_end(lists: Lists) -> None:
    lists.session.client("s3").create_bucket(Bucket=BUCKET)
    responder._responder.cache_clear()
    lists.put("sources/feed.txt", "# cordon: confidence=high", "198.51.101.0/24")
    lists.sync()
    lists.told()

    answer = lists.client.lambda_.invoke(
        "contain_finding",
        an_event(
            type_="UnauthorizedAccess:EC2/MaliciousIPCaller.Custom",
            account_id=AWS_ACCOUNT,
            region=AWS_REGION,
            action={
                "networkConnectionAction": {
                    "connectionDirection": "OUTBOUND",
                    "remoteIpDetails": {"ipAddressV4": "198.51.101.23"},
                }
            },
            additional_info={"threatListName": "cordon-dev-threats-1"},
        ),
    ).payload
    responder._responder.cache_clear()

    assert answer["outcome"] == "alerted"
    (notice,) = lists.told()
    assert notice["finding"]["threat_list"] == {
        "sources": ["sources/feed.txt"],
        "confidence": "high",
        "trouble": None,
    }


def test_what_others_made_is_never_touched(lists: Lists) -> None:
    lists.put("elsewhere.txt", "198.51.100.1")
    guardduty = lists.session.client("guardduty")
    theirs: dict[str, Any] = {
        "DetectorId": lists.detector,
        "Format": "TXT",
        "Location": f"s3://{LISTS}/elsewhere.txt",
        "Activate": True,
    }
    guardduty.create_threat_entity_set(Name="corporate", **theirs)
    guardduty.create_threat_entity_set(Name="cordon-dev-x-threats-1", **theirs)
    guardduty.create_threat_intel_set(Name="cordon-dev-threats", **theirs)
    before = lists.sets() | lists.sets("intel")

    lists.put("sources/feed.txt", *GOOD)
    lists.sync()
    lists.put("sources/feed.txt", *GOOD, "45.1.3.3")
    lists.sync()

    after = lists.sets() | lists.sets("intel")
    ours = after.pop("cordon-dev-threats-1")
    assert ours["Status"] == "ACTIVE"
    for name, found in before.items():
        assert {**after[name], "ResponseMetadata": 0} == {**found, "ResponseMetadata": 0}


@pytest.mark.usefixtures("slowly")
def test_a_set_that_is_activating_is_left_alone(lists: Lists) -> None:
    lists.put("sources/feed.txt", *GOOD)
    lists.sync()
    lists.put("sources/feed.txt", *GOOD, "45.1.3.3")

    first, second = lists.sync(), lists.sync()

    assert (first["outcome"], second["outcome"]) == ("waiting", "published")


def test_a_list_that_guardduty_cannot_activate_is_taken_back(lists: Lists) -> None:
    lists.put("sources/feed.txt", *GOOD)
    lists.sync()
    lists.put("sources/feed.txt", *GOOD, "45.1.3.3")
    lists.sync()
    lists.spoil()
    lists.told()

    answers = [lists.sync() for _ in range(3)]

    assert [each["outcome"] for each in answers] == ["rolled_back", "refused", "refused"]
    assert lists.active() == CLEAN
    (notice,) = lists.told()
    assert notice["outcome"] == "rolled_back"
    lists.put("sources/feed.txt", *GOOD, "45.1.4.4")
    assert lists.sync()["outcome"] == "published"
    assert "45.1.4.4" in lists.active()


def test_a_first_list_that_cannot_be_activated_leaves_no_set(lists: Lists) -> None:
    lists.put("sources/feed.txt", *GOOD)
    lists.sync()
    lists.spoil()

    assert lists.sync() == {"outcome": "rolled_back", "entries": 0}
    assert lists.sync()["guards"] == ["not_activated"]
    assert lists.sets() == {}


def test_a_long_list_takes_several_sets_and_a_shorter_one_gives_them_back(
    lists: Lists, policy: Any
) -> None:
    policy("max_entries = 10\nmax_shrink = 0.9")
    entries = [f"45.0.{n}.1" for n in range(25)]
    lists.put("sources/feed.txt", *entries)
    lists.sync()
    names = sorted(lists.sets())

    lists.put("sources/feed.txt", *entries[:5])
    lists.sync()

    assert names == [f"cordon-dev-threats-{n}" for n in (1, 2, 3)]
    assert sorted(lists.sets()) == ["cordon-dev-threats-1"]
    assert lists.active() == entries[:5]


def test_of_a_list_that_does_not_fit_what_fits_is_kept_and_the_rest_is_told(
    lists: Lists, policy: Any
) -> None:
    policy("max_entries = 2\nmax_lists = 2")
    lists.put("sources/a.txt", "45.9.0.1", "45.9.0.3")
    lists.put("sources/b.txt", "# cordon: confidence=high", *(f"45.0.{n}.1" for n in range(3)))

    assert lists.sync() == {"outcome": "published", "entries": 4}
    assert lists.active() == ["45.0.0.1", "45.0.1.1", "45.0.2.1", "45.9.0.1"]
    (notice,) = lists.told()
    assert notice["subject"] == "Threat list published: 4 entries, 1 LEFT OUT: no room"


def test_another_kind_takes_the_place_of_the_one_before(lists: Lists, policy: Any) -> None:
    lists.put("sources/feed.txt", *GOOD)
    lists.sync()

    policy('kind = "ip"')
    lists.sync()

    assert lists.sets() == {}
    assert lists.active("intel") == CLEAN[:3]


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    def write(settings: str) -> None:
        overlay = tmp_path / "policy.toml"
        overlay.write_text(f"version = 1\n[threat_lists]\n{settings}\n")
        monkeypatch.setenv("CORDON_POLICY", str(overlay))

    return write


def test_without_sources_there_is_nothing_to_do_and_nothing_to_tell(lists: Lists) -> None:
    assert lists.sync() == {"outcome": "no_sources", "entries": 0}
    assert lists.told() == []
    assert lists.names("published/") == []


def test_a_gzipped_source_with_a_sidecar(lists: Lists) -> None:
    s3 = lists.session.client("s3")
    s3.put_object(Bucket=LISTS, Key="sources/", Body=b"")
    s3.put_object(Bucket=LISTS, Key="sources/f.gz", Body=gzip.compress(b"\xef\xbb\xbf45.1.2.3\r\n"))
    lists.put("sources/f.gz.meta.json", '{"confidence": "high", "expires": "2999-01-01"}')

    lists.sync()

    assert lists.active() == ["45.1.2.3"]
    assert lists.told()[0]["sources"][0]["confidence"] == "high"


def test_a_crash_after_any_call_of_aws_converges(lists: Lists) -> None:
    lists.put("sources/feed.txt", *GOOD)
    lists.sync()
    with Faults().on() as faults:
        lists.put("sources/feed.txt", *GOOD, "45.99.0.1")
        lists.sync()
    calls = len(faults.calls)
    lists.told()

    for nth in range(1, calls + 1):
        entry = f"45.{nth}.0.1"
        lists.put("sources/feed.txt", *GOOD, entry)
        with Faults(crash_at=nth, after=True).on(), contextlib.suppress(Crash):
            lists.sync()
        lists.sync()

        assert entry in lists.active(), nth
        assert len(lists.active()) == 5
        assert "published" in [each["outcome"] for each in lists.told()], nth
        assert lists.sync()["outcome"] == "unchanged"


def test_what_aws_refuses_raises_and_nothing_is_called_published(lists: Lists) -> None:
    lists.put("sources/feed.txt", *GOOD)
    for operation, code, error in (
        ("ec2.DescribeAddresses", "UnauthorizedOperation", AwsRefusedError),
        ("s3.ListObjectsV2", "AccessDenied", AwsRefusedError),
        ("s3.PutObject", "SlowDown", AwsBusyError),
        ("guardduty.CreateThreatEntitySet", "AccessDenied", AwsRefusedError),
    ):
        status = 503 if error is AwsBusyError else 403
        with (
            Faults(wire=[Fault(operation, code=code, status=status)]).on(),
            pytest.raises(error),
        ):
            lists.sync()
        assert lists.active() == []
        assert lists.told() == []

    assert lists.sync()["outcome"] == "repaired"
    assert lists.active() == CLEAN
    assert len(lists.told()) == 1


def test_of_two_syncs_at_once_one_goes_on_and_the_other_is_told(lists: Lists) -> None:
    lists.put("sources/feed.txt", *GOOD)
    lists.sync()
    slow = curator.curator()
    lists.put("sources/feed.txt", *GOOD, "45.1.3.3")
    stale = slow.shelf.memory()

    lists.sync()
    with pytest.raises(CordonError, match="another sync"):
        slow.shelf.save(stale)

    assert "45.1.3.3" in lists.active()
