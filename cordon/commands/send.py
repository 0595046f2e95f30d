"""`cordon send`: a finding for the sandbox, as GuardDuty would publish it; never for AWS."""

from __future__ import annotations

import json as json_format
import os
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from cordon import screen
from cordon.exits import CommandError, Exit
from cordon.options import Json
from cordon.samples_to_send import SENDABLE, detail_of

_HERE = ("127.0.0.1", "localhost", "::1")
_REGION = "us-east-1"  # the sandbox's
_QUICK = Config(connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 1})

Name = Annotated[str, typer.Argument(help="Which finding; without it, they are listed.")]
InstanceOf = Annotated[
    str, typer.Option("--instance", help="An id, or a name that make sandbox prints, such as web.")
]
Aws = Annotated[str, typer.Option("--aws", help="The AWS of make sandbox; else at AWS_PORT.")]


def send(name: Name = "", *, instance: InstanceOf = "", aws: Aws = "", json: Json = False) -> None:
    """Send a finding to the local AWS of make sandbox, as GuardDuty would."""
    if not name:
        rows = ((each, what.type, what.instance) for each, what in SENDABLE.items())
        screen.table(("finding", "type", "instance"), rows)
        return
    if name not in SENDABLE:
        said = f"{name} is none of {', '.join(SENDABLE)}"
        raise CommandError(Exit.USAGE, said, "cordon send")
    what = SENDABLE[name]
    url = _local(aws or f"http://127.0.0.1:{os.environ.get('AWS_PORT') or 5555}")
    try:
        account_id, instance_id = _find(url, instance or what.instance)
        detail = detail_of(what, account_id, _REGION, instance_id)
        entry = {
            "Source": "aws.guardduty",
            "DetailType": "GuardDuty Finding",
            "Detail": json_format.dumps(detail),
        }
        local_client(url, "events").put_events(Entries=[entry])
    except (BotoCoreError, ClientError) as error:
        said = f"{url} does not answer as the sandbox does: {error}"
        raise CommandError(Exit.UNREACHABLE, said, "make sandbox, in another terminal") from error
    if json:
        screen.as_json(detail)
        return
    screen.line("sent", what.type, "about", instance_id)
    screen.line("next: cordon status")


def _local(url: str) -> str:
    """Return `url`, which must be of this machine: no finding that is made up may reach AWS.

    Raises:
        CommandError: it is not.
    """
    if urlsplit(url).hostname not in _HERE:
        said = f"{url} is not the sandbox: findings are sent to 127.0.0.1 only"
        raise CommandError(Exit.USAGE, said, "make sandbox")
    return url


def _find(url: str, named: str) -> tuple[str, str]:
    """Return the account and the id of an instance of that id, or name."""
    by = {"Name": "instance-id" if named.startswith("i-") else "tag:Name", "Values": [named]}
    living = {"Name": "instance-state-name", "Values": ["pending", "running", "stopped"]}
    answer = local_client(url, "ec2").describe_instances(Filters=[by, living])
    for reservation in answer["Reservations"]:
        for each in reservation["Instances"]:
            return reservation["OwnerId"], each["InstanceId"]
    raise CommandError(Exit.GONE, f"the sandbox has no instance {named}", "cordon send NAME")


def local_client(url: str, service: str) -> Any:
    """Return a client of the AWS of make sandbox, which is at `url`."""
    return Session().create_client(
        service,
        region_name=_REGION,
        endpoint_url=url,
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",  # noqa: S106 - nobody's
        config=_QUICK,
    )
