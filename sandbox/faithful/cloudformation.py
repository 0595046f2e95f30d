"""CloudFormation expands SAM, keeps the outputs of a change set, and makes what SAM expands to.

moto passes over SAM's resources, shows no outputs of a stack that a change set made, takes an API
without its body, protects no stack, and knows three of the kinds here not at all. What it drops of
a kind that it knows (architectures and traces of functions) it still drops.
Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from moto.apigateway.models import APIGatewayBackend, RestAPI, apigateway_backends
from moto.awslambda.models import lambda_backends
from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Stack
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult
from moto.iam.models import Role
from moto.sns.models import sns_backends

from sandbox.faithful import apigateway
from sandbox.faithful.mending import mend
from sandbox.faithful.sam import TRANSFORM, expand


@cache
def install() -> None:
    """Mend moto for this process; again does nothing."""
    apigateway.install()  # it takes the bodies that are in templates
    _expand_sam()
    _keep_outputs()
    _make_apis()
    _keep_policies()
    _guard_stacks()
    _know("AWS::ApiGateway::Stage", _make_stage)
    _know("AWS::Lambda::EventInvokeConfig", _make_event_invoke_config)
    _know("AWS::SNS::Subscription", _make_subscription, _delete_subscription)


def _expand_sam() -> None:
    original: Callable[[str], dict[str, Any]] = Stack.parse_template

    def parse_template(template: str) -> dict[str, Any]:
        parsed = original(template)
        for each in parsed.get("Resources", {}).values():
            if each.get("DeletionPolicy") == "RetainExceptOnCreate":
                each["DeletionPolicy"] = "Retain"  # moto knows only this word for it
        return expand(parsed) if parsed.get("Transform") == TRANSFORM else parsed

    def parse_of_change_set(change_set: Any) -> None:
        change_set.template_dict = parse_template(change_set.template)

    mend(Stack, "parse_template", staticmethod(parse_template))
    mend(ChangeSet, "_parse_template", parse_of_change_set)


def _keep_outputs() -> None:
    original = CloudFormationBackend.execute_change_set

    def execute_change_set(
        backend: Any, change_set_name: str, stack_name: str | None = None
    ) -> None:
        original(backend, change_set_name, stack_name)
        stack = backend.stacks[backend.describe_change_set(change_set_name).stack_id]
        stack._parse_template()
        stack.output_map = stack._create_output_map()

    mend(CloudFormationBackend, "execute_change_set", execute_change_set)


def _make_apis() -> None:
    """Make an API from the body that SAM gives it, and let it go with its stack."""

    def create(
        _: type,
        /,
        _name: str,
        template: dict[str, Any],
        account_id: str,
        region_name: str,
        **_more: Any,
    ) -> Any:
        said = template["Properties"]
        backend: APIGatewayBackend = apigateway_backends[account_id][region_name]
        api = backend.create_rest_api(
            name=said.get("Name") or said["Body"]["info"]["title"],
            description=said.get("Description", ""),
            endpoint_configuration=said.get("EndpointConfiguration"),
        )
        if "Body" in said:
            backend.put_rest_api(api.id, said["Body"], fail_on_warnings=False)
        return api

    def delete(api: Any, account_id: str, region_name: str) -> None:
        apigateway_backends[account_id][region_name].delete_rest_api(api.id)

    mend(RestAPI, "create_from_cloudformation_json", classmethod(create))
    mend(RestAPI, "delete", delete, is_new=True)


def _keep_policies() -> None:
    """Keep the policy of a role as JSON; moto keeps how Python would print it."""
    original = Role.put_policy

    def put_policy(role: Any, policy_name: str, policy: Any) -> None:
        original(role, policy_name, policy if isinstance(policy, str) else json.dumps(policy))

    mend(Role, "put_policy", put_policy)


def _guard_stacks() -> None:
    """Let a stack be protected; moto only shows it, and deletes the stack all the same."""
    original = CloudFormationBackend.delete_stack

    def update_termination_protection(response: Any) -> ActionResult:
        stack = response.cloudformation_backend.get_stack(response._get_param("StackName"))
        stack.enable_termination_protection = (
            str(response._get_param("EnableTerminationProtection")).lower() == "true"
        )
        return ActionResult({"StackId": stack.stack_id})

    def delete_stack(backend: Any, name_or_stack_id: str) -> None:
        for stack in backend.stacks.values():
            is_meant = name_or_stack_id in (stack.name, stack.stack_id)
            if is_meant and stack.enable_termination_protection:
                why = "cannot be deleted while TerminationProtection is enabled"
                raise ValidationError(message=f"Stack [{stack.name}] {why}")
        original(backend, name_or_stack_id)

    mend(
        CloudFormationResponse,
        "update_termination_protection",
        update_termination_protection,
        is_new=True,
    )
    mend(CloudFormationBackend, "delete_stack", delete_stack)


def _with_its_owner(_id: str, _account_id: str, _region: str) -> None:
    """Delete nothing: it goes when that goes which it belongs to."""


def _know(
    name: str,
    make: Callable[[dict[str, Any], str, str], str],  # takes the properties, returns the id
    delete: Callable[[str, str, str], None] = _with_its_owner,
) -> None:
    """Add a kind of resource to those that moto makes.

    Raises:
        AttributeError: moto makes it by now.
    """
    known: dict[str, Any] = parsing.get_model_map()
    if name in known:
        raise AttributeError(f"moto makes {name} by itself")

    class Kind(CloudFormationModel):
        def __init__(self, physical_resource_id: str) -> None:
            self.physical_resource_id = physical_resource_id

        @classmethod
        def create_from_cloudformation_json(
            cls,
            resource_name: str,  # noqa: ARG003 - moto's signature
            cloudformation_json: dict[str, Any],
            account_id: str,
            region_name: str,
            **_: Any,
        ) -> Any:
            return cls(make(cloudformation_json["Properties"], account_id, region_name))

        def delete(self, account_id: str, region_name: str) -> None:
            delete(self.physical_resource_id, account_id, region_name)

    known[name] = Kind


def _make_stage(said: dict[str, Any], account_id: str, region: str) -> str:
    made = apigateway_backends[account_id][region].create_stage(
        said["RestApiId"],
        said["StageName"],
        said["DeploymentId"].id,  # moto refers to the deployment itself
        tracing_enabled=said.get("TracingEnabled"),
    )
    log = said.get("AccessLogSetting", {})
    made.access_log_settings = {name[0].lower() + name[1:]: log[name] for name in log} or None
    return str(said["StageName"])


def _make_event_invoke_config(said: dict[str, Any], account_id: str, region: str) -> str:
    config = {
        name: each for name, each in said.items() if name not in ("FunctionName", "Qualifier")
    }
    backend = lambda_backends[account_id][region]
    backend.put_function_event_invoke_config(said["FunctionName"], config)
    return str(said["FunctionName"])


def _make_subscription(said: dict[str, Any], account_id: str, region: str) -> str:
    backend = sns_backends[account_id][region]
    made = backend.subscribe(said["TopicArn"], said["Endpoint"], said["Protocol"])
    for name in ("FilterPolicy", "RedrivePolicy"):
        if name in said:
            backend.set_subscription_attributes(made.arn, name, json.dumps(said[name]))
    return str(made.arn)


def _delete_subscription(arn: str, account_id: str, region: str) -> None:
    sns_backends[account_id][region].unsubscribe(arn)
