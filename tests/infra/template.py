"""The companion templates, as data and as stacks of moto."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import yaml
from moto import mock_aws

INFRA = Path(__file__).parents[2] / "infra"
TEMPLATE = INFRA / "resources.yaml"


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's tags as what stands behind them."""


def _tag(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node)


_Loader.add_multi_constructor("!", _tag)


def read(name: str) -> dict[str, Any]:
    """Return a template of `infra/`."""
    document: dict[str, Any] = yaml.load((INFRA / name).read_text(), Loader=_Loader)
    return document


DOCUMENT = read("resources.yaml")
RESOURCES: dict[str, Any] = DOCUMENT["Resources"]


def properties(name: str) -> Any:
    return RESOURCES[name]["Properties"]


def of_type(name: str) -> dict[str, Any]:
    return {key: each for key, each in RESOURCES.items() if each["Type"] == name}


def statement(policy: Any, sid: str) -> dict[str, Any]:
    """Return the statement of that name, of which there must be one."""
    [found] = [each for each in policy["Statement"] if each["Sid"] == sid]
    assert isinstance(found, dict)
    return found


@contextmanager
def a_stack(**parameters: str) -> Iterator[dict[str, str]]:
    """Make the stack, and yield its outputs; moto warns of each resource that it leaves out."""
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    with mock_aws(), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        cloudformation = boto3.client("cloudformation")
        cloudformation.create_stack(
            StackName="resources", TemplateBody=TEMPLATE.read_text(), Parameters=given
        )

        [stack] = cloudformation.describe_stacks(StackName="resources")["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        yield {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
