"""A request as the door hands it in, and an answer as it takes it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib.core.api.request import parse_target

if TYPE_CHECKING:
    from chalicelib.core.instance import InstanceRef
    from chalicelib.flows.ports.responder import Responder


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; what it does not need is not made, nor looked for."""

    path: Mapping[str, str]  # what stands in the places of the route's path
    query: Mapping[str, str]
    context: Mapping[str, Any]  # what API Gateway says of the request
    body: Callable[[], Any]  # JSON; raises MalformedRequestError
    caller: Callable[[], str]  # the ARN of a person's role; raises UnknownCallerError
    responder: Callable[[], Responder]  # raises SettingsError
    steadfast: Callable[[], Responder]  # one even with settings that are wrong
    log: Any  # Powertools' logger: a line, and values by name

    def target(self, *more: str) -> InstanceRef:
        """Return the instance that the request is about; `more` parameters may stand beside it."""
        to = self.steadfast()
        instance_id = self.path["instance_id"]
        return parse_target(instance_id, self.query, to.own_account, to.own_region, more)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: JSON, unless the headers say otherwise."""

    body: Any
    is_done: bool = True  # else the watcher, or another person, is to finish it
    headers: Mapping[str, str] = field(default_factory=dict)
