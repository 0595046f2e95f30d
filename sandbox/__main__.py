"""`make sandbox`: the local AWS and the API stay up until Ctrl-C."""

from __future__ import annotations

import logging
import os
import signal
import sys
import warnings
from pathlib import Path

from sandbox.guard import REGION, SandboxError

_ENDS = (signal.SIGINT, signal.SIGTERM)
_LOG = Path("build") / "sandbox" / "cordon.log"
_HINTS = """\
  instances: web {web}, login {login}, bastion {bastion}, mail {mail}
  what the channels were sent: {receiver}
  what the functions log: {log}
  export AWS_ACCESS_KEY_ID=you AWS_SECRET_ACCESS_KEY=you AWS_REGION={region}
  .venv/bin/cordon send command-and-control --instance web --aws {aws}
  (cordon send lists the others; unlike AWS, it takes events of aws.guardduty from a person)
  curl {api}/quarantines
  curl {api}/quarantines/{mail} --json '{{"reason": "seen in the logs"}}'
  curl {api}/quarantines/{mail}/release --json '{{"reason": "clean", "verdict": "remediated"}}'
  nothing leaves this machine; Ctrl-C ends it, and everything in it"""


def main() -> int:
    """Run the sandbox; return 0 after Ctrl-C or SIGTERM, 2 if it cannot start."""
    # Blocked, a signal waits for `sigwait`, and no handler can run where it must not. All threads
    # that are made from here on inherit that.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        _run()
    except SandboxError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    return 0


def _run() -> None:
    stage = os.environ.get("STAGE") or "dev"
    aws_port, api_port = _port("AWS_PORT", 5555), _port("API_PORT", 8000)
    from sandbox import server, world  # noqa: PLC0415 - takes seconds; signals wait by now

    with server.Sandbox(stage=stage, aws_port=aws_port, api_port=api_port, log=_LOG) as sandbox:
        instances = world.build(sandbox).instances
        _take_roads()
        sandbox.run_schedules()
        print(f"Cordon sandbox ready: AWS {sandbox.aws_url} API {sandbox.api_url}", flush=True)
        here = {"aws": sandbox.aws_url, "api": sandbox.api_url, "region": REGION}
        here.update(receiver=sandbox.receiver_url, log=str(_LOG))
        print(_HINTS.format(**here, **instances), flush=True)
        signal.sigwait(_ENDS)


def _take_roads() -> None:
    """Let `make deploy` and `make destroy` of another stage lead here."""
    from sandbox.faithful import cloudformation  # noqa: PLC0415 - the demo needs none of it

    cloudformation.install()
    warnings.filterwarnings("ignore", message="Tried to parse", category=UserWarning)
    logging.getLogger("samtranslator").setLevel(logging.ERROR)


def _port(name: str, default: int) -> int:
    said = os.environ.get(name) or str(default)
    if not said.isdecimal():
        raise SandboxError(f"{name} is {said!r}, which is no port")
    return int(said)


if __name__ == "__main__":
    sys.exit(main())
