"""Where settings become clients, and clients a Curator of the threat lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache, partial

from chalicelib.adapters.dynamodb.control import DynamoControl
from chalicelib.adapters.ec2.public_addresses import Ec2PublicAddresses
from chalicelib.adapters.https import HttpsWeb
from chalicelib.adapters.session import Session
from chalicelib.adapters.sts import account_in, member_session, own_account
from chalicelib.adapters.threat_lists import S3ThreatLists
from chalicelib.adapters.threat_sets import GuardDutyThreatSets
from chalicelib.core.errors import AwsRefusedError
from chalicelib.core.policy.policy import Lists
from chalicelib.flows.ports.curator import Curator
from chalicelib.flows.ports.together import at_once
from chalicelib.settings.deployment import Settings
from chalicelib.wiring.aws import PATIENCE, environment
from chalicelib.wiring.secrets import secrets
from chalicelib.wiring.topics import notices

_WHOLE_FEED = 30.0  # seconds for a feed, of the 300 that the function has


def curator(function_arn: str = "") -> Curator:
    """Return what the sync of the threat list works with; kept while warm.

    `function_arn` is that of the Lambda that runs, and says whose account it is; STS is asked
    where there is none.

    Raises:
        SettingsError: the environment is not one that Cordon can run in.
    """
    return _curator(environment(), account_in(function_arn))


def _everywhere(addresses: Callable[[str], Ec2PublicAddresses], home: str) -> Iterator[str]:
    """Yield the addresses of one account in all its regions.

    Raises:
        CordonError: a region does not answer, or the one that Cordon runs in may not be asked.
    """

    def others() -> list[str]:
        try:
            return [each for each in addresses(home).regions() if each != home]
        except AwsRefusedError:
            return []  # by a role of a member account that an earlier version asked for

    def ask(region: str) -> tuple[str, ...]:
        try:
            return addresses(region).all()
        except AwsRefusedError:
            return ()  # where nobody may look, by a policy of the organisation, nobody has any

    for found in at_once(addresses(home).all, *(partial(ask, each) for each in others())):
        yield from found


@cache
def _curator(said: tuple[tuple[str, str], ...], account_id: str) -> Curator:
    settings = Settings.read(dict(said))
    session = Session(settings.region)
    account = account_id or own_account(session, PATIENCE)
    stage, region = settings.stage, settings.region
    bucket = f"cordon-{stage}-threat-lists-{account}-{region}"
    others = sorted(settings.policy.allowed_accounts - {account})
    sessions = (session, *(member_session(session, other, stage, PATIENCE) for other in others))

    @cache
    def addresses(of: Session, region: str) -> Ec2PublicAddresses:
        return Ec2PublicAddresses(of.client("ec2", region_name=region, config=PATIENCE))

    def own_addresses() -> tuple[str, ...]:
        found = (
            address
            for each in sessions
            for address in _everywhere(partial(addresses, each), region)
        )
        return tuple(found)

    control = DynamoControl(session.client("dynamodb", config=PATIENCE), f"cordon-{stage}")

    def is_paused() -> bool:
        said = control.lists()
        return said is not None and said.lists is Lists.PAUSED

    return Curator(
        shelf=S3ThreatLists(session.client("s3", config=PATIENCE), bucket, account),
        sets=GuardDutyThreatSets(session.client("guardduty", config=PATIENCE), account),
        own_addresses=own_addresses,
        is_paused=is_paused,
        web=HttpsWeb(patience=_WHOLE_FEED),
        secret=secrets((feed.secret for feed in settings.policy.feeds), session, PATIENCE),
        notices=notices(session, account, stage),
        policy=settings.policy,
        stage=stage,
        bucket=bucket,
        own_account=account,
        own_region=region,
        now=lambda: datetime.now(UTC),
    )
