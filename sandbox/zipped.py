"""A deployed zip, run as Lambda runs it: by an interpreter that has boto3 and nothing else."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from sandbox.events.invocation import Context
from sandbox.guard import REGION

# What the runtime brings: boto3 and what it needs.
# Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
INSTALLED = Path(sysconfig.get_path("purelib"))
_RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")

# Takes the event on its standard input, and writes the answer to descriptor 3.
_BOOT = """
import importlib, json, os, sys, time
code, runtime, handler = sys.argv[1:4]
sys.path[:0] = [code, runtime]
os.chdir(code)

class Context:
    function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    function_version = "$LATEST"
    memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
    aws_request_id, invoked_function_arn = sys.argv[4:6]
    ends = time.monotonic() + float(sys.argv[6])

    def get_remaining_time_in_millis(self):
        return max(0, int((self.ends - time.monotonic()) * 1000))

def say(what):
    with os.fdopen(int(sys.argv[7]), "w") as out:
        json.dump(what, out)

# As in Lambda: an error that nobody catches is the answer, and one who just exits gives none.
sys.excepthook = lambda kind, error, _: say({"type": kind.__name__, "message": str(error)})
module, _, name = handler.rpartition(".")
function = getattr(importlib.import_module(module), name)
say({"answer": function(json.load(sys.stdin), Context())})
"""


class FunctionError(Exception):
    """The function raised; the message is its error's."""


class ZippedFunction:
    """A function of the local Lambda, as it was deployed: code, handler, environment, timeout.

    It is a handler like those of this process. Its log is kept in `log`.
    """

    def __init__(
        self, deployed: Any, endpoint: str, folder: Path, runtime: Path = INSTALLED
    ) -> None:
        """Unpack `deployed`, one of moto's functions, into an empty `folder`.

        `runtime` holds what Lambda's runtime brings.
        """
        self._name, self._handler = deployed.function_name, deployed.handler
        self._timeout, self._memory = float(deployed.timeout), str(deployed.memory_size)
        self._code, self._runtime = folder / "code", folder / "runtime"
        zipfile.ZipFile(io.BytesIO(deployed.code_bytes)).extractall(self._code)
        bring_runtime(self._runtime, runtime)
        self._environment = {**_environment(endpoint), **deployed.environment_vars}
        self.log = ""

    def __call__(self, event: Any, context: Context) -> Any:
        """Run the function in a new process, as a cold start does.

        Raises:
            FunctionError: it raised.
            subprocess.TimeoutExpired: it took longer than its timeout.
        """
        with tempfile.TemporaryFile("w+") as out:
            arguments = [
                *(str(self._code), str(self._runtime), self._handler),
                *(context.aws_request_id, context.invoked_function_arn, str(self._timeout)),
                str(out.fileno()),
            ]
            done = subprocess.run(  # noqa: S603 - our own arguments, no shell
                [sys.executable, "-I", "-S", "-B", "-c", _BOOT, *arguments],
                input=json.dumps(event),
                env={
                    **self._environment,
                    "AWS_LAMBDA_FUNCTION_NAME": self._name,
                    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": self._memory,
                },
                pass_fds=[out.fileno()],
                capture_output=True,
                text=True,
                timeout=self._timeout,
                check=False,
            )
            self.log += done.stdout + done.stderr
            out.seek(0)
            said = json.loads(out.read() or '{"type": "Runtime.ExitError", "message": ""}')
        if "answer" not in said:
            raise FunctionError(f"{said['type']}: {said['message']}")
        return said["answer"]


def bring_runtime(folder: Path, installed: Path = INSTALLED) -> None:
    """Make `folder`, and put into it what Lambda's runtime brings, of what is `installed`."""
    folder.mkdir()
    for name in _RUNTIME:
        (folder / name).symlink_to(installed / name)


def _environment(endpoint: str) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "no_proxy": "127.0.0.1",
    }
