"""`make docs`: the parts of the documents that the code knows best, written from it.

    python -m cordon.reference [FOLDER]

`docs/reference.md`, `docs/incident.svg`, `docs/responses.tsv` (all that the policy does) and the
README's table of responses are made; a test fails if they are not as the code is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from chalicelib.core.policy.file import parse_policy
from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.record import State, StepName
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.settings.deployment import PACKAGED_POLICY
from cordon.commands.table import COMMANDS
from cordon.policy.table import golden, summary
from cordon.sample import sample_picture, sample_steps

_DOCS = Path(__file__).parents[1] / "docs"
_NOTE = "<!-- Made by `make docs`; change the code instead. -->"


_STEPS = {
    StepName.CUT: ("a group without rules on every interface, read back", "gives the groups back"),
    StepName.DRAIN: ("a hop over an open group ends connections that EC2 tracks", "-"),
    **{
        name: (f"{step.sentence[0].lower()}{step.sentence[1:]}", step.undone)
        for name, step in REVERSIBLE.items()
    },
    StepName.ANNOUNCE: ("people are told", "-"),
    StepName.SNAPSHOTS: ("one snapshot of all volumes", "keeps it"),
    StepName.EVIDENCE: (
        "finding, description before the cut, surroundings, console, screenshot, user data",
        "keeps it",
    ),
    StepName.MALWARE_SCAN: ("GuardDuty scans its volumes", "keeps what it found"),
    StepName.REPAIR: ("people are told that somebody let it out, and it was cut again", "-"),
}


def main(folder: Path = _DOCS) -> int:
    """Write each file to `folder`."""
    for name, text in made().items():
        (folder / name).write_text(text, encoding="utf-8")
        print(folder / name)
    return 0


def made() -> dict[str, str]:
    """Return the text of each file, by name."""
    readme = (_DOCS.parent / "README.md").read_text(encoding="utf-8")
    return {
        "reference.md": "\n".join(_reference()) + "\n",
        "incident.svg": sample_picture(),
        "responses.tsv": golden(_packaged()),
        "../README.md": _with_responses(readme),
    }


def _packaged() -> Policy:
    return parse_policy(PACKAGED_POLICY.read_text(encoding="utf-8"))


def _with_responses(readme: str) -> str:
    """Return the README with the table of responses as the policy is."""
    start, end = "<!-- responses: made by `make docs` -->\n", "<!-- end of responses -->"
    head, _, rest = readme.partition(start)
    _, _, tail = rest.partition(end)
    return head + start + "\n".join(["", *summary(_packaged()), "", end]) + tail


def _reference() -> Iterator[str]:
    yield f"# Reference\n\n{_NOTE}\n\n## What is done about a finding\n"
    yield "From `chalicelib/policy.toml`; the first row that fits decides. Below severity"
    asks = f"{_packaged().contain_from:.1f} (`[containment] contain_from`)"
    yield f"{asks} `contain` becomes `approve`.\n"
    yield from _findings()
    yield "\n## The life of a quarantine\n\n```mermaid\nstateDiagram-v2"
    yield from _states()
    yield "```\n\n## The steps of a containment, in their order\n"
    yield "| step | what is done | a release | with the packaged policy |\n|---|---|---|---|"
    for name, said in sample_steps().items():
        yield f"| `{name}` | {' | '.join(_STEPS[StepName(name)])} | {said} |"
    yield "\n## The commands\n\n| command | does |\n|---|---|"
    for each in COMMANDS:
        yield f"| `cordon {each.name}` | {(each.run.__doc__ or '').splitlines()[0]} |"


def _findings() -> Iterator[str]:
    policy = _packaged()
    yield "| finding type | if | response | why |\n|---|---|---|---|"
    for rule in policy.rules:
        types = "<br>".join(f"`{each}`" for each in rule.types)
        limits = {
            "resource": rule.resource if rule.resource != "Instance" else None,
            "role": rule.role,
            "direction": rule.direction,
            "severity from": rule.severity,
            "threat": rule.threat,
            "affiliated": rule.affiliated,
            **{each.name: ", ".join(sorted(each.values)) for each in rule.places},
        }
        only = ", ".join(f"{name} {value}" for name, value in limits.items() if value is not None)
        yield f"| {types} | {only} | {rule.response.value} | {rule.why} |"
    yield f"| any other | from {policy.alert_from:g} | alert | Cordon does not guess. |"
    yield "| any other | below | record | Cordon does not guess. |"


def _states() -> Iterator[str]:
    path = ["[*]", *State, "[*]"]
    yield from (f"  {one} --> {other}" for one, other in pairwise(path))


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
