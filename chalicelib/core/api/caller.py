"""Who sends a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.errors import UnknownCallerError

_STAND_IN = "CORDON_LOCAL_OPERATOR"


def caller_of(identity: Any, environment: Mapping[str, str], *, in_lambda: str) -> str:
    """Return the ARN of who signed a request, as API Gateway says.

    Outside Lambda, where nobody signs, the environment may name a stand-in.

    Args:
        identity: of the request's context, if it has one.
        environment: of the process.
        in_lambda: the variable that only Lambda sets.

    Raises:
        UnknownCallerError: nobody is named.
    """
    if identity and identity.get("userArn"):
        return str(identity["userArn"])
    if environment.get(_STAND_IN) and in_lambda not in environment:
        return environment[_STAND_IN]
    raise UnknownCallerError
