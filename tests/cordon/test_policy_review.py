from __future__ import annotations

import random
import re
from typing import Any

import pytest

from chalicelib.core.errors import PolicyError
from chalicelib.core.policy.file import parse_policy
from cordon.policy.known_types import KNOWN_TYPES, RESOURCES
from cordon.policy.plan import make_plan
from cordon.policy.review import find_mistakes
from tests.builders import ACCOUNT, OTHER_ACCOUNT, PACKAGED, POLICY_FILE
from tests.core.findings import known_types as documented

TEXT = POLICY_FILE.read_text(encoding="utf-8")


def a_rule(**changes: Any) -> str:
    values = {
        "name": "spam",
        "types": ["Backdoor:EC2/Spambot"],
        "response": "alert",
        "why": "It sends mail.",
        **changes,
    }
    lines = (
        f"{key} = {str(value).lower() if value is True else repr(value)}"
        for key, value in values.items()
    )
    return "\n".join(["[[rules]]", *lines, ""])


def mistakes(*parts: str) -> list[tuple[int, str]]:
    return find_mistakes("\n".join(["version = 1", *parts]), PACKAGED)


def test_what_is_packaged_has_no_mistake() -> None:
    assert find_mistakes(TEXT) == []


def test_every_documented_type_is_known() -> None:
    assert set(documented.ALL) <= set(KNOWN_TYPES)
    assert {about for _, about in documented.ELSEWHERE} <= set(RESOURCES)


@pytest.mark.parametrize(
    ("type_", "near"),
    [
        ("Backdoor:EC2/Spambott", "; did you mean Backdoor:EC2/Spambot?"),
        ("Backdor:EC2/*", ""),
        ("UnauthorizedAccess:EC2/TorRelais", "; did you mean UnauthorizedAccess:EC2/TorRelay?"),
        ("backdoor:EC2/Spambot", "; did you mean Backdoor:EC2/Spambot?"),
    ],
)
def test_a_type_that_fits_none_is_told_with_the_nearest(type_: str, near: str) -> None:
    ((line, said),) = mistakes(a_rule(types=[type_]))

    assert line == 4
    assert said.startswith(f"{type_} fits no finding type that GuardDuty makes{near}; ")


def test_a_type_of_the_future_is_marked_as_one() -> None:
    assert mistakes(a_rule(types=["Backdoor:EC2/Quantum"], resource="Qubit", future=True)) == []


def test_a_resource_that_no_finding_has_is_told() -> None:
    ((line, said),) = mistakes(a_rule(resource="instance"))

    assert line == 7
    assert said.startswith("resource must be any, or one of AccessKey, ")
    assert "; did you mean Instance?" in said


def test_a_rule_that_an_earlier_one_of_its_file_covers_is_told_with_its_line() -> None:
    wide = a_rule(name="wide", types=["Backdoor:EC2/*"])

    assert mistakes(wide, a_rule()) == [
        (9, "rule spam never decides: rule wide before it covers it wholly (line 3)")
    ]


def test_what_an_owner_takes_from_the_packaged_rules_is_no_mistake() -> None:
    assert mistakes(a_rule(types=["Backdoor:EC2/*", "Backdoor:EC2/*!DNS"])) == []


@pytest.mark.parametrize("limit", [{}, {"severity": "Low"}])
def test_a_rule_that_would_cut_for_every_type_is_told(limit: dict[str, str]) -> None:
    every = a_rule(types=["*:EC2/*", "*:*/*!DNS"], response="contain", **limit)

    assert mistakes(every) == [
        (4, "rule spam would cut an instance off for every type: name those meant")
    ]


@pytest.mark.parametrize(
    "change",
    [{"response": "approve"}, {"severity": "Critical"}, {"role": "ACTOR"}, {"affiliated": True}],
)
def test_a_wide_rule_with_a_limit_is_taken(change: dict[str, Any]) -> None:
    assert mistakes(a_rule(**{"types": ["*:EC2/*"], "response": "contain", **change})) == []


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("breaker", "max_containments", 1001),
        ("breaker", "window_minutes", 1441),
        ("review", "days", 366),
        ("corroboration", "hours", 721),
    ],
)
def test_a_number_beyond_any_sense_is_told(section: str, name: str, value: int) -> None:
    ((line, said),) = mistakes(f"[{section}]", f"{name} = {value}")

    assert (line, said) == (3, f"{name} is beyond any sense: at most {value - 1}")


