"""Every star in a policy has its reason in docs/permissions.md."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from tests.house.source import ROOT
from tests.permissions.policies import NAMED_ROLE, of_credentials, of_function, of_member
from tests.permissions.test_policies import FUNCTIONS

ROW = re.compile(r"^\| (\w+) \| (`[^|]+`) \| ([^|]+) \|$", re.MULTILINE)
REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
POLICIES = [*(of_function(name) for name in FUNCTIONS), of_member("*", partition="*")]
POLICIES += [of_credentials(each, "*", partition="*") for each in ("resources.yaml", "member.yaml")]


def stars() -> Mapping[str, set[str]]:
    """Return the resources that have a star in them, by the name of the statement."""
    found: dict[str, set[str]] = defaultdict(set)
    for statement in (each for policy in POLICIES for each in policy):
        for resource in statement.resources:
            if "*" in resource and not resource.endswith(f":role/{NAMED_ROLE}"):
                found[statement.sid].add(resource)
    return found


def reasons() -> list[tuple[str, str, str]]:
    return ROW.findall((ROOT / "docs" / "permissions.md").read_text(encoding="utf-8"))


def test_every_star_has_a_reason_and_every_reason_a_star() -> None:
    explained = {sid: set(re.findall(r"`([^`]+)`", codes)) for sid, codes, _ in reasons()}

    assert explained == stars()
    assert len(explained) == len(reasons())


def test_a_statement_for_everything_names_the_page_where_aws_says_so() -> None:
    for sid, codes, why in reasons():
        assert (codes == "`*`") is (REFERENCE in why), sid
