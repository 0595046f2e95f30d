"""botocore's data, cut down to what Cordon calls: the rest is most of a cold start.

EC2's model alone is 4 MB of JSON. Clients are made from what is written here; what is not in it,
they find in botocore's own data as ever. So an operation that is missing here is an
AttributeError, which a test looks for, and never a wrong call.
"""

from __future__ import annotations

import gzip
import json
import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import botocore

from chalicelib import adapters
from chalicelib.adapters.session import SLIM_DATA
from deploy.errors import DeployError

FOLDER = SLIM_DATA.name

_DATA = Path(botocore.__file__).parent / "data"

# What is called under another name than that of its permission, or without one. S3 is asked with
# HeadBucket where a bucket is, when it says that it is elsewhere.
_UNNAMED: Mapping[str, frozenset[str]] = {
    "dynamodb": frozenset({"TransactWriteItems"}),
    "s3": frozenset({"HeadBucket", "ListObjectsV2"}),
    "sts": frozenset({"GetCallerIdentity"}),
}

# Where botocore has another name for a service than IAM has. Others are called alike by both.
_SERVICES: Mapping[str, tuple[str, ...]] = {
    "elasticloadbalancing": ("elb", "elbv2"),
    "states": ("stepfunctions",),
    "tag": ("resourcegroupstaggingapi",),
}


def used_operations() -> dict[str, frozenset[str]]:
    """Return what the adapters may call, by botocore's service, from the permissions they list.

    What is only a permission is among it, and is in no model.
    """
    found: dict[str, frozenset[str]] = dict(_UNNAMED)
    for permission in _permissions():
        prefix, action = permission.split(":")
        for service in _SERVICES.get(prefix, (prefix,)):
            found[service] = found.get(service, frozenset()) | {action}
    return found


def write_slim_data(folder: Path) -> None:
    """Write the data into `folder`, from the botocore that is installed.

    Operations keep every shape that they reach, and their paginators; services keep the rules by
    which an endpoint is found, in all partitions. Descriptions are left empty.

    Raises:
        DeployError: a permission is of a service that botocore has under another name.
    """
    used = used_operations()
    if unknown := sorted(service for service in used if not (_DATA / service).is_dir()):
        raise DeployError(f"botocore has no service {', '.join(unknown)}: see deploy/slim.py")
    for service, operations in used.items():
        version = max(path.name for path in (_DATA / service).iterdir() if path.is_dir())
        source, target = _DATA / service / version, folder / service / version
        target.mkdir(parents=True)
        _write(target / "service-2.json", _slim_model(_read(source / "service-2.json"), operations))
        _write(target / "endpoint-rule-set-1.json", _read(source / "endpoint-rule-set-1.json"))
        pages = _pages(source / "paginators-1.json")
        kept = {name: page for name, page in pages.items() if name in operations}
        _write(target / "paginators-1.json", {"pagination": kept})
    _write(folder / "endpoints.json", _slim_endpoints(_read(_DATA / "endpoints.json"), used))


def _permissions() -> Iterator[str]:
    for module in pkgutil.walk_packages(adapters.__path__, f"{adapters.__name__}."):
        for name, value in vars(import_module(module.name)).items():
            if name.endswith("PERMISSIONS"):
                yield from value


def _slim_model(model: Mapping[str, Any], operations: frozenset[str]) -> dict[str, Any]:
    kept = {name: each for name, each in model["operations"].items() if name in operations}
    shapes: dict[str, Any] = {}
    waiting = set(_shapes_in(kept))
    while waiting:
        name = waiting.pop()
        shapes[name] = model["shapes"][name]
        waiting |= set(_shapes_in(shapes[name])) - shapes.keys()
    shapes = {name: shapes[name] for name in model["shapes"] if name in shapes}  # always alike
    slim = {**model, "operations": kept, "shapes": shapes}
    described: dict[str, Any] = _without_descriptions(slim)
    return described


def _slim_endpoints(endpoints: Any, used: Mapping[str, Any]) -> Any:
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {name: each for name, each in services.items() if name in used}
    return endpoints


def _shapes_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("shape"), str):
            yield node["shape"]
        for each in node.values():
            yield from _shapes_in(each)
    elif isinstance(node, list):
        for each in node:
            yield from _shapes_in(each)


def _without_descriptions(node: Any) -> Any:
    """Return `node` with its texts for people left empty: botocore looks for some of them.

    A member may be called documentation too, and is no text.
    """
    if isinstance(node, dict):
        return {
            name: "" if _is_description(name, each) else _without_descriptions(each)
            for name, each in node.items()
        }
    return [_without_descriptions(each) for each in node] if isinstance(node, list) else node


def _is_description(name: str, value: Any) -> bool:
    return name in ("documentation", "documentationUrl") and isinstance(value, str)


def _pages(path: Path) -> Mapping[str, Any]:
    """Return the paginators of a service; some have none."""
    is_there = path.exists() or _packed(path).exists()
    pages: dict[str, Any] = _read(path)["pagination"] if is_there else {}
    return pages


def _read(path: Path) -> Any:
    packed = _packed(path)
    return json.loads(
        gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    )


def _packed(path: Path) -> Path:
    return path.with_name(f"{path.name}.gz")


def _write(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")
