"""One machine image instead of moto's 1,301: a world is ready in a tenth of the time.

moto reads the variable when its EC2 is imported, so this module comes first.
"""

from __future__ import annotations

import os
from pathlib import Path

IMAGE_ID = "ami-0c0ffee0c0ffee00c"

os.environ.setdefault("MOTO_AMIS_PATH", str(Path(__file__).with_name("amis.json")))
