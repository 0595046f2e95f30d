"""The detail of a line of the timeline, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

# AWS's examples, and stand-ins for AWS, end the ids that prove nothing with this.
_NO_PROOF = "EXAMPLE"


def in_words(detail: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parts of a line's detail; what no word is known for, as JSON."""
    for name, value in detail.items():
        if name == "changes" and isinstance(value, list):
            yield from (_change(each) for each in value)
        elif name == "originals" and isinstance(value, Mapping):
            yield from (_original(*each) for each in value.items())
        elif isinstance(value, Mapping) and "status" in value:
            yield _step(name, value)
        elif name == "about" and isinstance(value, Mapping):
            yield from in_words({each: said for each, said in value.items() if said is not None})
        elif isinstance(value, str):
            yield from [f"{name.replace('_', ' ')}: {value}"] if value else []
        elif value not in ([], False):
            yield f"{name.replace('_', ' ')}: {json.dumps(value, ensure_ascii=False)}"


def _step(name: str, said: Mapping[str, Any]) -> str:
    """Return how a step went; another version of Cordon may have written it otherwise."""
    requests = said.get("requests")
    ids = [str(each) for each in requests] if isinstance(requests, list) else []
    proof = [f"request {each}" for each in ids if not each.endswith(_NO_PROOF)]
    more = [str(said["detail"])] if said.get("detail") else []
    return f"{name} {said['status']}" + (f": {', '.join((*more, *proof))}" if more or proof else "")


def _original(interface: str, groups: Any) -> str:
    return f"{interface} was on {', '.join(map(str, groups)) if isinstance(groups, list) else '?'}"


def _change(change: Any) -> str:
    """Return a change; another version of Cordon may have written it otherwise."""
    if not isinstance(change, Mapping):
        return str(change)
    request, error = str(change.get("request_id", "")), str(change.get("error", ""))
    moved = f"{change.get('interface')} to {change.get('groups')}"
    if request.endswith(_NO_PROOF):
        return moved
    return f"{moved} ({f'request {request}' if request else error or 'it was gone'})"
