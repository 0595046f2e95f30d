from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.roads.local_aws import LocalAws, local_aws


@pytest.fixture
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """Return an empty AWS."""
    with local_aws(tmp_path_factory.mktemp("aws")) as made:
        yield made


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """Return an AWS that `make deploy STAGE=dev` was run on, one for all tests of a module."""
    with local_aws(tmp_path_factory.mktemp("aws")) as made:
        made.deploy()
        yield made
