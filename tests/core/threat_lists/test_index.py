from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.findings.origin import Confidence, Origin
from chalicelib.core.policy.file import parse_policy
from chalicelib.core.policy.judgement import judge
from chalicelib.core.policy.policy import Response
from chalicelib.core.threat_lists.cleaning import Bar, clean
from chalicelib.core.threat_lists.index import look_up, origin_of
from chalicelib.core.threat_lists.publication import Listed, Memory, index_text
from tests.builders import PACKAGED, a_finding
from tests.core.threat_lists.examples import CUSTOM, SURE_RULE, a_publication


def listed(name: str, confidence: Confidence, *lines: str) -> Listed:
    return Listed(name, confidence, tuple(clean(lines, Bar(8)).entries()))


LOW = listed("low", Confidence.LOW, "45.1.0.0/16", "*.example.org", "45.3.1.1")
HIGH = listed("high", Confidence.HIGH, "45.1.2.0/24", "bad.example.org")


@pytest.mark.parametrize(
    ("remote", "names"),
    [
        ("45.1.2.3", ("high", "low")),
        ("45.1.3.3", ("low",)),
        ("45.3.1.1", ("low",)),
        ("BAD.example.org.", ("high", "low")),
        ("a.b.example.org", ("low",)),
        ("example.org", None),
        ("45.2.0.0", None),
        ("1.1.1.1", None),
        ("200.1.1.1", None),
    ],
)
def test_who_listed_the_other_end_the_surest_first(
    remote: str, names: tuple[str, ...] | None
) -> None:
    origin = origin_of(remote, [LOW, HIGH])

    assert (origin and origin.sources) == names
    assert origin is None or origin.confidence is (
        Confidence.HIGH if names and "high" in names else Confidence.LOW
    )


@given(
    st.lists(
        st.builds(
            lambda address, bits: IPv4Network((address, bits), strict=False),
            st.integers(0x2D000000, 0x2D000400),
            st.integers(20, 32),
        ),
        max_size=10,
    ),
    st.integers(0x2D000000, 0x2D000400),
)
def test_an_address_is_found_exactly_where_it_was_listed(
    networks: list[IPv4Network], asked: int
) -> None:
    source = listed("a", Confidence.LOW, *map(str, networks), "bad.example.org")

    found = origin_of(str(IPv4Address(asked)), [source])

    assert (found is not None) == any(IPv4Address(asked) in each for each in networks)


@pytest.mark.parametrize(
    ("floor", "confidence", "reaches"),
    [
        ("high", "high", True),
        ("high", "medium", False),
        ("low", "medium", True),
        ("medium", "medium", True),
    ],
)
def test_a_confidence_reaches_a_floor(floor: str, confidence: str, reaches: bool) -> None:  # noqa: FBT001
    assert Confidence(confidence).reaches(Confidence(floor)) is reaches


RULE = f"version = 1{SURE_RULE}"


@pytest.mark.parametrize(
    ("origin", "response"),
    [
        (Origin(("a",), Confidence.HIGH), Response.CONTAIN),
        (Origin(("a",), Confidence.MEDIUM), Response.ALERT),
        (Origin(trouble="AccessDenied"), Response.ALERT),
        (None, Response.ALERT),
    ],
)
def test_a_rule_contains_for_a_sure_source_only(origin: Origin | None, response: Response) -> None:
    policy = parse_policy(RULE, PACKAGED)
    finding = replace(a_finding(type_=CUSTOM), origin=origin)

    assert judge(finding, policy).response is response


@pytest.mark.parametrize(
    ("changes", "confidence", "response"),
    [
        ({}, Confidence.HIGH, Response.CONTAIN),
        ({}, Confidence.MEDIUM, Response.ALERT),
        ({"direction": "INBOUND"}, Confidence.HIGH, Response.ALERT),
        ({"direction": "UNKNOWN"}, Confidence.HIGH, Response.ALERT),
    ],
)
def test_who_calls_an_address_that_is_listed_for_sure_is_cut_off(
    changes: dict[str, Any], confidence: Confidence, response: Response
) -> None:
    finding = replace(a_finding(type_=CUSTOM, **changes), origin=Origin(("a",), confidence))

    assert judge(finding, PACKAGED).response is response


@pytest.mark.parametrize(
    ("live", "lists", "found"),
    [
        (True, ["cordon-dev-threats-1"], True),
        (True, [], True),
        (True, ["corporate", "cordon-dev-threats-2"], True),
        (True, ["corporate"], False),
        (False, [], False),
    ],
)
def test_the_list_that_is_live_is_looked_up_for_findings_of_ours(
    live: bool,  # noqa: FBT001
    lists: list[str],
    found: bool,  # noqa: FBT001
) -> None:
    memory = Memory(live=a_publication() if live else None)
    objects = {"memory.json": memory.as_text(), "indexes/i.json": index_text([HIGH])}

    origin = look_up("45.1.2.3", lists, "dev", objects.__getitem__)

    assert (origin is not None) is found
