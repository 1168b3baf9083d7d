"""A folder that a program runs in, and that is removed when neither we nor the program need it any more.

The app holds the folder with a lock, which the system releases when the app ends, however it ends. The process that
holds the program removes the folder once the program has left and nobody holds the lock. So a program that is still
leaving keeps its folder, also when the app is gone.
"""

import fcntl
import os
from contextlib import suppress


def hold(folder: str) -> int | None:
    """Return a descriptor that holds the folder until it is closed; None where folders cannot be locked."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def remove_if_free(folder: str) -> None:
    """Remove the folder unless somebody holds it; what cannot be removed stays."""
    import shutil  # noqa: PLC0415 - its start-up time is only spent where a folder is to be removed

    with suppress(OSError):  # it is gone, or it cannot be locked
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(descriptor)
