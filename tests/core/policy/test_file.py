from __future__ import annotations

import tomllib
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.errors import PolicyError
from chalicelib.core.findings.severity import Band
from chalicelib.core.policy.file import parse_policy
from chalicelib.core.policy.policy import Response, Rule
from tests.builders import ACCOUNT, PACKAGED, POLICY_FILE, WEB, a_policy

TEXT = POLICY_FILE.read_text(encoding="utf-8")
NAMES = [rule.name for rule in PACKAGED.rules]
SETTINGS = [
    (section, name)
    for section, values in tomllib.loads(TEXT).items()
    if isinstance(values, dict)
    for name in values
]
RULE = """
[[rules]]
name = "spam"
types = ["Backdoor:EC2/Spambot"]
response = "alert"
why = "It sends mail."
"""


def a_document(*lines: str) -> str:
    return "\n".join(["version = 1", *lines, ""])


def complaint(text: str) -> tuple[int, str]:
    """Return the line that is refused, as it stands in `text`, and what is said about it."""
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, PACKAGED)
    head = f"policy file, line {caught.value.line}: "
    return caught.value.line, str(caught.value).removeprefix(head)


def test_the_packaged_policy_is_whole() -> None:
    policy = parse_policy(TEXT)

    assert policy.alert_from == 7.0
    assert policy.drain
    assert not policy.stop_after_cut
    assert policy.max_containments == 10
    assert policy.breaker_window == timedelta(minutes=10)
    assert policy.allowed_accounts == frozenset()
    assert policy.exempt_instances == frozenset()
    assert policy.protected_tags == {
        "aws:eks:cluster-name",
        "aws:ecs:clusterName",
        "aws:ecs:capacityProviderName",
        "aws:ecs:containerInstanceId",
    }
    assert policy.protect_routers
    assert policy.corroboration == timedelta(hours=24)


def test_no_tag_that_an_owner_can_set_protects() -> None:
    assert all(tag.startswith("aws:") for tag in PACKAGED.protected_tags)


def test_rules_keep_the_order_of_the_file() -> None:
    names = [rule["name"] for rule in tomllib.loads(TEXT)["rules"]]

    assert [rule.name for rule in PACKAGED.rules] == names


def test_a_rule_says_everything_that_its_table_says() -> None:
    table = """
[[rules]]
name = "full"
types = ["A:EC2/*", "B:EC2/x!DNS"]
response = "approve"
why = "Because."
resource = "any"
role = "ACTOR"
direction = "INBOUND"
severity = "High"
threat = "EICAR"
affiliated = true
"""

    policy = parse_policy(a_document(table), PACKAGED)

    assert policy.rules[0] == Rule(
        name="full",
        types=("A:EC2/*", "B:EC2/x!DNS"),
        response=Response.APPROVE,
        why="Because.",
        resource="any",
        role="ACTOR",
        direction="INBOUND",
        severity=Band.HIGH,
        threat="EICAR",
        affiliated=True,
    )


def test_what_a_rule_leaves_out_fits_everything_about_an_instance() -> None:
    rule = parse_policy(a_document(RULE), PACKAGED).rules[0]

    assert rule == Rule(
        "spam", ("Backdoor:EC2/Spambot",), Response.ALERT, "It sends mail.", resource="Instance"
    )


def test_an_empty_document_changes_nothing_of_its_base() -> None:
    assert parse_policy(a_document(), PACKAGED) == PACKAGED


