from __future__ import annotations

import pytest

from tests.infra.packaged import Packaged


@pytest.fixture(scope="session", params=["dev", "prod"])
def packaged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    return Packaged.make(request.param, tmp_path_factory.mktemp(request.param))
