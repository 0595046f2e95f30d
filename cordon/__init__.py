"""The operator's command; no part of what is deployed."""
