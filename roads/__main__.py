"""`make roads`: tells each thing as it is seen, and ends with 1 at the first that is wrong."""

from __future__ import annotations

import logging
import sys

import boto3

from roads.api import Person, a_person, call
from roads.decisions import denied, taken_away
from roads.deployer import a_deployer_deploys
from roads.letters import dead_letters
from roads.local import LEFT_OUT, PYTHON, STAGE, Roads, local_roads
from roads.people import everybody_may_what_they_may, forget, make_people
from roads.regions import other_regions
from roads.story import check, tell, wait_until
from roads.upgrade import upgrade_and_back
from roads.world import DENIED, find, give_back, groups_of, launch, run, state_of
from sandbox.guard import ACCOUNT, REGION

BUCKET = "artifacts"
CLOUDFORMATION = ("--artifacts", BUCKET)
_BROKEN = """
  Broken:
    Type: AWS::CloudFormation::WaitCondition
    Properties: {Handle: !Ref EverythingElse, Timeout: "1", Count: 1}

Outputs:"""


def main() -> int:
    """Go all of it."""
    if not PYTHON.exists():
        print("make roads makes the environment first")
        return 2
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # moto's requests
    try:
        go()
    except AssertionError as error:
        print(f"roads: {error}", file=sys.stderr)
        return 1
    tell("all as it must be")
    return 0


def go() -> None:
    """Go the roads there and back, and see what they lead to."""
    with local_roads() as roads:
        tell(f"left out, as MiniStack does not know it: {', '.join(LEFT_OUT)}")
        roads.client("s3").create_bucket(Bucket=BUCKET)
        roads.client("guardduty").create_detector(Enable=True)
        a_first_deploy_that_fails(roads)
        deploys(roads)
        a_deployer_deploys(roads, BUCKET, CLOUDFORMATION)
        people = make_people(roads)
        record = incident(roads, people)
        dead_letters(roads, people["responder"])
        other_regions(roads, people["responder"])
        upgrade_and_back(roads, people, CLOUDFORMATION)
        every_request_was_allowed(roads)
        destroyed_and_back(roads, people, record)
        the_other_road(roads)


def a_first_deploy_that_fails(roads: Roads) -> None:
    whole = roads.template.read_text(encoding="utf-8")
    roads.template.write_text(
        whole.replace("\nOutputs:", _BROKEN).replace(
            "      - EverythingElse\n", "      - Broken\n"
        ),
        encoding="utf-8",
    )
    said = roads.go("deploy", *CLOUDFORMATION, fails=True)
    check("a first deploy that fails says which resource", holds="Broken" in said)
    tables = roads.client("dynamodb").list_tables()["TableNames"]
    check("it leaves no table that protects itself", holds=tables == [])
    roads.template.write_text(whole, encoding="utf-8")


def deploys(roads: Roads) -> None:
    said = roads.go("deploy", *CLOUDFORMATION)
    check("the same command then deploys it", holds="it was never made, and is cleared" in said)
    check("it says who hears nothing", holds="NOBODY subscribed" in said)
    said = roads.go("deploy", *CLOUDFORMATION)
    check("again: nothing changes", holds=said.count("no resource(s) would change") == 2)
    roads.go("deploy", *CLOUDFORMATION, "LogDays=30")
    [group] = roads.client("logs").describe_log_groups(
        logGroupNamePrefix=f"/aws/lambda/cordon-{STAGE}-notify"
    )["logGroups"]
    check("a parameter changes what it says", holds=group["retentionInDays"] == 30)


def incident(roads: Roads, people: dict[str, Person]) -> str:
    instance = launch(roads)
    find(roads, instance)
    wait_until("a finding on the bus: its instance is cut off", lambda: is_cut(roads, instance))
    viewer = people["viewer"]
    wait_until("the record says so", lambda: state_of(roads, viewer, instance) == "CONTAINED")
    everybody_may_what_they_may(roads, people, instance)
    said = roads.go("destroy", fails=True)
    check("destroy refuses while it is quarantined", holds=f"still quarantined: {instance}" in said)
    run(roads, "watch_quarantines")
    lists(roads)
    give_back(roads, people["approver"], instance, "an approver's verdict releases it")
    return instance


def is_cut(roads: Roads, instance: str) -> bool:
    return groups_of(roads, instance) == DENIED


def lists(roads: Roads) -> None:
    roads.client("s3").put_object(
        Bucket=f"cordon-{STAGE}-threat-lists-{ACCOUNT}-{REGION}",
        Key="sources/ours.txt",
        Body=b"45.33.32.156\n",
    )
    run(roads, "sync_threat_lists")
    guardduty = roads.client("guardduty")
    [detector] = guardduty.list_detectors()["DetectorIds"]
    sets = guardduty.list_threat_entity_sets(DetectorId=detector)["ThreatEntitySetIds"]
    check("GuardDuty has the list", holds=len(sets) == 1)


def every_request_was_allowed(roads: Roads) -> None:
    refused = denied(roads)
    check(f"no request of a function was refused {refused or ''}".rstrip(), holds=not refused)
    tell("(those to EC2 and GuardDuty are moto's, and not judged here; tests/permissions does)")
    judged, wrong = taken_away(roads)
    check(
        f"{judged} kinds of requests are refused once their statement is taken away{wrong or ''}",
        holds=judged > 0 and not wrong,
    )


def destroyed_and_back(roads: Roads, people: dict[str, Person], instance: str) -> None:
    for who in people.values():
        forget(roads, who)
    roads.go("destroy")
    said = roads.go("deploy", *CLOUDFORMATION)
    check("a destroyed stage takes up what it left", holds="import  Table" in said)
    viewer = a_person("later", (f"cordon-{STAGE}-viewer",), roads)
    status, record = call(roads, viewer, "GET", f"/quarantines/{instance}")
    check("old records are readable", holds=status == 200 and record["state"] == "RELEASED")
    forget(roads, viewer)
    roads.go("destroy")
    gone = roads.client("lambda").list_functions()["Functions"]
    check("destroy leaves no function", holds=gone == [])


def the_other_road(roads: Roads) -> None:
    roads.go("deploy")
    functions = {
        each["FunctionName"] for each in boto3.client("lambda").list_functions()["Functions"]
    }
    check("chalice deploy takes it up as well", holds=len(functions) == 6)
    check("there is one API", holds=len(roads.client("apigateway").get_rest_apis()["items"]) == 1)
    tell("left out: chalice deploy a second time, as MiniStack has no PutRestApi; tests/roads does")
    viewer = a_person("viewer", (f"cordon-{STAGE}-viewer",), roads)
    responder = a_person("responder", (f"cordon-{STAGE}-responder",), roads)
    instance = launch(roads)
    find(roads, instance, finding_id="c" * 32)
    wait_until("there a finding cuts as well", lambda: is_cut(roads, instance))
    wait_until("and says so", lambda: state_of(roads, viewer, instance) == "CONTAINED")
    give_back(roads, responder, instance, "and a responder gives it back")
    for who in (viewer, responder):
        forget(roads, who)
    roads.go("destroy")
    check("and back", holds=roads.client("lambda").list_functions()["Functions"] == [])


if __name__ == "__main__":
    sys.exit(main())
