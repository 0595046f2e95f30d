"""A Chalice app with one function of each kind, which keeps what reaches it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chalice import Chalice, IAMAuthorizer, Rate

FINDINGS = {"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 7]}]}}


class BrokenError(Exception):
    """What a function raises here."""


@dataclass
class SmallApp:
    """`seen` holds what reached each function; `broken` the functions that raise."""

    chalice: Chalice = field(default_factory=lambda: Chalice("small", configure_logs=False))
    seen: list[tuple[str, Any]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._functions()
        self._routes()

    def take(self, function: str, event: Any) -> dict[str, str]:
        self.seen.append((function, event))
        if function in self.broken:
            raise BrokenError("it's <broken>")
        return {"done": function}

    def events_of(self, function: str) -> list[Any]:
        return [event for name, event in self.seen if name == function]

    def _functions(self) -> None:
        app = self.chalice

        @app.on_cw_event(FINDINGS)
        def find(event: Any) -> dict[str, str]:
            return self.take("find", event.to_dict())

        @app.on_sns_message(topic="cordon-dev-notices")
        def tell(event: Any) -> dict[str, str]:
            return self.take("tell", event.to_dict())

        @app.schedule(Rate(1, unit=Rate.HOURS))
        def tick(event: Any) -> dict[str, str]:
            return self.take("tick", event.to_dict())

        @app.lambda_function()
        def plain(event: Any, context: Any) -> dict[str, str]:
            name = context.function_name
            return {**self.take("plain", event), "as": name, "id": context.aws_request_id}

    def _routes(self) -> None:
        app = self.chalice

        @app.route("/things/{name}", methods=["GET", "POST"], authorizer=IAMAuthorizer())
        def thing(name: str) -> dict[str, Any]:
            request = app.current_request
            return {"name": name, "body": request.json_body if request else None}
