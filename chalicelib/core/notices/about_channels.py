"""What the digest says of the channels: when each last took something, and what it refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.notices.channels.receipts import Receipts, Refusal
from chalicelib.core.notices.sections import LINE
from chalicelib.core.plain_text import one_line

_SINCE = timedelta(days=1)  # the last digest
_FEW = 5  # refusals of a channel that the digest names


@dataclass(frozen=True, slots=True)
class Hearing:
    """The channels of the file, and how they fare."""

    names: tuple[str, ...]
    receipts: Receipts

    def refused(self, name: str, at: datetime) -> tuple[Refusal, ...]:
        """Return what the channel refused in the day before `at`, the newest first."""
        late = (r for r in self.receipts.refused if r.channel == name and at - r.at <= _SINCE)
        return tuple(sorted(late, key=lambda each: each.at, reverse=True))


NO_CHANNELS = Hearing((), Receipts())


def channel_lines(hearing: Hearing | str, at: datetime) -> Iterator[str]:
    """Yield for each channel when it last took a notice, and which of today's it has not got.

    A text says why that is not known.
    """
    if isinstance(hearing, str):
        yield one_line(hearing, LINE)
        return
    for name in hearing.names:
        took = hearing.receipts.took.get(name)
        last = f"last took a notice on {took:%Y-%m-%d %H:%M} UTC" if took else "none in 30 days"
        yield f"{name}: {last}"
        refused = hearing.refused(name, at)
        for each in refused[:_FEW]:
            yield one_line(f"{name} has not got: {each.what} ({each.why})", LINE)
        if refused[_FEW:]:
            yield f"{name} has not got {len(refused) - _FEW} more"


def channel_worries(hearing: Hearing | str, at: datetime) -> Iterator[str]:
    """Yield a line for each channel that has not got what it was sent in the last day."""
    if isinstance(hearing, str):
        yield one_line(f"how the channels fare cannot be read: {hearing}", LINE)
        return
    for name in hearing.names:
        if refused := hearing.refused(name, at):
            said = f"the channel {name} has not got {len(refused)} notice(s) since yesterday"
            yield one_line(f"{said} (cordon channels test {name}): {refused[0].why}", LINE)
