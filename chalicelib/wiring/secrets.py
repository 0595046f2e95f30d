"""Where names of secrets become what reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from botocore.config import Config

from chalicelib.adapters.parameters import SsmSecrets
from chalicelib.adapters.secrets_manager import SecretsManagerSecrets
from chalicelib.adapters.session import Session


def secrets(names: Iterable[str], session: Session, patience: Config) -> Callable[[str], str]:
    """Return what reads one of the secrets `names`; the clients are made before threads need them.

    A name says its store, such as `secretsmanager:cordon/slack` or `ssm:/cordon/slack`.
    """
    stores: Mapping[str, Callable[[], Callable[[str], str]]] = {
        "secretsmanager": lambda: (
            SecretsManagerSecrets(session.client("secretsmanager", config=patience)).read
        ),
        "ssm": lambda: SsmSecrets(session.client("ssm", config=patience)).read,
    }
    read = {store: stores[store]() for store in {each.partition(":")[0] for each in names if each}}

    def secret(name: str) -> str:
        store, _, inside = name.partition(":")
        return read[store](inside)

    return secret
