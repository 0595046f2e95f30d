"""How the demo is told: in colours on a terminal, in plain text in a pipe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sandbox.demo.people import Recovery
from sandbox.demo.scenes import Played

COLOURS = {
    "contained": "bold red",
    "already_contained": "red",
    "cut again": "red",
    "held": "yellow",
    "alerted": "cyan",
    "recorded": "dim",
    "rejected": "magenta",
    "published": "green",
    "refused": "yellow",
}

_SIDE_BY_SIDE = 2  # channels


class Story:
    """Tells the demo on a console, part by part."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def progress(self, what: str) -> Iterator[None]:
        """Say `what` is being done, for as long as the block needs to get to `done`."""
        self._console.print(f"{what} ...", end=" ")
        yield

    def done(self) -> None:
        """Close a line of progress, and open the list of scenes."""
        self._console.print("ready")
        self._heading("What happens")

    def scene(self, played: Played) -> None:
        """Tell one scene as it ends."""
        mark = "ok " if played.is_right else "NO "
        colour = COLOURS.get(played.outcome, "bold")
        reasons = ", ".join(played.reasons)
        self._console.print(f"  {mark} {played.scene.title}", markup=False)
        self._console.print(f"      [{colour}]{played.outcome}[/]", end=" ")
        self._console.print(reasons, markup=False, style="dim")

    def groups(
        self, before: dict[str, dict[str, list[str]]], after: dict[str, dict[str, list[str]]]
    ) -> None:
        """Tell the security groups of every interface, before and after, as EC2 says."""
        self._heading("Security groups, as EC2 describes them")
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in ("  instance", "interface", "before", "after"):
            table.add_column(title)
        for name, interfaces in before.items():
            for interface_id, groups in interfaces.items():
                now = after[name].get(interface_id, [])
                style = "red" if now != groups else ""
                cells = (f"  {name}", interface_id, ", ".join(groups), ", ".join(now))
                table.add_row(*cells, style=style)
        self._console.print(table)

    def timeline(self, lines: list[tuple[str, str, str, str]]) -> None:
        """Tell the timeline of a quarantine."""
        self._heading("Timeline of the web server's quarantine")
        for at, who, what, detail in lines:
            head = f"  {at[11:23]} {who:<10} {what:<10} "
            body = Text(_short(json.loads(detail)))
            grid = Table.grid()
            grid.add_row(Text(head), body)
            self._console.print(grid)

    def message(self, text: str) -> None:
        """Tell what the security team read."""
        said = json.loads(text or "{}").get("text", "(no notice arrived)")
        self._heading("What the security team was told")
        for line in said.splitlines():
            self._console.print(f"  {line}", markup=False, soft_wrap=True)

    def lists(self, texts: list[str]) -> None:
        """Tell what people read about the threat list."""
        self._heading("What people were told about the threat list")
        for text in texts:
            self._console.print("")
            for line in text.splitlines():
                self._console.print(f"  {line}", markup=False, soft_wrap=True)

    def channels(self, renderings: dict[str, list[str]]) -> None:
        """Tell what each channel shows of one incident, side by side; the receiver has it all."""
        self._heading("The same, as each channel shows it")
        each = [
            Panel(Text("\n".join(lines), no_wrap=True, overflow="ellipsis"), title=name, height=14)
            for name, lines in renderings.items()
        ]
        grid = Table.grid(expand=True)
        for _ in range(_SIDE_BY_SIDE):
            grid.add_column(ratio=1)
        for start in range(0, len(each), _SIDE_BY_SIDE):
            grid.add_row(*each[start : start + _SIDE_BY_SIDE])
        self._console.print(grid)

    def evidence(self, pieces: list[tuple[str, int, str, str]]) -> None:
        """Tell what was kept."""
        self._heading("Evidence kept, never overwritten")
        for name, size, kept, found in pieces:
            mark = "ok" if kept == found else "NO"
            short = name if len(name) <= 72 else f"{name[:56]}...{name[-13:]}"  # noqa: PLR2004 - a line
            self._console.print(f"  {mark} {short:<72} {size:>5} B", markup=False)

    def recovery(self, recovery: Recovery, report: Path) -> None:
        """Tell how a person gave an instance back, and where the incident report lies."""
        self._heading("A person gives the web server back, over the API")
        self._console.print(f"  POST .../release  {recovery.said}", markup=False, soft_wrap=True)
        self._console.print(f"  the same again    {recovery.repeated}")
        for interface_id, groups in recovery.after.items():
            was = ", ".join(recovery.before[interface_id])
            self._console.print(f"  {interface_id}  {was} -> {', '.join(groups)}", markup=False)
        if recovery.report:
            page = f"\n  The incident report, a page for a browser: {report}"
            self._console.print(page, markup=False)

    def checks(self, problems: list[str]) -> None:
        """Tell what was read back and is not as it must be."""
        self._heading("Read back")
        if not problems:
            self._console.print("  Every interface is where it must be, the deny groups have no")
            self._console.print(
                "  rules, the evidence matches, nothing was terminated, what was given back"
            )
            self._console.print(
                "  has exactly the groups that it had, the clean list is active, and the"
            )
            self._console.print("  log is whole.\n")
        for problem in problems:
            self._console.print(f"  NO  {problem}", markup=False, style="bold red")

    def end(self, seconds: float, problems: list[str]) -> None:
        """Close the story."""
        verdict = "all as it must be" if not problems else f"{len(problems)} wrong"
        self._console.print(f"{verdict}, in {seconds:.0f} s", style="bold")

    def fail(self, problems: list[str]) -> None:
        """Tell why there was no demo."""
        for problem in problems:
            self._console.print(problem, markup=False, style="bold red")

    def _heading(self, text: str) -> None:
        self._console.print(f"\n{text}", style="bold underline", markup=False)


def _short(detail: dict[str, Any]) -> str:
    """Return what one line can say of a line's detail; the table has the whole of it."""
    if "changes" in detail:
        moves = [f"{each['interface']} to {each['role']}" for each in detail["changes"]]
        return f"{', '.join(moves)}; each with AWS's request id"
    if "originals" in detail:
        groups = [f"{eni}: {', '.join(ids)}" for eni, ids in detail["originals"].items()]
        return f"originals {'; '.join(groups)}"
    if "finding" in detail:
        return f"{detail['type']} {detail['finding']}, seen again"
    if "sha256" in detail:
        return f"a manifest of it, SHA-256 {detail['sha256'][:12]}..."
    return str(detail.get("detail", ""))
