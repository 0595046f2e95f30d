"""What can go wrong with channels; the branches are those of `core/errors.py`.

CordonError
├── RejectedError
│   └── ChannelsError             channels.toml says what cannot be followed
├── BusyError
│   ├── ChannelBusyError          the other end of a channel could not take a notice now
│   ├── DeliveryAtWorkError       another worker is just delivering the same notice
│   └── UndeliveredError          some channels have not got a notice yet
└── RefusedError
    ├── ChannelRefusedError       the other end of a channel said no
    └── ForbiddenTargetError      a channel would reach where notices must not go
"""

from __future__ import annotations

from chalicelib.core.errors import BusyError, RefusedError, RejectedError


class ChannelsError(RejectedError):
    """channels.toml cannot be followed; `complaints` are all that is wrong with it."""

    def __init__(self, complaints: tuple[str, ...]) -> None:
        super().__init__("; ".join(complaints))
        self.complaints = complaints


class ChannelBusyError(BusyError):
    """`host` gave no answer, or asked to come back later: `why`."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(f"{host}: {why}")
        self.host = host


class DeliveryAtWorkError(BusyError):
    """Another worker is at the delivery of the notice to `channel`."""

    def __init__(self, channel: str) -> None:
        super().__init__(f"another worker is just delivering to {channel}")
        self.channel = channel


class UndeliveredError(BusyError):
    """`problems` says for each channel that has not got the notice why; the others have it."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(f"not delivered to {'; '.join(problems)}")
        self.problems = problems


class ChannelRefusedError(RefusedError):
    """`host` said no, and will say it again: `why`."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(f"{host}: {why}")
        self.host = host


class ForbiddenTargetError(RefusedError):
    """Notices must not go where `what` leads: `why`. Neither says anything secret."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
