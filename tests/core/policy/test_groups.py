"""Groups of accounts that have settings of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.core.errors import PolicyError
from chalicelib.core.policy.file import parse_policy
from chalicelib.core.policy.judgement import judge
from chalicelib.core.policy.policy import Group, Policy, Response
from chalicelib.core.policy.values import KNOBS
from tests.builders import (
    ACCOUNT,
    DATABASE,
    OTHER_ACCOUNT,
    PACKAGED,
    a_finding,
    a_policy,
    a_ref,
)

PROD = f"""
version = 1

[groups.prod]
accounts = ["{OTHER_ACCOUNT}"]

[groups.prod.containment]
contain_from = 7.0
drain = false

[groups.prod.breaker]
max_containments = 3
window_minutes = 60

[groups.prod.unknown]
alert_from = 4.0
"""


def owners(text: str) -> Policy:
    return parse_policy(text, PACKAGED)


def complaints(text: str) -> list[tuple[int, str]]:
    with pytest.raises(PolicyError) as caught:
        owners(text)
    return list(caught.value.mistakes)


def asks_first(account_id: str) -> Policy:
    group = Group("prod", frozenset({account_id}), {"contain_from": 9.0})
    return a_policy(groups=(group,))


def test_an_account_of_a_group_has_its_settings_and_for_the_rest_those_of_all() -> None:
    policy = owners(PROD)
    prod = policy.at(OTHER_ACCOUNT)

    assert (prod.contain_from, prod.drain, prod.alert_from) == (7.0, False, 4.0)
    assert (prod.max_containments, prod.breaker_window) == (3, timedelta(hours=1))
    assert prod.kept_for_critical == PACKAGED.kept_for_critical
    assert prod.snapshots is PACKAGED.snapshots
    assert prod.rules == PACKAGED.rules


def test_an_account_of_no_group_is_as_it_was() -> None:
    policy = owners(PROD)

    assert policy.at(ACCOUNT) is policy
    assert a_policy(groups=()) == PACKAGED
    assert policy.contain_from == PACKAGED.contain_from == 4.0


def test_a_group_without_settings_of_its_own_only_names_accounts() -> None:
    assert not owners(f'version = 1\n[groups.lab]\naccounts = ["{ACCOUNT}"]\n').groups


def test_a_group_of_the_base_stays_unless_it_is_named_again() -> None:
    base = owners(PROD)
    again = f'version = 1\n[groups.prod]\naccounts = ["{ACCOUNT}"]\n'

    assert parse_policy("version = 1\n", base).groups == base.groups
    assert parse_policy(again, base).at(OTHER_ACCOUNT).drain is True


@pytest.mark.parametrize("section", ["unknown", "containment", "breaker"])
def test_every_setting_of_these_sections_may_differ(section: str) -> None:
    for name, (field, _) in KNOBS[section].items():
        value = getattr(PACKAGED, field)
        said = {bool: str(value).lower(), tuple: "[]"}.get(type(value), "2")
        text = (
            f'version = 1\n[groups.prod]\naccounts = ["{ACCOUNT}"]\n'
            f"[groups.prod.{section}]\n{name} = {said}\n"
        )
        assert field in owners(text).groups[0].own


def test_below_the_threshold_of_its_group_an_instance_waits_for_a_person() -> None:
    finding = a_finding(severity=8.0)

    assert judge(finding, PACKAGED).response is Response.CONTAIN
    assert judge(finding, asks_first(OTHER_ACCOUNT)).response is Response.CONTAIN
    asked = judge(finding, asks_first(ACCOUNT))
    assert asked.response is Response.APPROVE
    assert not asked.depends


def test_an_unknown_type_is_told_from_the_score_of_its_group() -> None:
    group = Group("prod", frozenset({ACCOUNT}), {"alert_from": 2.0})
    finding = a_finding(type_="Nobody:EC2/Knows", severity=3.0)

    assert judge(finding, PACKAGED).response is Response.RECORD
    assert judge(finding, a_policy(groups=(group,))).response is Response.ALERT


def test_instances_of_two_groups_are_judged_one_by_one() -> None:
    both = (a_ref(), a_ref(DATABASE, OTHER_ACCOUNT))
    finding = replace(a_finding(severity=8.0), instances=both)
    policy = asks_first(OTHER_ACCOUNT)

    first = judge(finding, policy)
    there = judge(finding, policy, {"accounts": OTHER_ACCOUNT})

    assert (first.response, first.depends) == (Response.CONTAIN, True)
    assert there.response is Response.APPROVE
    assert judge(finding, policy, {"accounts": ACCOUNT}).response is Response.CONTAIN


@pytest.mark.parametrize(
    ("wrong", "right", "line", "said"),
    [
        ("drain = false", "drian = false", 9, "unknown name drian; did you mean drain?"),
        ("drain = false", "drain = 0", 9, "drain must be true or false"),
        ("[groups.prod.breaker]", "[groups.prod.braker]", 11, "unknown name braker; did you mean"),
        ("[groups.prod.breaker]", "[groups.prod.review]", 11, "unknown name review"),
        ("contain_from = 7.0", "contain_from = 70", 8, "contain_from must be a severity"),
        ("max_containments = 3", "max_containments = 0", 12, "max_containments must be a whole"),
    ],
)
def test_a_mistake_in_a_group_is_told_with_its_line(
    wrong: str, right: str, line: int, said: str
) -> None:
    (found,) = complaints(PROD.replace(wrong, right))

    assert found[0] == line
    assert said in found[1]


def test_what_stands_in_the_place_of_a_section_is_told() -> None:
    text = f'version = 1\n[groups.prod]\naccounts = ["{ACCOUNT}"]\nbreaker = 3\n'

    assert complaints(text) == [(4, "groups.prod.breaker must be a section")]


def test_an_account_in_two_groups_with_settings_of_their_own_is_refused() -> None:
    text = f'{PROD}\n[groups.web]\naccounts = ["{OTHER_ACCOUNT}"]\nunknown = {{alert_from = 9}}\n'

    said = (
        f"{OTHER_ACCOUNT} is in groups.prod too, which has settings of its own: one group decides"
    )
    assert complaints(text) == [(19, said)]


def test_an_account_may_be_in_any_number_of_groups_that_only_name_it() -> None:
    text = f'{PROD}\n[groups.web]\naccounts = ["{OTHER_ACCOUNT}"]\n'

    assert owners(text).at(OTHER_ACCOUNT).drain is False
