"""stdout for data, stderr for talk; a reader who has gone away is no trouble, a full disk is."""

import io
import os
import sys

from kiro_tui.errors import KiroTuiError, UsageError
from kiro_tui.output.as_json import error_document, render


class Unwritable(UsageError):
    """stdout takes nothing, so that this can only be told on stderr."""


def speak_utf8() -> None:
    """Write UTF-8 whatever the locale says; what no encoding can hold (a stray byte in a path) is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None where it is closed
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def write(text: str) -> None:
    """Write data at once; raises Unwritable where stdout takes none, except that `| head` may have had enough."""
    try:
        print(text, end="", flush=True)  # noqa: T201 - this is what stdout is for; where it is closed, nothing happens
    except BrokenPipeError:
        _give_up_stdout()
    except OSError as error:
        _give_up_stdout()
        raise Unwritable(f"The output cannot be written: {error.strerror}.") from error


def complain(error: KiroTuiError) -> int:
    """Tell a person what went wrong and what to do next; return the exit status."""
    lines = filter(None, [f"kiro-tui: {error.message}", error.hint])
    print(*lines, sep="\n", file=sys.stderr)  # noqa: T201 - this is what stderr is for
    return error.exit_status


def remark(text: str) -> None:
    """Tell a person something beside the data."""
    print(f"kiro-tui: {text}", file=sys.stderr)  # noqa: T201 - this is what stderr is for


def complain_as_json(error: KiroTuiError, *, pretty: bool) -> int:
    """Tell a program what went wrong; return the exit status."""
    write(render(error_document(error), pretty=pretty) + "\n")
    return error.exit_status


def _give_up_stdout() -> None:
    # What is left in its buffer would be tried again, and fail again, when Python ends.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
