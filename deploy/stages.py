"""The stages that may be deployed, and the names that follow from one."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from deploy.errors import DeployError

ROOT = Path(__file__).parents[1]
_CONFIG = ROOT / ".chalice" / "config.json"


def state_folder() -> Path:
    """Return where the state files are; CORDON_STATE names a place that outlives the machine."""
    return Path(os.environ.get("CORDON_STATE") or ROOT / ".chalice" / "deployed").resolve()


@dataclass(frozen=True)
class Stage:
    """A stage of `.chalice/config.json`."""

    name: str

    @classmethod
    def of(cls, name: str) -> Stage:
        """Return the stage of that name.

        Raises:
            DeployError: there is none.
        """
        stages = json.loads(_CONFIG.read_text(encoding="utf-8"))["stages"]
        if name not in stages:
            known = " or ".join(f"STAGE={each}" for each in sorted(stages))
            raise DeployError(f"there is no stage {name!r} in .chalice/config.json: give {known}")
        return cls(name)

    @property
    def resources_stack(self) -> str:
        """The stack of `infra/resources.yaml`."""
        return f"cordon-{self.name}-resources"

    @property
    def app_stack(self) -> str:
        """The stack of what `make package` writes."""
        return f"cordon-{self.name}"

    @property
    def table(self) -> str:
        return f"cordon-{self.name}"

    @property
    def dead_letters(self) -> str:
        return f"cordon-{self.name}-dead-letters"

    @property
    def api_function(self) -> str:
        return f"cordon-{self.name}"

    def function(self, name: str) -> str:
        """Return the Lambda name of a function of `app.py`."""
        return f"cordon-{self.name}-{name}"

    @property
    def state_file(self) -> Path:
        """Where Chalice keeps what it made; without it, it neither finds nor deletes its API."""
        return state_folder() / f"{self.name}.json"

    @cached_property
    def environment(self) -> dict[str, str]:
        """What the functions of the stage find in their environment, of their own settings."""
        said = json.loads(_CONFIG.read_text(encoding="utf-8"))["stages"][self.name]
        return {name: str(value) for name, value in said["environment_variables"].items()}

    @cached_property
    def api_stage(self) -> str:
        stages = json.loads(_CONFIG.read_text(encoding="utf-8"))["stages"]
        return str(stages[self.name]["api_gateway_stage"])

    def state(self) -> list[dict[str, Any]]:
        """Return what Chalice says it made, in the order that it made it; nothing before."""
        if not self.state_file.exists():
            return []
        made: list[dict[str, Any]] = json.loads(self.state_file.read_text("utf-8"))["resources"]
        return made
