"""Random notices keep within every limit that the services publish."""

from __future__ import annotations

import pytest

from chalicelib.core.notices.channels.limits import LIMITS, Limit
from tests.core.notices.channels.random_notices import within_every_limit
from tests.core.notices.channels.rendering import RENDERERS
from tests.house.source import ROOT


@pytest.mark.no_cover  # the same lines, very often
@pytest.mark.parametrize("channel", RENDERERS)
def test_random_notices_keep_within_every_limit(channel: str) -> None:
    within_every_limit(channel, 100)  # of the 1,000 of `make bench`


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit.service}: {limit.what}")
def test_every_limit_has_a_source_and_stands_in_the_documents(limit: Limit) -> None:
    documents = (ROOT / "docs/channels.md").read_text(encoding="utf-8")

    assert limit.ours <= limit.most
    assert limit.source.startswith("https://")
    assert (
        f"| `{limit.service}` | {limit.what} | {limit.most:,} {limit.unit} | {limit.ours:,} |"
        in documents
    )
