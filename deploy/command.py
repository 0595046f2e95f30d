"""`python -m deploy ROAD --stage STAGE [NAME=value ...]`, for the Makefile."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import CordonError
from chalicelib.core.policy.policy import Mode
from cordon.check import find_complaints
from cordon.exits import CommandError
from deploy.artifacts import Artifacts
from deploy.cloud import Cloud
from deploy.cloudformation import deploy_package
from deploy.errors import DeployError
from deploy.packaging import package
from deploy.removal import destroy
from deploy.road import deploy
from deploy.smoke import smoke
from deploy.stages import ROOT, Stage
from deploy.verify.command import verify

_USAGE = "the value of a parameter of infra/resources.yaml, for deploy"
_ROLE = "the name of the role that CloudFormation takes; unless given, it acts as the caller"
_ARTIFACTS = "deploy: over CloudFormation, with the code in this bucket"


# What AWS says of credentials whose time is over, by service.
_RAN_OUT = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")


def main(arguments: Sequence[str]) -> int:
    """Go one road; return 0, or 2 after one line about what is missing or wrong."""
    parser = argparse.ArgumentParser(prog="python -m deploy")
    parser.add_argument("road", choices=["package", "deploy", "smoke", "verify", "destroy"])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--dry-run", action="store_true", help="deploy: show what would be done")
    parser.add_argument("--artifacts", metavar="BUCKET", help=_ARTIFACTS)
    parser.add_argument("--role", default="", help=_ROLE)
    parser.add_argument("parameters", nargs="*", metavar="NAME=value", help=_USAGE)
    said = parser.parse_intermixed_args(arguments)
    try:
        _go(said)
    except (DeployError, CommandError, CordonError, BotoCoreError, ClientError) as error:
        what = f"{' '.join(str(error).split())}{_next(error, said.road)}"
        print(f"{said.road}: {what}", file=sys.stderr)
        return 2
    return 0


def _next(error: Exception, road: str) -> str:
    """Return what to do about credentials that ran out on the way; nothing about other errors."""
    if not isinstance(error, ClientError) or error.response["Error"]["Code"] not in _RAN_OUT:
        return ""
    return (
        f": run aws sso login, or set AWS_PROFILE, and make {road} again, which goes on from here"
    )


def _go(said: argparse.Namespace) -> None:
    stage = Stage.of(said.stage)
    if said.road in ("package", "deploy"):
        refuse_unreadable(stage.environment)
    match said.road:
        case "package":
            into = ROOT / "build" / stage.name
            package(stage, into)
            tell(f"made {into.relative_to(ROOT)}/template.json and deployment.zip")
        case "deploy":
            given, cloud = parse_parameters(said.parameters), Cloud.reach(said.role)
            if said.artifacts:
                artifacts = Artifacts(said.artifacts, cloud)
                deploy_package(stage, given, artifacts, tell, dry_run=said.dry_run)
            else:
                deploy(stage, given, cloud, tell, dry_run=said.dry_run)
        case "smoke":
            smoke(stage, Cloud.reach(), tell)
        case "verify":
            verify(stage, Cloud.reach(), agrees, tell)
        case _:
            destroy(stage, Cloud.reach(said.role), tell)


def parse_parameters(words: Sequence[str]) -> dict[str, str]:
    """Return what NAME=value words say.

    Raises:
        DeployError: a word is none, or is the stage.
    """
    for word in words:
        if "=" not in word:
            raise DeployError(f"{word!r} is no parameter: write NAME=value")
        if word.startswith("Stage="):
            raise DeployError("Stage is no parameter to give: it is STAGE")
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def refuse_unreadable(environment: Mapping[str, str]) -> None:
    """Bring nothing to AWS that could not be followed there: nothing would contain.

    Raises:
        DeployError: a setting of the stage, or a file that it names, cannot be read.
    """
    found = {**environment, "AWS_REGION": "us-east-1"}
    for name in ("CORDON_POLICY", "CORDON_CHANNELS"):  # Lambda's folder is this one's copy
        if path := environment.get(name):
            found[name] = str(ROOT / path.removeprefix("/var/task/"))
    mode = found.get("CORDON_MODE") or Mode.OBSERVE.value
    complaints = list(find_complaints(found))
    if mode not in tuple(Mode):
        complaints.insert(0, f"CORDON_MODE is {mode!r}; it must be enforce or observe")
    if complaints:
        raise DeployError(f"settings that no function could follow: {'; '.join(complaints)}")


def agrees(question: str) -> bool:
    """Ask whoever sits there; nobody there is no."""
    return sys.stdin.isatty() and input(f"{question} [y/N] ").strip().lower() == "y"


def tell(line: str) -> None:
    """Show how far it is."""
    print(line, flush=True)
