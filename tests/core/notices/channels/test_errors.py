from __future__ import annotations

import pytest

from chalicelib.core.errors import BusyError, CordonError, RefusedError, RejectedError
from chalicelib.core.notices.channels.errors import (
    ChannelBusyError,
    ChannelRefusedError,
    ChannelsError,
    DeliveryAtWorkError,
    ForbiddenTargetError,
    UndeliveredError,
)


@pytest.mark.parametrize(
    ("error", "branch", "message"),
    [
        (ChannelsError(("a: no", "b: no")), RejectedError, "a: no; b: no"),
        (ChannelBusyError("a.example", "no answer"), BusyError, "a.example: no answer"),
        (DeliveryAtWorkError("soc"), BusyError, "another worker is just delivering to soc"),
        (UndeliveredError(("soc: no", "b: no")), BusyError, "not delivered to soc: no; b: no"),
        (ChannelRefusedError("a.example", "answered 404"), RefusedError, "a.example: answered 404"),
        (ForbiddenTargetError("a.example", "is private"), RefusedError, "a.example: is private"),
    ],
)
def test_an_error_says_what_to_do_and_what_happened(
    error: CordonError, branch: type[CordonError], message: str
) -> None:
    assert isinstance(error, branch)
    assert str(error) == message


def test_what_an_error_is_about_can_be_asked_of_it() -> None:
    assert ChannelsError(("a", "b")).complaints == ("a", "b")
    assert ChannelBusyError("a.example", "x").host == "a.example"
    assert ChannelRefusedError("a.example", "x").host == "a.example"
    assert DeliveryAtWorkError("soc").channel == "soc"
    assert UndeliveredError(("a", "b")).problems == ("a", "b")
    assert ForbiddenTargetError("a.example", "x").what == "a.example"
