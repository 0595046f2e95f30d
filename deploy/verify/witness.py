"""What says whether the connection lives: not Cordon, but the peer's console and the flow log."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from deploy.cloud import Cloud
from deploy.verify.ground import Ground

_HEARD = re.compile(r"cordon-verify heard (\d+)")


@dataclass(frozen=True, slots=True)
class Flow:
    """One record of a flow log."""

    start: int  # seconds since 1970
    end: int
    action: str  # ACCEPT or REJECT


class Witness(Protocol):
    """Two who saw it."""

    def heard(self, ground: Ground) -> int:
        """Return the last number that the peer heard; 0 before the first."""

    def flows(self, ground: Ground) -> tuple[Flow, ...]:
        """Return the records about the victim's interface that are there until now."""


@dataclass(frozen=True, slots=True)
class AwsWitness:
    """The serial console of the peer, and the objects that VPC puts into the bucket."""

    cloud: Cloud

    def heard(self, ground: Ground) -> int:
        ec2 = self.cloud.client("ec2")  # botocore decodes the output
        said = ec2.get_console_output(InstanceId=ground.peer, Latest=True).get("Output", "")
        return max(map(int, _HEARD.findall(said)), default=0)

    def flows(self, ground: Ground) -> tuple[Flow, ...]:
        return tuple(self._flows(ground))

    def _flows(self, ground: Ground) -> Iterator[Flow]:
        s3 = self.cloud.client("s3")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=ground.bucket):
            for each in page.get("Contents", ()):
                body = s3.get_object(Bucket=ground.bucket, Key=each["Key"])["Body"].read()
                yield from flows_in(gzip.decompress(body).decode(), ground.interface)


def flows_in(text: str, interface: str) -> Iterator[Flow]:
    """Yield the records of the default format in `text` that are about `interface`.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
    """
    for line in text.splitlines():
        words = line.split()
        if len(words) == 14 and words[2] == interface and words[12] in ("ACCEPT", "REJECT"):  # noqa: PLR2004 - fields of version 2
            yield Flow(int(words[10]), int(words[11]), words[12])
