"""A session of botocore's: what one of boto3's is, without the rest of boto3.

Importing boto3 brings its transfer manager and its resources along, which nothing here uses, and
costs a cold start more than EC2's client does. Lambda's runtime has botocore in any case.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from threading import Lock
from typing import Any

from botocore.config import Config
from botocore.exceptions import DataNotFoundError
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session as BotocoreSession
from botocore.session import get_session

# In what ships, botocore's data about the calls that are made here, and no others.
SLIM_DATA = Path(__file__).parents[2] / "botocore-data"


class _SlimFiles(JSONFileLoader):
    """Reads what was written for Cordon: never packed, and in no order but its own."""

    def load_file(self, file_path: str) -> Any:
        path = Path(f"{file_path}.json")
        return json.loads(path.read_bytes()) if path.exists() else None


class SlimFirst(Loader):
    """Finds data in the slim folder, and what is not there in all of botocore's own.

    botocore itself looks into each of its 400 services before it trusts the name of one.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(extra_search_paths=[str(folder)])
        self._slim = Loader(
            extra_search_paths=[str(folder)],
            file_loader=_SlimFiles(),
            include_default_search_paths=False,
        )

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Any:
        """Return the newest model that is there of a service.

        Raises:
            DataNotFoundError: nobody knows it.
        """
        try:
            return self._slim.load_service_model(service_name, type_name, api_version)
        except DataNotFoundError:
            return super().load_service_model(service_name, type_name, api_version)


class Session:
    """Credentials and a region, from which clients are made."""

    def __init__(self, region_name: str | None = None) -> None:
        """Begin a session in a region; without one, in that of the environment."""
        self.inner: BotocoreSession = get_session()
        self._making = Lock()  # botocore makes one client at a time
        if SLIM_DATA.is_dir():
            self.inner.register_component("data_loader", SlimFirst(SLIM_DATA))
        if region_name:
            self.inner.set_config_variable("region", region_name)

    @property
    def region_name(self) -> str:
        return str(self.inner.get_config_variable("region"))

    @property
    def partition(self) -> str:
        """The partition of AWS that the region is in, such as `aws`."""
        return self.inner.get_partition_for_region(self.region_name)

    def client(
        self, service: str, *, region_name: str | None = None, config: Config | None = None
    ) -> Any:
        """Return a client; its type, of mypy_boto3_<service>, is the caller's to know."""
        with self._making:
            return self.inner.create_client(service, region_name=region_name, config=config)

    def client_later(self, service: str, *, region_name: str | None = None, config: Config) -> Any:
        """Return what becomes a client when it is first asked for something.

        For what is not needed before an instance is cut off.
        """
        return later(partial(self.client, service, region_name=region_name, config=config))

    def regions(self, service: str) -> tuple[str, ...]:
        """Return the regions of the partition in which botocore knows `service` to be."""
        return tuple(self.inner.get_available_regions(service, self.partition))


def later(make: Callable[[], Any]) -> Any:
    """Return what becomes what `make` makes when it is first asked for something."""
    return _Later(cache(make))


class _Later:
    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        return getattr(self._make(), name)
