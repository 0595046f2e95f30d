"""What `make verify-aws` does: says what it will make, asks, and leaves a signed result."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cordon.client import Client
from deploy.cloud import Cloud
from deploy.errors import DeployError
from deploy.road import has_function
from deploy.stages import ROOT, Stage
from deploy.tell import Tell
from deploy.verify.proof import write_proof
from deploy.verify.story import COSTS, Exercise
from deploy.verify.witness import AwsWitness

FOLDER = ROOT / "build" / "verify"


def verify(stage: Stage, cloud: Cloud, agrees: Callable[[str], bool], tell: Tell) -> Path:
    """Drive the exercise in `cloud`, once somebody agrees; return the file with the result.

    Raises:
        DeployError: the stage is not there, nobody agreed, or something was not as it must be.
        CommandError: the API refused, or CORDON_API does not say where it is.
    """
    if not has_function(stage.function("contain_finding"), cloud):
        raise DeployError(f"it is not in {cloud}: run make deploy STAGE={stage.name}")
    client = Client(os.environ.get("CORDON_API", ""), region=cloud.region)
    tell(f"in {cloud} this makes {COSTS}")
    if not agrees("go on?"):
        raise DeployError("nobody agreed, and nothing was made")
    run = secrets.token_hex(4)
    seen = Exercise(cloud, client, AwsWitness(cloud), tell).run(run)
    file = write_proof(seen, run, cloud, FOLDER)
    tell(f"all as it must be: {file}")
    if seen["left"]:
        raise DeployError(f"verified, but {len(seen['left'])} things are left, named above")
    return file
