"""`python -m cordon`."""

import sys

from cordon.command import main

sys.exit(main())
