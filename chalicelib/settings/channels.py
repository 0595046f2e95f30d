"""Which channels there are, read once; only the notifier needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chalicelib.core.notices.channels.channel import Channel
from chalicelib.core.notices.channels.channels_file import parse_channels
from chalicelib.core.notices.channels.errors import ChannelsError
from chalicelib.settings.deployment import SettingsError

NAMES = ("STAGE", "CORDON_CHANNELS", "AWS_REGION", "AWS_DEFAULT_REGION")

_PACKAGED = Path(__file__).parents[1] / "channels.toml"


def read_channels(environment: Mapping[str, str]) -> tuple[Channel, ...]:
    """Return the channels of the file that CORDON_CHANNELS names, else of the packaged one.

    Raises:
        SettingsError: the file cannot be read, or followed; says everything that is wrong.
    """
    path = Path(environment.get("CORDON_CHANNELS") or _PACKAGED)
    try:
        return parse_channels(path.read_text(encoding="utf-8"))
    except ChannelsError as error:
        raise SettingsError(f"{path.name}: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"CORDON_CHANNELS cannot be read: {error}") from error
