from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.events.pattern import PatternError, matches

# Patterns and events as text, because 8, 8.0 and 8e0 are spellings of one number. The answers are
# those of AWS's open-source matcher, aws/event-ruler at 337e8d9.
VECTORS = json.loads(Path(__file__).with_name("pattern_vectors.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['about']} {v['event'][:40]}")
def test_the_matcher_answers_as_the_one_of_aws(vector: dict[str, str]) -> None:
    try:
        answer = "match" if matches(vector["pattern"], vector["event"]) else "no match"
    except PatternError:
        answer = "invalid"

    assert answer == vector["expect"]
