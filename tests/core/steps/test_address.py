from __future__ import annotations

from chalicelib.core.steps.address import ElasticAddress
from chalicelib.core.steps.step import Traits


def test_without_an_address_there_is_nothing_to_remember() -> None:
    step = ElasticAddress()

    assert step.before(Traits()) == {}
    assert (step.left({}, Traits()), step.left_to_undo({}, Traits())) == ((), ())
