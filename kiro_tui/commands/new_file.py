"""Files that a person asks us to write: new ones, for their eyes only. Must never write over what is there."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kiro_tui.domain.text import clean
from kiro_tui.errors import UsageError


@contextmanager
def new_file(path: str) -> Iterator[Callable[[str], None]]:
    """Make the file (0600) and lend a function that writes to it; it is gone again if nothing was written.

    Raises UsageError where it is there already or cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileExistsError:
        raise UsageError(f"{clean(path)} is there already.", "Name a new file: nothing is written over.") from None
    except OSError as error:
        raise _unwritable(path, error) from error
    except ValueError as error:  # a NUL in it
        raise UsageError(f"{clean(path)} is no name of a file.", "Name another file.") from error
    wrote = False

    def write(text: str) -> None:
        nonlocal wrote
        stream.write(text)
        stream.flush()
        wrote = True

    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as stream:
            try:
                yield write
            except OSError as error:
                raise _unwritable(path, error) from error
    finally:
        if not wrote:
            Path(path).unlink(missing_ok=True)


def _unwritable(path: str, error: OSError) -> UsageError:
    return UsageError(f"{clean(path)} cannot be written: {error.strerror}.", "Name another file.")
