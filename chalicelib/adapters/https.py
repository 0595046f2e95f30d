"""HTTPS to the public internet, to the very address that was checked.

A name is resolved once; the connection goes to that address and to no other, so that a name which
answers differently a moment later leads nowhere else. No proxy and no redirect is followed.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.client import HTTPException, HTTPSConnection

from chalicelib.core.notices.channels.address import is_public
from chalicelib.core.notices.channels.errors import (
    ChannelBusyError,
    ChannelRefusedError,
    ForbiddenTargetError,
)
from chalicelib.core.notices.channels.post import Answer, Post
from chalicelib.core.plain_text import one_line
from chalicelib.core.threat_lists.feeds import LARGEST, Fetched

_PORT = 443
_CONNECT = 3.0  # seconds
_WHOLE = 10.0  # seconds for a request and its answer; the function has 60
_SAID = 200  # characters of a reason
_READ = 65_536  # bytes of an answer that are looked at

Resolve = Callable[[str, int], tuple[str, ...]]


def resolve(host: str, port: int) -> tuple[str, ...]:
    """Return every address of `host`, in the order to try them.

    Raises:
        OSError: there is none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


class HttpsWeb:
    """The public internet; a test hands in another resolver, rule, authority and port."""

    def __init__(
        self,
        *,
        resolve: Resolve = resolve,
        allows: Callable[[str], bool] = is_public,
        context: ssl.SSLContext | None = None,
        port: int = _PORT,
        patience: float = _WHOLE,
    ) -> None:
        self._resolve = resolve
        self._allows = allows
        self._context = context or ssl.create_default_context()
        self._port = port
        self._patience = patience

    def post(self, post: Post) -> Answer:
        """Send `post` once, to the first address of its host, if all of them are allowed."""
        try:
            with self._connected(post.host) as connection:
                connection.request("POST", post.path, post.body, dict(post.headers))
                answer = connection.getresponse()
                again = answer.getheader("Retry-After") or ""
                return Answer(answer.status, answer.read(_READ), again)
        except ssl.SSLCertVerificationError as error:
            why = f"its certificate cannot be trusted: {error.verify_message}"
            raise ChannelRefusedError(post.host, one_line(why, _SAID)) from error
        except (OSError, HTTPException) as error:  # TLS and DNS errors are OSErrors
            raise ChannelBusyError(post.host, f"no answer: {type(error).__name__}") from error

    def get(self, host: str, path: str, headers: Mapping[str, str]) -> Fetched:
        """Ask for `path` once, as `post` sends; return all that came, or more than is wanted."""
        try:
            with self._connected(host) as connection:
                connection.request("GET", path, headers=dict(headers))
                answer = connection.getresponse()
                body = answer.read(LARGEST + 1)
                if answer.length and len(body) <= LARGEST:
                    raise ChannelBusyError(host, "the answer was cut off")
                said = {name.lower(): value for name, value in answer.getheaders()}
                return Fetched(answer.status, said, body)
        except (OSError, HTTPException) as error:
            raise ChannelBusyError(host, f"no answer: {type(error).__name__}") from error

    @contextmanager
    def _connected(self, host: str) -> Iterator[HTTPSConnection]:
        addresses = self._resolve(host, self._port)
        if not addresses or not all(map(self._allows, addresses)):
            raise ForbiddenTargetError(host, "has an address that is not public")
        there = (addresses[0], self._port)
        with socket.create_connection(there, _CONNECT) as plain, _limited(plain, self._patience):
            connection = HTTPSConnection(host, self._port, context=self._context)
            connection.sock = self._context.wrap_socket(plain, server_hostname=host)
            connection.sock.settimeout(self._patience)
            with closing(connection):
                yield connection


@contextmanager
def _limited(connected: socket.socket, seconds: float) -> Iterator[None]:
    """End the connection after `seconds`, even if a byte comes now and then.

    Raises:
        TimeoutError: it was ended; what was read until then is no answer.
    """
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        with suppress(OSError):  # the other end was quicker
            same.shutdown(socket.SHUT_RDWR)

    with connected.dup() as same:
        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (OSError, HTTPException) as error:
            if is_over.is_set():  # what the other end made of that
                raise TimeoutError from error
            raise
        finally:
            timer.cancel()
            timer.join()
    if is_over.is_set():
        raise TimeoutError
