"""What the deployment says, read once and checked at once."""

from __future__ import annotations

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
_PACKAGED_POLICY = Path(__file__).parents[1] / "policy.toml"


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

        STAGE is dev unless set, CORDON_MODE observe. CORDON_POLICY names a file whose settings
        replace those of the packaged policy.toml, one by one.

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
        policy = _policy(environment.get("CORDON_POLICY"), complaints)
        if complaints or policy is None:
            raise SettingsError("; ".join(complaints))
        return cls(stage, region, Mode(mode), policy)


def _policy(other: str | None, complaints: list[str]) -> Policy | None:
    try:
        packaged = parse_policy(_PACKAGED_POLICY.read_text(encoding="utf-8"))
        return (
            parse_policy(Path(other).read_text(encoding="utf-8"), packaged) if other else packaged
        )
    except PolicyError as error:
        complaints.append(f"{other or _PACKAGED_POLICY.name}: {error}")
    except (OSError, UnicodeDecodeError) as error:
        complaints.append(f"CORDON_POLICY cannot be read: {error}")
    return None
