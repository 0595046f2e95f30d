"""The role that a member account grants."""

from __future__ import annotations

from tests.infra.template import read, statement

ROLE = read("member.yaml")["Resources"]["Member"]["Properties"]
STATEMENTS = ROLE["Policies"][0]["PolicyDocument"]["Statement"]


def test_the_role_has_the_name_and_external_id_that_cordon_asks_with() -> None:
    trust = statement(ROLE["AssumeRolePolicyDocument"], "CordonsFunctions")

    assert ROLE["RoleName"] == "cordon-${Stage}-member"
    assert trust["Condition"]["StringEquals"]["sts:ExternalId"] == "cordon-${Stage}"


def test_only_functions_that_ask_ec2_come_in_and_only_from_the_organisation() -> None:
    trust = statement(ROLE["AssumeRolePolicyDocument"], "CordonsFunctions")
    roles = trust["Condition"]["ArnLike"]["aws:PrincipalArn"]

    assert [each.rsplit("/")[-1] for each in roles] == [
        "cordon-${Stage}-api_handler",
        "cordon-${Stage}-contain_finding",
        "cordon-${Stage}-repair_drift",
        "cordon-${Stage}-sync_threat_lists",
        "cordon-${Stage}-watch_quarantines",
    ]
    assert trust["Condition"]["StringEquals"]["aws:PrincipalOrgID"] == "OrganizationId"
    assert trust["Principal"] == {"AWS": "arn:${AWS::Partition}:iam::${CordonAccount}:root"}


def test_what_changes_something_is_kept_to_this_account() -> None:
    for each in STATEMENTS:
        if each["Resource"] == "*":
            # GuardDuty gives a scan no resource; the role reaches its own account alone.
            seen = set(each["Action"]) - {"guardduty:ListDetectors", "guardduty:StartMalwareScan"}
            assert all(":Describe" in action for action in seen)
        else:
            places = [each["Resource"]] if isinstance(each["Resource"], str) else each["Resource"]
            # A VPC may be another account's, which shares it with this one; a snapshot has none.
            ours = [p for p in places if not p.endswith((":vpc/*", "::snapshot/*"))]
            assert all(":${AWS::AccountId}:" in place for place in ours)
