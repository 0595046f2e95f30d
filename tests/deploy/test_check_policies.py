from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.check_policies import check, main, write_policies

STATEMENT: dict[str, Any] = {
    "Sid": "LookUp",
    "Effect": "Allow",
    "Action": "s3:GetObject",
    "Resource": "arn:*:s3:::cordon-*/*",
    "Condition": {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
}


def test_every_policy_is_one_that_aws_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    assert capsys.readouterr().err == ""


def test_policies_of_functions_and_of_templates_are_read_as_aws_gets_them(tmp_path: Path) -> None:
    write_policies(tmp_path)

    names = {path.stem for path in tmp_path.iterdir()}
    trust = json.loads((tmp_path / "member-Member-0.json").read_text(encoding="utf-8"))
    tls = json.loads((tmp_path / "resources-EvidenceOverTlsOnly-0.json").read_text())
    assert {"contain_finding", "notify", "member-Member-1", "resources-Key-0"} <= names
    assert trust["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert tls["Statement"][0]["Resource"] == ["arn:aws:s3:::evidence", "arn:aws:s3:::evidence/*"]


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "unknown-action": ({"Action": "s3:GetObjekt"}, "GetObjekt"),
    "every-action": ({"Action": "s3:*"}, "s3:*"),
    "wrong-resource": ({"Resource": "arn:*:sqs:*:*:cordon-*"}, "resource"),
    "takes-none": ({"Action": "ec2:DescribeVpcs", "Resource": "arn:*:ec2:*:*:vpc/*"}, "only use"),
    "takes-no-detector": (
        {
            "Action": "guardduty:ListThreatEntitySets",
            "Resource": "arn:*:guardduty:*:*:detector/*",
        },
        "only use",
    ),
    "unknown-key": ({"Condition": {"StringEquals": {"s3:Prefiks": "x"}}}, "s3:Prefiks"),
    "unknown-effect": ({"Effect": "Permit"}, "Effect"),
}


def test_a_policy_that_aws_would_not_take_or_never_match_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, (change, _) in {"sound": ({}, ""), **BROKEN}.items():
        document = {"Version": "2012-10-17", "Statement": [{**STATEMENT, **change}]}
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "torn.json").write_text("{", encoding="utf-8")

    assert check(tmp_path) == 1

    said = [line.partition(".json") for line in capsys.readouterr().err.splitlines()]
    assert {name for name, _, _ in said} == {*BROKEN, "torn"}
    for broken, (_, complaint) in BROKEN.items():
        assert any(name == broken and complaint in what for name, _, what in said), broken
