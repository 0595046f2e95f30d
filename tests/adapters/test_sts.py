from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

from chalicelib.adapters.errors import aws_errors
from chalicelib.adapters.session import Session
from chalicelib.adapters.sts import account_in, member_session, own_account
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.wiring.aws import PATIENCE
from sandbox.faithful.faults import Fault, Faults
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION
from tests.builders import OTHER_ACCOUNT

ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def home(aws: None) -> Session:  # noqa: ARG001 - it is there
    return Session(AWS_REGION)


def assumed(session: Session) -> list[dict[str, Any]]:
    """Return a list that fills with what STS is asked to assume."""
    asked: list[dict[str, Any]] = []
    session.inner.get_component("event_emitter").register(
        "provide-client-params.sts.AssumeRole", lambda params, **_: asked.append(params)
    )
    return asked


def test_the_own_account_is_the_one_of_the_session(home: Session) -> None:
    assert own_account(home, ONCE) == AWS_ACCOUNT


def test_an_arn_says_whose_account_it_is_of_and_an_empty_one_nothing() -> None:
    arn = "arn:aws-us-gov:lambda:us-gov-west-1:210987654321:function:cordon-dev-notify:live"

    assert account_in(arn) == "210987654321"
    assert account_in("") == ""


def test_a_session_that_cannot_say_its_account_is_busy(home: Session) -> None:
    fault = Fault("sts.GetCallerIdentity", kind="timeout_before")

    with Faults(wire=[fault]).on(), pytest.raises(AwsBusyError, match="ask for the own account"):
        own_account(home, ONCE)


def test_a_member_account_is_entered_by_its_role_with_an_external_id(home: Session) -> None:
    asked = assumed(home)

    member = member_session(home, OTHER_ACCOUNT, "prod", ONCE)
    account = member.client("sts").get_caller_identity()["Account"]

    assert account == OTHER_ACCOUNT
    assert asked == [
        {
            "RoleArn": f"arn:aws:iam::{OTHER_ACCOUNT}:role/cordon-prod-member",
            "RoleSessionName": "cordon",
            "ExternalId": "cordon-prod",
        }
    ]


def test_what_is_done_in_a_member_session_happens_there(home: Session) -> None:
    member = member_session(home, OTHER_ACCOUNT, "dev", ONCE).client("ec2")

    made = member.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]

    here = {vpc["VpcId"] for vpc in home.client("ec2").describe_vpcs()["Vpcs"]}
    there = {vpc["VpcId"] for vpc in member.describe_vpcs()["Vpcs"]}
    assert made in there - here


def test_nothing_is_asked_of_sts_before_the_first_call(home: Session) -> None:
    asked = assumed(home)

    member_session(home, OTHER_ACCOUNT, "dev", ONCE).client("ec2")

    assert asked == []


def test_one_role_session_serves_many_calls(home: Session) -> None:
    asked = assumed(home)
    ec2 = member_session(home, OTHER_ACCOUNT, "dev", ONCE).client("ec2")

    ec2.describe_vpcs()
    ec2.describe_vpcs()

    assert len(asked) == 1


@pytest.mark.usefixtures("aws")
def test_a_member_session_works_in_the_region_of_the_home_session() -> None:
    home = Session("eu-central-1")

    assert member_session(home, OTHER_ACCOUNT, "dev", ONCE).region_name == "eu-central-1"


@pytest.mark.usefixtures("aws")
def test_the_role_is_named_in_the_partition_of_the_region() -> None:
    home = Session("us-gov-west-1")
    asked = assumed(home)

    member_session(home, OTHER_ACCOUNT, "dev", ONCE).client("ec2").describe_vpcs()

    assert asked[0]["RoleArn"].startswith("arn:aws-us-gov:iam::")


def test_an_account_that_does_not_let_cordon_in_is_refused(home: Session) -> None:
    ec2 = member_session(home, OTHER_ACCOUNT, "dev", ONCE).client("ec2", config=ONCE)
    fault = Fault("sts.AssumeRole", code="AccessDenied", status=403)

    with (
        Faults(wire=[fault]).on(),
        pytest.raises(AwsRefusedError, match="AccessDenied"),
        aws_errors("describe the VPCs"),
    ):
        ec2.describe_vpcs()


def test_sts_waits_no_longer_for_a_role_than_other_services_for_an_answer(home: Session) -> None:
    made: list[Config] = []
    create = home.inner.create_client

    def recorded(*args: Any, **kwargs: Any) -> Any:
        made.append(kwargs["config"])
        return create(*args, **kwargs)

    home.inner.create_client = recorded  # type: ignore[method-assign]
    member = member_session(home, OTHER_ACCOUNT, "dev", PATIENCE)

    member.client("sts").get_caller_identity()

    assert made == [PATIENCE]
