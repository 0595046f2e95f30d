"""The policy that a change is compared with: what is deployed, a revision of git, or a file."""

from __future__ import annotations

import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path

from chalicelib.core.errors import PolicyError
from chalicelib.core.policy.file import parse_policy
from chalicelib.core.policy.policy import Policy
from chalicelib.settings.deployment import OWNERS_POLICY, PACKAGED_POLICY
from cordon.exits import CommandError, Exit
from cordon.policy.deployed import read_deployed

_WHOLE = {"rules", "unknown", "containment", "breaker", "holds"}  # what no owner's file has all of
DEPLOYED = "deployed"
_ROOT = PACKAGED_POLICY.parents[1]


def policy_against(name: str, stage: str = "dev") -> Policy:
    """Return the policy of the file `name`, else that of the git revision of that name.

    `deployed` is what Lambda runs at that `stage`, unless there is a file of that name.

    A file that sets everything is taken as it is; another is an owner's, upon the packaged one. Of
    a revision the packaged and the owner's file count, as they were. What an older one does not
    know yet is as it is now.

    Raises:
        CommandError: there is neither, or it cannot be followed.
    """
    path = Path(name)
    if path.is_file():
        try:
            return _of_file(path.read_text(encoding="utf-8"), name)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(Exit.USAGE, f"{name} cannot be read: {error}") from error
    return _deployed(stage) if name == DEPLOYED else _of_revision(name)


def _deployed(stage: str) -> Policy:
    packaged, owners = read_deployed(stage)
    policy = _whole(packaged, f"deployed {PACKAGED_POLICY.name}")
    return policy if owners is None else _parsed(owners, f"deployed {OWNERS_POLICY.name}", policy)


def _of_file(text: str, name: str) -> Policy:
    return _whole(text, name) if _sections(text) >= _WHOLE else _parsed(text, name, _packaged())


def _sections(text: str) -> set[str]:
    try:
        return set(tomllib.loads(text))
    except (RecursionError, tomllib.TOMLDecodeError):
        return set()


def _whole(text: str, name: str) -> Policy:
    """Return a policy that stands alone; settings that came after it are as they are now."""
    return _parsed(text, name, replace(_packaged(), rules=()))


def _packaged() -> Policy:
    return parse_policy(PACKAGED_POLICY.read_text(encoding="utf-8"))


def _of_revision(name: str) -> Policy:
    packaged = _git_show(name, PACKAGED_POLICY)
    if packaged is None:
        said = f"{name} is neither a file nor a revision of git that has a policy"
        raise CommandError(Exit.USAGE, said, "AGAINST=HEAD, AGAINST=deployed, or AGAINST=file.toml")
    owners = _git_show(name, OWNERS_POLICY)
    policy = _whole(packaged, f"{name}:{PACKAGED_POLICY.name}")
    return policy if owners is None else _parsed(owners, f"{name}:{OWNERS_POLICY.name}", policy)


def _git_show(revision: str, path: Path) -> str | None:
    """Return the text of `path` in `revision`; None if it has none."""
    place = f"{revision}:./{path.relative_to(_ROOT).as_posix()}"
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments, no shell
            ["git", "show", "--end-of-options", place],  # noqa: S607 - the caller's git
            cwd=_ROOT,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise CommandError(Exit.USAGE, f"git cannot be run: {error}", "AGAINST=file") from error
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _parsed(text: str, name: str, base: Policy) -> Policy:
    try:
        return parse_policy(text, base)
    except PolicyError as error:
        raise CommandError(Exit.USAGE, f"{name}: {error}", "cordon check") from error
