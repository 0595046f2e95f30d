"""What `infra/` makes, as far as an adapter sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

AWS_ACCOUNT = "123456789012"  # moto's
AWS_REGION = "us-east-1"
STAGE = "dev"
TABLE = f"cordon-{STAGE}"
TOPIC = f"cordon-{STAGE}-notices"
BUCKET = f"cordon-{STAGE}-evidence-{AWS_ACCOUNT}-{AWS_REGION}"


def make_table(client: DynamoDBClient, name: str = TABLE) -> None:
    """Make the table with its indexes."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": each, "AttributeType": "S"}
            for each in ("pk", "sk", "kind", "state", "opened_at")
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": key, "KeyType": "HASH"},
                    {"AttributeName": "opened_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
            for index, key in (("by_opened", "kind"), ("by_state", "state"))
        ],
    )
