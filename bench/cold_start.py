"""What a cold start costs, from the start of the process until a containment can begin.

It is compared with a handler as users write it today, and with Cloud Custodian's, which does the
same job: the steps of its own handler, with a policy that isolates an instance.
Source: https://cloudcustodian.io/docs/aws/lambda.html
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from bench.figures import Drawing, Measured
from deploy.packaging import package
from deploy.stages import ROOT, Stage

CUSTODIAN = ROOT / ".bench" / "bin" / "python"  # `make bench` puts Cloud Custodian there

_PLAIN = "import boto3; boto3.client('ec2')"
_CUSTODIAN = """
import boto3
from c7n import handler
from c7n.policy import PolicyCollection
from c7n.resources import load_resources
from c7n.structure import StructureParser
isolate = {
    "name": "isolate",
    "resource": "ec2",
    "mode": {"type": "guard-duty", "role": "arn:aws:iam::123456789012:role/custodian"},
    "actions": [{"type": "modify-security-groups", "add": "sg-0c0ffee0c0ffee000"}],
}
data = {"execution-options": {"account_id": "123456789012"}, "policies": [isolate]}
config = handler.init_config(data)
load_resources(StructureParser().get_resource_types(data))
for policy in PolicyCollection.from_data(data, config):
    policy.validate()
handler.local_session(boto3.Session).client("ec2")
"""
_OURS = """
import app
from chalicelib.wiring.responder import responder
to = responder("arn:aws:lambda:us-east-1:123456789012:function:cordon-dev-contain_finding")
to.sites(to.own_account, to.own_region).instances
"""
# What the process itself says at its end; what its parent would be told counts the parent's memory.
_SAY = """
import re, resource
used = resource.getrusage(resource.RUSAGE_SELF)
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
print((used.ru_utime + used.ru_stime) * 1e3, int(peak) / 1024)
"""
# What says the same of each machine, however busy: calls, and bytes of the files that are opened.
_COUNT = """
import os, sys
calls = read = 0
def count(frame, event, of):
    global calls
    calls += event in ("call", "c_call")
def opened(event, of):
    global read
    if event == "open" and isinstance(of[0], str) and os.path.exists(of[0]):
        read += os.stat(of[0]).st_size
sys.addaudithook(opened)
sys.setprofile(count)
"""
_SAY_COUNT = """
sys.setprofile(None)
print(calls, read)
"""
_MOST_CPU = 0.68  # of what the plain one needs
_MOST_MEMORY = 45.0  # MB
_LARGEST_ZIP = 4.0  # MB


@dataclass(slots=True)
class _Starts:
    """The starts of one program, each in a new Python."""

    python: str | Path
    program: str
    folder: Path  # where Python looks for modules first
    cpu: list[float] = field(default_factory=list)  # milliseconds, of user and system
    memory: list[float] = field(default_factory=list)  # MB, at its peak

    def run(self) -> None:
        done = subprocess.run(  # noqa: S603 - our own program
            [self.python, "-c", f"{self.program}\n{_SAY}"],
            cwd=self.folder,
            env=_STANDARD,
            capture_output=True,
            text=True,
            check=True,
        )
        cpu, memory = done.stdout.split()
        self.cpu.append(float(cpu))
        self.memory.append(float(memory))

    def cost_beside(self, other: _Starts) -> float:
        """Return what all starts but the first cost, of what those of `other` did."""
        return sum(self.cpu[1:]) / sum(other.cpu[1:])


_STANDARD = {
    "PATH": os.environ.get("PATH", ""),
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # nobody asks AWS anything, or gets an answer
    "AWS_LAMBDA_FUNCTION_NAME": "cordon-dev-contain_finding",
    "PYTHONHASHSEED": "0",
    "STAGE": "dev",
    "CORDON_MODE": "enforce",
}


def counts() -> tuple[float, float]:
    """Return the calls, and the bytes read, of a start of ours for each of a plain handler's."""
    with tempfile.TemporaryDirectory() as folder:
        made, code = Path(folder) / "made", Path(folder) / "code"
        _unpack(made, code)
        calls, read = _counted(_OURS, code)
        others_calls, others_read = _counted(_PLAIN, made)
    return calls / others_calls, read / others_read


def _counted(program: str, folder: Path) -> tuple[int, int]:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", f"{_COUNT}\n{program}\n{_SAY_COUNT}"],
        cwd=folder,
        env=_STANDARD,
        capture_output=True,
        text=True,
        check=True,
    )
    calls, read = done.stdout.split()
    return int(calls), int(read)


def _unpack(made: Path, code: Path) -> float:
    """Package into `made`, and unpack into `code`; return how large the zip is, in MB."""
    package(Stage.of("dev"), made)
    archive = made / "deployment.zip"
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(code)
    return archive.stat().st_size / 1e6


def cold_start(rounds: int = 20) -> Measured:
    """Start the programs in turns, to and fro, for the machine is not equally fast at all times.

    The first start of each is not counted: it compiles what is not compiled yet. Ours is run from
    the zip that ships, with its slim data and bytecode. All have the same botocore: that of this
    environment, as Lambda has its own.
    """
    with tempfile.TemporaryDirectory() as folder:
        made, code = Path(folder) / "made", Path(folder) / "code"
        size = _unpack(made, code)
        ours, plain = _Starts(sys.executable, _OURS, code), _Starts(sys.executable, _PLAIN, made)
        custodian = _Starts(CUSTODIAN, _CUSTODIAN, made)
        compared = [plain, custodian] if CUSTODIAN.exists() else [plain]
        turn = (ours, *compared)
        for number in range(rounds + 1):
            for starts in turn if number % 2 else reversed(turn):
                starts.run()
    ratio, memory = ours.cost_beside(plain), statistics.median(ours.memory)
    assert ratio <= _MOST_CPU, f"{ratio:.2f} of the CPU of a plain handler"
    assert memory <= _MOST_MEMORY, f"{memory:.1f} MB of memory"
    assert size <= _LARGEST_ZIP, f"a zip of {size:.1f} MB"
    others = [f"a plain boto3 handler of EC2 ({statistics.median(plain.memory):.1f} MB)"]
    cpu = {"Cordon": 1.0, "plain boto3 handler": round(1 / ratio, 2)}
    used = {"Cordon": memory, "plain boto3 handler": statistics.median(plain.memory)}
    if custodian in compared:
        beside, theirs = ours.cost_beside(custodian), statistics.median(custodian.memory)
        others.append(f"{beside:.2f} of that of Cloud Custodian's ({theirs:.1f} MB)")
        cpu["Cloud Custodian"], used["Cloud Custodian"] = round(1 / beside, 2), theirs
    return Measured(
        f"{ratio:.2f} of the CPU of {', '.join(others)}, "
        f"{memory:.1f} MB of memory; the zip has {size:.2f} MB",
        (
            Drawing("cold-start-cpu", "CPU of a cold start, ours is 1, same run", cpu),
            Drawing("cold-start-memory", "Peak memory of a cold start, MB", used),
        ),
    )
