"""The live adapters of one account and region, each made when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.adapters.autoscaling import AutoScaling
from chalicelib.adapters.ec2.attributes import Ec2Attributes
from chalicelib.adapters.ec2.forensics import Ec2Forensics
from chalicelib.adapters.ec2.instances import Ec2Instances
from chalicelib.adapters.ec2.security_groups import Ec2SecurityGroups
from chalicelib.adapters.ec2.snapshots import Ec2Snapshots
from chalicelib.wiring.aws import PATIENCE

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

    from chalicelib.adapters.session import Session
    from chalicelib.flows.ports.attributes import Scans
    from chalicelib.flows.ports.surroundings import Neighbourhood


class AwsSite:
    """One account and region on AWS; `session` is one of that account."""

    def __init__(self, session: Session, account_id: str, region: str, stage: str) -> None:
        self._session = session
        self._account_id = account_id
        self._region = region
        self._stage = stage

    @cached_property
    def instances(self) -> Ec2Instances:
        return Ec2Instances(self._ec2, self._account_id, self._region)

    @cached_property
    def security_groups(self) -> Ec2SecurityGroups:
        return Ec2SecurityGroups(self._ec2, self._stage, self._account_id)

    @cached_property
    def attributes(self) -> Ec2Attributes:
        return Ec2Attributes(self._ec2, self._groups)

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

        services = ("autoscaling", "elbv2", "elb")
        others = (
            self._session.client(each, region_name=self._region, config=PATIENCE)
            for each in services
        )
        return AwsNeighbourhood(self._ec2, *others)

    @cached_property
    def _groups(self) -> AutoScaling:
        region = self._region
        return AutoScaling(
            self._session.client_later("autoscaling", region_name=region, config=PATIENCE)
        )

    @cached_property
    def _ec2(self) -> EC2Client:
        client: EC2Client = self._session.client("ec2", region_name=self._region, config=PATIENCE)
        return client
