"""The road over CloudFormation, as far as a machine without AWS can see it."""

from __future__ import annotations

import json
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

import app as door
from deploy.cloudformation import template_of
from deploy.errors import DeployError
from deploy.stages import ROOT, Stage
from tests.infra.packaged import Packaged

MEGABYTE = 1_000_000
QUEUE = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:cordon-${Stage}-dead-letters"
EVENT_FUNCTIONS = {source.name for source in door.app.event_sources}
FUNCTIONS = {*EVENT_FUNCTIONS, "api_handler"}
SCHEDULES = {"sync_threat_lists", "watch_quarantines"}
NO_LETTER = {*SCHEDULES, "repair_drift"}  # the watcher sees to what was let out all the same
NOT_AGAIN = sorted(EVENT_FUNCTIONS - NO_LETTER)  # what nobody sends a second time


def lint(path: Path, *options: str) -> str:
    done = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), *options, path],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def of_type(template: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [each for each in template["Resources"].values() if each["Type"] == name]


# Before the transform `make audit` lints both stages' templates; they differ in values only.
@pytest.mark.parametrize("packaged", ["prod"], indirect=True)
def test_the_template_has_no_lint_after_sam(packaged: Packaged) -> None:
    assert lint(packaged.expanded_file()) == ""


def test_the_linter_would_see_a_resource_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text(json.dumps({"Resources": {"Typo": {"Properties": {}}}}))

    assert "E3001" in lint(path)


def test_every_function_of_the_app_is_there_under_its_fixed_name(packaged: Packaged) -> None:
    names = {name: each["FunctionName"] for name, each in packaged.functions.items()}

    assert names == {
        **{name: {"Fn::Sub": f"cordon-${{Stage}}-{name}"} for name in EVENT_FUNCTIONS},
        "api_handler": {"Fn::Sub": "cordon-${Stage}"},
    }


def test_the_stage_is_the_one_that_was_packaged_and_cannot_be_another(packaged: Packaged) -> None:
    parameter = packaged.template["Parameters"]["Stage"]

    assert parameter["Default"] == packaged.stage
    assert parameter["AllowedValues"] == [packaged.stage]


def test_dev_enforces_and_prod_observes(packaged: Packaged) -> None:
    mode = {"dev": "enforce", "prod": "observe"}[packaged.stage]

    for function in packaged.functions.values():
        said = function["Environment"]["Variables"]
        assert (said["STAGE"], said["CORDON_MODE"]) == (packaged.stage, mode)


def test_every_function_has_a_role_of_its_own_with_exactly_its_policy_file(
    packaged: Packaged,
) -> None:
    roles = [packaged.role(name)["RoleName"]["Fn::Sub"] for name in sorted(FUNCTIONS)]

    assert roles == [f"cordon-${{Stage}}-{name}" for name in sorted(FUNCTIONS)]
    for name in FUNCTIONS:
        role = packaged.role(name)
        file = ROOT / ".chalice" / "policies" / f"{name}.json"
        assert [each["PolicyDocument"] for each in role["Policies"]] == [
            json.loads(file.read_text())
        ]
        assert "ManagedPolicyArns" not in role


def test_every_method_of_the_api_asks_iam(packaged: Packaged) -> None:
    [api] = of_type(packaged.expanded, "AWS::ApiGateway::RestApi")
    body = api["Properties"]["Body"]
    served = {(path, verb.upper()) for path, each in body["paths"].items() for verb in each}
    routes = {(path, verb) for path, verbs in door.app.routes.items() for verb in verbs}

    assert served == routes
    for path, verb in served:
        security = body["paths"][path][verb.lower()]["security"]
        schemes = [body["securityDefinitions"][name] for each in security for name in each]
        assert [each["x-amazon-apigateway-authtype"] for each in schemes] == ["awsSigv4"]


def test_the_api_is_regional_traced_and_keeps_access_logs(packaged: Packaged) -> None:
    [api] = of_type(packaged.expanded, "AWS::ApiGateway::RestApi")
    [stage] = of_type(packaged.expanded, "AWS::ApiGateway::Stage")
    [deployment] = of_type(packaged.expanded, "AWS::ApiGateway::Deployment")
    log = stage["Properties"]["AccessLogSetting"]

    assert api["Properties"]["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert "StageName" not in deployment["Properties"]  # it would be a stage without all this
    assert stage["Properties"]["TracingEnabled"] is True
    assert ":log-group:/aws/apigateway/cordon-${Stage}" in log["DestinationArn"]["Fn::Sub"]
    assert json.loads(log["Format"])["who"] == "$context.identity.userArn"


def test_every_function_runs_on_arm_and_is_traced(packaged: Packaged) -> None:
    for function in packaged.functions.values():
        assert function["Architectures"] == ["arm64"]
        assert function["Tracing"] == "Active"


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_a_schedule_sends_no_letter_and_is_not_retried(packaged: Packaged, name: str) -> None:
    function = packaged.functions[name]
    [event] = function["Events"].values()

    assert event["Type"] == "Schedule"
    assert event["Properties"]["RetryPolicy"]["MaximumRetryAttempts"] == 0
    assert "DeadLetterConfig" not in event["Properties"]
    assert function["EventInvokeConfig"]["MaximumRetryAttempts"] == 0
    assert "DestinationConfig" not in function["EventInvokeConfig"]
    assert "sqs:SendMessage" not in json.dumps(packaged.role(name))


def test_what_lets_an_instance_out_is_tried_again_and_sends_no_letter(packaged: Packaged) -> None:
    """The watcher sees to it all the same; a letter would bury one that is a lost finding."""
    function = packaged.functions["repair_drift"]
    [event] = function["Events"].values()

    assert event["Properties"]["Pattern"] == door.CALLS_THAT_LET_OUT
    assert event["Properties"]["RetryPolicy"]["MaximumRetryAttempts"] == 185
    assert function["EventInvokeConfig"]["MaximumRetryAttempts"] == 2
    for said in (event["Properties"], function["EventInvokeConfig"]):
        assert not {"DeadLetterConfig", "DestinationConfig"} & set(said)


@pytest.mark.parametrize("name", NOT_AGAIN)
def test_what_fails_three_times_goes_to_the_dead_letters(packaged: Packaged, name: str) -> None:
    config = packaged.functions[name]["EventInvokeConfig"]

    assert config["MaximumRetryAttempts"] == 2
    assert config["DestinationConfig"]["OnFailure"] == {
        "Type": "SQS",
        "Destination": {"Fn::Sub": QUEUE},
    }


@pytest.mark.parametrize("name", NOT_AGAIN)
def test_lambda_may_send_what_fails(packaged: Packaged, name: str) -> None:
    [policy] = packaged.role(name)["Policies"]
    allowed = [
        each["Resource"]
        for each in policy["PolicyDocument"]["Statement"]
        if each["Action"] == "sqs:SendMessage"
    ]

    assert [
        fnmatch(f"arn:aws:sqs:eu-central-1:123456789012:cordon-{packaged.stage}-dead-letters", each)
        for each in allowed
    ] == [True]


@pytest.mark.parametrize("name", NOT_AGAIN)
def test_what_cannot_be_delivered_goes_to_the_dead_letters(packaged: Packaged, name: str) -> None:
    [event] = packaged.functions[name]["Events"].values()
    said = event["Properties"]

    if event["Type"] == "SNS":
        assert said["RedrivePolicy"] == {"deadLetterTargetArn": {"Fn::Sub": QUEUE}}
    else:
        assert said["DeadLetterConfig"] == {"Arn": {"Fn::Sub": QUEUE}}
        assert said["RetryPolicy"]["MaximumRetryAttempts"] > 0


def test_sam_keeps_the_dead_letters_of_rules_and_subscriptions(packaged: Packaged) -> None:
    rules = of_type(packaged.expanded, "AWS::Events::Rule")
    subscriptions = of_type(packaged.expanded, "AWS::SNS::Subscription")

    assert len(rules) + len(subscriptions) == len(EVENT_FUNCTIONS)
    for rule in rules:
        [target] = rule["Properties"]["Targets"]
        pattern = rule["Properties"].get("EventPattern")
        if pattern and pattern != door.CALLS_THAT_LET_OUT:
            assert target["DeadLetterConfig"] == {"Arn": {"Fn::Sub": QUEUE}}
        else:
            assert "DeadLetterConfig" not in target
    for each in subscriptions:
        assert each["Properties"]["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::Sub": QUEUE}


def test_no_concurrency_is_reserved_so_an_account_with_the_default_quota_will_do(
    packaged: Packaged,
) -> None:
    """An account has 10 at first, and AWS keeps as many free: to reserve even one fails."""
    for properties in packaged.functions.values():
        assert "ReservedConcurrentExecutions" not in properties


def test_the_zip_is_small_and_holds_what_ships_and_nothing_else(packaged: Packaged) -> None:
    tops = {name.split("/")[0] for name in packaged.zip}
    foreign = {"tests", "sandbox", "deploy", "bench", "infra", "boto3", "botocore", "moto"}

    assert packaged.zip_bytes < 4 * MEGABYTE
    assert {"app.py", "chalicelib", "chalice", "aws_lambda_powertools"} <= tops
    assert not tops & foreign
    assert "chalicelib/policy.toml" in packaged.zip


def test_two_packages_are_the_same_to_the_byte(packaged: Packaged, tmp_path: Path) -> None:
    again = Packaged.make(packaged.stage, tmp_path)

    for name in ("template.json", "deployment.zip"):
        assert (again.folder / name).read_bytes() == (packaged.folder / name).read_bytes()


def test_cloudformation_takes_the_template_without_a_bucket_for_it(packaged: Packaged) -> None:
    template = template_of(packaged.path.read_text(), f"s3://{'b' * 63}/cordon/{'0' * 64}.zip")

    assert len(template) < 51_200


def test_a_stage_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(DeployError, match="STAGE=dev or STAGE=prod"):
        Stage.of("staging")
