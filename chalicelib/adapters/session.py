"""A session of botocore's: what one of boto3's is, without the rest of boto3.

Importing boto3 brings its transfer manager and its resources along, which nothing here uses, and
costs a cold start more than EC2's client does. Lambda's runtime has botocore in any case.
"""

from __future__ import annotations

from typing import Any

from botocore.config import Config
from botocore.session import Session as BotocoreSession
from botocore.session import get_session


class Session:
    """Credentials and a region, from which clients are made."""

    def __init__(self, region_name: str | None = None) -> None:
        """Begin a session in a region; without one, in that of the environment."""
        self.inner: BotocoreSession = get_session()
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
        return self.inner.create_client(service, region_name=region_name, config=config)

    def regions(self, service: str) -> tuple[str, ...]:
        """Return the regions of the partition in which botocore knows `service` to be."""
        return tuple(self.inner.get_available_regions(service, self.partition))
