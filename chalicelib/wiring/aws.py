"""What every flow's clients have in common: how long they wait, where they are, where they tell."""

from __future__ import annotations

import os

from botocore.config import Config

from chalicelib.adapters.session import Session
from chalicelib.adapters.sns import SnsAudience, SnsNotices
from chalicelib.settings.deployment import NAMES

# A Lambda that waits 60 s (botocore's default) for one answer has no time left to act on it.
PATIENCE = Config(
    # One that hangs is over within 18 seconds: whoever waits for it has time left to say so.
    connect_timeout=2,  # seconds
    read_timeout=5,  # seconds
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=32,  # all interfaces of an instance at once
)
_ENDPOINT = "AWS_ENDPOINT_URL"  # botocore reads it when a client is made


def environment() -> tuple[tuple[str, str], ...]:
    """Return what the environment says of Cordon, and where its AWS is."""
    return tuple((name, os.environ.get(name, "")) for name in (*NAMES, _ENDPOINT))


def notices(session: Session, account_id: str, stage: str) -> SnsNotices:
    """Return the topic that people subscribe to; its client is made when first used."""
    sns = session.client_later("sns", config=PATIENCE)
    return SnsNotices(sns, f"{_topics(session, account_id, stage)}notices")


def audience(session: Session, account_id: str, stage: str) -> SnsAudience:
    """Return who subscribed to the topics."""
    return SnsAudience(
        session.client_later("sns", config=PATIENCE), _topics(session, account_id, stage)
    )


def _topics(session: Session, account_id: str, stage: str) -> str:
    """Return the ARN of the stage's topics without the last word of their names."""
    return f"arn:{session.partition}:sns:{session.region_name}:{account_id}:cordon-{stage}-"
