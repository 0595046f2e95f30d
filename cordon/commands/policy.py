"""`cordon policy plan`: what a change of the policy would change, before it is deployed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from chalicelib.settings.deployment import Settings, SettingsError
from cordon import screen
from cordon.exits import CommandError, Exit
from cordon.exports import read_folder
from cordon.options import Json
from cordon.policy.against import policy_against
from cordon.policy.plan import Change, Plan, make_plan

Against = Annotated[str, typer.Option(help="A revision of git, a file, or deployed.")]
Stage = Annotated[str, typer.Option(envvar="STAGE", help="Of what is deployed.")]
Findings = Annotated[str, typer.Option(help="A folder with findings to try both policies on.")]
PolicyFile = Annotated[
    str,
    typer.Option("--policy", envvar="CORDON_POLICY", help="In place of policy.owner.toml."),
]


def plan(
    *,
    against: Against = "HEAD",
    findings: Findings = "",
    policy: PolicyFile = "",
    stage: Stage = "dev",
    json: Json = False,
) -> int:
    """Show what a change of the policy would change; ends with 3 if it contains less."""
    try:
        now = Settings.read({"AWS_REGION": "none-0", "CORDON_POLICY": policy}).policy
    except SettingsError as error:
        raise CommandError(Exit.USAGE, str(error), "cordon check") from error
    if findings and not Path(findings).is_dir():
        raise CommandError(Exit.USAGE, f"{findings} is no folder", "--findings FOLDER")
    exports = list(read_folder(Path(findings))) if findings else []
    made = make_plan(policy_against(against, stage), now, exports)
    if json:
        screen.as_json({"against": against, **made.as_json()})
    else:
        _show(made, against)
    return Exit.LESS if made.less else Exit.DONE


def _show(made: Plan, against: str) -> None:
    if made.cases:
        heads = ("finding type", "if", "severity", "before", "now", "rule before", "rule now")
        screen.table(heads, _rows(made.cases))
    if made.settings:
        screen.heading("Settings")
        rows = ((each.name, each.before, each.now) for each in made.settings)
        screen.table(("setting", "before", "now"), rows)
    if made.answers:
        screen.heading("Findings")
        screen.table(
            ("finding", "type", "instance", "before", "now", "because"),
            (
                (
                    *(each.finding, each.type, each.instance_id, each.before, each.now),
                    " ".join(each.reasons),
                )
                for each in made.answers
            ),
        )
    for (before, now), count in sorted(made.moves.items()):
        screen.line(f"{count} cases go from {before} to {now}")
    if made.less:
        screen.line(f"LESS IS CONTAINED than by {against}: see {len(made.less)} of these changes")
    elif not (made.cases or made.settings or made.answers):
        screen.line(f"nothing is done otherwise than by {against}")
    else:
        screen.line(f"nothing that {against} contains is left alone")


def _rows(changes: tuple[Change, ...]) -> Iterator[tuple[str, ...]]:
    """Yield a row for cases that differ in severity alone."""

    def alike(each: Change) -> tuple[str, ...]:
        about = (
            each.case.type
            if each.case.resource == "Instance"
            else f"{each.case.type} ({each.case.resource})"
        )
        return about, each.case.said, each.before, each.now, each.rule_before, each.rule

    for (about, said, *rest), group in groupby(sorted(changes, key=alike), alike):
        bands = dict.fromkeys(each.case.band.value for each in group)
        yield about, said, ", ".join(bands), *rest
