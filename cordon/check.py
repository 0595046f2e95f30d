"""`make check`: policy and channels can be followed, before they are deployed.

CORDON_POLICY and CORDON_CHANNELS name files in place of policy.owner.toml and channels.toml, as
they do for the functions.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from chalicelib.core.policy.coverage import find_covered
from chalicelib.core.policy.file import parse_policy
from chalicelib.core.policy.policy import Policy
from chalicelib.settings.channels import read_channels
from chalicelib.settings.deployment import PACKAGED_POLICY, Settings, SettingsError


def main() -> int:
    """Print every complaint; return 1 if there is one, else 0."""
    complaints = list(find_complaints(os.environ))
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def find_complaints(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what keeps functions with that environment from following their settings."""
    policy = {"AWS_REGION": "us-east-1", "CORDON_POLICY": environment.get("CORDON_POLICY", "")}
    try:
        yield from _find_idle_rules(Settings.read(policy).policy)
    except SettingsError as error:
        yield str(error)
    try:
        read_channels(environment)
    except SettingsError as error:
        yield str(error)


def _find_idle_rules(policy: Policy) -> Iterator[str]:
    """A rule that never decides is told here, not refused by functions that must contain.

    What the owner's rules take from ours is no mistake: they come first so that they can.
    """
    packaged = parse_policy(PACKAGED_POLICY.read_text(encoding="utf-8")).rules
    for rule, earlier in find_covered(policy.rules):
        if rule not in packaged or earlier in packaged:
            yield f"rule {rule.name} never decides: rule {earlier.name} before it covers it wholly"


if __name__ == "__main__":
    sys.exit(main())
