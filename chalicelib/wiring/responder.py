"""Where settings become clients and clients become a Responder.

Nothing here runs at import: `chalice package` imports app.py on machines that have neither
credentials nor settings.
"""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from chalicelib.adapters.dynamodb.quarantines import DynamoQuarantines
from chalicelib.adapters.session import Session, later
from chalicelib.adapters.sts import account_in, credentials_session, member_session, own_account
from chalicelib.core.errors import UnknownRegionError
from chalicelib.flows.ports.responder import Detector, Responder
from chalicelib.flows.ports.together import at_once
from chalicelib.settings.deployment import PACKAGED_POLICY, Settings
from chalicelib.wiring.aws import PATIENCE, environment
from chalicelib.wiring.site import AwsSite

if TYPE_CHECKING:
    from chalicelib.core.notices.about_channels import Hearing

if TYPE_CHECKING:
    from chalicelib.wiring.after import AfterTheCut


def responder(function_arn: str = "") -> Responder:
    """Return the live responder, made on the first call and kept while Lambda stays warm.

    `function_arn` is that of the Lambda that runs, and says whose account it is; STS is asked
    where there is none.

    Raises:
        SettingsError: the environment is not one that Cordon can run in.
    """
    return _responder(environment(), account_in(function_arn))


def shipped_responder(function_arn: str = "") -> Responder:
    """Return the responder of the policy that was packaged, whatever the settings choose.

    With settings that cannot be read nothing may be contained; but an instance must still be given
    back, and the kill switch turned.

    Raises:
        SettingsError: not even the stage and the region can be told, or the package is broken.
    """
    shipped = {"CORDON_MODE": "", "CORDON_POLICY": str(PACKAGED_POLICY)}
    said = tuple((name, shipped.get(name, value)) for name, value in environment())
    return _responder(said, account_in(function_arn))


@cache
def _responder(said: tuple[tuple[str, str], ...], account_id: str) -> Responder:
    settings = Settings.read(dict(said))
    session = Session(settings.region)
    account = account_id or own_account(session, PATIENCE)
    stage, region = settings.stage, settings.region

    @cache
    def sites(account_id: str, region: str) -> AwsSite:
        _refuse_unknown(region, session)
        home = (
            session
            if account_id == account
            else member_session(session, account_id, stage, PATIENCE)
        )
        credentials = partial(credentials_session, session, account_id, stage, PATIENCE)
        return AwsSite(home, credentials, account_id, region, stage)

    @cache
    def detector(region: str) -> Detector:
        from chalicelib.adapters.detector import GuardDutyDetector  # noqa: PLC0415 - the watcher's

        return GuardDutyDetector(session.client("guardduty", region_name=region, config=PATIENCE))

    def channels() -> Hearing:
        from chalicelib.wiring.hearing import hearing  # noqa: PLC0415 - the watcher's

        return hearing(dynamodb, f"cordon-{stage}")

    @cache
    def after() -> AfterTheCut:
        from chalicelib.wiring.after import AfterTheCut  # noqa: PLC0415 - it says why

        return AfterTheCut(session, dynamodb, stage, account)

    dynamodb = session.client("dynamodb", config=PATIENCE)
    return Responder(
        sites=sites,
        quarantines=DynamoQuarantines(dynamodb, f"cordon-{stage}"),
        held=later(lambda: after().held),
        exemptions=later(lambda: after().exemptions),
        control=later(lambda: after().control),
        detector=detector,
        dead_letters=later(lambda: after().dead_letters),
        evidence=later(lambda: after().evidence),
        threat_index=later(lambda: after().threat_index),
        notices=later(lambda: after().notices),
        audience=later(lambda: after().audience),
        channels=channels,
        policy=settings.policy,
        mode=settings.mode,
        own_account=account,
        own_region=region,
        now=lambda: datetime.now(UTC),
        pause=time.sleep,
        together=at_once,
        name_worker=lambda: uuid.uuid4().hex,
    )


def _refuse_unknown(region: str, session: Session) -> None:
    """Refuse a region that EC2 does not have; a client of it would look for a name in vain.

    Raises:
        UnknownRegionError: it is neither the session's own nor on botocore's list.
    """
    if region not in (session.region_name, *session.regions("ec2")):
        raise UnknownRegionError(region)
