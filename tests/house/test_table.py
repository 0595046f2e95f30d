"""The table of the adapter tests is the table that `infra/` makes."""

from __future__ import annotations

from typing import Any

import boto3
from cfnlint.decode.cfn_yaml import load  # type: ignore[import-untyped]  # ships no types
from moto import mock_aws

from tests.adapters.aws import AWS_REGION, TABLE, make_table
from tests.house.source import ROOT


def by_name(parts: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    return sorted(parts, key=lambda part: str(part[key]))


def test_the_tests_work_on_the_table_of_the_template() -> None:
    resources = load(str(ROOT / "infra" / "resources.yaml"))["Resources"]
    template = resources["Table"]["Properties"]

    with mock_aws():
        client = boto3.client("dynamodb", region_name=AWS_REGION)
        make_table(client)
        made: Any = client.describe_table(TableName=TABLE)["Table"]

    assert made["KeySchema"] == template["KeySchema"]
    assert by_name(made["AttributeDefinitions"], "AttributeName") == by_name(
        template["AttributeDefinitions"], "AttributeName"
    )
    indexes = [
        {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
        for index in by_name(made["GlobalSecondaryIndexes"], "IndexName")
    ]
    assert indexes == by_name(template["GlobalSecondaryIndexes"], "IndexName")
