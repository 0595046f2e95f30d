"""Every state that two actors can reach, by any scheduling, with a death: each ends well.

This is the short form: the starts and policies whose search is over in a second or two. The long
one, `make bench`, also takes two deaths and triples, and names what it did not search to the end.
"""

from __future__ import annotations

import pytest

from chalicelib.core.policy.policy import Mode
from tests.explore.cases import FOUR_EYES, PLAIN, POLICIES
from tests.explore.life import moves
from tests.explore.naive import NAIVE, flows_with
from tests.explore.promises import Case

pytestmark = pytest.mark.no_cover  # the same lines, very often

_RELEASED = [("release", other) for other in ("old", "new", "watcher", "order", "by hand")]
_BESIDE = [("old", "new"), ("old", "watcher"), ("order", "old"), ("by hand", "new")]
_ORDERED = [("watcher", "order"), ("order", "by hand")]  # who is overtaken leaves the record
_UNDONE = [(other, "undo") for other in ("old", "release", "watcher", "order")]
CASES = [
    *(Case("contained", cast, deaths=1) for cast in (*_RELEASED, *_BESIDE, *_ORDERED, *_UNDONE)),
    *(Case("contained", ("letters", other), deaths=1) for other in ("release", "watcher")),
    *(Case("half released", cast, deaths=2) for cast in _RELEASED),
    *(Case("fresh", (cast, "release"), deaths=1) for cast in ("old", "letters")),
    *(Case("contained", ("release", n), deaths=1, policy=FOUR_EYES) for n in ("old", "new")),
    *(
        Case(start, ("old", "release"), deaths=1, mode=Mode.OBSERVE)
        for start in ("fresh", "contained", "half released")
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_two_actors_never_get_in_each_others_way_even_if_one_dies(case: Case) -> None:
    found = case.run()

    assert found.violations == {}
    assert found.is_complete
    assert case.edges <= moves()


@pytest.mark.parametrize("policy", POLICIES)
def test_no_policy_lets_a_release_and_a_containment_get_in_each_others_way(policy: str) -> None:
    """Not complete: the first of its states, the deepest first; `make bench` goes further."""
    found = Case("fresh", ("old", "release"), deaths=1, policy=POLICIES[policy]).run(most=3_000)

    assert found.violations == {}
    assert found.states > 2_000


@pytest.mark.parametrize("name", NAIVE)
def test_what_one_writes_first_is_caught(name: str) -> None:
    actor, _, start, says = NAIVE[name]

    found = Case(start, (actor, "watcher"), policy=PLAIN, flows=flows_with(name)).run()

    assert any(says in each for each in found.violations)


def test_a_search_that_is_cut_short_says_so() -> None:
    found = Case("contained", ("old", "release"), deaths=1).run(most=10)

    assert not found.is_complete


def test_the_same_search_finds_the_same_states_again() -> None:
    first, second = (Case("contained", ("new", "release"), deaths=1).run() for _ in range(2))

    assert (first.states, first.edges, first.ends) == (second.states, second.edges, second.ends)
