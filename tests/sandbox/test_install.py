from __future__ import annotations

import moto
import pytest

from sandbox.faithful import CHECKED_WITH, MotoVersionError, install
from sandbox.faithful.amis import IMAGE_ID
from sandbox.faithful.mending import mend
from tests.sandbox.estate import client


def test_the_mends_are_for_the_moto_that_is_here() -> None:
    assert moto.__version__ == CHECKED_WITH


def test_mending_twice_is_mending_once() -> None:
    install()
    install()


def test_another_moto_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moto, "__version__", "5.2.6")

    with pytest.raises(MotoVersionError, match=r"5\.2\.5, not 5\.2\.6"):
        install.__wrapped__()


def test_a_mend_replaces_what_is_there() -> None:
    class Broken:
        def answer(self) -> int:
            return 41

    mend(Broken, "answer", lambda _: 42)

    assert Broken().answer() == 42


def test_a_mend_of_nothing_is_refused() -> None:
    with pytest.raises(AttributeError, match="answer"):
        mend(type("Broken", (), {}), "answer", 42)


def test_a_new_part_that_is_there_already_is_refused() -> None:
    with pytest.raises(AttributeError, match="answer"):
        mend(type("Whole", (), {"answer": 41}), "answer", 42, is_new=True)


@pytest.mark.usefixtures("aws")
def test_there_is_one_image() -> None:
    found = client("ec2").describe_images()["Images"]

    assert [image["ImageId"] for image in found] == [IMAGE_ID]
