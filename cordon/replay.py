"""What Cordon would do with the findings of a folder, and why, before it is let to act.

    python -m cordon.replay FINDINGS [--format table|json] [--policy FILE] [--mode observe]

Every instance is taken to be alive, with no reason to hold it: what differs in an account (an
exemption, a node of a cluster, an instance that is gone) only makes Cordon do less. Findings are
taken in the order of their time, so that one corroborates another as it would have.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime

from rich.console import Console

from chalicelib.core.decision.decision import Bounds, Case, Verdict, decide
from chalicelib.core.errors import RejectedError
from chalicelib.core.findings.finding import Finding, parse_finding
from chalicelib.core.instance import Instance, InstanceRef, Interface
from chalicelib.core.policy.judgement import Judgement, judge
from chalicelib.core.policy.policy import TOUCHING, Mode, Policy
from chalicelib.core.quarantine.dossier import Breaker, Dossier, Sighting
from chalicelib.settings.deployment import Settings, SettingsError, owners_file
from cordon.exports import Export, read_exports
from cordon.replay_table import Row, print_rows

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Replay:
    """The accounts as they would be while the findings come in.

    Cordon runs in `own_account`; without one, it is taken to run wherever a finding is.
    """

    def __init__(
        self, policy: Policy, mode: Mode = Mode.ENFORCE, own_account: str | None = None
    ) -> None:
        self._policy = policy
        self._mode = mode
        self._own_account = own_account
        self._dossiers: dict[str, Dossier] = {}
        self._breakers: dict[str, Breaker] = {}
        self._contained: set[str] = set()

    def respond(self, name: str, finding: Finding) -> Iterator[Row]:
        """Yield a row for each instance that `finding` is about, or one if there is none."""
        judgement = judge(finding, self._policy)
        if_real = ""
        if judgement.reason == "sample":
            real = judge(replace(finding, is_sample=False), self._policy)
            if_real = f"{real.response}, {real.reason}: {real.why}"
        if judgement.depends:
            why = f"{judgement.why} Where the instance is decides; this is the strongest of it."
            judgement = replace(judgement, why=why)
        if judgement.response not in TOUCHING:
            outcome = {"alert": "alerted", "record": "recorded", "ignore": "ignored"}
            instance = finding.instances[0].instance_id if finding.instances else ""
            reasons = (judgement.reason,)
            yield _row(
                name, finding, judgement, instance, outcome[judgement.response], reasons, if_real
            )
            return
        for ref in judgement.instances:
            yield _row(
                name, finding, judgement, ref.instance_id, *self._decide(finding, judgement, ref)
            )

    def _decide(
        self, finding: Finding, judgement: Judgement, ref: InstanceRef
    ) -> tuple[str, tuple[str, ...]]:
        now = finding.last_seen or _LONG_AGO
        dossier = self._dossiers.get(ref.key, Dossier())
        breaker = self._breakers.get(ref.account_id, Breaker())
        seen = Sighting(finding.id, finding.type, judgement.response, now)
        self._dossiers[ref.key] = replace(dossier, sightings=(*dossier.sightings, seen))
        if ref.key in self._contained:
            return "already_contained", (judgement.reason,)
        own_account = self._own_account or ref.account_id
        policy = self._policy.at(ref.account_id)
        bounds = Bounds(own_account, self._mode, policy, now)
        case = Case(finding, judgement, ref, _alive(ref), replace(dossier, breaker=breaker), bounds)
        decision = decide(case)
        if decision.verdict is Verdict.HOLD:
            return "held", decision.reasons
        self._contained.add(ref.key)
        self._breakers[ref.account_id] = Breaker((*breaker.within(policy, now), now))
        return "contained", decision.reasons


def _alive(ref: InstanceRef) -> Instance:
    return Instance(ref, "running", (Interface("eni-0", "vpc-0", ("sg-0",)),), {})


def _row(  # noqa: PLR0913, PLR0917 - a row has that many columns
    name: str,
    finding: Finding,
    judgement: Judgement,
    instance_id: str,
    outcome: str,
    reasons: tuple[str, ...],
    if_real: str = "",
) -> Row:
    return Row(
        name,
        f"{finding.last_seen:%Y-%m-%d %H:%M}" if finding.last_seen else "",
        finding.type,
        finding.score,
        finding.role or "",
        instance_id,
        outcome,
        reasons,
        judgement.why,
        if_real,
        account_id=finding.account_id,
        region=finding.region,
        finding_id=finding.id,
        rule=judgement.reason,
    )


def replay(
    exports: Iterable[Export],
    policy: Policy,
    mode: Mode = Mode.ENFORCE,
    own_account: str | None = None,
) -> list[Row]:
    """Return what Cordon would do with `exports`, in the order of time; rejected ones last."""
    parsed: list[tuple[str, Finding]] = []
    rejected: list[Row] = []
    for export in exports:
        problem = export.problem
        if export.event is not None:
            try:
                parsed.append((export.name, parse_finding(export.event)))
                continue
            except RejectedError as error:
                problem = str(error)
        rejected.append(Row(export.name, "", "", None, "", "", "rejected", (), problem))
    parsed.sort(key=lambda pair: pair[1].last_seen or _LONG_AGO)
    course = Replay(policy, mode, own_account)
    rows = [row for name, finding in parsed for row in course.respond(name, finding)]
    return rows + rejected


def main(arguments: list[str]) -> int:
    """Print the replay; return 0, 1 if nothing could be read, or 2 where there is nothing."""
    parser = argparse.ArgumentParser(prog="make replay FINDINGS=folder", description=__doc__)
    parser.add_argument("findings", help="a folder, a file, or - for standard input")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    named = os.environ.get("CORDON_POLICY", "")
    parser.add_argument("--policy", default=named, help="in place of policy.owner.toml")
    parser.add_argument("--mode", choices=tuple(Mode), default=Mode.ENFORCE.value)
    parser.add_argument("--own-account", default="", help="that Cordon runs in; else any is")
    options = parser.parse_args(arguments)
    try:
        policy = Settings.read({"AWS_REGION": "none-0", "CORDON_POLICY": options.policy}).policy
    except SettingsError as error:
        return _refuse(str(error))
    exports = read_exports(options.findings)
    rows = replay(exports, policy, Mode(options.mode), options.own_account or None)
    if not rows:
        return _refuse(f"no findings in {options.findings}: no JSON files are there")
    if options.format == "json":
        print(json.dumps([asdict(row) for row in rows], indent=1))
    else:
        print_rows(rows, Console(width=None if sys.stdout.isatty() else 160), _heads(options))
    return 1 if all(row.outcome == "rejected" for row in rows) else 0


def _heads(options: argparse.Namespace) -> Iterator[str]:
    """Yield what the replay keeps to."""
    owners = owners_file({"CORDON_POLICY": options.policy})
    yield f"Mode {options.mode}; policy.toml{f', and before it {owners}' if owners else ''}."
    if options.own_account:
        yield f"Cordon runs in {options.own_account}; others count if the policy allows them."
    else:
        yield "Every account is taken for one that Cordon may act in (--own-account NUMBER)."


def _refuse(why: str) -> int:
    print(why, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
