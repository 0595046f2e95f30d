"""AWS and the API of Cordon, on this machine, in one process."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from http.server import HTTPServer
from socketserver import ThreadingMixIn
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import boto3

from sandbox import faithful
from sandbox.guard import ACCOUNT, REGION, SandboxError, local_environment, refuse_unless_local

from moto.server import ThreadedMotoServer  # isort: skip  # after `faithful`, which comes before EC2

from chalice.config import Config
from chalice.local import create_local_server

from sandbox import deploy
from sandbox.events import routes
from sandbox.events.delivery import Delivery
from sandbox.faithful import guardduty_findings

if TYPE_CHECKING:
    from chalice import Chalice

HOST = "127.0.0.1"


class _ThreadingServer(ThreadingMixIn, HTTPServer):
    """Chalice's local server answers one request at a time; browsers and tools send several."""

    daemon_threads = True


class Sandbox:
    """AWS at `aws_url` and the API at `api_url`, with the app deployed, while the context lasts.

    Port 0 takes any that is free.
    """

    def __init__(self, *, stage: str = "dev", aws_port: int = 0, api_port: int = 0) -> None:
        self.stage = stage
        self.delivery = Delivery(self._bury)
        self._aws_port, self._api_port = aws_port, api_port
        self._stack = ExitStack()
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._stack.close()

    @property
    def aws_url(self) -> str:
        return f"http://{HOST}:{self._aws_port}"

    @property
    def api_url(self) -> str:
        return f"http://{HOST}:{self._api_port}"

    def client(self, service: str) -> Any:
        """Return a client of the sandbox's AWS."""
        return boto3.client(service)  # type: ignore[call-overload]  # any service

    def detector_id(self) -> str:
        """Return the one detector."""
        return str(self.client("guardduty").list_detectors()["DetectorIds"][0])

    def publish_finding(self, finding: Mapping[str, Any]) -> dict[str, Any]:
        """Let GuardDuty publish `finding`; return the event."""
        return guardduty_findings.publish_finding(ACCOUNT, REGION, finding)

    def drain(self, timeout: float = 30.0) -> None:
        """Wait until nothing is under way between services.

        Raises:
            SandboxError: something still is after `timeout` seconds.
        """
        if not self.delivery.drain(timeout):
            raise SandboxError(f"events are still under way after {timeout:g} seconds")

    def fire(self, function: str) -> None:
        """Run a scheduled function now."""
        deploy.fire(function, self.delivery)

    def dead_letters(self) -> list[dict[str, Any]]:
        """Return what failed for good, as it lies in the dead-letter queue."""
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=f"cordon-{self.stage}-dead-letters")["QueueUrl"]
        found: list[dict[str, Any]] = []
        while messages := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=1
        ).get("Messages"):
            found += [json.loads(message["Body"]) for message in messages]
        return found

    def _start(self) -> None:
        faithful.install()
        self._aws_port = _free(self._aws_port)
        self._api_port = _free(self._api_port)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = ThreadedMotoServer(ip_address=HOST, port=self._aws_port, verbose=False)
        server.start()
        self._stack.callback(server.stop)
        self._stack.enter_context(local_environment(self.aws_url))
        deploy.stage_environment(self.stage)
        refuse_unless_local(self.aws_url)
        self._deliver()
        app = _import_app()
        deploy.make_resources(self.stage)
        deploy.wire_functions(app, self.stage, self.delivery)
        self._serve_api(app)

    def _deliver(self) -> None:
        routes.connect(self.delivery)
        self.delivery.start()
        self._stack.callback(self.delivery.stop)
        guardduty_findings.ON_FINDING[:] = [routes.put_event]
        self._stack.callback(guardduty_findings.ON_FINDING.clear)

    def _serve_api(self, app: Chalice) -> None:
        config = Config.create(
            project_dir=str(deploy.ROOT), chalice_stage=self.stage, chalice_app=app
        )
        local = create_local_server(app, config, HOST, self._api_port)
        handler = local.server.RequestHandlerClass
        local.server.server_close()
        server = _ThreadingServer((HOST, self._api_port), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._stack.callback(server.server_close)
        self._stack.callback(server.shutdown)

    def run_schedules(self) -> None:
        """Fire the scheduled functions at their rates, until the sandbox ends."""
        deploy.run_schedules(_import_app(), self.delivery, self._stopped)

    def _bury(self, record: Mapping[str, Any]) -> None:
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:cordon-{self.stage}-dead-letters"
        routes.send_message(arn, record)


def _import_app() -> Chalice:
    """Return the app; the environment must name the stage before it is imported."""
    if str(deploy.ROOT) not in sys.path:
        sys.path.insert(0, str(deploy.ROOT))
    from app import app  # noqa: PLC0415 - see above

    return app


def _free(port: int) -> int:
    """Return `port`, or one that is free for 0.

    Raises:
        SandboxError: somebody has the port.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SandboxError(f"port {port} of {HOST} is taken: {error.strerror}") from error
        return int(probe.getsockname()[1])
