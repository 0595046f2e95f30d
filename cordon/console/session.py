"""Who may use the console: the person who started it, in the browser that has the token.

Other sites in the same browser, and other users of the machine, may send requests to it too. So
every request must name the console itself as its host, carry the cookie that only the token gives,
and what changes something must come from a page of the console's, each form once.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

COOKIE = "cordon_console"
_FORMS = 2_000  # that may be open in tabs at once; the oldest lapse


class Session:
    """One run of the console at `host`, such as 127.0.0.1:8123."""

    def __init__(self, host: str) -> None:
        self.token = secrets.token_urlsafe(32)
        self._cookie = secrets.token_urlsafe(32)
        self._host = host
        self._forms: dict[str, None] = {}

    @property
    def set_cookie(self) -> str:
        """The header that lets a browser in; no script reads it, no other site's request has it."""
        return f"{COOKIE}={self._cookie}; HttpOnly; SameSite=Strict; Path=/"

    def is_host(self, headers: Mapping[str, str]) -> bool:
        """Whether a request is meant for the console: a name that a stranger's DNS gave is not."""
        return headers.get("Host", "") == self._host

    def opens(self, token: str) -> bool:
        """Whether `token` is the one that the command printed."""
        return hmac.compare_digest(token.encode(), self.token.encode())

    def is_in(self, headers: Mapping[str, str]) -> bool:
        """Whether a request comes from the browser that was let in."""
        try:
            found = SimpleCookie(headers.get("Cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return found is not None and hmac.compare_digest(
            found.value.encode(), self._cookie.encode()
        )

    def is_own_page(self, headers: Mapping[str, str]) -> bool:
        """Whether the page that sends a form is one of the console's."""
        return headers.get("Origin") == f"http://{self._host}"

    def new_form(self) -> str:
        """Return the secret of a form that is about to be shown."""
        while len(self._forms) >= _FORMS:
            del self._forms[next(iter(self._forms))]
        secret = secrets.token_urlsafe(16)
        self._forms[secret] = None
        return secret

    def take(self, secret: str) -> bool:
        """Whether a form was shown and not sent yet; from now on it was."""
        return self._forms.pop(secret, 0) is None
