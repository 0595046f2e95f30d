from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chalicelib.core.policy.file import parse_policy
from chalicelib.settings import deployment
from cordon.command import main
from cordon.policy import against
from cordon.policy.cases import find_cases
from cordon.policy.known_types import KNOWN_TYPES
from cordon.policy.plan import Change, Plan, make_plan
from cordon.policy.table import golden, summary
from tests.builders import ACCOUNT, PACKAGED, POLICY_FILE, WEB, a_policy, an_event

TEXT = POLICY_FILE.read_text(encoding="utf-8")
BEACONS = """
version = 1

[[rules]]
name = "our-beacons"
types = ["Backdoor:EC2/C&CActivity.B"]
severity = "High"
response = "{}"
why = "We run the beacons ourselves."
"""


def planned(owners: str) -> Plan:
    return make_plan(PACKAGED, parse_policy(owners, PACKAGED))


def test_the_same_policy_changes_nothing() -> None:
    assert make_plan(PACKAGED, PACKAGED) == Plan((), (), ())


def test_each_known_type_is_in_the_table_at_every_severity() -> None:
    lines = [line.split("\t") for line in golden(PACKAGED).splitlines()[1:]]

    assert {line[0] for line in lines} == set(KNOWN_TYPES)
    assert all(len(line) == 7 and all(line[3:]) for line in lines)


def test_a_rule_that_contains_less_is_seen_in_each_case_that_it_touches() -> None:
    plan = planned(BEACONS.format("record"))

    assert [(each.case.type, each.case.band.value) for each in plan.cases] == [
        ("Backdoor:EC2/C&CActivity.B", "High"),
        ("Backdoor:EC2/C&CActivity.B", "Critical"),
    ]
    first = plan.cases[0]
    assert (first.before, first.now) == ("contain", "record")
    assert (first.rule_before, first.rule) == ("command-and-control", "our-beacons")
    assert len(plan.less) == 2


def test_a_rule_that_contains_more_is_no_less() -> None:
    plan = planned(
        BEACONS.replace("Backdoor:EC2/C&CActivity.B", "Recon:EC2/Portscan").format("contain")
    )

    assert {(each.before, each.now) for each in plan.cases} == {("approve", "contain")}
    assert plan.less == ()


@pytest.mark.parametrize(
    ("limit", "said"),
    [('role = "ACTOR"', "role ACTOR"), ('direction = "INBOUND"', "direction INBOUND")],
)
def test_a_fact_that_a_rule_asks_for_makes_cases_of_its_own(limit: str, said: str) -> None:
    plan = planned(BEACONS.format("record") + limit)

    assert {each.case.said for each in plan.cases} == {said}


def test_a_rule_of_places_makes_a_case_for_each_that_it_tells_apart() -> None:
    groups = '[groups.prod]\naccounts = ["111122223333", "444455556666"]\n'
    plan = planned(
        f'{BEACONS.format("hold")}accounts = ["prod"]\nnot_vpcs = ["vpc-0000000a"]\n{groups}'
    )

    assert {each.case.said for each in plan.cases} == {"accounts 111122223333, vpcs elsewhere"}
    assert {(each.before, each.now) for each in plan.cases} == {("contain", "hold")}
    assert plan.less


GROUP = 'version = 1\n[groups.prod]\naccounts = ["111122223333"]\n[groups.prod.{}]\n{}\n'


def test_a_threshold_of_a_group_is_tried_in_an_account_of_it_and_elsewhere() -> None:
    plan = planned(GROUP.format("containment", "contain_from = 8.5"))
    beacons = [each for each in plan.cases if each.case.type == "Backdoor:EC2/C&CActivity.B"]

    assert {each.case.said for each in plan.less if isinstance(each, Change)} >= {
        "accounts 111122223333"
    }
    assert [(each.case.severity, each.before, each.now) for each in beacons] == [
        (4.0, "contain", "approve"),
        (7.0, "contain", "approve"),
    ]
    assert not any("elsewhere" in each.case.said for each in plan.cases)
    assert 8.5 in {
        each.severity
        for each in find_cases(
            parse_policy(GROUP.format("containment", "contain_from = 8.5"), PACKAGED)
        )
    }


