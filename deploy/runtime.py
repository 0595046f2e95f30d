"""Which Python of Lambda's runs what is packaged, whatever Python packages it."""

from __future__ import annotations

import sys

from deploy.errors import DeployError

# Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
NEWEST = (3, 14)


def is_own(version: tuple[int, int] = sys.version_info[:2]) -> bool:
    """Say whether Lambda has the Python that packages; one that is too old begins nothing here."""
    return version <= NEWEST


def runtime(version: tuple[int, int] = sys.version_info[:2]) -> str:
    """Return Lambda's name for the Python that packages, or for the newest that Lambda has."""
    major, minor = min(version, NEWEST)
    return f"python{major}.{minor}"


def refuse_unknown(version: tuple[int, int] = sys.version_info[:2]) -> None:
    """Keep Chalice from asking Lambda for a Python that it does not have.

    Raises:
        DeployError: this one is newer than Lambda's newest.
    """
    if not is_own(version):
        have = f"python{version[0]}.{version[1]}"
        raise DeployError(
            f"Lambda has no {have}, and chalice deploy would ask for it: give ARTIFACTS=<bucket>, "
            f"or make the environment with PYTHON={runtime(version)}"
        )
