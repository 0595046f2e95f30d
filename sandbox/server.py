"""AWS and the API of Cordon, on this machine, in one process."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from chalice import Chalice
from chalice.config import Config

from sandbox import faithful  # before moto's EC2 is imported
from sandbox.guard import (
    ACCOUNT,
    OWN_KEY,
    REGION,
    SandboxError,
    local_environment,
    refuse_unless_local,
)
from sandbox.log import log_in

HOST = "127.0.0.1"

# moto asks boto3 for its regions as it is imported, which fails on a profile that is not there.
with local_environment(f"http://{HOST}"):
    from moto.moto_api._internal.models import moto_api_backend
    from moto.server import ThreadedMotoServer
    from moto.sqs.models import sqs_backends

    from sandbox import deploy
    from sandbox.channels.receiver import Receiver, serving_page
    from sandbox.events import gateway, routes, rules
    from sandbox.events.delivery import ThreadedDelivery
    from sandbox.faithful import guardduty_findings

_HIGHEST_PORT = 65_535
_ONE_AT_A_TIME = threading.Lock()  # the environment and moto's state belong to the whole process


class Sandbox:
    """AWS at `aws_url` and the API at `api_url`, with the app deployed, between start and stop.

    As a context manager it starts and stops itself. Meanwhile the environment of this process is
    the sandbox's, and moto starts empty: one at a time in a process, and none within `mock_aws`.
    A sandbox starts once.
    """

    def __init__(
        self,
        *,
        stage: str = "dev",
        aws_port: int = 0,
        api_port: int = 0,
        app: Chalice | None = None,
        log: Path | None = None,
    ) -> None:
        """Prepare a sandbox of `stage`; port 0 takes any that is free.

        `app` is deployed in the place of the one in `app.py`. What it logs goes to the file `log`,
        else to standard output, as in Lambda.
        """
        self.stage = stage
        self.delivery = ThreadedDelivery(self._bury)
        self._aws_port, self._api_port = aws_port, api_port
        self._app, self._log = app, log
        self.receiver = Receiver()
        self.receiver_url = ""
        self._rates: dict[str, int] = {}
        self._stack = ExitStack()
        self._stopped = threading.Event()
        self._dead_letters = f"cordon-{stage}-dead-letters"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def aws_url(self) -> str:
        return f"http://{HOST}:{self._aws_port}"

    @property
    def api_url(self) -> str:
        return f"http://{HOST}:{self._api_port}"

    def start(self) -> None:
        """Start AWS, deploy, and serve the API; on an error nothing is left behind.

        Raises:
            SandboxError: a port is taken, another sandbox runs in this process, a client would
                reach another place, or the app asks for what the sandbox does not have.
        """
        with ExitStack() as stack:
            if not _ONE_AT_A_TIME.acquire(blocking=False):
                raise SandboxError("another sandbox runs in this process")
            stack.callback(_ONE_AT_A_TIME.release)
            _check_free(self._aws_port, self._api_port)
            self._serve_aws(stack)
            stack.enter_context(local_environment(self.aws_url))
            deploy.stage_environment(self.stage)
            app = self._app or stack.enter_context(deploy.imported_app())
            refuse_unless_local(self.aws_url)
            if self._log is not None:
                stack.enter_context(log_in(self._log))
            self._deploy(stack, app)
            self._serve_api(stack, app)
            self._rates = deploy.rates(app)
            self._stack = stack.pop_all()

    def stop(self) -> None:
        """End everything; what is under way between services is given five seconds."""
        self._stopped.set()
        self._stack.close()

    def client(self, service: str, *, region: str = REGION, by: str = OWN_KEY) -> Any:
        """Return a client of the sandbox's AWS; CloudTrail knows whoever has another key by it."""
        aws: Any = boto3  # its types know services by literal names only
        keys = {"aws_access_key_id": by, "aws_secret_access_key": by}
        return aws.client(service, region_name=region, endpoint_url=self.aws_url, **keys)

    def detector_id(self) -> str:
        """Return the one detector."""
        return str(self.client("guardduty").list_detectors()["DetectorIds"][0])

    def publish_finding(self, detail: Mapping[str, Any]) -> dict[str, Any]:
        """Let GuardDuty publish a finding, given as an event's `detail`; return the event."""
        return guardduty_findings.publish_finding(ACCOUNT, REGION, detail)

    def drain(self, timeout: float = 30.0) -> None:
        """Wait until nothing is under way between services.

        Raises:
            SandboxError: something still is after `timeout` seconds.
        """
        if not self.delivery.drain(timeout):
            raise SandboxError(f"events are still under way after {timeout:g} seconds")

    def dead_letters(self) -> list[dict[str, Any]]:
        """Return what failed for good, oldest first; the messages stay in their queue."""
        queue: Any = sqs_backends[ACCOUNT][REGION].get_queue(self._dead_letters)
        return [json.loads(message.body) for message in tuple(queue._messages)]

    def fire(self, function: str) -> None:
        """Run a scheduled function now, as its rule does."""
        self.delivery.submit(function, deploy.scheduled_event(function))

    def run_schedules(self) -> None:
        """Fire the scheduled functions at their rates, until the sandbox ends."""
        for function, seconds in self._rates.items():
            name, arguments = f"schedule-{function}", (function, seconds)
            threading.Thread(target=self._tick, name=name, args=arguments, daemon=True).start()

    def _tick(self, function: str, seconds: int) -> None:
        while not self._stopped.wait(seconds):
            self.fire(function)

    def _serve_aws(self, stack: ExitStack) -> None:
        faithful.install()
        moto_api_backend.reset()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = ThreadedMotoServer(ip_address=HOST, port=self._aws_port, verbose=False)
        server.start()
        stack.callback(server.stop)
        self._aws_port = server.get_host_and_port()[1]

    def _deploy(self, stack: ExitStack, app: Chalice) -> None:
        stack.enter_context(routes.connected(self.delivery))
        self.delivery.start()
        stack.callback(self.delivery.stop)
        guardduty_findings.ON_FINDING.append(rules.put_event)
        stack.callback(guardduty_findings.ON_FINDING.remove, rules.put_event)
        deploy.make_resources(self.stage)
        stack.enter_context(self.receiver.connected())
        self.receiver_url = stack.enter_context(serving_page(self.receiver, HOST))
        deploy.wire_functions(app, self.stage, self.delivery)

    def _serve_api(self, stack: ExitStack, app: Chalice) -> None:
        config = Config.create(
            project_dir=str(deploy.ROOT), chalice_stage=self.stage, chalice_app=app
        )
        server = gateway.serving(app, config, HOST, self._api_port)
        try:
            self._api_port = stack.enter_context(server)
        except OSError as error:
            raise SandboxError(f"port {self._api_port} of {HOST}: {error.strerror}") from error

    def _bury(self, record: Mapping[str, Any]) -> None:
        routes.send_message(f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self._dead_letters}", record)


def _check_free(*ports: int) -> None:
    """Find out before moto does: its server would wait for ever for a port that is taken."""
    fixed = [port for port in ports if port]
    if len(set(fixed)) < len(fixed):
        raise SandboxError(f"port {fixed[0]} of {HOST} cannot serve both AWS and the API")
    for port in fixed:
        if port > _HIGHEST_PORT:
            raise SandboxError(f"{port} is no port")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise SandboxError(f"port {port} of {HOST}: {error.strerror}") from error
