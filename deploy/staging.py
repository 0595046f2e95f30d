"""A clean copy of what ships, so that nothing else can."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from deploy import slim
from deploy.bytecode import compile_project
from deploy.errors import DeployError
from deploy.runtime import is_own
from deploy.slim import write_slim_data
from deploy.stages import ROOT, state_folder

_NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.py[cod]")
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


@contextmanager
def staged_project() -> Iterator[Path]:
    """Make a project that Chalice can package without a network, and remove it afterwards.

    Raises:
        DeployError: the environment does not hold what requirements.txt pins.
    """
    with tempfile.TemporaryDirectory(prefix="cordon-") as folder:
        project = Path(folder)
        shutil.copy(ROOT / "app.py", project)
        shutil.copytree(ROOT / "chalicelib", project / "chalicelib", ignore=_NOT_SHIPPED)
        chalice = project / ".chalice"
        chalice.mkdir()
        shutil.copy(ROOT / ".chalice" / "config.json", chalice)
        shutil.copytree(ROOT / ".chalice" / "policies", chalice / "policies")
        state_folder().mkdir(parents=True, exist_ok=True)
        (chalice / "deployed").symlink_to(state_folder())
        # Chalice asks an index for what is in it; all of that is in `vendor/` instead.
        (project / "requirements.txt").touch()
        fill_vendor(project / "vendor")
        write_slim_data(project / "vendor" / slim.FOLDER)
        if is_own():  # what another Python compiled, Lambda's would not take
            compile_project(project)
        yield project


def fill_vendor(vendor: Path) -> None:
    """Put into the folder `vendor` what the app needs beside its own code.

    Chalice puts what is in it at the top of the zip.
    """
    vendor.mkdir()
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    for name, version in _PIN.findall(pins):
        _copy(_installed(name, version), vendor)


def _installed(name: str, version: str) -> Distribution:
    """Return an installed package: the environment was made from the same pins, and hashes.

    Raises:
        DeployError: it is not installed, has another version, or is built for one machine.
    """
    try:
        found = distribution(name)
    except PackageNotFoundError:
        found = None
    if found is None or found.version != version:
        raise DeployError(f"{name}=={version} is not installed: remove .venv and try again")
    if "Root-Is-Purelib: true" not in (found.read_text("WHEEL") or ""):
        raise DeployError(f"{name} is built for this machine, and Lambda's is another (arm64)")
    return found


def _copy(package: Distribution, vendor: Path) -> None:
    for file in package.files or ():
        if ".." in file.parts or file.suffix == ".pyc":
            continue
        to = vendor / file
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(str(file.locate())), to)


def run_chalice(project: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run Chalice in `project`, and return what it printed.

    Raises:
        DeployError: it is not installed, or it failed; the message is the last line that it said.
    """
    tool = Path(sys.executable).with_name("chalice")
    if not tool.exists():
        raise DeployError("chalice is not installed: remove .venv and try again")
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [tool, *arguments],
        cwd=project,
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it did not say why"]
        raise DeployError(f"chalice {arguments[0]}: {said[-1]}")
    return done.stdout
