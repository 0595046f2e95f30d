"""Dead letters: events that failed for good, and what is inside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter."""

    receipt: str  # with which it is taken out of the queue
    body: str

    def event(self) -> Mapping[str, Any] | None:
        """Return the event of EventBridge in it; None: it holds something else.

        Lambda wraps what a function failed to answer; a rule puts what it could not deliver as
        it is.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        """
        try:
            inside = json.loads(self.body)
        except ValueError:
            return None
        if isinstance(inside, dict) and "requestPayload" in inside:
            inside = inside["requestPayload"]
        return inside if isinstance(inside, dict) and "detail-type" in inside else None
