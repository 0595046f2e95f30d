"""The adapters of an account and region that nobody asks before the cut: imported after it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.autoscaling import AutoScaling
from chalicelib.adapters.ec2.attributes import Ec2Attributes
from chalicelib.adapters.ec2.forensics import Ec2Forensics
from chalicelib.adapters.ec2.snapshots import Ec2Snapshots
from chalicelib.adapters.iam import IamKeys
from chalicelib.adapters.load_balancing import LoadBalancing
from chalicelib.adapters.session import Session, later
from chalicelib.wiring.aws import PATIENCE

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

    from chalicelib.flows.ports.attributes import Scans
    from chalicelib.flows.ports.surroundings import Neighbourhood


class SiteAfterTheCut:
    """What there is of one account and region besides instances and security groups."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that a site is
        self,
        session: Session,
        credentials: Callable[[], Session],
        ec2: EC2Client,
        account_id: str,
        region: str,
        stage: str,
    ) -> None:
        self._session = session
        self._credentials = credentials
        self._ec2 = ec2
        self._account_id = account_id
        self._region = region
        self._stage = stage

    @cached_property
    def attributes(self) -> Ec2Attributes:
        keys = IamKeys(
            later(lambda: self._credentials().client("iam", config=PATIENCE)),
            self._stage,
            f"arn:{self._session.partition}:ec2:{self._region}:{self._account_id}:instance/",
        )
        return Ec2Attributes(self._ec2, self._groups, self._balancers, keys)

    @cached_property
    def snapshots(self) -> Ec2Snapshots:
        return Ec2Snapshots(self._ec2)

    @cached_property
    def scans(self) -> Scans:
        from chalicelib.adapters.malware_scans import GuardDutyScans  # noqa: PLC0415 - seldom on

        client = self._session.client("guardduty", region_name=self._region, config=PATIENCE)
        return GuardDutyScans(client, self._account_id, self._region)

    @cached_property
    def forensics(self) -> Ec2Forensics:
        return Ec2Forensics(self._ec2, self._groups)

    @cached_property
    def neighbourhood(self) -> Neighbourhood:
        from chalicelib.adapters.neighbourhood import AwsNeighbourhood  # noqa: PLC0415 - the API's

        return AwsNeighbourhood(self._ec2, self._later("autoscaling"), self._balancers)

    @cached_property
    def _balancers(self) -> LoadBalancing:
        return LoadBalancing(self._later("elbv2"), self._later("elb"))

    @cached_property
    def _groups(self) -> AutoScaling:
        return AutoScaling(self._later("autoscaling"))

    def _later(self, service: str) -> Any:
        """Return what becomes a client of `service` when it is first asked for something."""
        return self._session.client_later(service, region_name=self._region, config=PATIENCE)
