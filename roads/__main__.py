"""`make roads`: tells each thing as it is seen, and ends with 1 at the first that is wrong."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from typing import Any

import boto3

from roads.api import Person, a_person, call
from roads.decisions import denied, taken_away
from roads.local import LEFT_OUT, PYTHON, STAGE, Roads, local_roads
from sandbox.faithful.amis import IMAGE_ID
from sandbox.guard import ACCOUNT, REGION
from tests.builders import an_event

BUCKET = "artifacts"
CLOUDFORMATION = ("--artifacts", BUCKET)
_BROKEN = """
  Broken:
    Type: AWS::CloudFormation::WaitCondition
    Properties: {Handle: !Ref EverythingElse, Timeout: "1", Count: 1}

Outputs:"""
STARTED = time.monotonic()


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
        people = make_people(roads)
        record = incident(roads, people)
        dead_letters(roads)
        every_request_was_allowed(roads)
        destroyed_and_back(roads, people, record)
        the_other_road(roads)


def tell(line: str) -> None:
    print(f"{time.monotonic() - STARTED:5.0f} s  {line}", flush=True)


def check(what: str, *, holds: bool) -> None:
    """Say that something holds.

    Raises:
        AssertionError: it does not.
    """
    if not holds:
        raise AssertionError(what)
    tell(what)


def wait_until(what: str, holds: Callable[[], bool], patience: float = 60) -> None:
    until = time.monotonic() + patience
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"not within {patience:.0f} s: {what}")
        time.sleep(0.3)
    tell(what)


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


def make_people(roads: Roads) -> dict[str, Person]:
    """Make one for each managed policy, a stranger who signs, and one who does not."""
    whos = ("viewer", "responder", "approver", "admin")
    made = {who: a_person(who, (f"cordon-{STAGE}-{who}",), roads) for who in whos}
    return {**made, "stranger": a_person("stranger", (), roads), "nobody": Person("nobody")}


def incident(roads: Roads, people: dict[str, Person]) -> str:
    ec2 = roads.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    made = ec2.run_instances(ImageId=IMAGE_ID, MinCount=1, MaxCount=1, SubnetId=subnet)
    instance = str(made["Instances"][0]["InstanceId"])
    before = groups_of(roads, instance)
    event = an_event(account_id=ACCOUNT, region=REGION, instance_id=instance)
    events = roads.client("events")
    [rule] = [r for r in events.list_rules()["Rules"] if "ontain" in r["Name"]]
    whole = {**event, "id": "1", "account": ACCOUNT, "time": "2026-11-01T00:00:00Z"}
    whole |= {"region": REGION, "resources": []}
    matches = events.test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(whole))
    check("the rule takes the finding", holds=bool(matches["Result"]))
    invoke(roads, "contain_finding", event)
    wait_until("the instance is cut off", lambda: groups_of(roads, instance) == ["cordon-dev-deny"])
    wait_until("the record says so", lambda: state_of(roads, people, instance) == "CONTAINED")
    everybody_may_what_they_may(roads, people, instance)
    said = roads.go("destroy", fails=True)
    check("destroy refuses while it is quarantined", holds=f"still quarantined: {instance}" in said)
    run(roads, "watch_quarantines", scheduled())
    lists(roads)
    release = {"reason": "rebuilt", "verdict": "remediated"}
    path = f"/quarantines/{instance}/release"
    check(
        "an approver's verdict releases it",
        holds=call(roads, people["approver"], "POST", path, release)[0] in (200, 202),
    )
    wait_until("it is as it was", lambda: groups_of(roads, instance) == before)
    return instance


def lists(roads: Roads) -> None:
    roads.client("s3").put_object(
        Bucket=f"cordon-{STAGE}-threat-lists-{ACCOUNT}-{REGION}",
        Key="sources/ours.txt",
        Body=b"45.33.32.156\n",
    )
    run(roads, "sync_threat_lists", scheduled())
    guardduty = roads.client("guardduty")
    [detector] = guardduty.list_detectors()["DetectorIds"]
    sets = guardduty.list_threat_entity_sets(DetectorId=detector)["ThreatEntitySetIds"]
    check("GuardDuty has the list", holds=len(sets) == 1)


def everybody_may_what_they_may(roads: Roads, people: dict[str, Person], instance: str) -> None:
    """Each route, by each person: 403 is API Gateway's; anything else is Cordon's own answer."""
    one = f"/quarantines/{instance}"
    mode = {"mode": "enforce", "reason": "as it was"}
    asked: tuple[tuple[str, str, Any, set[str]], ...] = (
        ("GET", "/quarantines", None, {"viewer", "responder", "approver", "admin"}),
        ("GET", one, None, {"viewer", "responder", "approver", "admin"}),
        ("POST", one, {"reason": "again"}, {"responder", "approver"}),
        ("POST", f"{one}/release", {"reason": "no verdict"}, {"responder", "approver"}),
        ("PUT", "/mode", mode, {"admin"}),
    )
    for method, path, body, may in asked:
        through = {
            who
            for who, person in people.items()
            if call(roads, person, method, path, body)[0] != 403
        }
        where = path.replace(instance, "{id}")
        check(f"{method} {where}: {', '.join(sorted(may))}, and nobody else", holds=through == may)


def dead_letters(roads: Roads) -> None:
    event = an_event(account_id=ACCOUNT, region=REGION)
    event["detail"]["accountId"] = "nobody's"
    sqs = roads.client("sqs")
    queue = sqs.get_queue_url(QueueName=f"cordon-{STAGE}-dead-letters")["QueueUrl"]
    found: list[Any] = []

    def arrived() -> bool:
        found.extend(sqs.receive_message(QueueUrl=queue).get("Messages", []))
        return bool(found)

    invoke(roads, "contain_finding", event)
    wait_until("what fails three times is a dead letter", arrived)
    letter = json.loads(found[0]["Body"])
    check(
        "the letter holds the event, to be handed back",
        holds=letter["requestContext"]["approximateInvokeCount"] == 3
        and letter["requestPayload"] == event,
    )
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=found[0]["ReceiptHandle"])


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
    check("chalice deploy takes it up as well", holds=len(functions) == 5)
    check("there is one API", holds=len(roads.client("apigateway").get_rest_apis()["items"]) == 1)
    tell("left out: chalice deploy a second time, as MiniStack has no PutRestApi; tests/roads does")
    roads.go("destroy")
    check("and back", holds=roads.client("lambda").list_functions()["Functions"] == [])


def forget(roads: Roads, who: Person) -> None:
    """Delete a user: IAM keeps a policy that somebody has."""
    if who.keys is None:
        return
    iam = roads.client("iam")
    for each in iam.list_attached_user_policies(UserName=who.name)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=who.name, PolicyArn=each["PolicyArn"])
    iam.delete_access_key(UserName=who.name, AccessKeyId=who.keys.access_key)
    iam.delete_user(UserName=who.name)


def groups_of(roads: Roads, instance: str) -> list[str]:
    attached = [{"Name": "attachment.instance-id", "Values": [instance]}]
    found = roads.client("ec2").describe_network_interfaces(Filters=attached)["NetworkInterfaces"]
    return sorted({group["GroupName"] for each in found for group in each["Groups"]})


def state_of(roads: Roads, people: dict[str, Person], instance: str) -> str:
    status, body = call(roads, people["viewer"], "GET", f"/quarantines/{instance}")
    return str(body["state"]) if status == 200 else str(status)


def invoke(roads: Roads, function: str, event: Any) -> None:
    """Hand over an event as EventBridge does: Lambda takes it, and tries up to three times."""
    roads.client("lambda").invoke(
        FunctionName=f"cordon-{STAGE}-{function}",
        InvocationType="Event",
        Payload=json.dumps(event),
    )


def run(roads: Roads, function: str, event: Any) -> None:
    answer = roads.client("lambda").invoke(
        FunctionName=f"cordon-{STAGE}-{function}", Payload=json.dumps(event)
    )
    said = answer["Payload"].read().decode()
    check(f"{function} runs: {said[:100]}", holds="FunctionError" not in answer)


def scheduled() -> dict[str, Any]:
    return {
        "version": "0",
        "id": "1",
        "account": ACCOUNT,
        "region": REGION,
        "source": "aws.events",
        "detail-type": "Scheduled Event",
        "detail": {},
        "resources": [],
        "time": "2026-11-01T00:00:00Z",
    }


if __name__ == "__main__":
    sys.exit(main())
