"""The bucket of the threat lists and GuardDuty, as the people around Cordon see them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from chalice.test import Client
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.guardduty.models import guardduty_backends

from sandbox.deploy import scheduled_event
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION, STAGE

LISTS = f"cordon-{STAGE}-threat-lists-{AWS_ACCOUNT}-{AWS_REGION}"
ELSEWHERE = "eu-west-1"


@dataclass(frozen=True, slots=True)
class Lists:
    """Operators put sources into the bucket; the queue hears what people are told."""

    session: boto3.Session
    client: Client
    detector: str
    queue_url: str

    def put(self, name: str, *lines: str) -> None:
        body = "\n".join((*lines, "")).encode()
        self.session.client("s3").put_object(Bucket=LISTS, Key=name, Body=body)

    def remove(self, name: str) -> None:
        self.session.client("s3").delete_object(Bucket=LISTS, Key=name)

    def names(self, prefix: str = "") -> list[str]:
        found = self.session.client("s3").list_objects_v2(Bucket=LISTS, Prefix=prefix)
        return [each["Key"] for each in found.get("Contents", [])]

    def object(self, name: str) -> bytes:
        found = self.session.client("s3").get_object(Bucket=LISTS, Key=name)
        return found["Body"].read()

    def sync(self) -> dict[str, Any]:
        event = scheduled_event("sync_threat_lists")
        answer: dict[str, Any] = self.client.lambda_.invoke("sync_threat_lists", event).payload
        return answer

    def sets(self, kind: str = "entity") -> dict[str, dict[str, Any]]:
        """Return GuardDuty's sets by name, as it describes them now."""
        guardduty: Any = self.session.client("guardduty")
        names = f"Threat{kind.capitalize()}SetId"
        ids = getattr(guardduty, f"list_threat_{kind}_sets")(DetectorId=self.detector)[f"{names}s"]
        get = getattr(guardduty, f"get_threat_{kind}_set")
        found = [get(**{"DetectorId": self.detector, names: each}) for each in ids]
        return {each["Name"]: each for each in found}

    def active(self, kind: str = "entity") -> list[str]:
        """Return every entry that GuardDuty looks for."""
        detector: Any = guardduty_backends[AWS_ACCOUNT][AWS_REGION].get_detector(self.detector)
        sets = vars(detector).get(f"_{kind}_sets", {}).values()
        return [
            entry for each in sets if each.view()["status"] == "ACTIVE" for entry in each.entries
        ]

    def spoil(self) -> None:
        """Let GuardDuty be unable to activate the one list that it was given."""
        (found,) = self.sets().values()
        key = found["Location"].removeprefix(f"s3://{LISTS}/")
        body = self.object(key)
        self.remove(key)
        guardduty = self.session.client("guardduty")
        listed = guardduty.list_threat_entity_sets(DetectorId=self.detector)
        (set_id,) = listed["ThreatEntitySetIds"]
        guardduty.update_threat_entity_set(
            DetectorId=self.detector, ThreatEntitySetId=set_id, Activate=True
        )
        self.session.client("s3").put_object(Bucket=LISTS, Key=key, Body=body)

    def told(self) -> list[dict[str, Any]]:
        """Return the notices that came since the last look."""
        answer = self.session.client("sqs").receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10
        )
        notices = []
        for message in answer.get("Messages", []):
            notices.append(json.loads(json.loads(message["Body"])["Message"]))
            self.session.client("sqs").delete_message(
                QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"]
            )
        return notices


def make_lists(client: Client, settings: pytest.MonkeyPatch) -> Lists:
    """Make what `infra/` makes, as far as lists need it, in an account of two regions."""
    two = [each for each in RegionsAndZonesBackend.regions if each.name in (AWS_REGION, ELSEWHERE)]
    settings.setattr(RegionsAndZonesBackend, "regions", two)
    session = boto3.Session(region_name=AWS_REGION)
    session.client("s3").create_bucket(Bucket=LISTS)
    detector = session.client("guardduty").create_detector(Enable=True)["DetectorId"]
    topic = session.client("sns").create_topic(Name=f"cordon-{STAGE}-notices")["TopicArn"]
    queue_url = session.client("sqs").create_queue(QueueName="ears")["QueueUrl"]
    ears = f"arn:aws:sqs:{AWS_REGION}:{AWS_ACCOUNT}:ears"
    session.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=ears)
    return Lists(session, client, detector, queue_url)
