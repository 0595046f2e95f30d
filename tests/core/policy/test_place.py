"""Rules that ask where an instance is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.errors import PolicyError
from chalicelib.core.policy.coverage import find_covered
from chalicelib.core.policy.file import parse_policy
from chalicelib.core.policy.judgement import judge
from chalicelib.core.policy.place import Limit, all_hold, facts_now, facts_of
from chalicelib.core.policy.policy import Policy, Response, Rule
from tests.builders import (
    ACCOUNT,
    DATABASE,
    OTHER_ACCOUNT,
    PACKAGED,
    REGION,
    a_finding,
    a_policy,
    a_ref,
    an_instance,
)

C2 = "Backdoor:EC2/C&CActivity.B"
HERE = {"accounts": ACCOUNT, "regions": REGION}
LAB = {**HERE, "vpcs": "vpc-0000000a"}


def a_rule(response: Response = Response.RECORD, *places: Limit, **facts: Any) -> Rule:
    return Rule(f"own-{response}", (C2,), response, "Ours.", places=places, **facts)


def limit(name: str, *values: str, wanted: bool = True) -> Limit:
    return Limit(name, frozenset(values), wanted)


IN_LAB = limit("vpcs", "vpc-0000000a")


def under(*rules: Rule) -> Policy:
    return a_policy(rules=(*rules, *PACKAGED.rules))


@pytest.mark.parametrize(
    ("place", "holds"),
    [
        (limit("accounts", ACCOUNT, OTHER_ACCOUNT), True),
        (limit("accounts", OTHER_ACCOUNT), False),
        (limit("accounts", ACCOUNT, wanted=False), False),
        (limit("accounts", OTHER_ACCOUNT, wanted=False), True),
        (IN_LAB, None),
    ],
)
def test_a_limit_holds_is_broken_or_not_known_yet(place: Limit, holds: object) -> None:
    assert place.holds(HERE) is holds


def test_all_limits_must_hold() -> None:
    mine = limit("accounts", ACCOUNT)

    assert all_hold((), HERE) is True
    assert all_hold((mine, IN_LAB), HERE) is None
    assert all_hold((mine, IN_LAB), LAB) is True
    assert all_hold((limit("accounts", OTHER_ACCOUNT), IN_LAB), HERE) is False


def test_what_instances_do_not_have_in_common_is_not_known() -> None:
    assert facts_of([a_ref(), a_ref(DATABASE)]) == HERE
    assert facts_of([a_ref(), a_ref(account_id=OTHER_ACCOUNT)]) == {"regions": REGION}


def test_what_ec2_does_not_say_is_no_fact() -> None:
    instance = an_instance(place={"vpcs": "vpc-0000000a", "profiles": ""})

    assert facts_now(a_ref(), instance) == LAB
    assert facts_now(a_ref(), None) == HERE


def test_a_rule_of_the_account_decides_at_once() -> None:
    policy = under(a_rule(Response.RECORD, limit("accounts", ACCOUNT)))

    here, there = judge(a_finding(), policy), judge(a_finding(account_id=OTHER_ACCOUNT), policy)

    assert (here.response, here.depends) == (Response.RECORD, False)
    assert (there.response, there.depends) == (Response.CONTAIN, False)


def test_a_rule_of_a_vpc_is_decided_once_ec2_says_where_the_instance_is() -> None:
    policy = under(a_rule(Response.RECORD, IN_LAB))

    before = judge(a_finding(), policy)

    assert (before.response, before.reason, before.depends) == (
        Response.CONTAIN,
        "command-and-control",
        True,
    )
    assert judge(a_finding(), policy, LAB).response is Response.RECORD
    assert judge(a_finding(), policy, HERE).response is Response.CONTAIN


def test_before_ec2_is_asked_the_strongest_that_may_come_of_it_counts() -> None:
    policy = under(a_rule(Response.CONTAIN, IN_LAB), a_rule(Response.ALERT))

    assert judge(a_finding(), policy).response is Response.CONTAIN
    assert judge(a_finding(), policy, HERE).response is Response.ALERT


def test_a_finding_about_no_instance_waits_for_no_place() -> None:
    policy = under(a_rule(Response.RECORD, IN_LAB))

    judgement = judge(replace(a_finding(), instances=()), policy)

    assert (judgement.reason, judgement.depends) == ("no_instance", False)


def test_where_only_a_rule_of_a_place_may_fit_nothing_is_guessed() -> None:
    policy = a_policy(rules=(a_rule(Response.CONTAIN, IN_LAB),))

    assert judge(a_finding(), policy).response is Response.CONTAIN
    assert judge(a_finding(), policy, HERE).reason == "no_rule_fits"


def test_hold_stays_hold_whatever_the_severity() -> None:
    for severity in (2, 8):
        judgement = judge(a_finding(severity=severity), under(a_rule(Response.HOLD)))
        assert judgement.response is Response.HOLD


TEXT = """
version = 1
[groups.prod]
accounts = ["111122223333", "444455556666"]

