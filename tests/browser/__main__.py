"""`make browser`: the console and the report in headless Chromium, clicked through and looked at.

    python -m tests.browser [FOLDER]

writes what was seen to FOLDER (build/browser), as pictures. Nothing may be asked of another
machine, the browser may complain of nothing, and no page may be wider than its window. Without a
browser it is left out, which is said.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.browser.chromium import NAMES, Chromium, is_there
from tests.browser.looks import boards, controls, reports
from tests.browser.story import incident

_FOLDER = Path("build") / "browser"


def main(folder: Path = _FOLDER) -> int:
    """Return 0, also where there is no browser, which is said; what is wrong raises."""
    if not is_there():
        print(f"LEFT OUT: make browser, for want of any of {', '.join(NAMES)} (Debian: chromium)")
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with Chromium() as browser:
        for part in (controls, boards, reports, incident):
            print(f"{part(browser, folder)}", flush=True)
        count = len(browser.seen.requests)
    took = time.monotonic() - started
    print(f"{count} requests, all to this machine; no complaint; {took:.0f} s; see {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
