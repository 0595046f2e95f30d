"""At which address the API was asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.ASCII)
_START = re.compile(r"(?:/[\w.-]+)*", re.ASCII)


def address_of(context: Mapping[str, Any], resource: str) -> str:
    """Return the URL before `resource`, which was asked for; empty: the request does not say.

    It is the stage's address, or that of a custom domain, whichever the caller used: API Gateway
    names the domain, and no header of the caller's does.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    """
    host, path = context.get("domainName"), context.get("path")
    if not (isinstance(host, str) and _HOST.fullmatch(host) and isinstance(path, str)):
        return ""
    start = path.removesuffix(resource)
    return f"https://{host}{start}" if path != start and _START.fullmatch(start) else ""
