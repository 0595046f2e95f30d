from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest

from chalicelib.core.instance import EXERCISE_TAG
from cordon.command import main
from cordon.commands.send import local_client
from cordon.exits import Exit
from tests.sandbox_server.probes import free_port

ROOT = Path(__file__).parents[2]


@contextmanager
def run(**environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:  # which waits for its end
        try:
            yield process
        finally:
            process.kill()


def ready_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def remainder(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what came after the ready line; `communicate` would lose what that had buffered."""
    assert process.stdout is not None
    assert process.stderr is not None
    said, errors = process.stdout.read(), process.stderr.read()
    process.wait(timeout=60)
    return said, errors


def test_the_sandbox_answers_until_it_is_terminated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    aws, api = free_port(), free_port()
    shell = {"AWS_PROFILE": "nobody", "AWS_ENDPOINT_URL_SQS": "https://sqs.example.com"}
    with run(AWS_PORT=str(aws), API_PORT=str(api), **shell) as process:
        line = ready_line(process)
        letters = _send_malformed_event(f"http://127.0.0.1:{aws}")
        _protect_stack(f"http://127.0.0.1:{aws}")
        status = _status(f"http://127.0.0.1:{api}/nothing")
        sent = [
            main(["send", "spam", "--instance", name, "--aws", f"http://127.0.0.1:{aws}"])
            for name in ("web", "login", "bastion", "mail")
        ]
        monkeypatch.setenv("AWS_PORT", str(aws))
        login = _for_exercises(f"http://127.0.0.1:{aws}", "login")
        capsys.readouterr()
        words = ["--api", f"http://127.0.0.1:{api}", "drill", login, "--yes", "--json"]
        drilled, measured = main(words), json.loads(capsys.readouterr().out)
        process.terminate()
        rest, errors = remainder(process)

    expected = f"Cordon sandbox ready: AWS http://127.0.0.1:{aws} API http://127.0.0.1:{api}\n"
    assert line == expected
    assert "Cordon sandbox ready" not in rest
    assert "what the channels were sent: http://127.0.0.1:" in rest
    assert letters == ["MalformedFindingError"]
    assert status == 403
    assert sent == [Exit.DONE] * 4
    assert drilled == Exit.DONE
    assert {"activity_to_event", "event_to_read_back", "release"} <= measured.keys()
    assert process.returncode == 0
    assert "Traceback" not in errors


def _for_exercises(url: str, name: str) -> str:
    """Tag the instance of that name as one for exercises; return its id."""
    ec2 = local_client(url, "ec2")
    called = [{"Name": "tag:Name", "Values": [name]}]
    found = ec2.describe_instances(Filters=called)["Reservations"][0]["Instances"][0]
    tags = [{"Key": EXERCISE_TAG, "Value": ""}]
    ec2.create_tags(Resources=[found["InstanceId"]], Tags=tags)
    return str(found["InstanceId"])


def test_a_ctrl_c_ends_it_well() -> None:
    with run(AWS_PORT=str(free_port()), API_PORT=str(free_port())) as process:
        line = ready_line(process)
        for _ in range(20):  # an impatient person
            process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert line.startswith("Cordon sandbox ready: ")
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_a_port_that_is_taken_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with run(AWS_PORT=str(port), API_PORT=str(free_port())) as process:
            said, errors = process.communicate(timeout=60)

    assert (said, process.returncode) == ("", 2)
    assert errors == f"sandbox: port {port} of 127.0.0.1: Address already in use\n"


def test_a_port_that_is_no_port_is_one_clear_line() -> None:
    with run(AWS_PORT="many") as process:
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 2
    assert errors == "sandbox: AWS_PORT is 'many', which is no port\n"


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _protect_stack(endpoint: str) -> None:
    """Ask what every road asks of CloudFormation, and moto alone answers with a traceback."""
    boto3.client("cloudformation", endpoint_url=endpoint).update_termination_protection(
        StackName="cordon-dev-resources", EnableTerminationProtection=True
    )


def _send_malformed_event(endpoint: str) -> list[str]:
    """Put an event as a person does; return the errors that come to lie in the dead letters."""
    entry = {
        "Source": "aws.guardduty",
        "DetailType": "GuardDuty Finding",
        "Detail": '{"severity": 9}',
    }
    boto3.client("events", endpoint_url=endpoint).put_events(Entries=[entry])
    sqs = boto3.client("sqs", endpoint_url=endpoint)
    url = sqs.get_queue_url(QueueName="cordon-dev-dead-letters")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    return [json.loads(each["Body"])["responsePayload"]["errorType"] for each in messages]
