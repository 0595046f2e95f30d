"""CloudTrail: who called EC2, and what of, is told on the bus; `repair_drift` listens there.

Calls that only look are not told. Who has the keys of the sandbox's own functions is one of their
roles; everybody else is an IAM user by the name of the access key.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from moto.ec2.responses import EC2Response

from sandbox.events import rules
from sandbox.events.delivery import Delivery
from sandbox.faithful.mending import mend
from sandbox.guard import ACCOUNT, OWN_KEY

_READS = ("Describe", "Get", "List", "Search")
_KEY = re.compile(r"Credential=([\w-]{1,128})/")
_FAILED = 400  # a status of HTTP
_MEMBER = re.compile(r"(?:SecurityGroupId|GroupId)\.\d+")


def install(delivery_now: Callable[[], Delivery | None]) -> None:
    """Mend moto's EC2; `delivery_now` names the delivery that is connected, if one is."""
    original = EC2Response.call_action

    def call_action(response: Any) -> Any:
        answer = original(response)
        action = response._get_action()
        if delivery_now() is not None and not action.startswith(_READS):
            event = _event(action, response, has_failed=answer[0] >= _FAILED)
            rules.put_event(ACCOUNT, response.region, event)
        return answer

    mend(EC2Response, "call_action", call_action)


def _event(action: str, response: Any, *, has_failed: bool) -> dict[str, Any]:
    now = rules.iso_time(time.time())
    detail = {
        "eventVersion": "1.11",
        "eventID": str(uuid.uuid4()),
        "eventSource": "ec2.amazonaws.com",
        "eventName": action,
        "eventTime": now,
        "awsRegion": response.region,
        "userIdentity": _identity(response.headers.get("Authorization", "")),
        "requestParameters": _parameters(response.querystring),
    }
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.ec2",
        "account": ACCOUNT,
        "time": now,
        "region": response.region,
        "resources": [],
        "detail": {**detail, "errorCode": "Client.Refused"} if has_failed else detail,
    }


def _identity(authorization: str) -> dict[str, str]:
    key = _KEY.search(authorization)
    name = key[1] if key else "nobody"
    if name == OWN_KEY:
        role = f"cordon-{os.environ.get('STAGE', 'dev')}-contain_finding"
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{role}"
        return {"type": "AssumedRole", "arn": arn, "accountId": ACCOUNT}
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    return {"type": "IAMUser", "arn": arn, "accountId": ACCOUNT, "userName": name}


def _parameters(query: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return what was asked for, in CloudTrail's case; groups as the set that it makes of them."""
    groups = [{"groupId": said[0]} for name, said in query.items() if _MEMBER.fullmatch(name)]
    plain = {
        f"{name[0].lower()}{name[1:]}": said[0]
        for name, said in query.items()
        if "." not in name and name not in ("Action", "Version")
    }
    return {**plain, "groupSet": {"items": groups}} if groups else plain
