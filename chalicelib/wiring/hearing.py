"""Which channels there are, and how they fare: the watcher's, once a day."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from chalicelib.adapters.dynamodb.receipts import DynamoReceipts
from chalicelib.core.notices.about_channels import Hearing
from chalicelib.settings.channels import read_channels

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def hearing(client: DynamoDBClient, table: str) -> Hearing:
    """Return the channels of the file, and what they took.

    Raises:
        SettingsError: channels.toml, or the file in its place, cannot be followed.
    """
    names = tuple(channel.name for channel in read_channels(os.environ))
    return Hearing(names, DynamoReceipts(client, table).all())
