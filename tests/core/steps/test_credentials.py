from __future__ import annotations

from chalicelib.core.steps.credentials import Credentials
from chalicelib.core.steps.step import AllowKeys, Traits


def test_the_role_that_was_denied_is_the_one_that_is_allowed_again() -> None:
    was = {"role": "web"}

    assert Credentials().left_to_undo(was, Traits(role="other", is_denied=True)) == (
        AllowKeys("web"),
    )
    assert Credentials().left_to_undo(was, Traits(role="web", is_denied=False)) == ()
