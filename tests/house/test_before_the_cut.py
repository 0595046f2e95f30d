"""A containment waits for what it needs before its cut, and for nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from deploy.stages import ROOT

BEGINS = """
import sys
import app
from chalicelib.wiring.responder import responder
to = responder("arn:aws:lambda:us-east-1:123456789012:function:cordon-dev-contain_finding")
to.sites(to.own_account, to.own_region).instances
print(*(name for name in sys.modules if name.startswith("chalicelib.")), sep="\\n")
"""
LATER = (
    "adapters.dynamodb.control",
    "adapters.ec2.attributes",
    "adapters.s3",
    "adapters.sns",
    "core.api.request",
    "core.notices.about_quarantines",
    "core.report.facts",
    "core.steps.order",
    "flows.quarantine.finish",
    "flows.release",
)


@pytest.fixture(scope="module")
def imported() -> list[str]:
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": "cordon-dev-contain_finding",
        "STAGE": "dev",
    }
    done = subprocess.run(
        [sys.executable, "-c", BEGINS],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_what_comes_after_the_cut_is_imported_after_it(imported: list[str]) -> None:
    later = {f"chalicelib.{name}" for name in LATER}

    assert all(find_spec(name) for name in later)  # else one that is renamed is looked for in vain
    assert not later & {*imported}


def test_what_cuts_is_there_before_the_first_finding(imported: list[str]) -> None:
    assert "chalicelib.flows.quarantine.cut_network" in imported
    assert "chalicelib.adapters.ec2.instances" in imported
