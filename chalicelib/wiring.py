"""Where settings become clients and clients become a Responder.

Nothing here runs at import: `chalice package` imports app.py on machines that have neither
credentials nor settings.
"""

from __future__ import annotations

import os
import time
import uuid
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from botocore.config import Config

from chalicelib.adapters.control import DynamoControl
from chalicelib.adapters.dynamodb import DynamoQuarantines
from chalicelib.adapters.ec2 import Ec2Instances
from chalicelib.adapters.s3 import S3Evidence
from chalicelib.adapters.security_groups import Ec2SecurityGroups
from chalicelib.adapters.session import Session
from chalicelib.adapters.sns import SnsNotices
from chalicelib.adapters.sqs import SqsDeadLetters
from chalicelib.adapters.sts import account_in, member_session, own_account
from chalicelib.adapters.threat_index import S3ThreatIndex
from chalicelib.core.errors import UnknownRegionError
from chalicelib.flows.ports import Detector, Responder
from chalicelib.flows.together import at_once
from chalicelib.settings import NAMES, Settings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

    from chalicelib.flows.threat_ports import Curator

# A Lambda that waits 60 s (botocore's default) for one answer has no time left to act on it.
_PATIENCE = Config(
    connect_timeout=3,  # seconds
    read_timeout=8,  # seconds
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=32,  # all interfaces of an instance at once
)


def responder(function_arn: str = "") -> Responder:
    """Return the live responder, made on the first call and kept while Lambda stays warm.

    `function_arn` is that of the Lambda that runs, and says whose account it is; STS is asked
    where there is none.

    Raises:
        SettingsError: the environment is not one that Cordon can run in.
    """
    return _responder(_environment(), account_in(function_arn))


def curator(function_arn: str = "") -> Curator:
    """Return what the sync of the threat list works with, likewise.

    Raises:
        SettingsError: the environment is not one that Cordon can run in.
    """
    return _curator(_environment(), account_in(function_arn))


_ENDPOINT = "AWS_ENDPOINT_URL"  # botocore reads it when a client is made


def _environment() -> tuple[tuple[str, str], ...]:
    return tuple((name, os.environ.get(name, "")) for name in (*NAMES, _ENDPOINT))


@cache
def _responder(environment: tuple[tuple[str, str], ...], account_id: str) -> Responder:
    settings = Settings.read(dict(environment))
    session = Session(settings.region)
    account = account_id or own_account(session, _PATIENCE)
    stage, region = settings.stage, settings.region

    @cache
    def session_in(account_id: str) -> Session:
        return session if account_id == account else member_session(session, account_id, stage)

    @cache
    def ec2_in(account_id: str, region: str) -> EC2Client:
        _refuse_unknown(region, session)
        client: EC2Client = session_in(account_id).client(
            "ec2", region_name=region, config=_PATIENCE
        )
        return client

    @cache
    def instances(account_id: str, region: str) -> Ec2Instances:
        return Ec2Instances(ec2_in(account_id, region), account_id, region)

    @cache
    def security_groups(account_id: str, region: str) -> Ec2SecurityGroups:
        return Ec2SecurityGroups(ec2_in(account_id, region), stage)

    @cache
    def detector(region: str) -> Detector:
        from chalicelib.adapters.detector import GuardDutyDetector  # noqa: PLC0415 - the watcher's

        return GuardDutyDetector(session.client("guardduty", region_name=region, config=_PATIENCE))

    def count_dead_letters() -> int:
        sqs = session.client("sqs", config=_PATIENCE)
        return SqsDeadLetters(sqs, f"cordon-{stage}-dead-letters").count()

    dynamodb = session.client("dynamodb", config=_PATIENCE)
    s3 = session.client_later("s3", config=_PATIENCE)
    partition = session.partition
    return Responder(
        instances=instances,
        security_groups=security_groups,
        quarantines=DynamoQuarantines(dynamodb, f"cordon-{stage}"),
        control=DynamoControl(dynamodb, f"cordon-{stage}"),
        detector=detector,
        count_dead_letters=count_dead_letters,
        evidence=S3Evidence(s3, f"cordon-{stage}-evidence-{account}-{region}", account),
        threat_index=S3ThreatIndex(
            s3, f"cordon-{stage}-threat-lists-{account}-{region}", account, stage
        ),
        notices=SnsNotices(
            session.client_later("sns", config=_PATIENCE),
            f"arn:{partition}:sns:{region}:{account}:cordon-{stage}-notices",
        ),
        policy=settings.policy,
        mode=settings.mode,
        own_account=account,
        own_region=region,
        now=lambda: datetime.now(UTC),
        pause=time.sleep,
        together=at_once,
        name_worker=lambda: uuid.uuid4().hex,
    )


@cache
def _curator(environment: tuple[tuple[str, str], ...], account_id: str) -> Curator:
    # Here, so that the cold start of a containment does not pay for it.
    from chalicelib.adapters.public_addresses import Ec2PublicAddresses  # noqa: PLC0415
    from chalicelib.adapters.threat_lists import S3ThreatLists  # noqa: PLC0415
    from chalicelib.adapters.threat_sets import GuardDutyThreatSets  # noqa: PLC0415
    from chalicelib.flows.threat_ports import Curator  # noqa: PLC0415

    settings = Settings.read(dict(environment))
    session = Session(settings.region)
    account = account_id or own_account(session, _PATIENCE)
    stage, region = settings.stage, settings.region
    bucket = f"cordon-{stage}-threat-lists-{account}-{region}"
    partition = session.partition
    others = sorted(settings.policy.allowed_accounts - {account})
    sessions = (session, *(member_session(session, other, stage) for other in others))

    def own_addresses() -> tuple[str, ...]:
        clients = (each.client("ec2", config=_PATIENCE) for each in sessions)
        return tuple(address for client in clients for address in Ec2PublicAddresses(client).all())

    return Curator(
        shelf=S3ThreatLists(session.client("s3", config=_PATIENCE), bucket, account),
        sets=GuardDutyThreatSets(session.client("guardduty", config=_PATIENCE), account),
        own_addresses=own_addresses,
        notices=SnsNotices(
            session.client("sns", config=_PATIENCE),
            f"arn:{partition}:sns:{region}:{account}:cordon-{stage}-notices",
        ),
        policy=settings.policy,
        stage=stage,
        bucket=bucket,
        own_account=account,
        own_region=region,
        now=lambda: datetime.now(UTC),
    )


def _refuse_unknown(region: str, session: Session) -> None:
    """Refuse a region that EC2 does not have; a client of it would look for a name in vain.

    Raises:
        UnknownRegionError: it is neither the session's own nor on botocore's list.
    """
    if region not in (session.region_name, *session.regions("ec2")):
        raise UnknownRegionError(region)
