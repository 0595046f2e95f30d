"""Who may say what to whom: the key, the topics, the queue, the subscriptions."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.notice import Kind
from tests.infra.template import RESOURCES, of_type, properties, statement

CORDON = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cordon-${Stage}-*"


def test_rules_of_this_account_and_the_topic_may_send_dead_letters_and_nobody_else() -> None:
    policy = properties("DeadLettersFromServices")["PolicyDocument"]
    allowed = statement(policy, "FromRulesAndTheTopic")

    assert [each["Sid"] for each in policy["Statement"] if each["Effect"] == "Allow"] == [
        "FromRulesAndTheTopic"
    ]
    assert allowed["Principal"]["Service"] == ["events.amazonaws.com", "sns.amazonaws.com"]
    assert allowed["Action"] == "sqs:SendMessage"
    # With aws:SourceAccount beside it, SNS could send none: it does not say its account here.
    assert allowed["Condition"] == {
        "ArnLike": {
            "aws:SourceArn": [
                "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/*",
                "Notices",
            ]
        }
    }


def test_nobody_but_cordons_roles_speaks_on_the_topic_of_notices() -> None:
    policy = properties("NoticesOnlyFromCordon")["PolicyDocument"]
    denied = statement(policy, "OnlyCordon")

    assert {each["Effect"] for each in policy["Statement"]} == {"Deny"}
    assert (denied["Principal"], denied["Action"]) == ("*", "sns:Publish")
    assert denied["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": CORDON}}


def test_only_alarms_of_this_stage_speak_on_the_topic_of_alarms() -> None:
    policy = properties("AlarmsFromServices")["PolicyDocument"]
    allowed = statement(policy, "FromAlarmsOfThisAccount")

    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Condition"]["ArnLike"]["aws:SourceArn"] == (
        "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:cordon-${Stage}-*"
    )


def test_no_rule_speaks_on_a_topic_for_its_policy_could_name_no_source() -> None:
    """EventBridge takes no Condition in the policy of a topic.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    """
    topics = set(of_type("AWS::SNS::Topic"))

    for rule in of_type("AWS::Events::Rule").values():
        assert not topics & {each["Arn"] for each in rule["Properties"]["Targets"]}


def test_both_topics_are_encrypted_by_a_key_that_rotates() -> None:
    topics = of_type("AWS::SNS::Topic")

    assert set(topics) == {"Notices", "Alarms"}
    assert all(each["Properties"]["KmsMasterKeyId"] == "Key.Arn" for each in topics.values())
    assert properties("Key")["EnableKeyRotation"] is True


def test_the_key_serves_cordon_through_sns_and_alarms_and_nobody_else() -> None:
    policy = properties("Key")["KeyPolicy"]
    cordon, alarms = statement(policy, "CordonThroughSns"), statement(policy, "Alarms")
    using = ("kms:Decrypt", "kms:GenerateDataKey")

    assert cordon["Condition"] == {
        "StringEquals": {
            "kms:CallerAccount": "AWS::AccountId",
            "kms:ViaService": "sns.${AWS::Region}.${AWS::URLSuffix}",
        },
        "ArnLike": {"aws:PrincipalArn": CORDON},
    }
    assert alarms["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert alarms["Condition"] == {"StringEquals": {"aws:SourceAccount": "AWS::AccountId"}}
    administration = statement(policy, "Administration")["Action"]
    assert not [
        each for each in administration if each.startswith((*using, "kms:*", "kms:Encrypt"))
    ]
    assert len(policy["Statement"]) == 3


def fits(filter_policy: dict[str, Any], attributes: dict[str, str]) -> bool:
    """Say whether SNS would deliver; of its language, what the template speaks.

    Source: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
    """
    return all(
        any(fits(each, attributes) for each in wanted)
        if name == "$or"
        else any(accepts(each, attributes[name]) for each in wanted)
        for name, wanted in filter_policy.items()
    )


def accepts(wanted: Any, value: str) -> bool:
    if isinstance(wanted, str):
        return value == wanted
    assert set(wanted) == {"anything-but"}
    return value not in wanted["anything-but"]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("band", Band)
def test_every_notice_is_mailed_to_one_of_the_two(kind: Kind, band: Band) -> None:
    attributes = {"kind": kind.value, "severity": band.value}
    said = [
        name
        for name in ("FindingsByEmail", "ContainmentsByEmail")
        if fits(properties(name)["FilterPolicy"], attributes)
    ]

    minor = kind is Kind.FINDING and band in {Band.LOW, Band.MEDIUM}
    assert said == (["FindingsByEmail"] if minor else ["ContainmentsByEmail"])


@pytest.mark.parametrize("name", ["FindingsByEmail", "ContainmentsByEmail", "AlarmsByEmail"])
def test_nobody_is_written_to_without_an_address(name: str) -> None:
    assert RESOURCES[name]["Condition"] == "Mails" + name.removesuffix("ByEmail")
    assert RESOURCES[name]["Properties"]["Protocol"] == "email"
