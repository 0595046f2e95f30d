"""moto, made to behave as AWS does where Cordon leans on it.

moto accepts what AWS refuses and keeps what AWS drops: on plain moto a wrong containment would
pass its tests and a right one would not. `tests/sandbox` lists every difference that is mended here
and checks that it is still there without us, so that a mend that moto no longer needs is noticed.
"""

from __future__ import annotations

from functools import cache

import moto

from sandbox.faithful import amis as amis  # isort: skip  # before moto's EC2 is imported

CHECKED_WITH = "5.2.5"


class MotoVersionError(Exception):
    """The mends were written for another moto."""


@cache
def install() -> None:
    """Mend moto for this process; again does nothing.

    Raises:
        MotoVersionError: this moto is not the one that the mends were checked with.
    """
    if moto.__version__ != CHECKED_WITH:
        raise MotoVersionError(
            f"the sandbox was checked with moto {CHECKED_WITH}, not {moto.__version__}: "
            "run tests/sandbox on the new one and look at what differs"
        )
    from sandbox.faithful import (  # noqa: PLC0415 - see amis
        autoscaling,
        dynamodb,
        ec2,
        elb,
        elbv2,
        guardduty,
        iam,
        locks,
        securityhub,
    )

    for service in (ec2, elb, elbv2, autoscaling, dynamodb, guardduty, iam, securityhub, locks):
        service.install()
