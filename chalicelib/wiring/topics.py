"""The topics on which a stage tells."""

from __future__ import annotations

from chalicelib.adapters.session import Session
from chalicelib.adapters.sns import SnsAudience, SnsNotices
from chalicelib.wiring.aws import PATIENCE


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
