from __future__ import annotations

import pytest

from chalicelib.core.errors import MalformedFindingError, PolicyError
from chalicelib.core.findings.severity import parse_score
from chalicelib.core.policy.file import parse_policy
from tests.builders import PACKAGED, a_finding


def test_a_number_too_long_to_print_is_malformed_and_not_a_crash() -> None:
    with pytest.raises(MalformedFindingError, match=r"detail\.severity is a int that cannot be"):
        a_finding(severity=10**5000)


def test_a_policy_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(PolicyError, match="nested too deeply"):
        parse_policy(f"a = {'[' * 5000}", PACKAGED)


def test_a_score_with_an_underscore_is_no_number() -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_score("1_0")
