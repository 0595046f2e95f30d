"""A channel of each kind, as an operator writes them down, and the secrets that they name."""

from __future__ import annotations

import boto3

SHARED = "a key that both sides know"
SECRETS = {
    "cordon/bot": "xoxb-1-a",
    "cordon/slack": "https://hooks.slack.com/services/T0/B0/x",
    "cordon/teams": "https://a.logic.azure.com/workflows/x",
    "cordon/siem": SHARED,
}
FILE = """
version = 1
[[channels]]
name = "slack-bot"
kind = "slack"
secret = "secretsmanager:cordon/bot"
conversation = "C0123456789"
[[channels]]
name = "slack"
kind = "slack"
secret = "secretsmanager:cordon/slack"
[[channels]]
name = "teams"
kind = "teams"
secret = "secretsmanager:cordon/teams"
[[channels]]
name = "pagerduty"
kind = "pagerduty"
secret = "ssm:/cordon/pagerduty"
[[channels]]
name = "webhook"
kind = "webhook"
url = "https://siem.example.com/in"
secret = "secretsmanager:cordon/siem"
[[channels]]
name = "hub"
kind = "security_hub"
[[channels]]
name = "chat"
kind = "q_developer"
topic = "cordon-dev-chat"
"""


def keep_secrets(session: boto3.Session) -> None:
    for name, value in SECRETS.items():
        session.client("secretsmanager").create_secret(Name=name, SecretString=value)
    session.client("ssm").put_parameter(
        Name="/cordon/pagerduty", Value="0123456789abcdef" * 2, Type="SecureString"
    )
