"""Somebody who publishes a feed, on this machine, and is asked as all of them are: over HTTPS."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import trustme

from chalicelib.adapters.https import HttpsWeb
from chalicelib.core.threat_lists.feeds import Feed
from chalicelib.flows.ports.curator import Curator
from chalicelib.wiring import curator

_HERE = "127.0.0.1"


@contextmanager
def publishing(feed: Feed, body: bytes) -> Iterator[None]:
    """Let the syncs of the block fetch `feed`, of which `body` is the answer.

    The adapter is the one that ships, with all that it checks; only the names, the authority and
    the one address that it may go to are of this machine.
    """
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(feed.host).configure_cert(context)
    server = HTTPServer((_HERE, 0), _handler(feed, body))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="publisher")
    thread.start()
    web = HttpsWeb(
        resolve=lambda *_: (_HERE,),
        allows=lambda address: address == _HERE,
        context=ssl.create_default_context(cadata=authority.cert_pem.bytes().decode()),
        port=server.server_address[1],
    )
    live = curator.curator
    vars(curator)["curator"] = lambda arn="": _subscribed(live(arn), feed, web)
    try:
        yield
    finally:
        vars(curator)["curator"] = live
        server.shutdown()
        server.server_close()
        thread.join()


def _subscribed(to: Curator, feed: Feed, web: HttpsWeb) -> Curator:
    return replace(to, web=web, policy=replace(to.policy, feeds=(feed,)))


def _handler(feed: Feed, body: bytes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_known = self.path == feed.path
            self.send_response(HTTPStatus.OK if is_known else HTTPStatus.NOT_FOUND)
            self.send_header("ETag", '"1"')
            self.send_header("Content-Length", str(len(body) * is_known))
            self.end_headers()
            self.wfile.write(body * is_known)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
