from __future__ import annotations

from chalicelib.core.steps.credentials import Credentials
from chalicelib.core.steps.step import AllowKeys, DenyKeys, Traits


def test_the_role_that_was_denied_is_the_one_that_is_allowed_again() -> None:
    was = {"role": "web"}

    assert Credentials().left_to_undo(was, Traits(role="other", is_denied=True)) == (
        AllowKeys("web"),
    )
    assert Credentials().left_to_undo(was, Traits(role="web", is_denied=False)) == ()


def test_the_role_that_is_denied_is_the_one_that_the_instance_has() -> None:
    step, web = Credentials(), Traits(role="web")

    assert step.before(web) == {"role": "web"}
    assert step.left({"role": "web"}, web) == (DenyKeys("web"),)
    assert step.left({"role": "web"}, Traits(role="web", is_denied=True)) == ()


def test_without_a_role_there_is_nothing_to_remember() -> None:
    assert Credentials().before(Traits(role="")) == {}
