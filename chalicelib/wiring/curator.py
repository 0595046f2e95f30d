"""Where settings become clients, and clients a Curator of the threat lists."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from chalicelib.adapters.ec2.public_addresses import Ec2PublicAddresses
from chalicelib.adapters.session import Session
from chalicelib.adapters.sts import account_in, member_session, own_account
from chalicelib.adapters.threat_lists import S3ThreatLists
from chalicelib.adapters.threat_sets import GuardDutyThreatSets
from chalicelib.flows.ports.curator import Curator
from chalicelib.settings.deployment import Settings
from chalicelib.wiring.aws import PATIENCE, environment, notices


def curator(function_arn: str = "") -> Curator:
    """Return what the sync of the threat list works with; kept while warm.

    `function_arn` is that of the Lambda that runs, and says whose account it is; STS is asked
    where there is none.

    Raises:
        SettingsError: the environment is not one that Cordon can run in.
    """
    return _curator(environment(), account_in(function_arn))


@cache
def _curator(said: tuple[tuple[str, str], ...], account_id: str) -> Curator:
    settings = Settings.read(dict(said))
    session = Session(settings.region)
    account = account_id or own_account(session, PATIENCE)
    stage, region = settings.stage, settings.region
    bucket = f"cordon-{stage}-threat-lists-{account}-{region}"
    others = sorted(settings.policy.allowed_accounts - {account})
    sessions = (session, *(member_session(session, other, stage, PATIENCE) for other in others))

    def own_addresses() -> tuple[str, ...]:
        clients = (each.client("ec2", config=PATIENCE) for each in sessions)
        return tuple(address for client in clients for address in Ec2PublicAddresses(client).all())

    return Curator(
        shelf=S3ThreatLists(session.client("s3", config=PATIENCE), bucket, account),
        sets=GuardDutyThreatSets(session.client("guardduty", config=PATIENCE), account),
        own_addresses=own_addresses,
        notices=notices(session, account, stage),
        policy=settings.policy,
        stage=stage,
        bucket=bucket,
        own_account=account,
        own_region=region,
        now=lambda: datetime.now(UTC),
    )
