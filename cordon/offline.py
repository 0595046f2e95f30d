"""An instance is given back while Cordon is down: by evidence, and the operator's own rights.

What the instance was like before it was cut is in the evidence bucket, under a name that says what
it holds: it is compared before anything is believed. Only what is on one of Cordon's groups is
touched. The record of Cordon is not: it has to be released there as well, once it is up.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from chalicelib.core.instance import InstanceRef
from cordon.exits import CommandError, Exit

_BEFORE = re.compile(r"/(\d+)/instance-before-([0-9a-f]{64})\.json$")
_OURS = re.compile(r"cordon-[a-z0-9-]+-(deny|drain)")
_DONE_BY_HAND = "give the interfaces back by hand, see docs/runbooks.md"


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface as it is now, and the groups that it had."""

    id: str
    now: tuple[str, ...]
    before: tuple[str, ...]  # empty: it was not there
    is_cut: bool  # it is on groups of Cordon's, and no others

    @property
    def can_go_back(self) -> bool:
        return self.is_cut and bool(self.before)


class Offline:
    """EC2 and the evidence bucket, as the operator may use them."""

    def __init__(self, bucket: str, profile: str | None, region: str | None) -> None:
        session: Any = Session(profile=profile)  # its types know services by literal names only
        with _told("reach AWS"):
            self._ec2 = session.create_client("ec2", region_name=region)
            self._s3 = session.create_client("s3", region_name=region)
            self._sts = session.create_client("sts", region_name=region)
        self._bucket = bucket
        self._region = str(self._ec2.meta.region_name)

    def look(self, instance_id: str) -> tuple[Interface, ...]:
        """Return the interfaces of the instance, each with the groups that it had.

        Raises:
            CommandError: AWS refuses, or the bucket does not say what the instance was like.
        """
        with _told("ask who calls"):
            account = self._sts.get_caller_identity()["Account"]
        before = self._groups_before(InstanceRef(account, self._region, instance_id))
        attached = [{"Name": "attachment.instance-id", "Values": [instance_id]}]
        with _told("describe the interfaces"):
            pages = self._ec2.get_paginator("describe_network_interfaces").paginate(
                Filters=attached
            )
            found = [each for page in pages for each in page["NetworkInterfaces"]]
        return tuple(_interface(each, before) for each in found)

    def give_back(self, interface: Interface) -> None:
        """Put the groups back that an interface had.

        Raises:
            CommandError: EC2 refuses, for example since a group is gone.
        """
        with _told(f"put {', '.join(interface.before)} on {interface.id}"):
            self._ec2.modify_network_interface_attribute(
                NetworkInterfaceId=interface.id, Groups=list(interface.before)
            )

    def _groups_before(self, ref: InstanceRef) -> Mapping[str, tuple[str, ...]]:
        """Return the groups of each interface before the last quarantine."""
        prefix = f"quarantines/{ref.key}/"
        with _told(f"list {self._bucket}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix
            )
            names = [each["Key"] for page in pages for each in page.get("Contents", ())]
        pieces = [
            (int(found[1]), found[2], found[0]) for found in map(_BEFORE.search, names) if found
        ]
        last = max((number for number, _, _ in pieces), default=0)
        said = [
            self._read(f"{prefix.rstrip('/')}{name}", digest)
            for number, digest, name in pieces
            if number == last
        ]
        kept = {json.dumps(each, sort_keys=True): each for each in said if each is not None}
        if len(kept) != 1:
            why = f"{self._bucket} holds {len(kept) or 'no'} description(s) of {ref.instance_id}"
            raise CommandError(Exit.GONE, f"{why} before its last quarantine", _DONE_BY_HAND)
        return next(iter(kept.values()))

    def _read(self, name: str, digest: str) -> Mapping[str, tuple[str, ...]] | None:
        """Return what a piece says; None: it does not hold what its name says."""
        with _told(f"read {name}"):
            body = self._s3.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        if hashlib.sha256(body).hexdigest() != digest:
            return None
        return {
            each["NetworkInterfaceId"]: tuple(group["GroupId"] for group in each["Groups"])
            for each in json.loads(body)["NetworkInterfaces"]
        }


def _interface(found: Mapping[str, Any], before: Mapping[str, tuple[str, ...]]) -> Interface:
    return Interface(
        id=found["NetworkInterfaceId"],
        now=tuple(group["GroupId"] for group in found["Groups"]),
        before=before.get(found["NetworkInterfaceId"], ()),
        is_cut=all(_OURS.fullmatch(group["GroupName"]) for group in found["Groups"]),
    )


@contextmanager
def _told(doing: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise CommandError(Exit.FORBIDDEN, f"{doing}: {error}", _DONE_BY_HAND) from error
    except BotoCoreError as error:
        raise CommandError(Exit.UNREACHABLE, f"{doing}: {error}", "see AWS_PROFILE") from error
