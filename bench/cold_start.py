"""What a cold start costs, from the start of the process until a containment can begin."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from deploy.packaging import package
from deploy.stages import Stage
from sandbox.server import Sandbox

# What a user writes today, against what ships: the app imported, and a client of EC2 made.
_PLAIN = "import boto3\nboto3.client('ec2')\n"
_OURS = """
import app
from chalicelib.wiring import responder
to = responder("arn:aws:lambda:us-east-1:123456789012:function:cordon-dev-contain_finding")
to.instances(to.own_account, to.own_region)
"""
# What the process itself says at its end; what its parent would be told counts the parent's memory.
_SAY = """
import re, resource
used = resource.getrusage(resource.RUSAGE_SELF)
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
print((used.ru_utime + used.ru_stime) * 1e3, int(peak) / 1024)
"""
_MOST_CPU = 1.0  # of what the plain one needs
_MOST_MEMORY = 45.0  # MB
_LARGEST_ZIP = 3.0  # MB


@dataclass(frozen=True, slots=True)
class _Cost:
    cpu: float  # milliseconds, of user and system
    memory: float  # MB, at its peak


def cold_start(rounds: int = 9) -> str:
    """Start both in turns, each in a new process, and compare the cheapest of each.

    The app is run from the zip that ships, with its slim data and bytecode, and asks the local AWS
    who it is, as it asks STS; botocore is the one of this environment, as Lambda has its own.
    """
    with tempfile.TemporaryDirectory() as folder, Sandbox() as sandbox:
        made, code = Path(folder) / "made", Path(folder) / "code"
        package(Stage.of("dev"), made)
        size = (made / "deployment.zip").stat().st_size / 1e6
        with zipfile.ZipFile(made / "deployment.zip") as archive:
            archive.extractall(code)
        ours = {"PYTHONPATH": str(code)}
        endpoint = {"AWS_ENDPOINT_URL": sandbox.aws_url}
        costs = [
            (_run(_PLAIN, endpoint), _run(_OURS, {**ours, **endpoint})) for _ in range(rounds + 1)
        ][1:]  # the first pair warms the disk
    # What else the machine does only ever adds: the quietest start of each tells most.
    ratio = min(our.cpu for _, our in costs) / min(other.cpu for other, _ in costs)
    memory = statistics.median(our.memory for _, our in costs)
    theirs = statistics.median(other.memory for other, _ in costs)
    assert ratio < _MOST_CPU, f"{ratio:.2f} of the CPU of a plain handler"
    assert memory <= _MOST_MEMORY, f"{memory:.1f} MB of memory"
    assert size <= _LARGEST_ZIP, f"a zip of {size:.1f} MB"
    return (
        f"cold start: {ratio:.2f} of the CPU of a plain boto3 handler of EC2, "
        f"{memory:.1f} MB of memory against {theirs:.1f}; the zip has {size:.2f} MB"
    )


def _run(program: str, environment: dict[str, str]) -> _Cost:
    """Run `program` in a new Python, and return what it cost."""
    standard = {
        "PATH": os.environ.get("PATH", ""),
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONHASHSEED": "0",
        "STAGE": "dev",
        "CORDON_MODE": "enforce",
        "no_proxy": "127.0.0.1",
    }
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-B", "-c", program + _SAY],
        env={**standard, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    cpu, memory = done.stdout.split()
    return _Cost(float(cpu), float(memory))