def test_a_number_of_a_group_beyond_any_sense_is_told() -> None:
    group = ("[groups.prod]", 'accounts = ["111122223333"]', "[groups.prod.breaker]")
    ((line, said),) = mistakes(*group, "max_containments = 1001")

    assert (line, said) == (5, "max_containments is beyond any sense: at most 1000")


def test_a_type_to_stop_for_that_guardduty_does_not_make_is_found_out() -> None:
    ((line, said),) = mistakes("[containment]", 'stop_types = ["Trojan:EC2/DNSDataExfiltratoin"]')

    assert line == 3
    assert said.startswith("Trojan:EC2/DNSDataExfiltratoin fits no finding type that GuardDuty")
    assert "Trojan:EC2/DNSDataExfiltration" in said


def test_a_tag_that_its_owner_can_set_protects_nothing() -> None:
    ((line, said),) = mistakes("[holds]", 'protected_tags = ["aws:eks:x", "keep-me"]')

    assert line == 3
    assert (
        said == "protected_tags holds keep-me, which whoever has the instance can set: only aws:..."
    )


def test_every_kind_of_mistake_is_told_at_once() -> None:
    found = mistakes(
        a_rule(types=["Backdoor:EC2/Spambott"], resource="Instnce"),
        a_rule(name="other", response="isolate"),
        "[breaker]",
        "max_containments = 0",
        "windw_minutes = 5",
        "[holds]",
        "protected_tags = 7",
    )

    assert [line for line, _ in found] == [4, 7, 12, 16, 17, 19]


def test_of_a_file_of_mistakes_the_first_are_told_soon() -> None:
    rules = [a_rule(name=f"spam-{n}", types=[f"Backdoor:EC2/Spambot{n}"]) for n in range(1000)]

    found = mistakes(*rules)

    assert 200 < len(found) < 250
    assert found[-1][1] == "rules from here on were not looked at"


GROUPS = """
[groups.prod]
accounts = ["ACCOUNT"]
[groups.prod.containment]
contain_from = 7.0
drain = false
[groups.prod.breaker]
max_containments = 3
window_minutes = 60
[groups.prod.unknown]
alert_from = 4.0
[groups.lab]
accounts = ["OTHER"]
""".replace("ACCOUNT", ACCOUNT).replace("OTHER", OTHER_ACCOUNT)
PIECES = [
    '"',
    "[",
    "]",
    "=",
    "\n",
    "\x00",
    "\x1b[31m",
    "é",
    "0",
    "-1",
    "*",
    "true",
    "#",
    "[[rules]]\n",
]


def mutated(seed: int, text: str = TEXT) -> str:
    chance = random.Random(seed)
    lines = text.splitlines(keepends=True)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(lines))
        line = lines[at]
        spot = chance.randrange(len(line))
        match chance.randrange(6):
            case 0:
                lines[at] = line[:spot] + line[spot + 1 :]
            case 1:
                lines[at] = line[:spot] + chance.choice(PIECES) + line[spot:]
            case 2:
                lines.insert(at, chance.choice(lines))
            case 3:
                lines[at] = line.swapcase()
            case 4:
                lines[at] = re.sub(r"= .*", f"= {chance.choice(['[]', '{}', '-5', '1e400'])}", line)
            case _:
                lines[at] = re.sub(r"\d+", str(10 ** chance.randint(2, 400)), line)
    return "".join(lines)


def can_be_followed(text: str) -> bool:
    try:
        parse_policy(text)
    except PolicyError:
        return False
    return True


def test_each_of_500_mutated_files_is_followed_or_refused_in_sentences() -> None:
    refused = 0
    for seed in range(500):
        text = mutated(seed)
        found = find_mistakes(text)
        refused += bool(found)
        assert all(said.isprintable() and len(said) <= 500 for _, said in found)
        assert all(1 <= line <= len(text.splitlines()) + 1 for line, _ in found)
        assert found or can_be_followed(text)

    assert refused > 300


def test_each_of_500_mutated_files_with_groups_is_shown_by_plan_or_refused_in_sentences() -> None:
    text, refused = f"version = 1{GROUPS}", 0
    whole = parse_policy(text, PACKAGED)
    for seed in range(500):
        changed = mutated(seed, text)
        found = find_mistakes(changed, PACKAGED)
        refused += bool(found)
        assert all(said.isprintable() and len(said) <= 500 for _, said in found)
        assert all(1 <= line <= len(changed.splitlines()) + 1 for line, _ in found)
        if not found:
            policy = parse_policy(changed, PACKAGED)
            same = {each: policy.at(each) == whole.at(each) for each in (ACCOUNT, OTHER_ACCOUNT)}
            assert all(same.values()) or make_plan(whole, policy).settings

    assert 300 < refused < 500
