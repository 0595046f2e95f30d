"""Where a person acts on what a notice tells, and where its evidence lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chalicelib.core.evidence.names import folder_in
from chalicelib.core.instance import InstanceRef
from chalicelib.core.notices.notice import Notice

_HEADING = "Where"


def placed(notice: Notice, api: str, evidence: str) -> Notice:
    """Return `notice` with the places of what it is about; one about no instance stays as it is.

    Args:
        notice: what is told.
        api: the URL of Cordon's API; empty: not known.
        evidence: the place of all evidence, such as s3://bucket/.
    """
    if not isinstance(notice.facts.get("instance_id"), str):
        return notice
    folder = _folder(notice)
    known = {"api": api, "evidence": f"{evidence}{folder}" if folder else ""}
    facts = {name: value for name, value in known.items() if value}
    section = (_HEADING, tuple(_lines(facts)))
    return replace(notice, sections=(*notice.sections, section), facts={**notice.facts, **facts})


def _folder(notice: Notice) -> str:
    """Return the folder of the quarantine's evidence; empty: there is no quarantine."""
    facts = notice.facts
    _, _, number = str(facts.get("quarantine_id", "")).rpartition("-")
    ref = InstanceRef(notice.account_id, str(facts.get("region")), facts["instance_id"])
    return f"{folder_in(ref, int(number))}/" if number.isdecimal() else ""


def _lines(facts: dict[str, str]) -> Iterator[str]:
    if "api" in facts:
        # Without its scheme it is no link, and the command takes it as it is.
        yield f"the commands ask CORDON_API={facts['api'].removeprefix('https://')}"
    yield "cordon console shows all of it on your own machine"
    if "evidence" in facts:
        yield f"evidence: {facts['evidence']}"
