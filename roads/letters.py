"""What fails for good is kept, and handed back once its cause is over."""

from __future__ import annotations

import json
from typing import Any

from roads.api import Person
from roads.decisions import SHUT
from roads.local import STAGE, Roads
from roads.story import check, wait_until
from roads.world import DENIED, find, give_back, groups_of, launch, run

_ROLE = f"cordon-{STAGE}-contain_finding"
_SHUT = {"Sid": SHUT, "Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}


def dead_letters(roads: Roads, responder: Person) -> None:
    """Somebody takes the table away from the function; later it may read it again."""
    iam = roads.client("iam")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [_SHUT]})
    iam.put_role_policy(RoleName=_ROLE, PolicyName=SHUT, PolicyDocument=policy)
    instance = launch(roads)
    find(roads, instance, finding_id="d" * 32)
    wait_until("what fails three times is a dead letter", lambda: _waiting(roads) == 1)
    check("nothing was cut without a record", holds=groups_of(roads, instance) != DENIED)
    iam.delete_role_policy(RoleName=_ROLE, PolicyName=SHUT)
    run(roads, "watch_quarantines")
    check("the watcher hands it back", holds=groups_of(roads, instance) == DENIED)
    check("and takes the letter out", holds=_waiting(roads) == 0)
    give_back(roads, responder, instance, "a responder releases it")


def _waiting(roads: Roads) -> int:
    sqs: Any = roads.client("sqs")
    url = sqs.get_queue_url(QueueName=f"cordon-{STAGE}-dead-letters")["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    said = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(each) for each in said.values())
