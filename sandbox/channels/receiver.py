"""The other ends of the channels, on this machine: nothing is sent, all is kept and shown."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3

from chalicelib.core.notices.channels.post import Answer, Post
from chalicelib.core.notices.channels.slack import EDITING
from chalicelib.flows.ports.notifier import Notifier
from chalicelib.wiring import notifier
from sandbox.channels.page import page
from sandbox.channels.views import Arrived

CHANNELS = Path(__file__).with_name("channels.toml")

# Nobody's: each has the form that its service gives out.
_SECRETS = {
    "cordon/sandbox/slack": "xoxb-sandbox",
    "cordon/sandbox/teams": "https://sandbox.logic.azure.com/workflows/cordon",
    "cordon/sandbox/webhook": "the sandbox signs with this",
}
_ROUTING_KEY = "5a4d0b0c5a4d0b0c5a4d0b0c5a4d0b0c"
_NAMES = {
    "slack.com": "slack",
    "sandbox.logic.azure.com": "teams",
    "events.pagerduty.com": "pagerduty",
    "siem.example.com": "webhook",
}


class Receiver:
    """Stands in for the internet, and looks on as Security Hub and the chat's topic get theirs."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self._live: Notifier | None = None
        self._began = 1_700_000_000

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Let every notifier of the block deliver here; CORDON_CHANNELS may name other channels."""
        os.environ.setdefault("CORDON_CHANNELS", str(CHANNELS))
        _make_secrets()
        live = notifier.notifier
        vars(notifier)["notifier"] = lambda arn="": self._in_place_of(live(arn))
        try:
            yield
        finally:
            vars(notifier)["notifier"] = live

    def post(self, post: Post) -> Answer:
        """Keep what would have been sent, and answer as Slack does, which suits the others."""
        if post.path == EDITING:
            return self._edit(json.loads(post.body))
        name = _NAMES.get(post.host, post.host)
        self._keep(name, json.loads(post.body), post.headers)
        said = {"ok": True, "ts": f"{self._began + len(self.arrived)}.000100"}
        return Answer(HTTPStatus.OK, json.dumps(said).encode())

    def _edit(self, message: Mapping[str, Any]) -> Answer:
        """Put `message` in the place of the one that it edits, as Slack does."""
        nth = int(str(message["ts"]).partition(".")[0]) - self._began - 1
        before = self.arrived[nth]
        shown = {**before.message, "text": message["text"], "blocks": message["blocks"]}
        self.arrived[nth] = replace(before, message=shown)
        return Answer(HTTPStatus.OK, b'{"ok": true}')

    def import_finding(self, finding: Mapping[str, Any]) -> None:
        self._there.hub.import_finding(finding)
        self._keep("security-hub", finding)

    def write_note(self, finding: Mapping[str, Any]) -> None:
        self._there.hub.write_note(finding)

    def publish(self, topic: str, message: Mapping[str, Any]) -> None:
        self._there.chat.publish(topic, message)
        self._keep("q-developer", message)

    def _keep(
        self, channel: str, message: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        self.arrived.append(Arrived(datetime.now(UTC), channel, message, headers or {}))

    @property
    def _there(self) -> Notifier:
        if self._live is None:
            raise RuntimeError("nothing is delivered before a notifier was made")
        return self._live

    def _in_place_of(self, live: Notifier | None) -> Notifier | None:
        self._live = live
        return live and replace(live, web=self, hub=self, chat=self)


def _make_secrets() -> None:
    for name, value in _SECRETS.items():
        boto3.client("secretsmanager").create_secret(Name=name, SecretString=value)
    boto3.client("ssm").put_parameter(
        Name="/cordon/sandbox/pagerduty", Value=_ROUTING_KEY, Type="SecureString"
    )
    boto3.client("sns").create_topic(Name="cordon-sandbox-chat")


@contextmanager
def serving_page(receiver: Receiver, host: str) -> Iterator[str]:
    """Serve the page of what has arrived, and yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = page(receiver.arrived).encode()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header(
                "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"
            )
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(
        target=server.serve_forever, args=(0.05,), name="receiver", daemon=True
    )
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
