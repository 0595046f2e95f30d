"""The log of the app in a file: what it writes, and at the level at which, it writes in Lambda."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter


@contextmanager
def log_in(path: Path) -> Iterator[None]:
    """Send the lines of the app, and what the sandbox says of deliveries, to the file `path`.

    The app must have been imported. The file is emptied first; each line of it is JSON.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    app, sandbox = logging.getLogger("cordon"), logging.getLogger("sandbox")
    with path.open("w", encoding="utf-8") as file:
        deliveries = logging.StreamHandler(file)
        deliveries.setFormatter(LambdaPowertoolsFormatter())
        sandbox.addHandler(deliveries)
        sandbox.propagate = False
        before = [(handler, _stream_of(handler, file)) for handler in app.handlers]
        try:
            yield
        finally:
            sandbox.removeHandler(deliveries)
            sandbox.propagate = True
            for handler, stream in before:
                _stream_of(handler, stream)


def _stream_of(handler: Any, stream: Any) -> Any:
    """Let `handler` write to `stream` from now on; return where it wrote before."""
    before = handler.stream
    handler.setStream(stream)
    return before
