"""`make sandbox`: the local AWS and the API stay up until Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import threading

from sandbox.guard import SandboxError
from sandbox.server import Sandbox

_HINTS = """\
  an event    aws --endpoint-url {aws} events put-events --entries file://entries.json
              (here, unlike in AWS, a person may put events of the source aws.guardduty)
  tables, groups and topics are there as in AWS; nothing leaves this machine
  Ctrl-C ends it, and everything in it"""


def main() -> int:
    """Run the sandbox; return 0 after Ctrl-C, 2 if it cannot start."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        with Sandbox(
            stage=os.environ.get("STAGE") or "dev",
            aws_port=int(os.environ.get("AWS_PORT") or 5555),
            api_port=int(os.environ.get("API_PORT") or 8000),
        ) as sandbox:
            sandbox.run_schedules()
            print(f"Cordon sandbox ready: AWS {sandbox.aws_url} API {sandbox.api_url}", flush=True)
            print(_HINTS.format(aws=sandbox.aws_url), flush=True)
            stopped.wait()
    except (SandboxError, ValueError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
