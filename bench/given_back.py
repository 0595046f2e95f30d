"""What a release gives back: all that AWS describes, before a containment and after."""

from __future__ import annotations

import tempfile
from pathlib import Path

import tests.conftest  # noqa: F401 - the AWS of the tests, with all that is mended in it
from tests.adapters.everything import changed
from tests.entry.given_back import play


def given_back() -> str:
    """Contain and release an instance that is tied to all that there is, with every step on."""
    with tempfile.TemporaryDirectory() as folder:
        story = play(Path(folder))
    assert story.left() == story.expected(), f"not as it was: {sorted(story.left())}"
    touched = changed(story.before, story.contained) & story.before.keys()
    return (
        f"of {len(story.before)} things that AWS describes {len(touched)} differ while it is "
        "contained, and none after the release; new are a second member of its Auto Scaling "
        "group, a snapshot, and Cordon's two groups"
    )
