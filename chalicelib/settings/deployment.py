"""What the deployment says, read once and checked at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chalicelib.core.errors import PolicyError, RejectedError
from chalicelib.core.policy.file import parse_policy
from chalicelib.core.policy.policy import Mode, Policy

NAMES = ("STAGE", "CORDON_MODE", "CORDON_POLICY", "AWS_REGION", "AWS_DEFAULT_REGION")

# With more, the name of a bucket would be longer than the 63 characters that S3 allows.
STAGE_NAME = re.compile(r"[a-z][a-z0-9-]{0,13}")
PACKAGED_POLICY = Path(__file__).parents[1] / "policy.toml"
OWNERS_POLICY = PACKAGED_POLICY.with_name("policy.owner.toml")


class SettingsError(RejectedError):
    """Cordon cannot run in this environment; the message says every reason at once."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment and the policy file, as values."""

    stage: str
    region: str
    mode: Mode
    policy: Policy

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Return the settings that `environment` holds, or names files of.

        STAGE is dev unless set, CORDON_MODE observe. The rules of the owner's file come before
        those of policy.toml, its settings replace those there, one by one. It is policy.owner.toml
        beside policy.toml, or what CORDON_POLICY names.

        Raises:
            SettingsError: a setting is missing or wrong.
        """
        complaints: list[str] = []
        stage = environment.get("STAGE") or "dev"
        if not STAGE_NAME.fullmatch(stage):
            complaints.append(f"STAGE is {stage!r}; it must match {STAGE_NAME.pattern}")
        region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or ""
        if not region:
            complaints.append("AWS_REGION is not set")
        mode = environment.get("CORDON_MODE") or Mode.OBSERVE
        if mode not in tuple(Mode):
            complaints.append(f"CORDON_MODE is {mode!r}; it must be enforce or observe")
        policy = _policy(environment, complaints)
        if complaints or policy is None:
            raise SettingsError("; ".join(complaints))
        return cls(stage, region, Mode(mode), policy)


def owners_file(environment: Mapping[str, str]) -> Path | None:
    """Return the owner's policy file: the one that CORDON_POLICY names, else the packaged one.

    None: there is none.
    """
    if named := environment.get("CORDON_POLICY"):
        return Path(named)
    # A link that leads nowhere is a mistake to be told, not the lack of a file.
    return OWNERS_POLICY if os.path.lexists(OWNERS_POLICY) else None


def _policy(environment: Mapping[str, str], complaints: list[str]) -> Policy | None:
    path = PACKAGED_POLICY
    try:
        policy = parse_policy(path.read_text(encoding="utf-8"))
        if owners := owners_file(environment):
            path = owners
            policy = parse_policy(path.read_text(encoding="utf-8"), policy)
    except PolicyError as error:
        complaints.append(f"{path}: {error}")
    except (OSError, UnicodeDecodeError) as error:
        named = "CORDON_POLICY" if environment.get("CORDON_POLICY") else path.name
        complaints.append(f"{named} cannot be read: {error}")
    else:
        return policy
    return None
