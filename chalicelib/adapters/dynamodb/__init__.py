"""DynamoDB: all that is on record, in one table."""