[[rules]]
name = "hold-in-prod"
types = ["Backdoor:EC2/C&CActivity.*"]
response = "hold"
why = "Production is cut off by a person."
accounts = ["prod", "777788889999"]
regions = ["eu-west-1"]
not_vpcs = ["vpc-0000000a"]
subnets = ["subnet-0123456789abcdef0"]
images = ["ami-0123456789abcdef0"]
not_profiles = ["bastion", "scanner@eu"]
"""


def test_a_file_names_places_and_groups_defined_once() -> None:
    rule = parse_policy(TEXT, PACKAGED).rules[0]

    assert rule.response is Response.HOLD
    assert rule.places == (
        limit("accounts", "111122223333", "444455556666", "777788889999"),
        limit("regions", "eu-west-1"),
        limit("vpcs", "vpc-0000000a", wanted=False),
        limit("subnets", "subnet-0123456789abcdef0"),
        limit("images", "ami-0123456789abcdef0"),
        limit("profiles", "bastion", "scanner@eu", wanted=False),
    )


@pytest.mark.parametrize(
    ("was", "is_", "line", "said"),
    [
        (
            '["prod", ',
            '["prdo", ',
            11,
            "accounts names prdo, which is no group; did you mean prod?",
        ),
        ('["prod", "777788889999"]', "[]", 11, "accounts must name account id or groups"),
        ('["eu-west-1"]', '["Ireland"]', 12, "regions holds 'Ireland', which is no region"),
        ('["vpc-0000000a"]', '["lab"]', 13, "not_vpcs holds 'lab', which is no vpc id"),
        ("[groups.prod]", "[groups.Prod]", 3, "group Prod must be called by small letters"),
        ('"444455556666"]', '"4444"]', 4, "accounts holds '4444', which is no account id"),
        (
            'accounts = ["111122223333"',
            'acounts = ["111122223333"',
            3,
            "groups.prod has no accounts",
        ),
        ("[groups.prod]", "groups = 3\n[x]", 3, "groups must be sections"),
        ("[groups.prod]", "[groups]\nprod = 3\n[x]", 4, "groups.prod must be a section"),
        ("regions =", "tags = ['keep']\nregions =", 12, "unknown name tags"),
    ],
)
def test_a_place_that_is_none_is_told_with_its_line(
    was: str, is_: str, line: int, said: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(TEXT.replace(was, is_, 1), PACKAGED)

    assert any(at == line and what.startswith(said) for at, what in caught.value.mistakes)


def test_a_rule_of_a_place_covers_only_what_is_in_it() -> None:
    wide, lab = a_rule(Response.ALERT), a_rule(Response.RECORD, IN_LAB)

    assert list(find_covered((lab, wide))) == []
    assert list(find_covered((wide, lab))) == [(lab, wide)]
    assert list(find_covered((lab, replace(lab, name="again")))) != []
