"""`python -m colossus.cli`: the command line without its script."""

import sys

from colossus.cli.main import main

sys.exit(main())
