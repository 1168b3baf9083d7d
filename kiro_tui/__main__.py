"""`python -m kiro_tui`, and the `kiro-tui` command."""

import os
import sys

from kiro_tui.first_frame import FirstFrame


def run() -> None:
    """Run the command line and leave with its exit status; a dashboard's pane is not empty for long."""
    with FirstFrame(sys.argv[1:], os.environ) as frame:
        frame.paint()
        from kiro_tui.cli import main  # noqa: PLC0415 - the frame does not wait for it

        status = main(sys.argv[1:], frame)
    sys.exit(status)


if __name__ == "__main__":
    run()
