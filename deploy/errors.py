"""What stops a road; the message is one line that says what to do."""

from __future__ import annotations


class DeployError(Exception):
    """It cannot go on; nothing was begun that a second run would not finish."""
