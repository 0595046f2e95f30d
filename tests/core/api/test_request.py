from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.api.request import (
    parse_mode,
    parse_quarantine,
    parse_release,
    parse_target,
)
from chalicelib.core.errors import MalformedRequestError
from tests.builders import ACCOUNT, OTHER_ACCOUNT, REGION, WEB, a_ref

ADA = "arn:aws:iam::111122223333:user/ada"
LONGEST = "x" * 1_000

REQUESTS: list[tuple[Any, dict[str, str]]] = [
    (parse_quarantine, {}),
    (parse_release, {"verdict": "remediated"}),
    (parse_mode, {"mode": "observe"}),
    (parse_mode, {"lists": "paused"}),
]


@pytest.mark.parametrize(("parse", "rest"), REQUESTS)
def test_a_reason_as_long_as_may_be_is_kept_whole(parse: Any, rest: dict[str, str]) -> None:
    assert parse({"reason": LONGEST, **rest}, ADA).reason == LONGEST


@pytest.mark.parametrize(("parse", "rest"), REQUESTS)
def test_a_longer_reason_is_refused_by_field_and_limit(parse: Any, rest: dict[str, str]) -> None:
    with pytest.raises(MalformedRequestError) as refused:
        parse({"reason": LONGEST + "y", **rest}, ADA)

    assert refused.value.field == "reason"
    assert "at most 1000 characters, not 1001" in str(refused.value)


@pytest.mark.parametrize("name", ["acount_id", "Region", "format"])
def test_a_misspelt_parameter_never_turns_a_request_into_one_for_the_own_account(name: str) -> None:
    with pytest.raises(MalformedRequestError, match=f"{name} is none of account_id, region"):
        parse_target(WEB, {name: OTHER_ACCOUNT}, ACCOUNT, REGION)


def test_a_route_may_have_parameters_of_its_own() -> None:
    assert parse_target(WEB, {"format": "md"}, ACCOUNT, REGION, ("format",)) == a_ref()
