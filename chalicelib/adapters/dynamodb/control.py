"""DynamoDB: what is set and remembered for the whole of a deployment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.adapters.dynamodb import control_items, items
from chalicelib.adapters.dynamodb.attribute_values import plain, typed
from chalicelib.adapters.errors import aws_errors, code_of
from chalicelib.core.deployed import Deployed
from chalicelib.core.policy.mode import ListsSetting, ModeSetting
from chalicelib.core.quarantine.rounds import Rounds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = ("dynamodb:GetItem", "dynamodb:PutItem")

_DEPLOYED = "deployed"
_DIGEST = "digest"
_EXERCISE = "exercise"
_LISTS = "lists"
_ROUNDS = "rounds"
_STANDING = "standing"
_TURN = "turn"


class DynamoControl:
    """The partition `control` of the table `cordon-<stage>`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._dynamodb = client
        self._table = table

    def mode(self) -> ModeSetting | None:
        item = self._get(items.MODE)
        return control_items.to_mode_setting(item) if item else None

    def set_mode(self, setting: ModeSetting) -> None:
        """Keep what was said, and then turn the switch: no turn without its trace."""
        now, kept = control_items.from_mode_setting(setting)
        with aws_errors("turn the kill switch"):
            self._dynamodb.put_item(TableName=self._table, Item=typed(kept))
            self._dynamodb.put_item(TableName=self._table, Item=typed(now))

    def lists(self) -> ListsSetting | None:
        item = self._get(_LISTS)
        return control_items.to_lists_setting(item) if item else None

    def set_lists(self, setting: ListsSetting) -> None:
        said = setting.as_json()
        self._put(f"{_LISTS}#{setting.at.isoformat()}", said)
        self._put(_LISTS, said)

    def told_on(self) -> date | None:
        item = self._get(_DIGEST)
        return date.fromisoformat(item["day"]) if item else None

    def tell_on(self, day: date) -> None:
        self._put(_DIGEST, {"day": day.isoformat()})

    def rounds(self) -> Rounds:
        return control_items.to_rounds(self._get(_ROUNDS) or {})

    def remember_rounds(self, rounds: Rounds) -> None:
        self._put(_ROUNDS, control_items.from_rounds(rounds))

    def take_turn(self, worker: str, now: datetime, until: datetime) -> bool:
        turn = {"by": worker, "until": until.isoformat()}
        # One that ends later than any that is taken now is of a clock that was wrong.
        free = "attribute_not_exists(pk) OR #until <= :now OR #until > :until"
        values = {":now": now.isoformat(), ":until": (until + (until - now)).isoformat()}
        return self._put_if(free, _TURN, turn, {"#until": "until"}, values)

    def end_turn(self, worker: str) -> None:
        ended = {"by": worker, "until": ""}
        self._put_if("#by = :by", _TURN, ended, {"#by": "by"}, {":by": worker})

    def deployed(self) -> Deployed | None:
        item = self._get(_DEPLOYED)
        return control_items.to_deployed(item) if item else None

    def remember_deployed(self, deployed: Deployed) -> None:
        self._put(_DEPLOYED, control_items.from_deployed(deployed))

    def exercised_at(self) -> datetime | None:
        item = self._get(_EXERCISE)
        return datetime.fromisoformat(item["at"]) if item else None

    def exercise(self, at: datetime) -> None:
        self._put(_EXERCISE, {"at": at.isoformat()})

    def standing(self) -> Mapping[str, Any] | None:
        item = self._get(_STANDING)
        said: Mapping[str, Any] | None = json.loads(item["said"]) if item else None
        return said

    def remember_standing(self, said: Mapping[str, Any]) -> None:
        self._put(_STANDING, {"said": json.dumps(said)})

    def _get(self, name: str) -> items.Item | None:
        with aws_errors(f"read {items.CONTROL} {name}"):
            answer = self._dynamodb.get_item(
                TableName=self._table,
                Key=typed({"pk": items.CONTROL, "sk": name}),
                ConsistentRead=True,
            )
        item = answer.get("Item")
        return plain(item) if item else None

    def _put(self, name: str, what: items.Item) -> None:
        with aws_errors(f"write {items.CONTROL} {name}"):
            self._dynamodb.put_item(
                TableName=self._table,
                Item=typed({"pk": items.CONTROL, "sk": name, **what}),
            )

    def _put_if(
        self,
        condition: str,
        name: str,
        what: items.Item,
        names: Mapping[str, str],
        values: items.Item,
    ) -> bool:
        """Write, if `condition` holds of what is there; return whether it did."""
        with aws_errors(f"write {items.CONTROL} {name}"):
            try:
                self._dynamodb.put_item(
                    TableName=self._table,
                    Item=typed({"pk": items.CONTROL, "sk": name, **what}),
                    ConditionExpression=condition,
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=typed(values),
                )
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise
                return False
        return True
