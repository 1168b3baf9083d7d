"""`python -m kiro_tui.simulator ARGS…`."""

import os
import sys

from kiro_tui.simulator.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
