"""What the documents point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tests.infra.template import read

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"(?:`|^ {4})make ([a-z-]+)", re.MULTILINE)
TARGET = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))

    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_of_make_that_is_named_exists(document: Path) -> None:
    named = COMMAND.findall(document.read_text(encoding="utf-8"))
    targets = re.findall(
        r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert set(named) <= set(targets)


def test_every_alarm_is_explained_to_whoever_it_wakes() -> None:
    template = (ROOT / "infra" / "resources.yaml").read_text(encoding="utf-8")
    alarms = set(re.findall(r'AlarmName: !Sub "cordon-\$\{Stage\}-([a-z-]+)"', template))
    explained = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")

    assert len(alarms) > 5
    assert [alarm for alarm in sorted(alarms) if f"`{alarm}`" not in explained] == []


def test_every_parameter_that_a_command_gives_is_one_of_its_template() -> None:
    pages = (ROOT / "docs" / name for name in ("deploying.md", "organisation.md"))
    text = "".join(page.read_text(encoding="utf-8") for page in pages).replace("\\\n", " ")
    by_aws = re.findall(r"--template-file infra/(\S+) +--parameter-overrides (.+)", text)
    by_make = [("resources.yaml", words) for words in re.findall(r"PARAMETERS='(.+)'", text)]

    assert (len(by_aws), len(by_make)) == (8, 4)
    for template, words in by_aws + by_make:
        given = {word.split("=")[0] for word in words.split()}
        assert given <= read(template)["Parameters"].keys()
