"""The policy that is deployed: read out of the package that Lambda runs."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import URLLib3Session
from botocore.session import Session

from cordon.exits import CommandError, Exit

_PACKAGED, _OWNERS = "chalicelib/policy.toml", "chalicelib/policy.owner.toml"
_TASK = "/var/task/"
_LARGEST = 1_000_000  # bytes, of a policy file
_PATIENCE = 20  # seconds
_MOST_REFUSED = 400  # the statuses below it are answers


def read_deployed(stage: str) -> tuple[str, str | None]:
    """Return the packaged policy and the owner's, as the function that contains has them.

    It is asked with the caller's own credentials, in the caller's Region.

    Raises:
        CommandError: there is no such function, AWS refuses, or its package has no policy.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html (Code.Location)
    """
    name = f"cordon-{stage}-contain_finding"
    found = _ask(name)
    variables = found["Configuration"].get("Environment", {}).get("Variables", {})
    named = str(variables.get("CORDON_POLICY") or "").removeprefix(_TASK)
    try:
        with zipfile.ZipFile(io.BytesIO(_fetch(name, found["Code"]["Location"]))) as package:
            files = set(package.namelist())
            packaged = _text(package, _PACKAGED)
            owners = named or (_OWNERS if _OWNERS in files else "")
            return packaged, _text(package, owners) if owners else None
    except (KeyError, UnicodeDecodeError, ValueError, zipfile.BadZipFile) as error:
        raise CommandError(Exit.WRONG, f"the package of {name}: {error}", "make deploy") from error


def _ask(name: str) -> Any:
    session: Any = Session()  # its types know services by literal names only
    try:
        return session.create_client("lambda").get_function(FunctionName=name)
    except ClientError as error:
        is_gone = error.response["Error"]["Code"] == "ResourceNotFoundException"
        status = Exit.GONE if is_gone else Exit.FORBIDDEN
        said = f"{name} is not deployed here" if is_gone else str(error)
        raise CommandError(status, said, "AWS_PROFILE, AWS_REGION and STAGE say where") from error
    except BotoCoreError as error:
        raise CommandError(Exit.UNREACHABLE, f"{name}: {error}", "see AWS_PROFILE") from error


def _fetch(name: str, location: str) -> bytes:
    """Return the package; its address needs no credentials, and is good for ten minutes."""
    try:
        request = AWSRequest("GET", location).prepare()
        answer = URLLib3Session(timeout=_PATIENCE).send(request)
    except BotoCoreError as error:  # its words name the address, which whoever reads it may use
        said = f"the package of {name} cannot be fetched: {type(error).__name__}"
        raise CommandError(Exit.UNREACHABLE, said, "try again") from error
    if answer.status_code >= _MOST_REFUSED:
        said = f"the package of {name} cannot be fetched: {answer.status_code}"
        raise CommandError(Exit.UNREACHABLE, said, "try again")
    return answer.content


def _text(package: zipfile.ZipFile, name: str) -> str:
    with package.open(name) as file:
        body = file.read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise ValueError(f"{name} is longer than a million bytes")
    return body.decode()
