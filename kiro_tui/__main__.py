"""`python -m kiro_tui`, and the `kiro-tui` command."""

import gc
import os
import sys


def run() -> None:
    """Run the command line and leave with its exit status.

    What can be answered at once is; a dashboard's pane is not empty for long.
    """
    if sys.argv[1:2] in (["status"], ["guard"]):
        from kiro_tui.cached import quick  # noqa: PLC0415 - a dashboard's first frame does not wait for it

        status = quick.answered(sys.argv[1:], os.environ)
        if status is not None:
            sys.exit(status)
    from kiro_tui.first_frame import FirstFrame  # noqa: PLC0415 - what is answered at once does not wait for it

    with FirstFrame(sys.argv[1:], os.environ) as frame:
        frame.paint()
        from kiro_tui.cli import main  # noqa: PLC0415 - the frame does not wait for it

        status = main(sys.argv[1:], frame)
    gc.freeze()  # else Python would look through all that was read for garbage, which takes a tenth of a second
    sys.exit(status)


if __name__ == "__main__":
    run()
