from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import MalformedFindingError, NotAFindingError, RejectedError
from chalicelib.core.findings.finding import parse_finding
from tests.builders import FINDING, GONE, a_finding, an_event

DETAIL_TYPES_OF_GUARDDUTY = [
    "GuardDuty Runtime Protection Healthy",
    "GuardDuty Runtime Protection Unhealthy",
    "GuardDuty Malware Protection Object Scan Result",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def places(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield where every value of a nest of dictionaries stands."""
    for key, value in node.items():
        yield (*path, key)
        if isinstance(value, dict):
            yield from places(value, (*path, key))


def event_with(path: tuple[str, ...], value: object) -> dict[str, Any]:
    event = an_event()
    node: Any = event
    for key in path[:-1]:
        node = node[key]
    if value is GONE:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return event


@pytest.mark.parametrize("event", [None, [], "{}", 7, True], ids=repr)
def test_what_is_no_event_is_no_finding(event: Any) -> None:
    with pytest.raises(NotAFindingError) as caught:
        parse_finding(event)

    assert caught.value.field == "the event"


@pytest.mark.parametrize("detail_type", [*DETAIL_TYPES_OF_GUARDDUTY, "guardduty finding", None, 7])
def test_another_detail_type_is_no_finding(detail_type: object) -> None:
    with pytest.raises(NotAFindingError) as caught:
        parse_finding(event_with(("detail-type",), detail_type))

    assert caught.value.field == "detail-type"


@pytest.mark.parametrize("source", ["aws.securityhub", "attacker", "", None, ["aws.guardduty"]])
def test_another_source_is_no_finding(source: object) -> None:
    with pytest.raises(NotAFindingError) as caught:
        parse_finding(event_with(("source",), source))

    assert caught.value.field == "source"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("finding_id", "detail.id"),
        ("type_", "detail.type"),
        ("severity", "detail.severity"),
        ("account_id", "detail.accountId"),
        ("region", "detail.region"),
    ],
)
@pytest.mark.parametrize("value", [GONE, None, "", True, [], {}, math.nan, b"x"], ids=repr)
def test_a_field_that_every_finding_has_is_named_when_it_is_none(
    name: str, field: str, value: object
) -> None:
    with pytest.raises(MalformedFindingError) as caught:
        a_finding(**{name: value})

    assert caught.value.field == field


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("finding_id", "../../etc/passwd"),
        ("finding_id", f"{FINDING}\n"),
        ("finding_id", "x" * 129),
        ("type_", "Backdoor:EC2/C&CActivity.B\n"),
        ("type_", "x" * 301),
        ("type_", " Backdoor:EC2/x"),
        ("type_", "Backdoor:EC2/\u202ex"),
        ("account_id", "1111-2222-3333"),
        ("account_id", "111122223333\n"),
        ("account_id", "\u0661" * 12),
        ("account_id", 111122223333),
        ("region", "eu-west"),
        ("region", "EU-WEST-1"),
        ("region", "eu-west-1.evil.example"),
        ("instance_id", "i-xyz"),
        ("instance_id", "web-1"),
        ("instance_id", 7),
        ("instance_id", True),
        ("instance_id", ["i-0a1b2c3d4e5f60718"]),
        ("severity", "HIGH"),
        ("severity", -1),
        ("severity", 10.1),
        ("severity", 10**400),
        ("severity", math.inf),
        ("severity", Decimal(8)),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_field_that_holds_what_it_cannot_hold_is_refused(name: str, value: object) -> None:
    with pytest.raises(MalformedFindingError):
        a_finding(**{name: value})


@pytest.mark.parametrize("value", [None, [], "x", 7], ids=repr)
def test_an_envelope_without_detail_is_refused(value: object) -> None:
    with pytest.raises(MalformedFindingError) as caught:
        parse_finding(event_with(("detail",), value))

    assert caught.value.field == "detail"


@pytest.mark.parametrize("section", ["resource", "service"])
@pytest.mark.parametrize("value", [[], "x", 7, True], ids=repr)
def test_a_section_that_is_no_section_is_named(section: str, value: object) -> None:
    with pytest.raises(MalformedFindingError) as caught:
        a_finding(**{section: value})

    assert caught.value.field == f"detail.{section}"


@pytest.mark.parametrize("section", ["resource", "service"])
@pytest.mark.parametrize("value", [None, GONE, {}], ids=["null", "gone", "empty"])
def test_a_section_may_be_missing_or_null(section: str, value: object) -> None:
    assert a_finding(**{section: value}).id == FINDING


def test_without_its_sections_a_finding_names_nobody() -> None:
    finding = a_finding(resource=None, service=None, title=None)

    assert finding.instances == ()
    assert (finding.resource_type, finding.role, finding.direction, finding.remote) == (None,) * 4
    assert (finding.title, finding.count) == ("", 1)


@pytest.mark.parametrize("instance_id", [GONE, None, ""], ids=repr)
def test_an_instance_finding_may_lack_the_id(instance_id: object) -> None:
    assert a_finding(instance_id=instance_id).instances == ()


@pytest.mark.parametrize("count", [0, -1, True, 2.5, "3", None, [], GONE], ids=repr)
def test_a_count_that_is_none_is_one(count: object) -> None:
    assert a_finding(count=count).count == 1


def test_keys_as_boto3_spells_them_are_refused() -> None:
    event = an_event()
    event["detail"] = {key[0].upper() + key[1:]: value for key, value in event["detail"].items()}

    with pytest.raises(MalformedFindingError) as caught:
        parse_finding(event)

    assert caught.value.field == "detail.id"


@pytest.mark.parametrize("severity", [8, 8.0, "8", "8.0", 8.95])
def test_a_severity_may_be_a_number_or_a_number_in_a_string(severity: Any) -> None:
    assert a_finding(severity=severity).score == float(severity)


def test_a_decimal_outside_the_severity_is_kept_as_text() -> None:
    assert '"1.5"' in a_finding(additional_info={"confidence": Decimal("1.5")}).as_received


def nested(depth: int) -> list[Any]:
    nest: list[Any] = []
    for _ in range(depth):
        nest = [nest]
    return nest


def looped() -> dict[str, Any]:
    loop: dict[str, Any] = {}
    loop["again"] = loop
    return loop


@pytest.mark.parametrize(
    "value",
    [nested(100_000), looped(), {1: "a", "b": 2}, {("a",): 1}, 10**5_000],
    ids=["deep nest", "loop", "mixed keys", "tuple as a key", "huge number"],
)
def test_an_event_that_cannot_be_kept_is_refused(value: object) -> None:
    with pytest.raises(MalformedFindingError) as caught:
        a_finding(additional_info=value)

    assert caught.value.field == "detail"


@pytest.mark.parametrize("path", list(places(an_event())), ids=".".join)
@pytest.mark.parametrize(
    "value",
    [GONE, None, "", "x", 0, -1, 1e308, math.nan, True, [], [None], {}, {"x": None}, "\ud800"],
    ids=ascii,
)
def test_no_value_anywhere_makes_anything_but_a_finding_or_a_rejection(
    path: tuple[str, ...], value: object
) -> None:
    event = event_with(path, value)

    try:
        finding = parse_finding(event)
    except RejectedError:
        return

    assert finding.type.isprintable()
    assert finding.as_received


@given(st.sampled_from(list(places(an_event()))), JSON)
def test_no_json_anywhere_makes_anything_but_a_finding_or_a_rejection(
    path: tuple[str, ...], value: object
) -> None:
    event = event_with(path, value)

    try:
        finding = parse_finding(event)
    except RejectedError:
        return

    assert all(ref.instance_id.startswith("i-") for ref in finding.instances)
