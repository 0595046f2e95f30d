"""A service on this machine that speaks HTTPS and remembers what it was sent."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme

from chalicelib.adapters.https import HttpsWeb

HOST = "siem.example.com"
HERE = "127.0.0.1"


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Service:
    """Answers `status` with `body`; `drips` sends a byte of the head every 50 ms, for ever."""

    authority: trustme.CA
    port: int = 0
    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    drips: bool = False
    raw: bytes = b""  # all that is answered to a GET, before the connection is closed
    received: list[Received] = field(default_factory=list)

    def web(self, **more: Any) -> HttpsWeb:
        """Return the web in which every name leads here, and this authority is believed."""
        authority = self.authority.cert_pem.bytes().decode()
        context = ssl.create_default_context(cadata=authority)
        here: dict[str, Any] = {
            "resolve": lambda _host, _port: (HERE,),
            "allows": lambda address: address == HERE,
            "context": context,
            "port": self.port,
        }
        return HttpsWeb(**{**here, **more})


@contextmanager
def serving(*names: str) -> Iterator[Service]:
    """Run a service with a certificate for `names`."""
    service = Service(trustme.CA())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    service.authority.issue_cert(*names).configure_cert(context)
    server = ThreadingHTTPServer((HERE, 0), _handler(service))
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.received.append(Received(self.path, dict(self.headers), body))
            if service.drips:
                self._drip()
                return
            self.send_response(service.status)
            for name, value in service.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(service.body)))
            self.end_headers()
            self.wfile.write(service.body)

        def do_GET(self) -> None:
            service.received.append(Received(self.path, dict(self.headers), b""))
            self._drip()
            self.wfile.write(service.raw)
            self.close_connection = True

        def _drip(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: " * service.drips)
            for _ in range(200 * service.drips):
                self.wfile.write(b"x")
                time.sleep(0.05)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
