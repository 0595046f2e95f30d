"""How a road says how far it is."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[str], None]
