"""The API, asked whatever its description allows, and what it forbids."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from chalice import Chalice
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from requests import Response
from schemathesis.checks import CHECKS
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from sandbox.faithful.guardduty_findings import finding_about
from sandbox.guard import ACCOUNT, REGION
from sandbox.server import Sandbox
from sandbox.world import build

_DESCRIPTION = Path(__file__).parents[1] / "docs" / "openapi.yaml"
_LOG = Path("build") / "bench" / "api.log"
_DESCRIBED = ("status_code_conformance", "content_type_conformance", "response_schema_conformance")


def hostile_api(cases: int = 1_000, app: Chalice | None = None) -> str:
    """Ask every operation good and bad things; nothing may answer 5xx, or what is not described.

    Half of the requests name an instance that is, or was, in quarantine. `app` is asked in the
    place of Cordon's own.
    """
    schema = schemathesis.openapi.from_path(str(_DESCRIPTION))
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    each = -(-cases // (len(operations) * len(modes)))
    answers: Counter[int] = Counter()
    with Sandbox(app=app, log=_LOG) as sandbox:
        instances = _quarantined(sandbox) if app is None else ["i-0123456789abcdef0"]
        for operation in operations:
            for mode in modes:
                strategy = _requests(operation, mode, instances)
                _ask_all(strategy, mode, sandbox.api_url, each, answers)
    for line in _LOG.read_text(encoding="utf-8").splitlines():
        assert json.loads(line), "a line of the log says nothing"
    total, good = sum(answers.values()), sum(n for status, n in answers.items() if status < 300)  # noqa: PLR2004
    assert total >= cases, f"only {total} cases were generated"
    assert good, "no request was answered well: the control fails"
    statuses = ", ".join(f"{status}: {n}" for status, n in sorted(answers.items()))
    return f"{total:,} requests to the API, good and bad: 0 answers of 5xx ({statuses})"


def _requests(operation: Any, mode: GenerationMode, instances: list[str]) -> st.SearchStrategy[Any]:
    """Return requests, half of which name one of `instances`, if they name any."""

    def named(case: Any, instance_id: str | None) -> Any:
        if instance_id and "instance_id" in (case.path_parameters or {}):
            case.path_parameters["instance_id"] = instance_id
            case.query = {}
        return case

    chosen = st.one_of(st.none(), st.sampled_from(instances))
    return st.builds(named, operation.as_strategy(generation_mode=mode), chosen)


def _ask_all(
    requests: st.SearchStrategy[Any],
    mode: GenerationMode,
    url: str,
    most: int,
    answers: Counter[int],
) -> None:
    is_good = mode is GenerationMode.POSITIVE
    names = ("not_a_server_error", *(_DESCRIBED if is_good else ()))
    checks = CHECKS.get_by_names(names)

    @settings(
        max_examples=most,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests)
    def ask(case: Any) -> None:
        answer: Response = case.call(base_url=url, timeout=30)
        answers[answer.status_code] += 1
        case.validate_response(answer, checks=checks)

    ask()


def _quarantined(sandbox: Sandbox) -> list[str]:
    """Make the world of the demo, let two instances be contained, and return all of them."""
    world = build(sandbox)
    for victim in (world.web, world.mail):
        about = (ACCOUNT, REGION, sandbox.detector_id(), victim)
        sandbox.publish_finding(
            finding_about(*about, type_="Backdoor:EC2/C&CActivity.B", severity=8.0)
        )
    sandbox.drain()
    return list(world.instances.values())
