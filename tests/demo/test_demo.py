from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run_demo(report: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sandbox.demo", str(report)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_demo_tells_its_story_on_one_screen_of_80_columns(tmp_path: Path) -> None:
    report = tmp_path / "report.html"

    done = run_demo(report)

    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) <= 25
    assert max(len(line) for line in lines if "report" not in line) < 80
    for word in ("held", "(exempt)", "given back", "STORY=long", "all as it must be"):
        assert word in done.stdout
    assert "\x1b" not in done.stdout  # plain text in a pipe
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_demo_fails_where_nothing_may_be_contained(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.write_text("of an earlier demo", encoding="utf-8")

    done = run_demo(report, CORDON_MODE="observe")

    assert done.returncode == 1
    assert "expected contained command-and-control" in done.stdout
    assert "404 UnknownInstanceError" in done.stdout
    assert report.read_text(encoding="utf-8") == "of an earlier demo"


def test_the_long_story_is_told_to_its_end(tmp_path: Path) -> None:
    done = run_demo(tmp_path / "report.html", STORY="long")

    assert done.returncode == 0, done.stdout + done.stderr
    for heading in ("Timeline of the web server", "What the security team was told"):
        assert heading in done.stdout
    assert "seen again" in done.stdout
    assert "a manifest of it" in done.stdout
