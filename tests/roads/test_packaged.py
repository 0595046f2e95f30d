"""What `make deploy STAGE=dev ARTIFACTS=bucket` leaves behind, and what it does there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from deploy.stages import ROOT
from sandbox.guard import REGION
from tests.roads.incident import (
    an_incident,
    call,
    check_it_was_contained_and_told,
    check_what_fails_three_times_is_a_dead_letter,
    groups_of,
)
from tests.roads.left_behind import (
    EVENT_FUNCTIONS,
    FUNCTIONS,
    check_the_api,
    check_what_fails_goes_to_the_dead_letters,
    check_what_is_undelivered_goes_to_the_dead_letters,
)
from tests.roads.local_aws import LocalAws, apis, local_aws, names, stacks

# moto's CloudFormation warns of each resource that it leaves out, whichever test made the stack.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")

BUCKET = "artifacts"
OVER_CLOUDFORMATION = ("--artifacts", BUCKET)


@dataclass(frozen=True)
class Dry:
    """What a dry run said, and what was there after it."""

    said: list[str]
    there: tuple[set[str], set[str], int]  # functions, stacks, and objects of the bucket


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(tmp_path_factory.mktemp("aws")) as made:
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield made


@pytest.fixture(scope="module")
def dry(empty: LocalAws) -> Dry:
    done = empty.road("deploy", "--dry-run", *OVER_CLOUDFORMATION)
    assert done.returncode == 0, done.stderr
    objects = boto3.client("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"]
    return Dry(done.stdout.splitlines(), (names(), stacks(), objects))


@pytest.fixture(scope="module")
def told(empty: LocalAws, dry: Dry) -> list[str]:
    """Return what the road told; it went over what the dry run left."""
    assert dry
    return empty.deploy(*OVER_CLOUDFORMATION).splitlines()


@pytest.fixture(scope="module")
def deployed(empty: LocalAws, told: list[str]) -> LocalAws:
    assert told
    return empty


def test_a_dry_run_shows_both_stacks_and_does_nothing(dry: Dry) -> None:
    assert "  add     Table (AWS::DynamoDB::Table)" in dry.said
    assert "  add     ContainFinding (AWS::Lambda::Function)" in dry.said
    assert dry.said[-1] == "nothing was changed"
    assert dry.there == (set(), set(), 0)


def test_both_stacks_are_told_before_one_of_them_is_made(told: list[str]) -> None:
    shown = [n for n, line in enumerate(told) if "would change" in line]
    begun = next(n for n, line in enumerate(told) if line.endswith("under way"))

    assert len(shown) == 2
    assert max(shown) < begun
    assert "  add     ContainFinding (AWS::Lambda::Function)" in told
    assert stacks() == {"cordon-dev-resources", "cordon-dev"}


def test_the_stack_says_where_the_api_is(told: list[str]) -> None:
    [api] = apis()

    assert told[-1] == f"the API: https://{api}.execute-api.{REGION}.amazonaws.com/api/"


@pytest.mark.usefixtures("deployed")
def test_nobody_deletes_a_stack_but_by_make_destroy() -> None:
    cloudformation = boto3.client("cloudformation")

    assert all(s["EnableTerminationProtection"] for s in cloudformation.describe_stacks()["Stacks"])
    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        cloudformation.delete_stack(StackName="cordon-dev-resources")


@pytest.mark.usefixtures("deployed")
def test_every_function_is_there_and_what_fails_goes_to_the_dead_letters() -> None:
    assert names() == FUNCTIONS
    check_what_fails_goes_to_the_dead_letters()
    check_what_is_undelivered_goes_to_the_dead_letters()


@pytest.mark.usefixtures("deployed")
def test_every_function_has_a_role_of_its_own_with_its_policy_file() -> None:
    iam: Any = boto3.client("iam")
    roles = {
        each["FunctionName"]: each["Role"].split("/")[-1]
        for each in boto3.client("lambda").list_functions()["Functions"]
    }

    assert roles == {
        "cordon-dev": "cordon-dev-api_handler",
        **{name: name for name in EVENT_FUNCTIONS},
    }
    for role in roles.values():
        [policy] = iam.list_role_policies(RoleName=role)["PolicyNames"]
        said = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        file = ROOT / ".chalice" / "policies" / f"{role.removeprefix('cordon-dev-')}.json"
        assert said == json.loads(file.read_text())


@pytest.mark.usefixtures("deployed")
def test_every_method_asks_iam_and_the_stage_is_traced_and_logged() -> None:
    gateway: Any = boto3.client("apigateway")

    check_the_api()
    [stage] = gateway.get_stages(restApiId=apis()[0])["item"]
    assert stage["accessLogSettings"]["destinationArn"].endswith("/aws/apigateway/cordon-dev")


@pytest.fixture(scope="module")
def incident(deployed: LocalAws) -> str:
    return an_incident(deployed)


def test_a_finding_on_the_bus_contains_the_instance_and_the_notifier_hears(
    deployed: LocalAws, incident: str
) -> None:
    check_it_was_contained_and_told(deployed, incident)
    ended = {(each.function, each.error) for each in deployed.delivery.attempts}
    functions = ("contain_finding", "notify", "repair_drift")
    assert ended == {(f"cordon-dev-{each}", "") for each in functions}


def test_an_event_that_fails_three_times_ends_in_the_dead_letters(
    deployed: LocalAws, incident: str
) -> None:
    check_what_fails_three_times_is_a_dead_letter(deployed, incident)


def test_a_second_run_changes_nothing_and_keeps_the_incident(
    deployed: LocalAws, incident: str
) -> None:
    before = (names(), apis(), stacks())

    again = deployed.road("deploy", *OVER_CLOUDFORMATION)

    assert again.returncode == 0, again.stderr
    assert again.stdout.count("no resource(s) would change") == 2
    assert "under way" not in again.stdout
    assert (names(), apis(), stacks()) == before
    [code] = boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert code["Key"].endswith(".zip")
    assert groups_of(incident) == ["cordon-dev-deny"]


@pytest.mark.usefixtures("deployed")
def test_the_other_road_is_closed_to_the_stage(deployed: LocalAws) -> None:
    done = deployed.road("deploy")

    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "give ARTIFACTS=" in line


def test_destroy_takes_both_stacks_away_once_the_instance_is_released(
    deployed: LocalAws, incident: str
) -> None:
    refused = deployed.road("destroy")
    assert refused.stderr == f"destroy: still quarantined: {incident}: release them first\n"
    release = {"reason": "rebuilt", "verdict": "remediated"}
    status, _ = call("POST", "/quarantines/{instance_id}/release", incident, release)
    assert status == 200
    assert groups_of(incident) == ["default"]
    assert deployed.delivery.drain(120)

    done = deployed.road("destroy")

    assert done.returncode == 0, done.stderr
    assert (names(), apis(), stacks()) == (set(), [], set())
    assert boto3.client("events").list_rules()["Rules"] == []
    assert boto3.client("sns").list_subscriptions()["Subscriptions"] == []
