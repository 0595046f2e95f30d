"""One request at a time for each service: moto's conditional writes have one winner, as AWS's.

Without it, threads that write one DynamoDB item on a condition may all succeed.
"""

from __future__ import annotations

import threading
from typing import Any

from moto import backend_index
from moto.core.botocore_stubber import BotocoreStubber
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from sandbox.faithful.mending import mend

# Only services that never call a function of ours while they answer: those would wait for us.
_ALONE = ("dynamodb", "guardduty", "iam", "s3")
_TOGETHER = ("autoscaling", "ec2", "elb", "elbv2")  # they change each other's instances
_LOCKS = {
    **{service: threading.RLock() for service in _ALONE},
    **dict.fromkeys(_TOGETHER, threading.RLock()),
}


def install() -> None:
    """Serialise requests, in process and in a server of this process."""
    in_process, served = BotocoreStubber.process_request, DomainDispatcherApplication.__call__

    def process_request(stubber: Any, request: Any) -> Any:
        lock = _LOCKS.get(_service_of(request.url))
        if lock is None:
            return in_process(stubber, request)
        with lock:
            return in_process(stubber, request)

    def serve(server: Any, environ: Any, start_response: Any) -> Any:
        service = getattr(server.get_application(environ), "service", "")
        lock = _LOCKS.get(service)
        if lock is None:
            return served(server, environ, start_response)
        with lock:
            return served(server, environ, start_response)

    mend(BotocoreStubber, "process_request", process_request)
    mend(DomainDispatcherApplication, "__call__", serve)


def _service_of(url: str) -> str:
    address = url.split("?", 1)[0]
    return next(
        (name for name, pattern in backend_index.backend_url_patterns if pattern.match(address)), ""
    )
