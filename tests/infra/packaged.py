"""What `make package` writes, and what SAM makes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from deploy.cloudformation import template_of
from deploy.packaging import package
from deploy.stages import Stage
from sandbox.faithful.sam import expand


@dataclass(frozen=True)
class Packaged:
    """The folder that a stage was packaged into."""

    stage: str
    folder: Path

    @classmethod
    def make(cls, stage: str, folder: Path) -> Packaged:
        package(Stage.of(stage), folder)
        return cls(stage, folder)

    @property
    def path(self) -> Path:
        return self.folder / "template.json"

    @cached_property
    def template(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.path.read_text())
        return found

    @cached_property
    def functions(self) -> dict[str, Any]:
        """The functions, by their name in `app.py`."""
        return {
            self._name_of(each): each["Properties"]
            for each in self.template["Resources"].values()
            if each["Type"] == "AWS::Serverless::Function"
        }

    def role(self, function: str) -> dict[str, Any]:
        name = self.functions[function]["Role"]["Fn::GetAtt"][0]
        found: dict[str, Any] = self.template["Resources"][name]["Properties"]
        return found

    @cached_property
    def expanded(self) -> dict[str, Any]:
        """The template as CloudFormation sees it after the transform."""
        return expand(json.loads(template_of(self.path.read_text(), "s3://artifacts/any.zip")))

    def expanded_file(self) -> Path:
        path = self.folder / "expanded.json"
        path.write_text(json.dumps(self.expanded))
        return path

    @cached_property
    def zip(self) -> list[str]:
        with ZipFile(self.folder / "deployment.zip") as archive:
            return archive.namelist()

    @property
    def zip_bytes(self) -> int:
        return (self.folder / "deployment.zip").stat().st_size

    @staticmethod
    def _name_of(resource: dict[str, Any]) -> str:
        handler = str(resource["Properties"]["Handler"]).removeprefix("app.")
        return "api_handler" if handler == "app" else handler
