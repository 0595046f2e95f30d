"""What a person does in the console: a form becomes one request to the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.steps.order import ORDERABLE
from cordon.client import Answer, Client, path_of
from cordon.exits import CommandError, Exit


def act(form: Mapping[str, str], client: Client) -> str:
    """Send what `form` asks for; return in a sentence how it ended.

    Raises:
        CommandError: it was refused, there is no answer, or the form asks for nothing known.
    """
    if form.get("sure") != "yes":
        raise CommandError(Exit.USAGE, "nothing was done: it was not confirmed")
    reason = form.get("reason", "")
    where = {"account_id": form.get("account_id"), "region": form.get("region")}
    match form.get("do"):
        case "quarantine":
            path = path_of(form.get("instance_id", ""))
            return _said(client.ask("POST", path, {"reason": reason}, where))
        case "release":
            path = path_of(form.get("instance_id", ""))
            body = {"reason": reason, **_release(form)}
            return _said(client.ask("POST", f"{path}/release", body, where))
        case "step" if form.get("step") in ORDERABLE:
            path, name = path_of(form.get("instance_id", "")), form.get("step", "")
            answer = client.ask("POST", f"{path}/steps/{name}", {"reason": reason}, where)
            done = answer.body["steps"][name]
            return f"{name}: {done['status']}. {done['detail']}"
        case "dismiss":
            path = path_of(form.get("instance_id", "")).replace("/quarantines/", "/held/")
            said = client.ask("POST", f"{path}/dismiss", {"reason": reason}, where).body
            return f"{said['instance_id']} is no longer held."
        case "mode":
            said = client.ask("PUT", "/mode", {"mode": form.get("mode"), "reason": reason}).body
            return f"Cordon is in mode {said['mode']}."
        case _:
            raise CommandError(Exit.USAGE, "the form asks for nothing that is known")


def _release(form: Mapping[str, str]) -> dict[str, Any]:
    version = form.get("version", "")
    return {
        "verdict": form.get("verdict"),
        **({"version": int(version)} if version.isascii() and version.isdigit() else {}),
        **({"accept_drift": True} if form.get("accept_drift") == "yes" else {}),
    }


def _said(answer: Answer) -> str:
    said = answer.body
    stands = f"{said['instance_id']} is {said['state']}."
    if answer.is_done:
        return stands
    return f"{stands} It is not over: the watcher, or another person, finishes it."
