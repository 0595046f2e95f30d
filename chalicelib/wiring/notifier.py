"""Where channels become clients and clients become a Notifier; apart, for a quick cold start.

Nothing here runs at import. Without a channel no client is made and AWS is not asked.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from functools import cache

from botocore.config import Config

from chalicelib.adapters.dynamodb.deliveries import DynamoDeliveries
from chalicelib.adapters.dynamodb.receipts import DynamoReceipts
from chalicelib.adapters.https import HttpsWeb
from chalicelib.adapters.securityhub import SecurityHub
from chalicelib.adapters.session import Session
from chalicelib.adapters.sns import SnsChat
from chalicelib.adapters.sts import account_in, own_account
from chalicelib.core.notices.channels.security_hub import Place
from chalicelib.flows.ports.notifier import Notifier
from chalicelib.flows.ports.together import at_once
from chalicelib.settings.channels import NAMES, read_channels
from chalicelib.wiring.secrets import secrets

# A delivery is seven calls to AWS and one or a few to the channel, in 60 seconds.
_PATIENCE = Config(
    connect_timeout=2,  # seconds
    read_timeout=4,  # seconds
    retries={"mode": "standard", "total_max_attempts": 2},
    max_pool_connections=32,  # all channels at once
)
# A message to the chat that was sent, and not answered, must not be sent again at once.
_ONCE = _PATIENCE.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
_ENDPOINT = "AWS_ENDPOINT_URL"  # botocore reads it when a client is made


def notifier(function_arn: str = "") -> Notifier | None:
    """Return the live notifier, made on the first call and kept while Lambda stays warm.

    None: there is no channel. `function_arn` is that of the Lambda that runs, and says whose
    account it is; STS is asked where there is none.

    Raises:
        SettingsError: channels.toml, or the file in its place, cannot be followed.
    """
    environment = tuple((name, os.environ.get(name, "")) for name in (*NAMES, _ENDPOINT))
    return _notifier(environment, account_in(function_arn))


@cache
def _notifier(environment: tuple[tuple[str, str], ...], account_id: str) -> Notifier | None:
    settings = dict(environment)
    channels = read_channels(settings)
    if not channels:
        return None
    region = settings["AWS_REGION"] or settings["AWS_DEFAULT_REGION"]
    session = Session(region or None)
    table = f"cordon-{settings['STAGE'] or 'dev'}"
    here = Place(
        session.partition,
        session.region_name,
        account_id or own_account(session, _PATIENCE),
    )
    dynamodb = session.client("dynamodb", config=_PATIENCE)
    return Notifier(
        channels=channels,
        deliveries=DynamoDeliveries(dynamodb, table),
        receipts=DynamoReceipts(dynamodb, table),
        secret=secrets((channel.secret for channel in channels), session, _PATIENCE),
        web=HttpsWeb(),
        hub=SecurityHub(session.client("securityhub", config=_PATIENCE)),
        chat=SnsChat(
            session.client("sns", config=_ONCE),
            f"arn:{here.partition}:sns:{here.region}:{here.account_id}:",
        ),
        here=here,
        now=lambda: datetime.now(UTC),
        pause=time.sleep,
        together=at_once,
    )
