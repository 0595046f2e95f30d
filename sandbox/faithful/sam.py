"""SAM's own translator, as CloudFormation runs it on a template that asks for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from sandbox.guard import REGION

TRANSFORM = "AWS::Serverless-2016-10-31"


def expand(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template of SAM as CloudFormation sees it after the transform."""
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
    own = json.loads(json.dumps(template))  # the translator changes what it is given
    made = translator.translate(own, {"AWS::Region": REGION})
    expanded: dict[str, Any] = json.loads(json.dumps(made))
    return expanded
