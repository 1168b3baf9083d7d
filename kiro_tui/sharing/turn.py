"""The right to ask kiro-cli, which one program has at a time, and how the last question failed if it did.

The right is a lock on a small file: it ends with the program that holds it, however that ends, and no program that it
has started inherits it. The file's content is the note of the last failure. Must never wait.
"""

import fcntl
import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from kiro_tui.domain.state import Failure
from kiro_tui.domain.text import clean
from kiro_tui.errors import ProbeError

LONGEST_NOTE = 4096
KINDS = {kind.code: kind for kind in ProbeError.__subclasses__()}


class Turn:
    """One program's view of the turn at `path`; None where programs cannot share, and it is always its turn."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._held: int | None = None

    def take(self) -> bool:
        """Take the turn, and return whether it could be had; raises OSError where there can be no such file."""
        if self._path is None:
            return True
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # it may have been deleted meanwhile
        while (file := _locked(self._path)) is not None:
            if _is_at(file, self._path):
                self._held = file
                return True
            os.close(file)
        return False

    def give_back(self) -> None:
        """Let the next one take it."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def overrule(self) -> None:
        """Make it free, whoever holds it: that one goes on with a file that nobody looks at any more."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def read(self) -> str:
        """Return the note of the last failure; empty where the last question was answered."""
        try:
            return self._path.read_text(encoding="utf-8", errors="replace")[:LONGEST_NOTE] if self._path else ""
        except OSError:
            return ""  # nobody has asked yet

    def write(self, note: str) -> None:
        """Leave a note for the others; only whoever holds the turn does that."""
        if self._held is not None:
            with suppress(OSError):  # on a full disk the others find no note, and ask for themselves
                os.ftruncate(self._held, 0)
                os.pwrite(self._held, note.encode(), 0)


def note_of(failure: Failure, *, by_person: bool) -> str:
    """Return the failure in a form for `failure_in`; `by_person` says who had asked."""
    error = failure.error
    said = {"code": error.code, "message": error.message, "hint": error.hint}
    return json.dumps({"at": failure.at.isoformat(), "by_person": by_person, **said, "version": failure.version})


def failure_in(note: str, *, by_person: bool) -> Failure | None:
    """Return the failure, None where there is none; a person's question is only answered by another person's."""
    try:
        said = json.loads(note)
        if by_person and said["by_person"] is not True:
            return None
        error = KINDS[said["code"]](clean(said["message"], 1000), clean(said["hint"], 1000))
        version = None if said["version"] is None else clean(said["version"])
        at = datetime.fromisoformat(said["at"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None  # none, or one that was cut off
    return None if at.tzinfo is None else Failure(error, at, version)


def _locked(path: Path) -> int | None:
    """Return the file, opened and locked; None where somebody else has locked it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException as error:
        os.close(file)
        if isinstance(error, BlockingIOError):
            return None
        raise
    return file


def _is_at(file: int, path: Path) -> bool:
    """Whether the path still leads to the open file: it may have been overruled, or deleted, since it was opened."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False
