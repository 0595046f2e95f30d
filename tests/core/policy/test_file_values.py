from __future__ import annotations

import pytest

from chalicelib.core.errors import PolicyError
from chalicelib.core.policy.file import parse_policy
from tests.builders import PACKAGED

RULE_LINES = {
    "name": '"spam"',
    "types": '["Backdoor:EC2/Spambot"]',
    "response": '"alert"',
    "why": '"It sends mail."',
}


def a_rule(**values: str | None) -> str:
    """Return a rule as TOML, with `values` as they stand in the file; None leaves a line out."""
    lines = {**RULE_LINES, **values}
    return "\n".join(
        ["[[rules]]", *(f"{k} = {value}" for k, value in lines.items() if value is not None)]
    )


def complaint(*parts: str) -> tuple[int, str]:
    with pytest.raises(PolicyError) as caught:
        parse_policy("\n".join(["version = 1", *parts]), PACKAGED)
    return caught.value.line, str(caught.value).split(": ", 1)[1]


FLAG = "must be true or false"
NUMBER = "must be a whole number from 1"
HOURS = "must be a whole number of hours, 0 to 8760"
PERCENT = "must be a whole number of percent, 1 to 100"
SCORE = "must be a severity from 0.0 to 10.0"
NO_NAME = "gives 111122223333 no name of 1 to 64 letters, digits and ._@:+-"
TEXTS = "must be a list of texts"


