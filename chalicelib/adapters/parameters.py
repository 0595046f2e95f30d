"""SSM Parameter Store: secrets as SecureString."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.errors import AwsRefusedError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PERMISSIONS = ("ssm:GetParameter",)


class SsmSecrets:
    """The parameters `/cordon/...`, read anew each time."""

    def __init__(self, client: SSMClient) -> None:
        self._ssm = client

    def read(self, name: str) -> str:
        """Return the value, without white space around it; one that lies open is refused."""
        doing = f"read parameter {name}"
        with aws_errors(doing):
            parameter = self._ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
        if parameter["Type"] != "SecureString":
            raise AwsRefusedError(doing, f"it is a {parameter['Type']}, no SecureString")
        return parameter["Value"].strip()
