"""What answers which route."""

from __future__ import annotations

from importlib import import_module
from typing import Any

# By path and method: a function of chalicelib, imported when its first request comes.
ROUTES = {
    ("/quarantines", "GET"): "api.quarantines.list_all",
    ("/quarantines/{instance_id}", "GET"): "api.quarantines.show",
    ("/quarantines/{instance_id}", "POST"): "api.quarantines.quarantine",
    ("/quarantines/{instance_id}/release", "POST"): "api.quarantines.release",
    ("/quarantines/{instance_id}/steps/{step}", "POST"): "api.quarantines.order",
    ("/quarantines/{instance_id}/report", "GET"): "api.quarantines.report",
    ("/quarantines/{instance_id}/preview", "GET"): "api.quarantines.preview",
    ("/held", "GET"): "api.held.list_all",
    ("/held/{instance_id}/dismiss", "POST"): "api.held.dismiss",
    ("/exemptions", "GET"): "api.exemptions.list_all",
    ("/exemptions/{instance_id}", "PUT"): "api.exemptions.exempt",
    ("/exemptions/{instance_id}", "DELETE"): "api.exemptions.end",
    ("/mode", "GET"): "api.mode.show",
    ("/mode", "PUT"): "api.mode.turn",
    ("/version", "GET"): "wiring.version.show",
}


def view_of(name: str) -> Any:
    """Return the function of that name, such as "api.held.dismiss"."""
    module, _, function = name.rpartition(".")
    return getattr(import_module(f"chalicelib.{module}"), function)