@pytest.mark.parametrize(
    ("section", "name", "value", "said"),
    [
        *(("containment", "drain", value, FLAG) for value in ("1", '"true"', "[]")),
        ("containment", "stop_after_cut", "0", FLAG),
        ("containment", "stop_types", '"Backdoor:EC2/*"', TEXTS),
        ("containment", "stop_types", '["dns"]', "holds 'dns', which is no finding type"),
        *(("holds", "stale_hours", value, HOURS) for value in ("-1", "8761", "1.5", "true")),
        ("holds", "protect_routers", '"no"', FLAG),
        *(("breaker", "most_of_group", value, PERCENT) for value in ("0", "101", "0.5", "true")),
        *(
            (section, name, value, NUMBER)
            for section, name in (
                ("breaker", "max_containments"),
                ("breaker", "window_minutes"),
                ("corroboration", "hours"),
                ("release", "confirm_within_minutes"),
                ("review", "days"),
            )
            for value in ("0", "-1", "1.5", "true", '"10"', "inf")
        ),
        *(
            ("unknown", "alert_from", value, SCORE)
            for value in ("-0.1", "10.1", "true", '"7"', "nan", "inf", "[]")
        ),
        *(
            ("holds", "protected_tags", value, TEXTS)
            for value in ('"aws:x"', "[1]", '[""]', '["a", 1]', "true")
        ),
        ("release", "four_eyes", '"yes"', FLAG),
        *(
            (section, name, value, "must be a whole number from 0")
            for section, name in (
                ("breaker", "kept_for_critical"),
                ("containment", "stop_after_repairs"),
            )
            for value in ("-1", "1.5", "true", '"10"')
        ),
        *(
            ("review", "digest_hour", value, "must be an hour from 0 to 23")
            for value in ("24", "-1", "true", "7.5", '"7"')
        ),
        ("accounts", "allowed", '"111122223333"', TEXTS),
        ("accounts", "allowed", "[111122223333]", TEXTS),
        ("accounts", "allowed", '["*"]', "holds '*', which is no account id"),
        ("accounts", "allowed", '["1234"]', "holds '1234', which is no account id"),
        ("accounts", "names", '["111122223333"]', "must give each account id a name"),
        ("accounts", "names", '{prod = "111122223333"}', "holds 'prod', which is no account id"),
        ("accounts", "names", '{"111122223333" = ""}', NO_NAME),
        ("accounts", "names", '{"111122223333" = 7}', NO_NAME),
        ("accounts", "names", '{"111122223333" = "a\\nb"}', NO_NAME),
        ("holds", "exempt_instances", '["web"]', "holds 'web', which is no instance id"),
        ("holds", "exempt_instances", '["i-*"]', "holds 'i-*', which is no instance id"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_on_its_line(
    section: str, name: str, value: str, said: str
) -> None:
    line, message = complaint("", f"[{section}]", "# a remark", f"{name} = {value}")

    assert (line, message) == (5, f"{name} {said}")


@pytest.mark.parametrize(
    ("name", "value", "line", "said"),
    [
        ("name", '""', 4, "must be a text"),
        ("name", '"  "', 4, "must be a text"),
        ("name", "1", 4, "must be a text"),
        ("types", "[]", 5, "must name a finding type"),
        ("types", '"Backdoor:EC2/Spambot"', 5, TEXTS),
        ("types", "[1]", 5, TEXTS),
        ("types", '["Backdoor"]', 5, "holds 'Backdoor', which is no finding type"),
        ("types", '["*"]', 5, "holds '*', which is no finding type"),
        ("types", '["a:b/c d"]', 5, "holds 'a:b/c d', which is no finding type"),
        ("types", '["a:b/c", "a/b"]', 5, "holds 'a/b', which is no finding type"),
        (
            "response",
            '"isolate"',
            6,
            "must be one of contain, approve, hold, alert, record, ignore",
        ),
        ("response", "[]", 6, "must be one of contain, approve, hold, alert, record, ignore"),
        ("why", "true", 7, "must be a text"),
        ("resource", '""', 8, "must be a text"),
        ("role", '"actor"', 8, "must be one of ACTOR, TARGET; did you mean ACTOR?"),
        ("direction", '"IN"', 8, "must be one of INBOUND, OUTBOUND"),
        (
            "severity",
            '"high"',
            8,
            "must be one of Low, Medium, High, Critical; did you mean High?",
        ),
        ("severity", "7", 8, "must be one of Low, Medium, High, Critical"),
        ("threat", "[]", 8, "must be a text"),
        ("affiliated", '"no"', 8, FLAG),
    ],
)
def test_a_value_of_a_rule_is_refused_on_its_line(
    name: str, value: str, line: int, said: str
) -> None:
    assert complaint("", a_rule(**{name: value})) == (line, f"{name} {said}")


def test_the_digest_may_be_sent_at_any_hour() -> None:
    for hour in (0, 23):
        policy = parse_policy(f"version = 1\n[review]\ndigest_hour = {hour}", PACKAGED)
        assert policy.digest_hour == hour


def test_a_value_of_a_later_rule_is_refused_on_its_own_line() -> None:
    first, second = a_rule(), a_rule(name='"other"', response='"isolate"')

    assert complaint(first, second)[0] == 10


@pytest.mark.parametrize("key", ["name", "types", "response", "why"])
def test_a_rule_without_what_every_rule_has_is_refused_at_its_head(key: str) -> None:
    broken = a_rule(**{key: None})

    assert complaint(a_rule(name='"first"'), broken) == (7, f"the rule has no {key}")


def test_two_rules_of_one_name_are_refused_at_the_second() -> None:
    assert complaint(a_rule(), a_rule()) == (8, "second rule named spam")


@pytest.mark.parametrize("rules", ["[rules]\nname = 1", "rules = []", 'rules = "all"', "rules = 1"])
def test_rules_that_are_no_list_of_tables_are_refused(rules: str) -> None:
    assert complaint(rules)[1] == "rules are missing"


def test_a_rule_that_is_no_table_is_refused() -> None:
    assert complaint('rules = ["contain everything"]')[1] == "a rule must be a table: [[rules]]"


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("max_shrink = -0.1", "max_shrink must be a share"),
        ("max_growth = true", "max_growth must be a share"),
        ('max_growth = "1"', "max_growth must be a share"),
        ("min_understood = 1.01", "min_understood must be a share from 0.0 to 1.0"),
        ("min_understood = false", "min_understood must be a share"),
        ("min_prefix = 0", "min_prefix must be the length of a prefix"),
        ("min_prefix = 33", "min_prefix must be the length of a prefix"),
        ('kind = "domain"', "kind must be one of entity, ip"),
    ],
)
def test_a_threat_list_that_cannot_be_so_is_refused(setting: str, complaint: str) -> None:
    with pytest.raises(PolicyError, match=complaint):
        parse_policy(f"version = 1\n[threat_lists]\n{setting}\n", PACKAGED)
