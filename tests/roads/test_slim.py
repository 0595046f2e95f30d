"""What is cut from botocore's data is nothing that Cordon calls."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest

from chalicelib.adapters import sqs
from chalicelib.adapters.session import SlimFirst
from deploy.errors import DeployError
from deploy.slim import _SERVICES, FOLDER, used_operations, write_slim_data
from deploy.staging import staged_project
from tests.house.test_permissions import operations as called_by

ADAPTERS = Path(__file__).parents[2] / "chalicelib" / "adapters"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("slim") / FOLDER
    write_slim_data(folder)
    return folder


def slim_session(data: Path) -> botocore.session.Session:
    session = botocore.session.Session()
    session.register_component("data_loader", SlimFirst(data))
    return session


def test_every_call_that_an_adapter_makes_is_in_the_data(data: Path) -> None:
    session = slim_session(data)
    calls = [call for path in ADAPTERS.rglob("*.py") for call in called_by(path)]

    known = {
        service: {
            operation
            for each in _SERVICES.get(service, (service,))
            for operation in session.get_service_model(each).operation_names
        }
        for service, _ in calls
    }

    assert len(calls) > 20
    assert [call for call in calls if call[1] not in known[call[0]]] == []


def test_what_is_never_called_is_not_in_the_data(data: Path) -> None:
    model = slim_session(data).get_service_model("ec2")

    assert "TerminateInstances" not in model.operation_names
    assert set(model.operation_names) <= used_operations()["ec2"]


def test_a_service_is_found_by_the_prefix_of_its_permissions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {
        "elasticloadbalancing:DeregisterTargets": "elbv2",
        "elasticloadbalancing:DeregisterInstancesFromLoadBalancer": "elb",
        "iam:PutRolePolicy": "iam",
        "autoscaling:EnterStandby": "autoscaling",
        "states:StartExecution": "stepfunctions",
    }
    monkeypatch.setattr(sqs, "PERMISSIONS", (*sqs.PERMISSIONS, *found))

    write_slim_data(tmp_path)

    session = slim_session(tmp_path)
    for permission, service in found.items():
        operation = permission.partition(":")[2]
        assert (tmp_path / service).is_dir()
        assert operation in session.get_service_model(service).operation_names


def test_a_prefix_that_botocore_does_not_know_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqs, "PERMISSIONS", (*sqs.PERMISSIONS, "nowhere:DoIt"))

    with pytest.raises(DeployError, match="no service nowhere"):
        write_slim_data(tmp_path)


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [
        ("us-east-1", "https://ec2.us-east-1.amazonaws.com"),
        ("us-gov-west-1", "https://ec2.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "https://ec2.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_endpoints_of_every_partition_are_found(data: Path, region: str, endpoint: str) -> None:
    client = slim_session(data).create_client("ec2", region_name=region)

    assert client.meta.endpoint_url == endpoint


def test_a_service_that_is_not_in_the_data_is_read_from_botocores_own(data: Path) -> None:
    assert "ListClusters" in slim_session(data).get_service_model("ecs").operation_names


def test_the_data_is_the_same_whatever_order_a_process_gives_to_sets(tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from deploy import slim\n"
    program += "slim.write_slim_data(Path(sys.argv[1]))"
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / seed)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
        )

    one, two = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*.json")}
        for root in (tmp_path / "1", tmp_path / "2")
    )
    assert len(one) > 30
    assert one == two


def test_what_ships_has_the_data_and_is_compiled() -> None:
    with staged_project() as project:
        vendor = project / "vendor"
        compiled = {path.name.split(".")[0] for path in vendor.glob("__pycache__/*.pyc")}
        modules = {path.stem for path in (project / "chalicelib" / "core").glob("*.py")}
        found = (project / "chalicelib" / "core" / "__pycache__").glob("*.pyc")

        assert (vendor / FOLDER / "endpoints.json").exists()
        assert compiled == {"app"} | {path.stem for path in vendor.glob("*.py")}
        assert modules == {path.name.split(".")[0] for path in found}
        assert list((vendor / "chalice" / "__pycache__").glob("app.*.pyc"))
