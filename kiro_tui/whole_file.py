"""Writing a small file whole or not at all, readable by its owner only. Knows no other module."""

import contextlib
import os
import tempfile
from pathlib import Path


def replace_file(file: Path, content: bytes, *, lasting: bool) -> None:
    """Put the content in the file's place; raises OSError, and then the old content stands as before.

    Only a `lasting` one is sure to survive a crash of the machine, at the cost of waiting for the disk.
    """
    descriptor, temporary = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)  # mkstemp makes it 0600
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            if lasting:
                stream.flush()
                os.fsync(stream.fileno())
        Path(temporary).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
    if lasting:
        _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """Wait until the new name of a file is on the disk too; some file systems cannot do this, and the file stands."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
