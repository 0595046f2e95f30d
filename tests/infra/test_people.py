"""Who may do what: four policies for people, route by route."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

import app as door
from tests.house.source import ROOT
from tests.infra.template import RESOURCES, of_type, properties

INSTANCE = "i-0123456789abcdef0"
OLD_INSTANCE = "i-01234567"
LOOKS = {"viewer", "responder", "approver", "admin"}
MAY = {
    "POST /quarantines/{instance_id}": {"responder", "approver"},
    "POST /quarantines/{instance_id}/release": {"responder", "approver"},
    "POST /quarantines/{instance_id}/steps/{step}": {"responder"},
    "POST /held/{instance_id}/dismiss": {"approver"},
    "PUT /mode": {"admin"},
    "PUT /exemptions/{instance_id}": {"admin"},
    "DELETE /exemptions/{instance_id}": {"admin"},
}
SERVED = {f"{verb} {path}" for path, verbs in door.app.routes.items() for verb in verbs}


def allowed(who: str, route: str, instance: str = INSTANCE) -> bool:
    """Say whether IAM lets a person with that policy take the route; its star goes past slashes."""
    verb, path = route.replace("{instance_id}", instance).replace("{step}", "cut").split(" ")
    asked = f"arn:aws:execute-api:eu-central-1:123456789012:abcdefghij/api/{verb}{path}"
    return any(
        fnmatchcase(asked, resource)
        for each in properties(who.capitalize())["PolicyDocument"]["Statement"]
        for resource in map(_resolved, each["Resource"])
    )


def _resolved(arn: str) -> str:
    values = {
        "AWS::Partition": "aws",
        "AWS::Region": "eu-central-1",
        "AWS::AccountId": "123456789012",
        "ApiId": "*",
    }
    for name, value in values.items():
        arn = arn.replace(f"${{{name}}}", value)
    return arn


@pytest.mark.parametrize("route", sorted(SERVED | set(MAY)))
def test_each_route_is_open_to_whom_it_is_for_and_to_nobody_else(route: str) -> None:
    expected = LOOKS if route.startswith("GET ") else MAY[route]

    for instance in (INSTANCE, OLD_INSTANCE):
        assert {who for who in LOOKS if allowed(who, route, instance)} == expected


def test_the_policies_are_called_by_their_stage() -> None:
    named = {each["Properties"]["ManagedPolicyName"] for each in of_type(KIND).values()}

    assert named == {f"cordon-${{Stage}}-{who}" for who in LOOKS}
    assert {name for name, each in RESOURCES.items() if each["Type"] == KIND} == {
        who.capitalize() for who in LOOKS
    }


def test_what_each_may_is_a_table_for_people() -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")

    for route, who in MAY.items():
        [row] = [line for line in page.splitlines() if line.startswith(f"| `{route}` |")]
        cells = [cell.strip() for cell in row.strip("|").split("|")][1:]
        order = ("viewer", "responder", "approver", "admin")
        assert {name for name, cell in zip(order, cells, strict=True) if cell == "yes"} == who


KIND = "AWS::IAM::ManagedPolicy"
