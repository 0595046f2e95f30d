"""What makes a cold start cheaper, and changes nothing else.

Python writes the methods of a dataclass as text, and compiles it whenever the class is made: for
Cordon's that is a tenth of a start. `make package` compiles the same text once, and puts the
result beside this file, named after the Python that it is for, as bytecode is. Text that is not in
it is compiled as ever.
"""

from __future__ import annotations

import dataclasses
import gc
import marshal
import sys
from pathlib import Path
from typing import Any

COMPILED = Path(__file__).with_name(f"dataclasses.{sys.implementation.cache_tag}.bin")


def prepare(compiled: Path = COMPILED) -> None:
    """Make what is imported from here on cost less."""
    # What imports make is there to stay. To look for garbage in it after every 700 objects, as
    # Python does, takes a twentieth of a cold start.
    gc.set_threshold(100_000)
    if not compiled.exists():
        return
    codes: dict[str, Any] = marshal.loads(compiled.read_bytes())  # noqa: S302 - ships with the code

    def execute(text: str, *where: Any) -> None:
        code = codes.get(text) or compile(text, "<string>", "exec", dont_inherit=True)
        exec(code, *where)  # noqa: S102 - as dataclasses itself does

    vars(dataclasses)["exec"] = execute
