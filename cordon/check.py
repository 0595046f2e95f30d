"""`make check`: policy and channels can be followed, before they are deployed.

CORDON_POLICY and CORDON_CHANNELS name files in place of policy.owner.toml and channels.toml, as
they do for the functions.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from chalicelib.core.errors import PolicyError
from chalicelib.core.policy.file import parse_policy
from chalicelib.core.policy.policy import Policy
from chalicelib.settings.channels import read_channels
from chalicelib.settings.deployment import PACKAGED_POLICY, SettingsError, owners_file
from cordon.policy.review import find_mistakes


def main() -> int:
    """Print every complaint; return 1 if there is one, else 0."""
    complaints = list(find_complaints(os.environ))
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def find_complaints(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what keeps functions with that environment from following their settings."""
    yield from _mistakes(PACKAGED_POLICY, None, str(PACKAGED_POLICY))
    base, owners = _packaged(), owners_file(environment)
    if base is not None and owners is not None:
        named = "CORDON_POLICY" if environment.get("CORDON_POLICY") else str(owners)
        yield from _mistakes(owners, base, named)
    try:
        read_channels(environment)
    except SettingsError as error:
        yield str(error)


def _mistakes(path: Path, base: Policy | None, named: str) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        yield f"{named} cannot be read: {path} is no UTF-8 from byte {error.start} on"
    except OSError as error:
        yield f"{named} cannot be read: {error}"
    else:
        for line, said in find_mistakes(text, base):
            yield f"{path}: policy file, line {line}: {said}"


def _packaged() -> Policy | None:
    try:
        return parse_policy(PACKAGED_POLICY.read_text(encoding="utf-8"))
    except (PolicyError, OSError, UnicodeDecodeError):
        return None  # told already


if __name__ == "__main__":
    sys.exit(main())
