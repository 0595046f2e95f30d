from __future__ import annotations

import pytest

from chalicelib.core.threat_lists.cleaning import Bar
from chalicelib.core.threat_lists.feeds import sidecar_text
from chalicelib.core.threat_lists.reading import read
from tests.core.threat_lists.examples import NOW
from tests.core.threat_lists.published import PUBLISHED, examples_switched_on

FEEDS = {feed.name: feed for feed in examples_switched_on().feeds}


def test_each_example_has_a_list_as_it_is_published() -> None:
    assert FEEDS.keys() == PUBLISHED.keys()


@pytest.mark.parametrize("name", PUBLISHED)
def test_an_example_that_is_switched_on_reads_all_of_its_list(name: str) -> None:
    feed, published = FEEDS[name], PUBLISHED[name]

    found = read(name, published.body, sidecar_text(feed, NOW).encode(), Bar(8), NOW)

    assert found.note == ""
    assert found.read_as == published.read_as
    assert list(found.cleaned.entries()) == published.entries
    assert {reason: each.count for reason, each in found.cleaned.refused.items()} == (
        published.dropped
    )
    assert (found.confidence, found.expires) == (feed.confidence, NOW + feed.expires_after)
