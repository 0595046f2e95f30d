from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.api.caller import caller_of
from chalicelib.core.errors import UnknownCallerError

ADA = "arn:aws:iam::111122223333:user/ada"
LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "cordon-dev"}
STAND_IN = {"CORDON_LOCAL_OPERATOR": "arn:aws:iam::111122223333:user/you"}


def caller(identity: Any, environment: dict[str, str]) -> str:
    return caller_of(identity, environment, in_lambda="AWS_LAMBDA_FUNCTION_NAME")


@pytest.mark.parametrize("environment", [{}, LAMBDA, STAND_IN])
def test_who_signed_is_the_caller(environment: dict[str, str]) -> None:
    assert caller({"userArn": ADA}, environment) == ADA


@pytest.mark.parametrize("identity", [None, {}, {"userArn": None}, {"userArn": ""}])
def test_a_stand_in_is_named_outside_of_lambda_only(identity: Any) -> None:
    assert caller(identity, STAND_IN) == STAND_IN["CORDON_LOCAL_OPERATOR"]
    with pytest.raises(UnknownCallerError):
        caller(identity, {**STAND_IN, **LAMBDA})
    with pytest.raises(UnknownCallerError):
        caller(identity, {})
