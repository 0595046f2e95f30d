"""No test reaches AWS, and every run of Hypothesis tries the same examples."""

from __future__ import annotations

import gc
import os
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import SimpleNamespace

import pytest

import chalicelib

for _name in [name for name in os.environ if name.startswith(("AWS_", "CORDON_"))]:
    del os.environ[_name]
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",  # nobody's
    AWS_DEFAULT_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
)

import botocore.endpoint  # noqa: E402
import botocore.session  # noqa: E402
from botocore.loaders import JSONFileLoader  # noqa: E402

# Each test makes sessions of its own: to look for EC2's 4 MB of JSON, and to read it, for each of
# them would be half of their time.
botocore.session.create_loader = cache(botocore.session.create_loader)

# Nor does it wait between two attempts of a call: nothing gets better meanwhile.
setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))  # noqa: B010 - a module
_read = cache(JSONFileLoader().load_file)
setattr(JSONFileLoader, "load_file", lambda _, file_path: _read(file_path))  # noqa: B010 - a method

from chalicelib.settings import deployment  # noqa: E402

# What an owner wrote for himself decides none of these tests.
deployment.OWNERS_POLICY = deployment.PACKAGED_POLICY.with_name("no.owner.toml")

import sandbox.faithful  # noqa: E402 - moto must see the environment, and one machine image  # isort: skip

from hypothesis import HealthCheck, settings  # noqa: E402

sandbox.faithful.install()

settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

# What must be covered to the last branch is covered from here. To trace the others too would
# double their time.
_COVERING = [Path(__file__).parent / name for name in ("core", "flows", "entry")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The door imports some modules where it needs them: were that first in a test that is not
    # traced, their first lines would be missing.
    for module in walk_packages(chalicelib.__path__, "chalicelib."):
        import_module(module.name)
    # The longest comes first, so that nobody waits for whoever has it at the end.
    items.sort(key=lambda item: item.path.parent.name != "permissions")
    for item in items:
        if not any(folder in item.path.parents for folder in _COVERING):
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish() -> None:
    """What was imported stays to the end: no collection of garbage needs to look at it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