@pytest.mark.parametrize(
    ("section", "said", "name", "less"),
    [
        ("breaker", "max_containments = 3", "max_containments of 111122223333", True),
        ("containment", "drain = false", "drain of 111122223333", False),
    ],
)
def test_a_setting_of_a_group_is_shown_by_account(
    section: str,
    said: str,
    name: str,
    less: bool,  # noqa: FBT001 - a column
) -> None:
    plan = planned(GROUP.format(section, said))
    (change,) = plan.settings

    assert (change.name, change.is_less) == (name, less)
    assert not plan.cases


def test_a_threshold_between_two_bands_is_tried() -> None:
    plan = make_plan(PACKAGED, a_policy(rules=(), alert_from=8.5))

    assert 8.5 in {each.case.severity for each in plan.cases}


@pytest.mark.parametrize(
    ("setting", "less"),
    [
        ({"max_containments": 9}, True),
        ({"max_containments": 11}, False),
        ({"exempt_instances": frozenset({WEB})}, True),
        ({"protected_tags": PACKAGED.protected_tags | {"aws:x"}}, True),
        ({"protected_tags": frozenset()}, False),
        ({"allowed_accounts": frozenset({ACCOUNT})}, False),
        ({"protect_routers": False}, False),
        ({"stale_after": PACKAGED.stale_after / 2}, True),
        ({"stale_after": PACKAGED.stale_after * 0}, False),
        ({"drain": False}, False),
        ({"breaker_window": PACKAGED.breaker_window * 2}, True),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else str(value),
)
def test_a_setting_is_shown_and_judged(setting: dict[str, Any], less: bool) -> None:  # noqa: FBT001 - a column
    (change,) = make_plan(PACKAGED, a_policy(**setting)).settings

    assert change.name in setting
    assert change.before != change.now
    assert change.is_less is less


def test_an_account_that_is_no_longer_allowed_is_less() -> None:
    before = a_policy(allowed_accounts=frozenset({ACCOUNT}))

    assert make_plan(before, PACKAGED).less


@pytest.fixture
def beacons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    owners = tmp_path / "mine.toml"
    owners.write_text(BEACONS.format("record"), encoding="utf-8")
    monkeypatch.setenv("CORDON_POLICY", str(owners))
    return owners


@pytest.mark.usefixtures("beacons")
def test_a_change_that_contains_less_ends_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "plan", "--against", str(POLICY_FILE)]) == 3

    shown = " ".join(capsys.readouterr().out.split())
    assert "High, Critical contain record" in shown
    assert "2 cases go from contain to record" in shown
    assert f"LESS IS CONTAINED than by {POLICY_FILE}" in shown


def test_a_change_that_contains_no_less_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "plan", "--against", str(POLICY_FILE)]) == 0
    assert "nothing is done otherwise" in capsys.readouterr().out


@pytest.mark.usefixtures("beacons")
def test_scripts_get_the_plan_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "plan", "--against", str(POLICY_FILE), "--json"]) == 3

    said = json.loads(capsys.readouterr().out)
    assert said["less"]
    assert said["cases"][0] == {
        "type": "Backdoor:EC2/C&CActivity.B",
        "resource": "Instance",
        "severity": 7.0,
        "band": "High",
        "facts": {},
        "before": "contain",
        "now": "record",
        "rule_before": "command-and-control",
        "rule": "our-beacons",
        "less": True,
    }


@pytest.mark.usefixtures("beacons")
def test_findings_at_hand_are_answered_under_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "findings"
    folder.mkdir()
    (folder / "one.json").write_text(json.dumps(an_event()), encoding="utf-8")
    (folder / "two.json").write_text(json.dumps(an_event(type_="Recon:EC2/Portscan")), "utf-8")

    words = ["--against", str(POLICY_FILE), "--findings", str(folder), "--json"]
    assert main(["policy", "plan", *words]) == 3

    (first, *_) = json.loads(capsys.readouterr().out)["findings"]
    assert (first["finding"], first["before"], first["now"]) == (
        "one.json",
        "contained",
        "recorded",
    )
    assert first["reasons"] == ["our-beacons"]


