"""Somebody who may deploy, and nothing else: CloudFormation acts with a role of its own."""

from __future__ import annotations

from roads.api import a_person
from roads.local import STAGE, Roads
from roads.people import forget
from roads.story import check, tell

_STACK = f"cordon-{STAGE}-deployer"
_ONLY_WITH_IT = """            Condition:
              ArnEquals: {"cloudformation:RoleArn": !GetAtt Deploys.Arn}
"""
_ROLE = ("--role", f"deploys-cordon-{STAGE}")


def a_deployer_deploys(roads: Roads, bucket: str, words: tuple[str, ...]) -> None:
    """An administrator makes the role and the policy; then nobody needs to be one."""
    cloudformation = roads.client("cloudformation")
    template = (roads.project / "infra" / "deployer.yaml").read_text(encoding="utf-8")
    tell("left out: cloudformation:RoleArn, which MiniStack's IAM does not ask for")
    given = {"Stage": STAGE, "Artifacts": bucket}
    cloudformation.create_stack(
        StackName=_STACK,
        TemplateBody=template.replace(_ONLY_WITH_IT, ""),
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=_STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    who = a_person("deployer", (f"may-deploy-cordon-{STAGE}",), roads)
    said = roads.go("deploy", *words, *_ROLE, "LogDays=60", keys=who.keys)
    check("whoever may only deploy deploys, with the role", holds="resources: done" in said)
    forget(roads, who)
