"""The adapters that a containment needs after its cut, or never: they may be imported then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.dynamodb.control import DynamoControl
from chalicelib.adapters.dynamodb.exemptions import DynamoExemptions
from chalicelib.adapters.dynamodb.held import DynamoHeld
from chalicelib.adapters.s3 import S3Evidence
from chalicelib.adapters.session import Session
from chalicelib.adapters.sqs import SqsDeadLetters
from chalicelib.adapters.threat_index import S3ThreatIndex
from chalicelib.flows.placed_notices import PlacedNotices
from chalicelib.wiring.aws import PATIENCE
from chalicelib.wiring.topics import audience, notices

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class AfterTheCut:
    """Where a deployment remembers, keeps and tells, besides its records of quarantines."""

    def __init__(
        self, session: Session, dynamodb: DynamoDBClient, stage: str, account: str
    ) -> None:
        region = session.region_name
        table, bucket = f"cordon-{stage}", f"cordon-{stage}-evidence-{account}-{region}"
        lists = f"cordon-{stage}-threat-lists-{account}-{region}"
        s3 = session.client_later("s3", config=PATIENCE)
        sqs = session.client_later("sqs", config=PATIENCE)
        self.control = DynamoControl(dynamodb, table)
        self.held = DynamoHeld(dynamodb, table)
        self.exemptions = DynamoExemptions(dynamodb, table)
        self.evidence = S3Evidence(s3, bucket, account)
        self.threat_index = S3ThreatIndex(s3, lists, account, stage)
        self.dead_letters = SqsDeadLetters(sqs, f"cordon-{stage}-dead-letters")
        self.audience = audience(session, account, stage)
        told = notices(session, account, stage)
        self.notices = PlacedNotices(told, self.control, f"s3://{bucket}/")
