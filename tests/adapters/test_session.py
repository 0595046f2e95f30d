"""Clients made from the slim data that ships, and from botocore's own where there is none."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import UnknownServiceError

from chalicelib.adapters import session as sessions
from chalicelib.adapters.session import Session, SlimFirst
from deploy.slim import write_slim_data
from tests.adapters.aws import AWS_REGION

ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture(scope="module")
def slim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("slim")
    write_slim_data(folder)
    return folder


@pytest.fixture
def shipped(slim: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(sessions, "SLIM_DATA", slim)
    return Session(AWS_REGION)


def operations(session: Session, service: str) -> set[str]:
    return set(session.inner.get_service_model(service).operation_names)


def test_what_ships_knows_only_the_calls_that_are_made(shipped: Session) -> None:
    assert "DescribeInstances" in operations(shipped, "ec2")
    assert "TerminateInstances" not in operations(shipped, "ec2")


def test_where_no_data_ships_all_of_botocores_is_known() -> None:
    assert not sessions.SLIM_DATA.exists()
    assert "TerminateInstances" in operations(Session(AWS_REGION), "ec2")


def test_a_service_that_did_not_ship_is_found_in_botocores_own(shipped: Session) -> None:
    assert "ListClusters" in operations(shipped, "ecs")


def test_data_of_a_shipped_service_that_did_not_ship_is_found_there_too(shipped: Session) -> None:
    waiters = shipped.inner.get_waiter_model("ec2").waiter_names

    assert "InstanceRunning" in waiters


def test_a_newer_model_of_the_runtime_does_not_hide_what_ships(slim: Path, tmp_path: Path) -> None:
    newer = tmp_path / "ec2" / "2099-01-01"
    newer.mkdir(parents=True)
    (newer / "service-2.json").write_text(json.dumps({"operations": {}}), encoding="utf-8")
    loader = SlimFirst(slim)
    loader.search_paths.append(str(tmp_path))

    assert loader.determine_latest_version("ec2", "service-2") == "2099-01-01"
    assert "DescribeInstances" in loader.load_service_model("ec2", "service-2")["operations"]


def test_a_service_that_nobody_knows_is_an_error(shipped: Session) -> None:
    with pytest.raises(UnknownServiceError):
        shipped.client("no-such-service")


def test_the_400_services_of_botocore_are_not_listed_for_one_that_ships(shipped: Session) -> None:
    listed: list[str] = []

    def none_of(type_name: str) -> list[str]:
        listed.append(type_name)
        return []

    loader: Any = shipped.inner.get_component("data_loader")
    loader.list_available_services = none_of

    shipped.client("ec2")
    assert listed == []

    with pytest.raises(UnknownServiceError):
        shipped.client("ecs")
    assert listed == ["service-2"]


def test_a_client_for_later_is_made_when_it_is_asked_for_something(aws: None) -> None:  # noqa: ARG001 - it is there
    session = Session(AWS_REGION)
    made: list[str] = []
    session.inner.get_component("event_emitter").register(
        "creating-client-class.sns", lambda **_: made.append("sns")
    )

    later = session.client_later("sns", config=ONCE)
    assert made == []

    assert later.list_topics()["Topics"] == []
    assert later.list_topics()["Topics"] == []
    assert made == ["sns"]


def test_clients_made_at_once_are_made_in_turn(shipped: Session) -> None:
    at_work, most = 0, 0
    start = Barrier(8)

    def begin(**_: Any) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        time.sleep(0.01)  # time for others to begin, if they may

    def make(_: int) -> str:
        nonlocal at_work
        start.wait(timeout=30)
        client = shipped.client("sns")
        return str(client.meta.region_name)

    def end(**_: Any) -> None:
        nonlocal at_work
        at_work -= 1

    emitter = shipped.inner.get_component("event_emitter")
    emitter.register_first("creating-client-class.sns", begin)
    emitter.register_last("creating-client-class.sns", end)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(make, range(8))) == {AWS_REGION}

    assert (at_work, most) == (0, 1)
