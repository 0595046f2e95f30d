"""A person closes an incident in the browser, in front of the sandbox: by mouse, then by keys."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cordon.client import Client
from cordon.console.server import serving
from cordon.samples_to_send import SENDABLE, detail_of
from sandbox import world
from sandbox.guard import ACCOUNT, REGION
from sandbox.server import Sandbox
from tests.browser.chromium import Chromium
from tests.browser.looks import check, photographs


def incident(browser: Chromium, folder: Path) -> str:
    """Approve what is held, order a step, give it back and turn the mode."""
    with Sandbox(log=folder / "sandbox.log") as sandbox:
        made = world.build(sandbox)
        _send(sandbox, "command-and-control", made.web)
        _send(sandbox, "spam", made.mail)
        client = Client(sandbox.api_url)
        with serving(client) as url:
            browser.go(url)
            person = _Person(browser, folder, client, made.mail)
            person.approves()
            person.orders_a_step()
            person.gives_it_back()
            person.turns_the_mode()
        check(browser)
    return "an incident: approved, a step ordered, given back, the mode turned"


@dataclass(frozen=True, slots=True)
class _Person:
    browser: Chromium
    folder: Path
    client: Client
    instance_id: str

    def approves(self) -> None:
        assert self.browser.value("location.search") == "", "the token stays in the address"
        self.browser.click(f"details:has([value='{self.instance_id}']) > summary", loads=False)
        self._look("board")
        form = f"details[open]:has([value='{self.instance_id}']) form:has([value=quarantine])"
        self.browser.click(f"{form} button", loads=False)
        assert self._state() == "", "it was contained without a reason"

        self.browser.click(f"{form} [name=reason]", loads=False)
        self.browser.type("the spam is real")
        self.browser.click(f"{form} [name=sure]", loads=False)
        self.browser.click(f"{form} button")

        self._look("done")
        assert self._said().endswith("CONTAINED."), self._said()
        self.browser.click("main a")
        assert self.browser.value("document.querySelector('h1').innerText") == self.instance_id
        assert "Backdoor:EC2/Spambot" in self.browser.value("document.body.innerText")

    def orders_a_step(self) -> None:
        self.browser.click("details:has([value=step]) > summary", loads=False)
        self.browser.click("[name=step]", loads=False)
        for key in ("s", "t", "o", "Enter"):
            self.browser.press(key)
        chosen = self.browser.value("document.querySelector('[name=step]').value")
        assert chosen == "stop", f"{chosen} was chosen"
        self._look("incident")

        self.browser.click("form:has([value=step]) [name=reason]", loads=False)
        self.browser.type("it must not resolve names")
        self.browser.click("form:has([value=step]) [name=sure]", loads=False)
        self.browser.click("form:has([value=step]) button")

        assert self._said().startswith("stop: done"), self._said()

    def gives_it_back(self) -> None:
        """Without a mouse: the incident's page, its form, the verdict, a reason, yes, send."""
        self.browser.press("Enter", loads=True)  # the way back has the focus
        self.browser.press("r", alt=True)
        self._keys("Tab", "Tab")
        self.browser.type("rebuilt from the image")
        self._keys("Tab", " ", "Tab")
        self.browser.press("Enter", loads=True)

        assert self._said().endswith("RELEASED."), self._said()
        self.browser.press("l", alt=True, loads=True)
        self._look("given-back")
        assert self._state() == "RELEASED"

    def turns_the_mode(self) -> None:
        """Without a mouse too."""
        self.browser.press("b", alt=True, loads=True)
        self.browser.press("m", alt=True)
        self._keys("Tab")
        self.browser.type("a wrong list")
        self._keys("Tab", " ", "Tab")
        self.browser.press("Enter", loads=True)

        assert self._said() == "Cordon is in mode observe.", self._said()
        assert self.client.get("/mode")["mode"] == "observe"

    def _keys(self, *keys: str) -> None:
        for key in keys:
            self.browser.press(key)

    def _said(self) -> str:
        return str(self.browser.value("document.querySelector('.said').innerText"))

    def _state(self) -> str:
        """Return the state of the quarantine as the API has it; empty: there is none."""
        listed: list[dict[str, Any]] = list(self.client.quarantines())
        of_it = (each for each in listed if each["instance_id"] == self.instance_id)
        return next((str(each["state"]) for each in of_it), "")

    def _look(self, name: str) -> None:
        photographs(self.browser, self.folder, name)


def _send(sandbox: Sandbox, name: str, instance_id: str) -> None:
    entry = {
        "Source": "aws.guardduty",
        "DetailType": "GuardDuty Finding",
        "Detail": json.dumps(detail_of(SENDABLE[name], ACCOUNT, REGION, instance_id)),
    }
    sandbox.client("events").put_events(Entries=[entry])
    sandbox.drain()
