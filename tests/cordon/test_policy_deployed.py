"""A change of the policy is compared with what Lambda runs."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cordon.command import main
from cordon.exits import Exit
from tests.builders import POLICY_FILE

TEXT = POLICY_FILE.read_text(encoding="utf-8")
BEACONS = """
version = 1
[[rules]]
name = "our-mail"
types = ["Backdoor:EC2/Spambot"]
response = "contain"
why = "Ours sends no mail."
"""


def zipped(**files: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as package:
        for name, text in files.items():
            package.writestr(f"chalicelib/{name}.toml", text)
    return body.getvalue()


@dataclass
class Lambda:
    """Lambda's GetFunction, and the store that its answer leads to."""

    package: bytes = b""
    variables: dict[str, str] = field(default_factory=dict)
    refuses: str = ""  # an error code
    status: int = 200  # of the store
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, bytes, str]:
        self.asked.append(path)
        if path == "/package.zip":
            return self.status, self.package, ""
        if self.refuses:
            return 404 if "NotFound" in self.refuses else 403, b'{"Message": "no"}', self.refuses
        said: dict[str, Any] = {
            "Configuration": {"Environment": {"Variables": self.variables}},
            "Code": {"Location": f"{self.url}/package.zip"},
        }
        return 200, json.dumps(said).encode(), ""


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    service = Lambda(zipped(policy=TEXT))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, error = service.answer(self.path)
            self.send_response(status)
            if error:
                self.send_header("x-amzn-errortype", error)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        service.url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", service.url)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.delenv("CORDON_POLICY", raising=False)
        yield service
        server.shutdown()


def plan(*words: str) -> int:
    return main(["policy", "plan", "--against", "deployed", *words])


def test_what_is_deployed_is_compared_with(
    there: Lambda, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan() == Exit.DONE
    assert "nothing is done otherwise than by deployed" in capsys.readouterr().out
    assert there.asked[0].endswith("/functions/cordon-dev-contain_finding")


def test_a_rule_that_only_what_is_deployed_has_is_missed(
    there: Lambda, capsys: pytest.CaptureFixture[str]
) -> None:
    there.package = zipped(policy=TEXT, **{"policy.owner": BEACONS})

    assert plan("--stage", "prod") == Exit.LESS
    assert "our-mail" in capsys.readouterr().out
    assert "cordon-prod-contain_finding" in there.asked[0]


def test_the_file_that_the_deployed_settings_name_is_the_owners(there: Lambda) -> None:
    there.package = zipped(policy=TEXT, mine=BEACONS, **{"policy.owner": "version = 1\n"})
    there.variables = {"CORDON_POLICY": "/var/task/chalicelib/mine.toml"}

    assert plan() == Exit.LESS


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"refuses": "ResourceNotFoundException"}, Exit.GONE, "is not deployed here"),
        ({"refuses": "AccessDeniedException"}, Exit.FORBIDDEN, "AccessDenied"),
        ({"status": 403}, Exit.UNREACHABLE, "cannot be fetched: 403"),
        ({"url": "http://127.0.0.1:1"}, Exit.UNREACHABLE, "fetched: EndpointConnectionError"),
        ({"package": b"no zip"}, Exit.WRONG, "not a zip file"),
        ({"package": zipped(other=TEXT)}, Exit.WRONG, "chalicelib/policy.toml"),
        ({"package": zipped(policy="#" * 1_000_001)}, Exit.WRONG, "longer than a million"),
        ({"package": zipped(policy="version = 2")}, Exit.USAGE, "deployed policy.toml: policy"),
        ({"variables": {"CORDON_POLICY": "/tmp/x.toml"}}, Exit.WRONG, "/tmp/x.toml"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(
    there: Lambda,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    status: Exit,
    said: str,
) -> None:
    for name, value in changes.items():
        setattr(there, name, value)

    assert plan() == status
    assert said in capsys.readouterr().err


def test_where_no_lambda_answers_is_told(
    monkeypatch: pytest.MonkeyPatch, there: Lambda, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    assert plan() == Exit.UNREACHABLE
    assert not there.asked
    assert "Could not connect" in capsys.readouterr().err
