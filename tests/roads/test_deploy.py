"""`chalice deploy` and what stands around it, on a local AWS."""

from __future__ import annotations

import boto3

from deploy.resources import parameters
from tests.roads.local_aws import LocalAws, apis, names, stacks


def test_a_dry_run_shows_all_and_does_nothing(aws: LocalAws) -> None:
    done = aws.road("deploy", "--dry-run")

    assert done.returncode == 0, done.stderr
    assert "add     Table (AWS::DynamoDB::Table)" in done.stdout
    assert (names(), stacks()) == (set(), set())
    assert boto3.client("dynamodb").list_tables()["TableNames"] == []


def test_the_plan_is_told_first_and_a_detector_that_is_there_is_kept(aws: LocalAws) -> None:
    there = boto3.client("guardduty").create_detector(Enable=True)["DetectorId"]

    told = aws.deploy().splitlines()

    plan = next(n for n, line in enumerate(told) if "would change" in line)
    done = next(n for n, line in enumerate(told) if line.endswith("under way"))
    assert plan < done
    said = stack_parameters()
    assert (said["CreateDetector"], said["DetectorId"]) == ("false", there)


def stack_parameters() -> dict[str, str]:
    [stack] = boto3.client("cloudformation").describe_stacks()["Stacks"]
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}


def test_without_its_state_no_second_api_is_made_and_none_is_forgotten(aws: LocalAws) -> None:
    aws.deploy()
    (aws.state / "dev.json").unlink()
    before = (names(), apis())

    for road in ("deploy", "destroy"):
        done = aws.road(road)

        assert done.returncode == 2
        [line] = done.stderr.splitlines()
        assert "dev.json is lost" in line
        assert (names(), apis()) == before


def test_without_its_state_the_stage_is_found_again_once_the_api_is_gone(aws: LocalAws) -> None:
    aws.deploy()
    (aws.state / "dev.json").unlink()
    before = names()
    boto3.client("lambda").delete_function(FunctionName="cordon-dev")
    boto3.client("apigateway").delete_rest_api(restApiId=apis()[0])

    aws.deploy()

    assert (names(), len(apis())) == (before, 1)
    assert len(boto3.client("events").list_rules()["Rules"]) == len(before) - 2
    assert len(boto3.client("sns").list_subscriptions()["Subscriptions"]) == 1


def test_destroy_leaves_nothing_running_and_again_is_well(aws: LocalAws) -> None:
    aws.deploy()

    first, second = aws.road("destroy"), aws.road("destroy")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert (names(), apis(), stacks()) == (set(), [], set())
    assert boto3.client("events").list_rules()["Rules"] == []
    assert boto3.client("dynamodb").list_tables()["TableNames"] == ["cordon-dev"]


def test_a_parameter_that_is_not_given_again_keeps_its_value() -> None:
    stack = {"Parameters": [{"ParameterKey": "Stage"}, {"ParameterKey": "ContainmentsEmail"}]}

    assert parameters({"Stage": "dev", "LogDays": "30"}, stack) == [
        {"ParameterKey": "Stage", "ParameterValue": "dev"},
        {"ParameterKey": "LogDays", "ParameterValue": "30"},
        {"ParameterKey": "ContainmentsEmail", "UsePreviousValue": True},
    ]


def test_a_parameter_that_a_new_stack_is_not_given_has_its_default() -> None:
    assert parameters({"Stage": "dev"}, None) == [
        {"ParameterKey": "Stage", "ParameterValue": "dev"}
    ]


def test_a_stage_that_came_over_cloudformation_is_left_to_it(aws: LocalAws) -> None:
    boto3.client("cloudformation").create_stack(
        StackName="cordon-dev",
        TemplateBody='{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}',
    )

    done = aws.road("deploy")

    assert done.returncode == 2
    assert "give ARTIFACTS=" in done.stderr
    assert names() == set()
