from __future__ import annotations

from chalicelib.core.report.drawing import draw_instance

TWO = ["sg-83b85e1e2e1c2fbdf", "sg-986c5e16bfd13a37c"]


def test_both_groups_of_an_interface_are_drawn_in_full_before_and_now() -> None:
    each = {"interface_id": "eni-1", "groups_before": TWO, "groups_set": TWO}
    drawn = draw_instance(
        {
            "instance_id": "i-1",
            "state_in_words": "Released",
            "interfaces": [each],
            "paths": [],
            "drift": [],
        }
    )

    assert f"was {', '.join(TWO)}<" in str(drawn)
    assert f"now {', '.join(TWO)}<" in str(drawn)
