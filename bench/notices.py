"""Figures by texts and notices: what each channel does with the worst of them."""

from __future__ import annotations

from tests.core.notices.channels.hostile import (
    SHOWN,
    nothing_alive_in,
    nothing_alive_in_a_webhook,
)
from tests.core.notices.channels.random_notices import within_every_limit
from tests.core.notices.channels.rendering import RENDERERS


def hostile_texts(count: int = 5_000) -> str:
    """Show each channel `count` texts that try to get out of their place."""
    for channel in SHOWN:
        nothing_alive_in(channel, count)
    nothing_alive_in_a_webhook(count)
    return f"{count:,} hostile texts on each of {len(SHOWN) + 1} channels: nothing alive is left"


def limits(count: int = 1_000) -> str:
    """Show each channel `count` notices of random texts and sizes."""
    for channel in RENDERERS:
        within_every_limit(channel, count)
    return f"{count:,} random notices on each of {len(RENDERERS)} channels: every limit is kept"
