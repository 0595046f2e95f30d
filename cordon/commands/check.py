"""`cordon check`: can policy.toml and channels.toml be followed?"""

from __future__ import annotations

from cordon.check import main


def check() -> int:
    """Check policy.toml and channels.toml; CORDON_POLICY and CORDON_CHANNELS name others."""
    status = main()
    if status == 0:
        print("policy.toml and channels.toml can be followed")
    return status
