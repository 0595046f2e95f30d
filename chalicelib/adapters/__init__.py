"""The world. One module per service; each lists the IAM actions that it needs."""
