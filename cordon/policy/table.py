"""The whole of what a policy does, as a table: what a change of it is compared by, and shown by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from chalicelib.core.findings.severity import Band
from chalicelib.core.policy.policy import Policy, Response
from cordon.policy.cases import Case, decide_case, find_cases
from cordon.policy.known_types import KNOWN_TYPES


@dataclass(frozen=True, slots=True)
class Line:
    """What is done about cases that differ in nothing but severity."""

    type: str
    resource: str
    said: str  # the other facts
    responses: tuple[str, ...]  # by severity, Low first

    def __str__(self) -> str:
        return "\t".join((self.type, self.resource, self.said, *self.responses))


def table(policy: Policy) -> list[Line]:
    """Return what `policy` does, by type; one column for each band."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for case in find_cases(policy):
        if case.severity == case.band.floor:
            key = (case.type, case.resource, case.said)
            found.setdefault(key, []).append(_response(case, policy))
    return [Line(*key, tuple(responses)) for key, responses in found.items()]


def _response(case: Case, policy: Policy) -> str:
    return decide_case(case, policy).response.value


def golden(policy: Policy) -> str:
    """Return the table as the text of a file."""
    heads = ("type", "resource", "if", *Band)
    return "\n".join(["\t".join(heads), *map(str, table(policy)), ""])


def summary(policy: Policy) -> Iterator[str]:
    """Yield the rows of a short table for readers: what is answered alike, strongest first."""
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for type_, lines in groupby(filter(_is_about_instances, table(policy)), lambda line: line.type):
        for said, responses in _shortened(list(lines)):
            alike.setdefault((said, responses), []).append(type_)
    yield f"| finding | if | {' | '.join(Band)} |"
    yield "|---|---|---|---|---|---|"
    for (said, responses), types in sorted(alike.items(), key=lambda each: _strongest(each[0][1])):
        yield f"| {_names(types)} | {said} | {' | '.join(responses)} |"


def _is_about_instances(line: Line) -> bool:
    answers = {*line.responses} & {"contain", "approve"}
    return bool(answers) or (":EC2/" in line.type and line.resource == "Instance")


def _shortened(lines: list[Line]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the answers to one type, each with when; the commonest is that to all else."""
    by_answer: dict[tuple[str, ...], list[str]] = {}
    for line in lines:
        by_answer.setdefault(line.responses, []).append(line.said)
    commonest = max(by_answer, key=lambda each: len(by_answer[each]))
    for responses, said in by_answer.items():
        otherwise = responses == commonest and len(said) > 1
        yield "otherwise" if otherwise else " or ".join(said), responses


_ORDER = tuple(Response)


def _strongest(responses: Iterable[str]) -> list[int]:
    return [_ORDER.index(Response(each)) for each in reversed(tuple(responses))]


def _names(types: list[str]) -> str:
    """Return `types` in few words: by purpose and service, families behind."""
    runtime = [each for each in types if ":Runtime/" in each]
    if runtime and runtime == [each for each in KNOWN_TYPES if ":Runtime/" in each]:
        types = ["*:Runtime/*", *(each for each in types if each not in runtime)]
    by_head: dict[str, list[str]] = {}
    for each in types:
        head, _, family = each.partition("/")
        by_head.setdefault(head, []).append(family)
    return "<br>".join(f"`{head}/` {', '.join(families)}" for head, families in by_head.items())
