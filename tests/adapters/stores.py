"""The two stores of quarantines, with what a person may write into them and read out of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from chalicelib.adapters.dynamodb import items
from chalicelib.core.policy.policy import Mode, Policy
from chalicelib.core.quarantine.dossier import Breaker, Dossier
from chalicelib.core.quarantine.exemption import Exemption
from chalicelib.core.quarantine.record import Line, Quarantine
from chalicelib.flows.ports.responder import Quarantines
from tests.adapters.aws import TABLE
from tests.builders import ACCOUNT, NOON, a_policy, a_quarantine, a_ref
from tests.fakes import Calls, FakeQuarantines

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Said = tuple[str, str, dict[str, Any]]  # who, what, detail


class Store(Protocol):
    """An implementation of the Quarantines port, and a person beside it."""

    @property
    def quarantines(self) -> Quarantines: ...
    def exempt(self, key: str, exemption: Exemption) -> None: ...
    def switch(self, mode: Mode) -> None: ...
    def timeline(self, quarantine: Quarantine) -> list[Said]: ...


def dossier(store: Store, key: str = a_ref().key, account_id: str = ACCOUNT) -> Dossier:
    return store.quarantines.dossier(key, account_id)


OPENED = Line(NOON, "cordon", "opened", {"finding": "f"})
TWO = a_policy(max_containments=2)


def opens(
    store: Store,
    quarantine: Quarantine | None = None,
    breaker: Breaker | None = None,
    policy: Policy = TWO,
) -> Quarantine:
    """Open a quarantine, the ordinary one unless named, where a breaker lets two through."""
    opened = quarantine or a_quarantine()
    seen = breaker or dossier(store, opened.ref.key, opened.ref.account_id).breaker
    store.quarantines.open(opened, OPENED, '{"InstanceId":"web"}', seen, policy)
    return opened


class FakeStore:
    def __init__(self) -> None:
        self.quarantines = FakeQuarantines(Calls())

    def exempt(self, key: str, exemption: Exemption) -> None:
        self.quarantines.exemptions[key] = exemption

    def switch(self, mode: Mode) -> None:
        self.quarantines.mode = mode

    def timeline(self, quarantine: Quarantine) -> list[Said]:
        lines = self.quarantines.timeline(quarantine)
        return [(line.who, line.what, dict(line.detail)) for line in lines]


class DynamoStore:
    def __init__(self, client: DynamoDBClient, quarantines: Quarantines) -> None:
        self.client = client
        self.quarantines = quarantines

    def exempt(self, key: str, exemption: Exemption) -> None:
        until = {"until": exemption.until.isoformat()} if exemption.until else {}
        self.put({"pk": f"about#{key}", "sk": "exemption", "reason": exemption.reason, **until})

    def switch(self, mode: Mode) -> None:
        self.put({"pk": "control", "sk": "mode", "mode": mode.value})

    def timeline(self, quarantine: Quarantine) -> list[Said]:
        lines = [i for i in self.partition(items.timeline(quarantine)) if "who" in i]
        lines.sort(key=lambda item: str(item["at"]))
        return [(item["who"], item["what"], json.loads(item["detail"])) for item in lines]

    def put(self, item: dict[str, Any]) -> None:
        typed = {key: TypeSerializer().serialize(value) for key, value in item.items()}
        self.client.put_item(TableName=TABLE, Item=typed)

    def empty(self) -> None:
        scan = self.client.get_paginator("scan")
        for page in scan.paginate(TableName=TABLE, ProjectionExpression="pk, sk"):
            for key in page["Items"]:
                self.client.delete_item(TableName=TABLE, Key=key)

    def partition(self, pk: str) -> list[dict[str, Any]]:
        found = self.client.query(
            TableName=TABLE,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
        )
        plain = TypeDeserializer().deserialize
        return [{key: plain(value) for key, value in i.items()} for i in found["Items"]]