@pytest.mark.parametrize(
    ("lines", "changes"),
    [
        (("[unknown]", "alert_from = 4"), {"alert_from": 4.0}),
        (("[containment]", "drain = false"), {"drain": False}),
        (("[containment]", "stop_after_cut = true"), {"stop_after_cut": True}),
        (("[containment]", 'stop_types = ["A:EC2/*!DNS"]'), {"stop_types": ("A:EC2/*!DNS",)}),
        (("[breaker]", "max_containments = 3"), {"max_containments": 3}),
        (("[breaker]", "window_minutes = 60"), {"breaker_window": timedelta(hours=1)}),
        (("[accounts]", f'allowed = ["{ACCOUNT}"]'), {"allowed_accounts": frozenset({ACCOUNT})}),
        (("[accounts]", f'names = {{"{ACCOUNT}" = "prod"}}'), {"account_names": {ACCOUNT: "prod"}}),
        (("[accounts.names]", f'"{ACCOUNT}" = "prod"'), {"account_names": {ACCOUNT: "prod"}}),
        (("[holds]", f'exempt_instances = ["{WEB}"]'), {"exempt_instances": frozenset({WEB})}),
        (("[holds]", 'protected_tags = ["aws:x"]'), {"protected_tags": frozenset({"aws:x"})}),
        (("[holds]", "protect_routers = false"), {"protect_routers": False}),
        (("[corroboration]", "hours = 2"), {"corroboration": timedelta(hours=2)}),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_one_setting_replaces_that_setting_of_its_base(
    lines: tuple[str, ...], changes: dict[str, Any]
) -> None:
    assert parse_policy(a_document(*lines), PACKAGED) == a_policy(**changes)


def test_rules_of_an_owner_come_before_those_of_its_base() -> None:
    policy = parse_policy(a_document(RULE), PACKAGED)

    assert [rule.name for rule in policy.rules] == ["spam", *NAMES]
    assert policy == a_policy(rules=policy.rules)


def test_a_rule_of_an_owner_takes_the_place_of_the_one_of_its_name() -> None:
    policy = parse_policy(a_document(RULE.replace('"spam"', '"tor-relay"')), PACKAGED)

    assert [rule.name for rule in policy.rules] == [
        "tor-relay",
        *(name for name in NAMES if name != "tor-relay"),
    ]


def test_an_owner_switches_rules_of_its_base_off_by_name() -> None:
    off = a_document("[packaged]", 'off = ["tor-relay", "probed"]')

    policy = parse_policy(off, PACKAGED)

    kept = [name for name in NAMES if name not in ("tor-relay", "probed")]
    assert [rule.name for rule in policy.rules] == kept


def test_an_owner_may_switch_all_rules_of_its_base_off() -> None:
    policy = parse_policy(a_document("[packaged]", 'off = ["*"]', RULE), PACKAGED)

    assert [rule.name for rule in policy.rules] == ["spam"]


def test_the_packaged_policy_upon_itself_is_itself() -> None:
    assert parse_policy(TEXT, PACKAGED) == PACKAGED


def test_to_switch_off_what_is_not_there_is_refused() -> None:
    off = a_document("[packaged]", 'off = ["tor-relais"]')

    assert complaint(off) == (
        3,
        "off names tor-relais, which is no rule of ours; did you mean tor-relay?",
    )
    with pytest.raises(PolicyError, match="off names tor-relay, which is no rule of ours"):
        parse_policy(a_document("[packaged]", 'off = ["tor-relay"]', RULE))


@pytest.mark.parametrize(("section", "name"), SETTINGS, ids=".".join)
def test_without_a_base_every_setting_is_needed(section: str, name: str) -> None:
    whole = TEXT.splitlines()
    head = whole.index(f"[{section}]")
    at = next(n for n in range(head, len(whole)) if whole[n].startswith(f"{name} ="))
    last = whole.index("]", at) if whole[at].endswith("[") else at
    text = "\n".join(whole[:at] + whole[last + 1 :])

    with pytest.raises(PolicyError, match=rf"{section}\.{name} is missing") as caught:
        parse_policy(text)

    assert caught.value.line == head + 1


def test_without_a_base_every_section_is_needed() -> None:
    with pytest.raises(PolicyError, match=r"unknown\.alert_from is missing"):
        parse_policy(a_document(RULE))


def test_without_a_base_rules_are_needed() -> None:
    with pytest.raises(PolicyError, match="rules are missing"):
        parse_policy(a_document("[containment]"))


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        (("[containment", "drain = true"), 2, "Expected ']' at the end of a table"),
        (("[containment]", "drain = maybe"), 3, "Invalid value"),
        (("[containment]", "drain = true", "drain = true"), 4, "Cannot overwrite a value"),
        (('why = "', ""), 2, "Illegal character"),
    ],
    ids=["section", "value", "twice", "text"],
)
def test_what_is_no_toml_is_refused_where_it_stops(
    lines: tuple[str, ...], line: int, said: str
) -> None:
    refused, message = complaint(a_document(*lines))

    assert refused == line
    assert message.startswith(said)


