"""What asks a person first, where there is one."""

from __future__ import annotations

import io
import sys

import boto3
import pytest
from moto import mock_aws

from deploy.cloud import Cloud
from deploy.removal import destroy
from deploy.stages import Stage
from deploy.upon import is_wanted

EMPTY = '{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}'


class Terminal(io.StringIO):
    """Where a person sits."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("types", "goes_on"),
    [("y\n", True), (" YES \n", True), ("\n", False), ("n\n", False), ("yellow\n", False)],
)
def test_a_person_must_say_yes(
    types: str, monkeypatch: pytest.MonkeyPatch, *, goes_on: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(types))

    assert is_wanted() is goes_on


def test_whoever_runs_it_without_a_terminal_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    assert is_wanted()


@mock_aws
@pytest.mark.parametrize(("types", "stays"), [("n\n", True), ("y\n", False)])
def test_destroy_does_nothing_before_a_person_says_yes(
    types: str, monkeypatch: pytest.MonkeyPatch, *, stays: bool
) -> None:
    stage, told = Stage.of("dev"), list[str]()
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack(StackName=stage.resources_stack, TemplateBody=EMPTY)
    monkeypatch.setattr(sys, "stdin", Terminal(types))

    destroy(stage, Cloud.reach(), told.append)

    assert ("nothing was changed" in told) is stays
    assert bool(cloudformation.describe_stacks()["Stacks"]) is stays
