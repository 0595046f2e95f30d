"""MiniStack and moto, both on this machine, and a copy of the project whose roads lead there."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.credentials import Credentials
from moto.server import ThreadedMotoServer

from deploy.stages import ROOT
from sandbox import faithful
from sandbox.guard import ACCOUNT, REGION, local_environment

PYTHON = ROOT / ".roads" / "bin" / "python"
STAGE = "dev"
# What MiniStack's CloudFormation does not know: printed, for it is not proven by this.
LEFT_OUT = ("Detector", "PortScansByOrder", "ProbesByOrder", "TimeToContain")
_COPIED = ("app.py", "chalicelib", "cordon", "deploy", "infra", "sandbox", ".chalice")
_FILES = ("pyproject.toml", "requirements.txt")


@dataclass
class Roads:
    """The services, and the copy of the project that is deployed to them."""

    url: str
    folder: Path
    decisions: Path

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def template(self) -> Path:
        return self.project / "infra" / "resources.yaml"

    def go(
        self,
        road: str,
        *words: str,
        fails: bool = False,
        project: Path | None = None,
        keys: Credentials | None = None,
    ) -> str:
        """Go a road as the Makefile does, from this version or another; return what it said.

        Whoever has no `keys` of their own is root.
        """
        own = _as_environment(keys) if keys else {}
        done = subprocess.run(  # noqa: S603 - our own arguments
            [sys.executable, "-m", "deploy", road, "--stage", STAGE, *words],
            cwd=project or self.project,
            env={
                **os.environ,
                "CORDON_STATE": str(self.folder / "state"),
                "PYTHONPATH": "",
                **own,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if bool(done.returncode) is not fails:
            raise AssertionError(f"{road}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def leave_out(self, project: Path) -> None:
        """Take out of the template what MiniStack does not know."""
        template = project / "infra" / "resources.yaml"
        text = template.read_text(encoding="utf-8")
        for name in LEFT_OUT:
            text = re.sub(rf"(?m)^  {name}:\n(?:    .*\n|\n)*", "", text)
            text = text.replace(f"      - {name}\n", "")
            text = re.sub(rf" +- !If \[\w+, !Ref {name}, none\]\n", "", text)
        template.write_text(text, encoding="utf-8")

    def client(self, service: str, **more: Any) -> Any:
        aws: Any = boto3
        return aws.client(service, **more)


# What MiniStack has not, or answers as something else: of load balancers it knows the newer kind.
_MOTOS = ("EC2", "GUARDDUTY", "ELASTIC_LOAD_BALANCING")


@contextmanager
def local_roads() -> Iterator[Roads]:
    """Start both, and stop them; nothing is left."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cordon-roads-")))
        faithful.install()
        moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        moto.start()
        stack.callback(moto.stop)
        other = f"http://127.0.0.1:{moto.get_host_and_port()[1]}"
        port = _free_port()
        decisions = folder / "decisions"
        log = stack.enter_context((folder / "log").open("w"))
        (folder / "s3").mkdir()
        server = subprocess.Popen(  # noqa: S603 - ours
            [PYTHON, ROOT / "roads" / "aws.py"],
            cwd=folder,
            env=_environment(folder, port, other, decisions),
            stdout=log,
            stderr=log,
        )
        stack.callback(_stop, server)
        url = f"http://127.0.0.1:{port}"
        stack.enter_context(local_environment(url))
        for service in _MOTOS:
            os.environ[f"AWS_ENDPOINT_URL_{service}"] = other
            stack.callback(os.environ.pop, f"AWS_ENDPOINT_URL_{service}")
        # These are root's; a stranger's are made by MiniStack's own IAM.
        os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        _wait_for(port, server, folder / "log")
        made = Roads(url, folder, decisions)
        _copy(made)
        yield made


def _as_environment(keys: Credentials) -> dict[str, str]:
    return {"AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key}


def _environment(folder: Path, port: int, other: str, decisions: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AUTH": "true",
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "MINISTACK_HOST": "127.0.0.1",
        "S3_DATA_DIR": str(folder / "s3"),
        "TMPDIR": str(folder),
        "DECISIONS": str(decisions),
        **{f"AWS_ENDPOINT_URL_{service}": other for service in _MOTOS},
        "no_proxy": "127.0.0.1,localhost",
    }


def _copy(roads: Roads) -> None:
    """Copy what a road needs."""
    ignored = shutil.ignore_patterns("__pycache__", "deployed")
    for name in _COPIED:
        source, target = ROOT / name, roads.project / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=ignored)
        else:
            shutil.copy(source, target)
    for name in _FILES:
        shutil.copy(ROOT / name, roads.project)
    roads.leave_out(roads.project)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"MiniStack did not start: {log.read_text()[-2000:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
