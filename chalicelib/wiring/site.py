"""The live adapters of one account and region, each made when it is first asked for.

Those that nobody asks before the cut are imported after it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.adapters.ec2.instances import Ec2Instances
from chalicelib.adapters.ec2.security_groups import Ec2SecurityGroups
from chalicelib.adapters.session import Session
from chalicelib.wiring.aws import PATIENCE

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

    from chalicelib.flows.ports.attributes import Attributes, Forensics, Scans, Snapshots
    from chalicelib.flows.ports.surroundings import Neighbourhood
    from chalicelib.wiring.site_after import SiteAfterTheCut


class AwsSite:
    """One account and region on AWS.

    `session` is one of that account, `credentials` makes one that may deny the keys of roles there.
    """

    def __init__(
        self,
        session: Session,
        credentials: Callable[[], Session],
        account_id: str,
        region: str,
        stage: str,
    ) -> None:
        self._session = session
        self._credentials = credentials
        self._account_id = account_id
        self._region = region
        self._stage = stage

    @cached_property
    def instances(self) -> Ec2Instances:
        return Ec2Instances(self._ec2, self._account_id, self._region)

    @cached_property
    def security_groups(self) -> Ec2SecurityGroups:
        return Ec2SecurityGroups(self._ec2, self._stage, self._account_id)

    @property
    def attributes(self) -> Attributes:
        return self._after.attributes

    @property
    def snapshots(self) -> Snapshots:
        return self._after.snapshots

    @property
    def scans(self) -> Scans:
        return self._after.scans

    @property
    def forensics(self) -> Forensics:
        return self._after.forensics

    @property
    def neighbourhood(self) -> Neighbourhood:
        return self._after.neighbourhood

    @cached_property
    def _after(self) -> SiteAfterTheCut:
        from chalicelib.wiring.site_after import SiteAfterTheCut  # noqa: PLC0415 - it says why

        where = self._account_id, self._region, self._stage
        return SiteAfterTheCut(self._session, self._credentials, self._ec2, *where)

    @cached_property
    def _ec2(self) -> EC2Client:
        client: EC2Client = self._session.client("ec2", region_name=self._region, config=PATIENCE)
        return client
