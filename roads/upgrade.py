"""From an earlier version to this one and back, with instances in quarantine under way."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from deploy.stages import ROOT
from roads.api import Person
from roads.local import Roads
from roads.story import check, tell, wait_until
from roads.world import DENIED, find, give_back, groups_of, launch, state_of

# The first that had a version: records of any other are read by this one, and the other way.
EARLIER = "960ca4ee69c4aeb888a4fdda8b090ffd374685a2"


def upgrade_and_back(roads: Roads, people: dict[str, Person], words: tuple[str, ...]) -> None:
    """What either version contained, the other gives back."""
    earlier = roads.folder / "earlier"
    if not _check_out(earlier):
        tell(f"left out: upgrade and back, as {EARLIER[:7]} is not in this clone's history")
        return
    roads.leave_out(earlier)
    before = _contained(roads, people, "this version contains")
    roads.go("deploy", *words, project=earlier)
    give_back(roads, people["responder"], before, "the earlier one gives that back")
    after = _contained(roads, people, "the earlier one contains")
    said = roads.go("deploy", *words)
    check("deploy says which version is there", holds="\nCordon 0" in said)
    give_back(roads, people["responder"], after, "this version gives that back")


def _contained(roads: Roads, people: dict[str, Person], what: str) -> str:
    instance = launch(roads)
    find(roads, instance, finding_id=instance.removeprefix("i-").rjust(32, "0"))
    wait_until(what, lambda: groups_of(roads, instance) == DENIED)
    wait_until("and says so", lambda: state_of(roads, people["viewer"], instance) == "CONTAINED")
    return instance


def _check_out(folder: Path) -> bool:
    """Put the earlier version into a folder; return whether there is one."""
    done = subprocess.run(  # noqa: S603 - our own arguments
        ["git", "archive", EARLIER],  # noqa: S607 - whichever git there is
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        return False
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tree:
        tree.extractall(folder, filter="data")
    return True
