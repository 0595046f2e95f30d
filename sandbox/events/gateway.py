"""API Gateway: Chalice's local server, made to answer whatever it is sent.

Nobody checks a signature here: routes with an IAM authorizer admit everybody, as they do in
`chalice local`, and the app's CORDON_LOCAL_OPERATOR stands in for the caller.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from chalice import Chalice, IAMAuthorizer
from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    LocalGateway,
    LocalGatewayAuthorizer,
    ThreadedHTTPServer,
    create_local_server,
)

_LOG = logging.getLogger(__name__)
_WAITING = 128  # connections that may wait to be taken; Python's servers keep five


@contextmanager
def serving(app: Chalice, config: Config, host: str, port: int) -> Iterator[int]:
    """Serve the routes of `app` while the context lasts; yield the port, for 0 the one it got.

    Raises:
        OSError: the port is taken.
    """
    kind = app.__class__
    local = create_local_server(app, config, host, port)  # changes the class of the app
    server: Any = local.server
    server.RequestHandlerClass = partial(_Handler, app_object=app, config=config)
    server.__class__ = _Server
    server.socket.listen(_WAITING)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="api", daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        app.__class__ = kind


class _Server(ThreadedHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away; it is no error of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Authorizer(LocalGatewayAuthorizer):
    def authorize(self, raw_path: str, lambda_event: Any, lambda_context: Any) -> Any:
        """Admit to routes with an IAM authorizer; Chalice does too, with a warning each time."""
        route = self._route_for_event(lambda_event)
        if route and isinstance(route.authorizer, IAMAuthorizer):
            return lambda_event, lambda_context
        return super().authorize(raw_path, lambda_event, lambda_context)


class _Gateway(LocalGateway):
    def __init__(self, app_object: Chalice, config: Config) -> None:
        super().__init__(app_object, config)
        self._authorizer = _Authorizer(app_object)


class _Handler(ChaliceRequestHandler):
    timeout = 30  # seconds without a byte, after which a connection is given up

    def __init__(
        self, request: Any, client_address: Any, server: Any, app_object: Chalice, config: Config
    ) -> None:
        self.local_gateway = _Gateway(app_object, config)
        BaseHTTPRequestHandler.__init__(self, request, client_address, server)

    def _answer(self) -> None:
        """Let Chalice answer; what it cannot even read is a bad request."""
        try:
            self._generic_handle()
        except ValueError as error:
            self.send_error(HTTPStatus.BAD_REQUEST, str(error))

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = _answer  # noqa: N815

    def _send_http_response_with_body(self, code: int, headers: Any, body: Any) -> None:
        """Keep a body from the answer to HEAD: a caller would take it for the next answer."""
        if self.command == "HEAD":
            self._send_http_response_no_body(code, headers)
        else:
            super()._send_http_response_with_body(code, headers, body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer in JSON; a method that HTTP servers do not know is no fault of the server."""
        del explain
        if code == HTTPStatus.NOT_IMPLEMENTED:
            code = HTTPStatus.METHOD_NOT_ALLOWED
        body = json.dumps({"message": message or HTTPStatus(code).phrase}).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has
        _LOG.debug(format, *args)
