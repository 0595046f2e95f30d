"""What every flow's clients have in common: how long they wait, and where they are."""

from __future__ import annotations

import os

from botocore.config import Config

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
