"""`python -m kiro_tui`, and the `kiro-tui` command."""

import sys

from kiro_tui.cli import main


def run() -> None:
    """Run the command line and leave with its exit status."""
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
