"""`make check`: policy.toml and channels.toml can be followed, before they are deployed.

CORDON_POLICY and CORDON_CHANNELS name other files, as they do for the functions.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from chalicelib.settings.channels import read_channels
from chalicelib.settings.deployment import Settings, SettingsError


def main() -> int:
    """Print every complaint; return 1 if there is one, else 0."""
    complaints = list(find_complaints(os.environ))
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def find_complaints(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what keeps functions with that environment from following their settings."""
    policy = {"AWS_REGION": "us-east-1", "CORDON_POLICY": environment.get("CORDON_POLICY", "")}
    for read, given in ((Settings.read, policy), (read_channels, environment)):
        try:
            read(given)
        except SettingsError as error:
            yield str(error)


if __name__ == "__main__":
    sys.exit(main())
