"""`python -m deploy`, in an environment that may be broken."""

from __future__ import annotations

import sys

try:
    from deploy.command import main
except ModuleNotFoundError as error:
    sys.exit(f"{error.name} is not installed: remove .venv and try again")

sys.exit(main(sys.argv[1:]))
