"""`python -m doorlog` is the command `doorlog`."""

import sys

from doorlog.cli import main

sys.exit(main())
