"""What CloudFormation makes of a template."""

from __future__ import annotations

import json
from typing import Any

from sandbox.faithful.sam import TRANSFORM
from tests.sandbox.checks import gap
from tests.sandbox.estate import Estate, client, code_of

TRUST = {"Version": "2012-10-17", "Statement": []}
ANY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


def make(resources: dict[str, Any], **more: Any) -> None:
    template = json.dumps({"Resources": resources, **more})
    client("cloudformation").create_stack(StackName="stack", TemplateBody=template)


@gap
def a_template_of_sam_is_expanded(_: Estate) -> None:
    make({"Table": {"Type": "AWS::Serverless::SimpleTable"}}, Transform=TRANSFORM)

    assert len(client("dynamodb").list_tables()["TableNames"]) == 1


@gap
def a_stack_that_is_protected_is_not_deleted(_: Estate) -> None:
    make({"Topic": {"Type": "AWS::SNS::Topic"}})
    aws = client("cloudformation")
    aws.update_termination_protection(StackName="stack", EnableTerminationProtection=True)

    refused = code_of(aws.delete_stack, StackName="stack")

    assert refused == "ValidationError"
    assert aws.describe_stacks()["Stacks"][0]["EnableTerminationProtection"] is True
    aws.update_termination_protection(StackName="stack", EnableTerminationProtection=False)
    aws.delete_stack(StackName="stack")
    assert aws.describe_stacks()["Stacks"] == []


@gap
def a_stack_that_a_change_set_made_has_its_outputs(_: Estate) -> None:
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "queue"}}},
        "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}},
    }
    cloudformation = client("cloudformation")
    made = cloudformation.create_change_set(
        StackName="stack",
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps(template),
    )

    cloudformation.execute_change_set(ChangeSetName=made["Id"])

    [stack] = cloudformation.describe_stacks(StackName="stack")["Stacks"]
    assert [each["OutputValue"] for each in stack.get("Outputs", ())] == ["queue"]


@gap
def an_api_has_the_methods_of_its_body_and_goes_with_its_stack(_: Estate) -> None:
    signed = {"type": "apiKey", "x-amazon-apigateway-authtype": "awsSigv4"}
    body = {
        "swagger": "2.0",
        "info": {"title": "api", "version": "1.0"},
        "paths": {"/mode": {"get": {"security": [{"signed": []}], "responses": {}}}},
        "securityDefinitions": {"signed": signed},
    }
    gateway = client("apigateway")

    make({"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body}}})

    [api] = gateway.get_rest_apis()["items"]
    [mode] = [
        each
        for each in gateway.get_resources(restApiId=api["id"])["items"]
        if each["path"] == "/mode"
    ]
    assert mode["resourceMethods"]["GET"]["authorizationType"] == "AWS_IAM"
    client("cloudformation").delete_stack(StackName="stack")
    assert gateway.get_rest_apis()["items"] == []


@gap
def a_role_has_its_policy_as_it_was_written(_: Estate) -> None:
    policy = {"PolicyName": "none", "PolicyDocument": ANY}
    properties = {"RoleName": "r", "AssumeRolePolicyDocument": TRUST, "Policies": [policy]}
    make({"Role": {"Type": "AWS::IAM::Role", "Properties": properties}})

    said = client("iam").get_role_policy(RoleName="r", PolicyName="none")

    assert said["PolicyDocument"] == ANY


@gap
def a_subscription_is_made_with_its_filter_and_goes_with_its_stack(_: Estate) -> None:
    properties = {
        "TopicArn": {"Ref": "Topic"},
        "Protocol": "email",
        "Endpoint": "soc@example.com",
        "FilterPolicy": {"kind": ["finding"]},
    }
    sns = client("sns")

    make(
        {
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Mail": {"Type": "AWS::SNS::Subscription", "Properties": properties},
        }
    )

    made = [each["SubscriptionArn"] for each in sns.list_subscriptions()["Subscriptions"]]
    assert len(made) == 1
    said = sns.get_subscription_attributes(SubscriptionArn=made[0])["Attributes"]
    assert json.loads(said["FilterPolicy"]) == {"kind": ["finding"]}
    client("cloudformation").delete_stack(StackName="stack")
    assert sns.list_subscriptions()["Subscriptions"] == []
