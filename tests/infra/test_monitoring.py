"""An on-call engineer is told when Cordon is not well, and finds why."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import app as door
from chalicelib.core.notices.about_quarantines import of_containment
from chalicelib.core.notices.notice import Kind
from chalicelib.core.quarantine.record import State
from chalicelib.core.quarantine.times import Times
from tests.builders import MINUTE, NOON, a_quarantine
from tests.house.source import ROOT
from tests.infra.template import DOCUMENT, of_type, properties

FUNCTIONS = {source.name for source in door.app.event_sources}
LAMBDAS = {"cordon-${Stage}", *(f"cordon-${{Stage}}-{name}" for name in FUNCTIONS)}


def dimension(alarm: dict[str, Any], name: str) -> str:
    [value] = [each["Value"] for each in alarm["Dimensions"] if each["Name"] == name]
    return str(value)


def alarms_on(metric: str) -> list[dict[str, Any]]:
    every = (each["Properties"] for each in of_type("AWS::CloudWatch::Alarm").values())
    return [each for each in every if each.get("MetricName") == metric]


def test_every_function_has_a_log_group_that_ends_some_day() -> None:
    groups = [each["Properties"] for each in of_type("AWS::Logs::LogGroup").values()]

    assert {f"/aws/lambda/{name}" for name in LAMBDAS} <= {each["LogGroupName"] for each in groups}
    assert {each["RetentionInDays"] for each in groups} == {"LogDays"}


def test_the_errors_of_every_function_alarm() -> None:
    assert {dimension(each, "FunctionName") for each in alarms_on("Errors")} >= LAMBDAS


def test_every_alarm_is_told_and_says_what_it_means() -> None:
    alarms = of_type("AWS::CloudWatch::Alarm")

    for alarm in alarms.values():
        assert alarm["Properties"]["AlarmActions"] == ["Alarms"]
        assert alarm["Properties"]["AlarmDescription"]
        assert alarm["Properties"]["AlarmName"].startswith("cordon-${Stage}-")
    assert len({each["Properties"]["AlarmName"] for each in alarms.values()}) == len(alarms)


def test_one_dead_letter_alarms() -> None:
    [alarm] = alarms_on("ApproximateNumberOfMessagesVisible")

    assert dimension(alarm, "QueueName") == "DeadLetters.QueueName"
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")


def test_each_further_dead_letter_alarms_again() -> None:
    """An alarm acts when its state changes, so one on how many wait is silent about the next."""
    [alarm] = alarms_on("NumberOfMessagesSent")

    assert dimension(alarm, "QueueName") == "DeadLetters.QueueName"
    assert (alarm["Period"], alarm["TreatMissingData"]) == (60, "notBreaching")


def test_findings_that_wait_alarm() -> None:
    [alarm] = alarms_on("AsyncEventAge")

    assert dimension(alarm, "FunctionName") == "cordon-${Stage}-contain_finding"


def test_waiting_and_working_together_are_held_to_the_target() -> None:
    alarm = properties("TimeToContain")
    metrics = {each["Id"]: each for each in alarm["Metrics"]}

    assert metrics["total"]["Expression"] == "(waited + took) / 1000"
    assert metrics["waited"]["MetricStat"]["Metric"]["MetricName"] == "AsyncEventAge"
    assert metrics["took"]["MetricStat"]["Metric"]["MetricName"] == "Duration"
    assert alarm["Threshold"] == "ContainSeconds"


def test_the_time_to_contain_of_a_day_is_held_to_the_objective() -> None:
    [alarm] = alarms_on("SecondsToContain")
    [made] = properties("SecondsToContainMetric")["MetricTransformations"]
    contained = a_quarantine(State.CONTAINED, times=Times(read_back=NOON + MINUTE))
    said = of_containment(contained, None, "by_hand").as_json()

    assert (alarm["ExtendedStatistic"], alarm["Threshold"]) == ("p95", "ContainSeconds")
    field = made["MetricValue"].removeprefix("$.notice.")
    assert said[field] == 60.0
    assert f"$.notice.{field} >= 0" in properties("SecondsToContainMetric")["FilterPattern"]


def test_a_schedule_that_does_not_run_alarms() -> None:
    [watcher, sync] = alarms_on("Invocations")

    assert dimension(watcher, "FunctionName") == "cordon-${Stage}-watch_quarantines"
    assert dimension(sync, "FunctionName") == "cordon-${Stage}-sync_threat_lists"
    assert {each["TreatMissingData"] for each in (watcher, sync)} == {"breaching"}


@pytest.mark.parametrize("metric", ["BreakerOpen", "DenyGroupChanged", "Drift", "ThreatListFailed"])
def test_what_only_the_log_says_alarms(metric: str) -> None:
    [alarm] = alarms_on(metric)
    made = [
        change
        for each in of_type("AWS::Logs::MetricFilter").values()
        for change in each["Properties"]["MetricTransformations"]
    ]

    assert (alarm["Namespace"], metric) in [
        (each["MetricNamespace"], each["MetricName"]) for each in made
    ]


def test_the_patterns_look_for_what_the_functions_log() -> None:
    source = (ROOT / "app.py").read_text(encoding="utf-8")
    logged = set(re.findall(r'logger\.\w+\(\s*"([^"]+)"', source))
    filters = of_type("AWS::Logs::MetricFilter").values()
    patterns = [each["Properties"]["FilterPattern"] for each in filters]
    asked = {text for pattern in patterns for text in re.findall(r'message = "([^"]+)"', pattern)}
    kinds = {text for pattern in patterns for text in re.findall(r'kind = "([^"]+)"', pattern)}

    assert asked <= logged
    assert kinds - {"threat_list"} <= {kind.value for kind in Kind}


def test_the_dashboard_answers_if_it_works_what_is_quarantined_and_how_fast() -> None:
    body = properties("Dashboard")["DashboardBody"]
    said = json.loads(body.replace("${ContainSeconds}", "60"))
    titles = [each["properties"]["title"] for each in said["widgets"]]

    assert [title for title in titles if title.startswith("Is it working")]
    assert "What is quarantined" in titles
    assert [title for title in titles if title.startswith("How fast")]


def test_known_scanners_are_suppressed_by_type_and_place_only_where_there_is_a_detector() -> None:
    filters = of_type("AWS::GuardDuty::Filter")

    assert len(filters) == 2
    for each in filters.values():
        criterion = each["Properties"]["FindingCriteria"]["Criterion"]
        assert each["Properties"]["Action"] == "ARCHIVE"
        assert len(criterion) == 2
        assert all(kind.startswith("Recon:EC2/Port") for kind in criterion["type"]["Equals"])
        assert DOCUMENT["Conditions"][each["Condition"]][0] == "HasDetector"
