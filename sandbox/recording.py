"""docs/command.svg: an incident in a terminal, as a person drives it in front of the sandbox.

    python -m sandbox.recording [FILE]

The command runs on a terminal of its own: it asks, and is answered.
"""

from __future__ import annotations

import io
import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sandbox import world
from sandbox.server import Sandbox

_FILE = Path(__file__).parents[1] / "docs" / "command.svg"
_WIDE, _TALL = 104, 50
_STORY = (
    "cordon quarantine {web} --reason 'seen in the proxy log'",
    "cordon status",
    "cordon release {web} --verdict remediated --reason rebuilt",
    "cordon status",
)
_ASKS = b"[y/N]: "


def main(file: Path = _FILE) -> int:
    """Record the story to `file`; return 0, or 1 if a command of it failed."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(log=Path(folder) / "log") as sandbox:
        web = world.build(sandbox).web
        os.environ["CORDON_API"] = sandbox.api_url
        said = [(line := each.format(web=web), *_typed(line)) for each in _STORY]
    console = Console(record=True, width=_WIDE, file=io.StringIO(), highlight=False)
    for line, shown, _ in said:
        console.print(Text(f"$ {line}", "bold"), soft_wrap=True)
        console.print(Text.from_ansi(shown.rstrip()), soft_wrap=False)
    file.write_text(_by_itself(console.export_svg(title="cordon", unique_id="cordon")), "utf-8")
    return int(any(status for *_, status in said))


def _by_itself(svg: str) -> str:
    """Return rich's picture without the fonts that it would have a browser fetch."""
    alone = re.sub(r"\s*@font-face \{.*?\}|\s*<!--.*?-->", "", svg, flags=re.DOTALL)
    return alone.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace")


def _typed(line: str) -> tuple[str, int]:
    """Return what a command shows on a terminal that answers y to each question, and its status."""
    ours, its = pty.openpty()
    size = {"COLUMNS": str(_WIDE), "LINES": str(_TALL), "TERM": "xterm-256color"}
    process = subprocess.Popen(  # noqa: S603 - a line of the story above
        [sys.executable, "-m", "cordon", *shlex.split(line)[1:]],
        stdin=its,
        stdout=its,
        stderr=its,
        env={**os.environ, **size},
    )
    os.close(its)
    shown = b""
    while more := _read(ours):
        shown += more
        if more.endswith(_ASKS):
            os.write(ours, b"y\n")
    os.close(ours)
    return shown.decode(errors="replace").replace("\r\n", "\n"), process.wait()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # on Linux a terminal whose other end is closed says so like this
        return b""


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
