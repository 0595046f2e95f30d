"""The API of Cordon, asked as the person who runs the command: signed by SigV4.

A request that changes something is sent once. Where its answer is lost, nobody knows whether it
was carried out: the error says so, and how to look.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.session import Session
from botocore.utils import get_environ_proxies

from chalicelib.core.instance import INSTANCE_ID
from cordon.exits import CommandError, Exit
from cordon.refusals import HOW, refusal

_TIMEOUT = 30  # seconds; API Gateway gives up after 29
_ONCE = Config(connect_timeout=5, read_timeout=_TIMEOUT, retries={"total_max_attempts": 1})
_REGION = re.compile(r"\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$")
_NO_SCHEME = re.compile(r"[\w-]+(\.[\w-]+)+(/[\w/.-]*)?", re.ASCII)  # as notices name it
_HERE = ("127.0.0.1", "localhost", "::1")


def path_of(instance_id: str) -> str:
    """Return the path of an instance's quarantine.

    Raises:
        CommandError: that is no id of an instance, and could be the path of something else.
    """
    if not INSTANCE_ID.fullmatch(instance_id):
        why = f"{instance_id!r} is no instance: i- and 8 to 17 hexadecimal digits"
        raise CommandError(Exit.USAGE, why, "cordon list")
    return f"/quarantines/{instance_id}"


class Transport(Protocol):
    """What sends a request: botocore's session, or a test's."""

    def send(self, request: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answered to a request that it did not refuse."""

    status: HTTPStatus
    text: str

    @property
    def is_done(self) -> bool:
        """Whether all is done; else the watcher, or another person, is to finish it."""
        return self.status is not HTTPStatus.ACCEPTED

    @property
    def body(self) -> Any:
        """The answer as data.

        Raises:
            CommandError: it is no JSON, so that is not Cordon.
        """
        try:
            return json.loads(self.text)
        except ValueError as error:
            raise CommandError(Exit.UNREACHABLE, "what answers is not Cordon's API", HOW) from error


class Client:
    """Asks the API at `url`; `profile` and `region` are those of the AWS CLI."""

    def __init__(
        self,
        url: str,
        profile: str | None = None,
        region: str | None = None,
        http: Transport | None = None,
    ) -> None:
        """Look at where it goes; nothing is sent yet.

        Raises:
            CommandError: there is no URL, or one that would send credentials unencrypted.
        """
        url = url.strip()
        if _NO_SCHEME.fullmatch(url):
            url = f"https://{url}"
        parts = urlsplit(url)
        if not parts.hostname or parts.scheme not in ("http", "https"):
            said = f"{url!r} is no URL of an API" if url else "which API is meant is not said"
            raise CommandError(Exit.USAGE, said, HOW)
        self._is_local = parts.hostname in _HERE
        if parts.scheme == "http" and not self._is_local:
            raise CommandError(Exit.USAGE, f"{url} would be asked unencrypted", "use https://")
        self.url = url.rstrip("/")
        found = _REGION.search(parts.hostname)
        self._profile = profile
        self._region = found[1] if found else region
        self._http: Transport = http or URLLib3Session(
            timeout=_TIMEOUT, proxies=get_environ_proxies(self.url)
        )

    @property
    def is_local(self) -> bool:
        """Whether it is the API of this machine, such as that of make sandbox."""
        return self._is_local

    def aws(self, service: str) -> Any:
        """Return a client of an AWS service, in the API's Region, as the same person.

        Raises:
            CommandError: there are no credentials, or no Region.
        """
        try:
            session = Session(profile=self._profile)
            return session.create_client(service, region_name=self._region, config=_ONCE)
        except BotoCoreError as error:
            raise CommandError(Exit.FORBIDDEN, str(error), "aws sso login, or --region") from error

    def get(self, path: str, **query: str | None) -> Any:
        """Return what is at `path`, as data; None in `query` is left out."""
        return self.ask("GET", path, query=query).body

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str | None] | None = None,
    ) -> Answer:
        """Send one request.

        Raises:
            CommandError: it was refused, or there is no answer.
        """
        given = {name: value for name, value in (query or {}).items() if value is not None}
        url = f"{self.url}{quote(path)}" + (f"?{urlencode(given)}" if given else "")
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data else {}
        request = AWSRequest(method=method, url=url, data=data, headers=headers)
        self._sign(request)
        try:
            response = self._http.send(request.prepare())
        except BotoCoreError as error:
            raise self._unanswered(method, path, error) from error
        text = response.content.decode(errors="replace")
        if response.status_code not in (HTTPStatus.OK, HTTPStatus.ACCEPTED):
            raise refusal(response.status_code, text, path)
        return Answer(HTTPStatus(response.status_code), text)

    def quarantines(self, **query: str | None) -> Iterator[dict[str, Any]]:
        """Yield the quarantines of a list, page after page, newest first."""
        cursor: str | None = None
        while True:
            page = self.get("/quarantines", cursor=cursor, **query)
            yield from page["quarantines"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _sign(self, request: AWSRequest) -> None:
        if self._is_local:
            return  # the sandbox and `chalice local` check no signature
        try:
            credentials = Session(profile=self._profile).get_credentials()
        except BotoCoreError as error:
            raise CommandError(Exit.FORBIDDEN, str(error), "aws configure list-profiles") from error
        if credentials is None:
            said = "there are no AWS credentials to sign with"
            raise CommandError(Exit.FORBIDDEN, said, "aws sso login, or --profile NAME")
        if self._region is None:
            said = f"{self.url} does not name its region"
            raise CommandError(Exit.USAGE, said, "--region NAME")
        try:
            SigV4Auth(credentials, "execute-api", self._region).add_auth(request)
        except BotoCoreError as error:  # of a source of credentials that does not answer
            raise CommandError(Exit.FORBIDDEN, str(error), "aws sso login") from error

    def _unanswered(self, method: str, path: str, error: Exception) -> CommandError:
        why = f"{self.url} does not answer: {' '.join(str(error).split())[:200]}"
        if method == "GET":
            return CommandError(Exit.UNREACHABLE, why, HOW)
        _, kind, *rest = path.split("/")
        look = f"cordon show {rest[0]}" if kind == "quarantines" else f"cordon {kind}"
        return CommandError(Exit.UNREACHABLE, f"{why}; it may be done all the same", look)