def test_a_folder_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "plan", "--against", str(POLICY_FILE), "--findings", "nowhere"]) == 2
    assert "nowhere is no folder" in capsys.readouterr().err


def test_an_owners_file_may_be_what_is_compared_with(
    beacons: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CORDON_POLICY")

    assert main(["policy", "plan", "--against", str(beacons)]) == 0


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose HEAD holds the packaged policy and an owner's."""
    package = tmp_path / "chalicelib"
    package.mkdir()
    policy, owners = package / "policy.toml", package / "policy.owner.toml"
    policy.write_text(TEXT, encoding="utf-8")
    owners.write_text(BEACONS.format("contain"), encoding="utf-8")
    me = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    for words in (("init", "-q"), ("add", "."), (*me, "commit", "-qm", "x")):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    monkeypatch.setattr(deployment, "PACKAGED_POLICY", policy)
    monkeypatch.setattr(deployment, "OWNERS_POLICY", owners)
    monkeypatch.setattr(against, "PACKAGED_POLICY", policy)
    monkeypatch.setattr(against, "OWNERS_POLICY", owners)
    monkeypatch.setattr(against, "_ROOT", tmp_path)
    return tmp_path


def test_what_is_compared_with_is_head_unless_named(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "plan"]) == 0

    owners = repository / "chalicelib" / "policy.owner.toml"
    owners.write_text(BEACONS.format("alert"), encoding="utf-8")
    assert main(["policy", "plan"]) == 3
    assert "contain" in capsys.readouterr().out


def test_a_rule_taken_out_of_the_packaged_policy_is_seen(repository: Path) -> None:
    name = 'name = "tor-relay"'
    policy = repository / "chalicelib" / "policy.toml"
    policy.write_text(TEXT.replace(name, f'{name}\nseverity = "Critical"'), encoding="utf-8")

    assert main(["policy", "plan"]) == 3


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("revision", ["no-such", "--output=x", "HEAD~9"])
def test_what_is_no_revision_is_refused(capsys: pytest.CaptureFixture[str], revision: str) -> None:
    assert main(["policy", "plan", "--against", revision]) == 2
    assert "neither a file nor a revision" in capsys.readouterr().err


def test_a_policy_that_cannot_be_followed_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("version = 1\n[breaker]\nmax_containments = 0\n", encoding="utf-8")

    assert main(["policy", "plan", "--against", str(broken)]) == 2


def test_the_short_table_names_what_contains_first() -> None:
    rows = list(summary(PACKAGED))

    assert "Backdoor:EC2/" in rows[2]
    assert rows[2].endswith("| approve | contain | contain | contain |")
    assert any("| role ACTOR |" in row for row in rows)


def older(text: str) -> str:
    """Return a policy file from before there was `exempt_days`, with one rule less."""
    kept = [line for line in text.splitlines() if not line.startswith("exempt_days")]
    return "\n".join(kept).replace(
        'name = "tor-relay"', 'name = "tor-relay"\nseverity = "Critical"'
    )


def test_an_older_policy_is_compared_with_what_it_did(tmp_path: Path) -> None:
    file = tmp_path / "old.toml"
    file.write_text(older(TEXT), encoding="utf-8")

    plan = make_plan(against.policy_against(str(file)), PACKAGED)

    assert {each.case.type for each in plan.cases} == {"UnauthorizedAccess:EC2/TorRelay"}
    assert plan.settings == ()


def test_an_older_revision_is_compared_with_what_it_did(repository: Path) -> None:
    policy = repository / "chalicelib" / "policy.toml"
    policy.write_text(older(TEXT), encoding="utf-8")
    me = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    subprocess.run(["git", *me, "commit", "-qam", "old"], cwd=repository, check=True)
    policy.write_text(TEXT, encoding="utf-8")

    assert main(["policy", "plan"]) == 0


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text("[", encoding="utf-8")

    assert main(["policy", "plan", "--against", str(file)]) == 2
