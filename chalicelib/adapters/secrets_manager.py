"""Secrets Manager: what must not stand in a file or in the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.errors import AwsRefusedError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

PERMISSIONS = ("secretsmanager:GetSecretValue",)


class SecretsManagerSecrets:
    """The secrets `cordon/...`, read anew each time: one that was rotated works at once."""

    def __init__(self, client: SecretsManagerClient) -> None:
        self._secretsmanager = client

    def read(self, name: str) -> str:
        """Return the text of the secret, without white space around it."""
        doing = f"read secret {name}"
        with aws_errors(doing):
            answer = self._secretsmanager.get_secret_value(SecretId=name)
        if not answer.get("SecretString"):
            raise AwsRefusedError(doing, "no text in it")
        return answer["SecretString"].strip()
