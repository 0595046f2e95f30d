"""The finding of an exercise, sent the way that GuardDuty's come, as far as AWS lets anybody.

Only AWS itself may put an event of `aws.guardduty` on EventBridge, so on AWS the event is handed to
the function that EventBridge would hand it to, asynchronously as EventBridge does. Whoever may do
that could make up any finding: none of the policies of the companion stack grants it.

Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.findings.finding import DETAIL_TYPE, SOURCE
from cordon.client import Client
from cordon.commands.send import local_client
from cordon.exits import CommandError, Exit
from cordon.samples_to_send import an_exercise


def send_exercise(client: Client, about: Mapping[str, Any]) -> str:
    """Send a finding about the instance that `about` names; return the id of the finding.

    Raises:
        CommandError: it cannot be sent, or this person may not.
    """
    detail = an_exercise(about["account_id"], about["region"], about["instance_id"])
    try:
        if client.is_local:
            _to_the_sandbox(detail)
        else:
            _to_the_function(client, detail)
    except ClientError as error:
        why = f"the finding cannot be sent: {error}"
        raise CommandError(
            Exit.FORBIDDEN, why, f"cordon drill {about['instance_id']} --by-hand"
        ) from error
    except BotoCoreError as error:
        why = f"the finding cannot be sent: {error}"
        raise CommandError(Exit.UNREACHABLE, why, "make sandbox, or --profile NAME") from error
    return str(detail["id"])


def _to_the_sandbox(detail: Mapping[str, Any]) -> None:
    url = f"http://127.0.0.1:{os.environ.get('AWS_PORT') or 5555}"
    entry = {"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail)}
    local_client(url, "events").put_events(Entries=[entry])


def _to_the_function(client: Client, detail: Mapping[str, Any]) -> None:
    stage = client.get("/version")["stage"]
    event = {
        "version": "0",
        "id": str(uuid4()),
        "source": SOURCE,
        "detail-type": DETAIL_TYPE,
        "account": detail["accountId"],
        "region": detail["region"],
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "resources": [],
        "detail": detail,
    }
    client.aws("lambda").invoke(
        FunctionName=f"cordon-{stage}-contain_finding",
        InvocationType="Event",
        Payload=json.dumps(event).encode(),
    )
