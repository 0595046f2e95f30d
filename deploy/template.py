"""`infra/resources.yaml` as data, with CloudFormation's short tags written out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

import yaml

from deploy.stages import ROOT

RESOURCES = ROOT / "infra" / "resources.yaml"
_PLAIN = ("Ref", "Condition")  # the others are Fn::<name>


class _Loader(yaml.SafeLoader):
    """Reads `!Ref x` as `{"Ref": "x"}`, which CloudFormation takes as well."""


def _written_out(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    name = tag if tag in _PLAIN else f"Fn::{tag}"
    if isinstance(node, yaml.ScalarNode):
        text = str(loader.construct_scalar(node))
        return {name: text.split(".", 1) if tag == "GetAtt" else text}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    raise yaml.constructor.ConstructorError(problem=f"!{tag} of a mapping is not known here")


_Loader.add_multi_constructor("!", _written_out)


@cache
def resources_template() -> dict[str, Any]:
    """Return the whole template; it is shared, so nobody changes it."""
    text = RESOURCES.read_text(encoding="utf-8")
    template: dict[str, Any] = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    return template


def as_text(template: dict[str, Any]) -> str:
    """Return the template without spaces: CloudFormation takes 51,200 bytes."""
    return json.dumps(template, separators=(",", ":"))


def only(names: Iterable[str]) -> dict[str, Any]:
    """Return the template with those resources and all parameters, and nothing else.

    An import takes nothing but what is imported, and no outputs.
    """
    whole = resources_template()
    kept = {name: dict(whole["Resources"][name]) for name in names}
    for each in kept.values():
        each.pop("DependsOn", None)
    return {**{name: whole[name] for name in _HEAD}, "Resources": kept}


_HEAD = ("AWSTemplateFormatVersion", "Description", "Parameters")
