"""An AWS on this machine that a road leads to, and that runs what arrives as it was zipped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from moto.awslambda.models import lambda_backends
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from deploy.stages import ROOT
from sandbox.events import routes, rules
from sandbox.events.delivery import ThreadedDelivery
from sandbox.events.invocation import Context
from sandbox.faithful import cloudformation, guardduty_findings
from sandbox.guard import ACCOUNT, REGION, local_environment, refuse_unless_local
from sandbox.zipped import INSTALLED, ZippedFunction

STAGE = "dev"


@dataclass
class LocalAws:
    """The services, and the roads to them as a person goes them."""

    url: str
    folder: Path  # of this one only
    delivery: ThreadedDelivery
    environment: dict[str, str] = field(default_factory=dict)  # more of it, for the roads
    runtime: Path = INSTALLED  # where what Lambda brings lies

    def road(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Go a road in a process of its own, as the Makefile does."""
        return subprocess.run(
            [sys.executable, "-m", "deploy", name, "--stage", STAGE, *words],
            cwd=ROOT,
            env={**os.environ, "CORDON_STATE": str(self.state), **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def deploy(self, *words: str) -> str:
        """Deploy, and let events reach what was deployed; return what was told."""
        done = self.road("deploy", *words)
        assert done.returncode == 0, done.stderr
        self.connect()
        return done.stdout

    def connect(self) -> None:
        """Let events reach the functions that Lambda holds now, each as its zip."""
        self.delivery.handlers.clear()
        for name, function in self.functions().items():
            folder = Path(tempfile.mkdtemp(dir=self.folder))
            self.delivery.handlers[name] = self._logged(
                ZippedFunction(function, self.url, folder, self.runtime)
            )

    def functions(self) -> dict[str, Any]:
        found = lambda_backends[ACCOUNT][REGION].list_functions()
        return {each.function_name: each for each in found}

    def _logged(self, function: ZippedFunction) -> Callable[[Any, Context], Any]:
        """Return the function with its log going to the group that is its own in AWS."""

        def run(event: Any, context: Context) -> Any:
            try:
                return function(event, context)
            finally:
                self._log(context.function_name, function.log.splitlines())
                function.log = ""

        return run

    def _log(self, function: str, lines: list[str]) -> None:
        logs = boto3.client("logs")
        group, stream = f"/aws/lambda/{function}", str(time.time_ns())
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        now = int(time.time() * 1000)
        events: list[Any] = [{"timestamp": now, "message": line} for line in lines if line]
        if events:
            logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    def dead_letters(self) -> list[dict[str, Any]]:
        sqs = boto3.client("sqs")
        queue = sqs.get_queue_url(QueueName=f"cordon-{STAGE}-dead-letters")["QueueUrl"]
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(each["Body"]) for each in found]


@contextmanager
def local_aws(folder: Path) -> Iterator[LocalAws]:
    """Serve an empty AWS; nothing of it is left afterwards."""
    cloudformation.install()
    moto_api_backend.reset()
    with ExitStack() as stack:
        # moto's CloudFormation warns of each resource that it leaves out.
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", message="Tried to parse", category=UserWarning)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        stack.callback(server.stop)
        url = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
        stack.enter_context(local_environment(url))
        refuse_unless_local(url)
        delivery = ThreadedDelivery(_to_destination)
        stack.enter_context(routes.connected(delivery))
        delivery.start()
        stack.callback(delivery.stop)
        guardduty_findings.ON_FINDING.append(rules.put_event)
        stack.callback(guardduty_findings.ON_FINDING.remove, rules.put_event)
        yield LocalAws(url, folder, delivery)


def _to_destination(record: Mapping[str, Any]) -> None:
    """Send what failed for good where the function's own configuration says, or nowhere."""
    name = record["requestContext"]["functionArn"].split(":")[6]
    [function] = [
        each
        for each in lambda_backends[ACCOUNT][REGION].list_functions()
        if each.function_name == name
    ]
    for config in function.event_invoke_config[-1:]:  # moto keeps those before it too
        said = config.response()["DestinationConfig"]
        routes.send_message(said["OnFailure"]["Destination"], record)


def names() -> set[str]:
    return {each["FunctionName"] for each in boto3.client("lambda").list_functions()["Functions"]}


def apis() -> list[str]:
    return [each["id"] for each in boto3.client("apigateway").get_rest_apis()["items"]]


def stacks() -> set[str]:
    found = boto3.client("cloudformation").describe_stacks()["Stacks"]
    return {each["StackName"] for each in found if each["StackStatus"] != "DELETE_COMPLETE"}
