from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.findings.origin import Confidence
from chalicelib.core.findings.severity import Band
from chalicelib.core.policy.coverage import find_covered
from chalicelib.core.policy.policy import Response, Rule
from tests.builders import PACKAGED

SPAM = "Backdoor:EC2/Spambot"


def a_rule(name: str, *types: str, **facts: Any) -> Rule:
    return Rule(name, types or (SPAM,), Response.CONTAIN, "It sends mail.", **facts)


def covered(earlier: Rule, later: Rule) -> bool:
    return list(find_covered((earlier, later))) == [(later, earlier)]


def test_no_rule_of_the_packaged_policy_is_covered() -> None:
    assert list(find_covered(PACKAGED.rules)) == []


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({}, {}),
        ({}, {"role": "ACTOR", "severity": Band.HIGH, "threat": "EICAR"}),
        ({"resource": "any"}, {}),
        ({"severity": Band.MEDIUM}, {"severity": Band.HIGH}),
        ({"threat": "EICAR"}, {"threat": "EICAR-Test"}),
        ({"confidence": Confidence.LOW}, {"confidence": Confidence.HIGH}),
    ],
)
def test_a_rule_that_an_earlier_one_covers_is_found(
    earlier: dict[str, Any], later: dict[str, Any]
) -> None:
    assert covered(a_rule("wide", "Backdoor:EC2/*", **earlier), a_rule("narrow", **later))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"role": "ACTOR"}, {}),
        ({"direction": "INBOUND"}, {"direction": "OUTBOUND"}),
        ({"affiliated": True}, {"affiliated": False}),
        ({}, {"resource": "any"}),
        ({"severity": Band.HIGH}, {"severity": Band.MEDIUM}),
        ({"severity": Band.HIGH}, {}),
        ({"threat": "EICAR-Test"}, {"threat": "EICAR"}),
        ({"threat": "EICAR"}, {}),
        ({"confidence": Confidence.HIGH}, {"confidence": Confidence.LOW}),
        ({"confidence": Confidence.HIGH}, {}),
    ],
)
def test_a_rule_that_fits_something_more_is_not_covered(
    earlier: dict[str, Any], later: dict[str, Any]
) -> None:
    assert not covered(a_rule("first", **earlier), a_rule("second", **later))


def test_each_type_must_be_covered() -> None:
    assert not covered(a_rule("one"), a_rule("two", SPAM, "Trojan:EC2/DropPoint"))
    assert covered(a_rule("one", "Backdoor:EC2/*"), a_rule("two", "Backdoor:EC2/Spam*"))
    assert not covered(a_rule("one", "Backdoor:EC2/Spam*"), a_rule("two", "Backdoor:EC2/*"))