def test_a_document_that_ends_too_early_is_refused_at_its_last_line() -> None:
    assert complaint('version = 1\n\nrules = ["a",')[0] == 3


@pytest.mark.parametrize("version", ["0", "2", '"1"', "[1]"])
def test_another_version_is_refused(version: str) -> None:
    assert complaint(f"# first\nversion = {version}\n") == (2, "version must be 1")


def test_no_version_is_refused() -> None:
    assert complaint("[containment]\ndrain = true\n") == (2, "version must be 1")


def test_an_empty_text_is_refused_at_its_first_line() -> None:
    assert complaint("") == (1, "version must be 1")


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        (("", "[containmnt]", "drain = true"), 3, "unknown name containmnt"),
        (("", "drain = true"), 3, "unknown name drain"),
        (("[containment]", "drian = true"), 3, "unknown name drian"),
        (("[breaker]", "window_minutes = 5", "max = 5"), 4, "unknown name max"),
        (("[[exemptions]]", "id = 1"), 2, "unknown name exemptions"),
        ((RULE, 'colour = "red"'), 9, "unknown name colour"),
        (("[holds]", "[containment]", "exempt = 1", "[accounts]"), 4, "unknown name exempt"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unknown_name_is_refused_where_it_stands(
    lines: tuple[str, ...], line: int, said: str
) -> None:
    refused, message = complaint(a_document(*lines))

    assert refused == line
    assert message.startswith(said)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("[containmnt]",), "did you mean containment?"),
        (("[containment]", "drian = true"), "did you mean drain?"),
        (("[breaker]", "windo_minutes = 5"), "known are kept_for_critical, max_containments, "),
        ((RULE, 'sevrity = "High"'), "did you mean severity?"),
        ((RULE, 'severity = "high"'), "did you mean High?"),
        ((RULE, 'role = "ACTR"'), "must be one of ACTOR, TARGET; did you mean ACTOR?"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_is_told_with_what_is_allowed_and_the_nearest_right_word(
    lines: tuple[str, ...], said: str
) -> None:
    assert said in complaint(a_document(*lines))[1]


def test_a_word_that_is_near_to_none_is_not_guessed_at() -> None:
    assert "did you mean" not in complaint(a_document("[containment]", "xyz = true"))[1]


def test_every_mistake_is_told_at_once_in_the_order_of_lines() -> None:
    text = a_document(
        "[breaker]",
        "max_containments = 0",
        "[containment]",
        "drian = true",
        RULE.replace("alert", "isolate"),
        RULE.replace("why", "wy"),
    )

    with pytest.raises(PolicyError) as caught:
        parse_policy(text, PACKAGED)

    assert [line for line, _ in caught.value.mistakes] == [3, 5, 10, 14, 18]
    assert "line 3: max_containments must" in str(caught.value)
    assert "; line 10: response must be one of" in str(caught.value)


def test_of_very_many_mistakes_the_rest_is_counted() -> None:
    text = a_document("[breaker]", *(f"x{n} = 1" for n in range(80)))

    with pytest.raises(PolicyError) as caught:
        parse_policy(text, PACKAGED)

    assert len(caught.value.mistakes) == 51
    assert caught.value.mistakes[-1][1] == "and 30 more mistakes from here on"


def test_more_than_two_thousand_rules_are_refused() -> None:
    rules = [RULE.replace('"spam"', f'"spam-{n}"') for n in range(2001)]

    assert len(parse_policy(a_document(*rules[1:]), PACKAGED).rules) == 2000 + len(NAMES)
    assert complaint(a_document(*rules)) == (3, "there are more than 2000 rules")


@pytest.mark.parametrize(
    "section",
    ["unknown", "containment", "breaker", "accounts", "holds", "corroboration", "packaged"],
)
@pytest.mark.parametrize("value", ["1", "[]", '"x"', "true"])
def test_a_section_that_is_none_is_refused(section: str, value: str) -> None:
    assert complaint(a_document(f"{section} = {value}"))[1] == f"{section} must be a section"
