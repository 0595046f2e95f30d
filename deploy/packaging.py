"""The road over CloudFormation: a template and a zip, made on a machine that knows no AWS."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import yaml

from deploy.errors import DeployError
from deploy.runtime import runtime
from deploy.stages import ROOT, Stage
from deploy.staging import run_chalice, staged_project

_OVERLAY = ROOT / "infra" / "overlay.yaml"
_ANY_REGION = "us-east-1"  # Chalice asks for one; the template names none


def package(stage: Stage, into: Path) -> None:
    """Write `template.json` and `deployment.zip` of `stage` into a folder, emptied first.

    Raises:
        DeployError: Chalice cannot package the app.
    """
    with staged_project() as project:
        overlay = project / "overlay.json"
        overlay.write_text(json.dumps(_overlay(stage)), encoding="utf-8")
        made = project / "made"
        run_chalice(
            project,
            ["package", "--stage", stage.name, "--merge-template", str(overlay), str(made)],
            _environment(),
        )
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        (made / "sam.json").rename(made / "template.json")
        for name in ("template.json", "deployment.zip"):
            shutil.copy(made / name, into)


def _environment() -> dict[str, str]:
    """Return the caller's environment without what it says about AWS, but for the region."""
    said = os.environ
    region = said.get("AWS_REGION") or said.get("AWS_DEFAULT_REGION") or _ANY_REGION
    kept = {name: value for name, value in said.items() if not name.startswith("AWS_")}
    return {**kept, "AWS_DEFAULT_REGION": region, "AWS_CONFIG_FILE": os.devnull}


def _overlay(stage: Stage) -> dict[str, Any]:
    """Return the overlay for one stage, as JSON: from YAML Chalice would make YAML with aliases.

    Raises:
        DeployError: it is no YAML.
    """
    try:
        overlay: dict[str, Any] = yaml.safe_load(_OVERLAY.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise DeployError(f"{_OVERLAY.name}: {' '.join(str(error).split())}") from error
    for each in overlay["Resources"].values():
        if "FunctionName" in each["Properties"] and "Type" not in each:
            each["Properties"]["Runtime"] = runtime()
    overlay["Parameters"]["Stage"].update(Default=stage.name, AllowedValues=[stage.name])
    return overlay
