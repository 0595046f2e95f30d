"""The console's server: on 127.0.0.1 only, for one browser, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from cordon.client import Client, path_of
from cordon.commands.status import read
from cordon.console import pages
from cordon.console.acts import act
from cordon.console.session import Session
from cordon.console.style import CONTENT_SECURITY_POLICY
from cordon.exits import CommandError

HOST = "127.0.0.1"
_MOST = 16_384  # bytes of a form
_PATHS = {"GET": ("/",), "POST": ("/act",)}
_LATELY = 20  # quarantines that were given back
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}

_GLANCE = 0.05  # seconds between two looks whether it shall end


@contextmanager
def serving(client: Client, port: int = 0) -> Iterator[str]:
    """Serve the console while the context lasts; yield the URL that lets a browser in.

    Raises:
        OSError: the port is taken.
    """
    server = ThreadingHTTPServer((HOST, port), _Handler)
    server.daemon_threads = True
    host = f"{HOST}:{server.server_address[1]}"
    session = Session(host)
    server.RequestHandlerClass = type("Handler", (_Handler,), {"api": client, "session": session})
    thread = Thread(target=server.serve_forever, args=(_GLANCE,), name="console", daemon=True)
    thread.start()
    try:
        yield f"http://{host}/?token={session.token}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    api: ClassVar[Client]
    session: ClassVar[Session]
    timeout = 30  # seconds that a browser may take to send a request

    def do_GET(self) -> None:
        if not self._may_look():
            return
        path = urlsplit(self.path).path
        try:
            self._page(HTTPStatus.OK, self._look(path))
        except CommandError as error:
            said = f"{error.why}. {error.next_step}"
            self._page(HTTPStatus.BAD_GATEWAY, pages.told("Cordon", said, path, is_done=False))

    def do_POST(self) -> None:
        if not self._may_look():
            return
        form = self._form()
        if not self.session.is_own_page(dict(self.headers)):
            self._refuse(HTTPStatus.FORBIDDEN, "this was not sent by a page of the console")
        elif not self.session.take(form.get("form", "")):
            self._refuse(HTTPStatus.CONFLICT, "this form was sent already, or is too old")
        else:
            self._act(form)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base
        """Say nothing: the terminal is the person's."""

    def _look(self, path: str) -> str:
        secret = self.session.new_form()
        if path == "/":
            said = read(self.api)
            back = list(islice(self.api.quarantines(state="RELEASED"), _LATELY))
            return pages.board(said, back, secret)
        _, account_id, region, instance_id = map(unquote, path.strip("/").split("/"))
        where = {"account_id": account_id, "region": region}
        path = path_of(instance_id)
        seen = self.api.get(path, **where)
        said = self.api.get(f"{path}/report", format="json", **where)
        return pages.incident(said, seen["version"], secret)

    def _act(self, form: dict[str, str]) -> None:
        names = ("account_id", "region", "instance_id")
        where = pages.address(form) if all(form.get(each) for each in names) else "/"
        try:
            said = act(form, self.api)
        except CommandError as error:
            shown = f"{error.why}. {error.next_step}"
            self._page(HTTPStatus.OK, pages.told("Not done", shown, where, is_done=False))
        else:
            self._page(HTTPStatus.OK, pages.told("Done", said, where, is_done=True))

    def _may_look(self) -> bool:
        """Whether the request is let in; if not, it is answered."""
        headers, parts = dict(self.headers), urlsplit(self.path)
        token = parse_qs(parts.query).get("token", [""])[0]
        if not self.session.is_host(headers):
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST, "this is not the console's address")
        elif token and self.command == "GET" and self.session.opens(token):
            self._to("/", {"Set-Cookie": self.session.set_cookie})
        elif not self.session.is_in(headers):
            self._refuse(HTTPStatus.FORBIDDEN, "open the URL that cordon console printed")
        elif parts.path not in _PATHS[self.command] and not _is_incident(parts.path):
            self._refuse(HTTPStatus.NOT_FOUND, "there is no such page")
        else:
            return True
        return False

    def _form(self) -> dict[str, str]:
        said = self.headers.get("Content-Length", "")
        length = int(said) if said.isascii() and said.isdigit() else 0
        text = self.rfile.read(min(length, _MOST)).decode(errors="replace")
        return {name: values[0] for name, values in parse_qs(text).items()}

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self._page(status, pages.told("Cordon", why, "/", is_done=False))

    def _to(self, where: str, headers: dict[str, str]) -> None:
        self._page(HTTPStatus.SEE_OTHER, "", {**headers, "Location": where})

    def _page(self, status: HTTPStatus, page: str, more: dict[str, str] | None = None) -> None:
        body = page.encode()
        self.send_response(status)
        length = {"Content-Length": str(len(body))}
        for name, value in {**_HEADERS, **length, **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _is_incident(path: str) -> bool:
    parts = path.strip("/").split("/")
    return len(parts) == 4 and parts[0] == "i"  # noqa: PLR2004 - i, account, region, instance
