from __future__ import annotations

import pytest

from tests.core.notices.channels.golden import FOLDER, rendered

RENDERED = rendered()


@pytest.mark.parametrize("file", sorted(RENDERED))
def test_each_channel_shows_what_its_golden_file_shows(file: str) -> None:
    assert RENDERED[file] == (FOLDER / file).read_text(encoding="utf-8")


def test_there_is_no_golden_file_of_something_else() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(RENDERED)
