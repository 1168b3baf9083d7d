"""The journal's file: made, opened, looked over, put aside. Knows SQLite and files, and nothing of readings.

The file and what SQLite lays beside it can be read by their owner only. Must never open the file by itself once it
may be in use: closing any descriptor of it drops every lock that SQLite holds for this process.
"""

import fcntl
import os
import sqlite3
import tempfile
from datetime import datetime
from pathlib import Path

from kiro_tui.journal.schema import VERSION, layout_of, migrate, newest_layout, version_of

PATIENCE = 0.25
"""Seconds that one statement waits for a file that somebody else has locked."""
CACHED = 128
"""KiB of the file that are held in memory while it is open; the usual 2 MiB would be there all day."""
COMPANIONS = ("-wal", "-shm")
"""What SQLite keeps beside the file; they go where the file goes."""

Identity = tuple[int, int]
"""Device and inode: which file it is, whatever its path."""


class Damaged(Exception):
    """The file is no journal, or no longer one."""


class Database:
    """An open journal. Opening raises Damaged or sqlite3.Error, and then leaves nothing open."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.newer = False
        """A newer kiro-tui made it: it is read as far as it goes, and never written to."""
        self.writable = os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)
        # Where nothing can be written, SQLite cannot even read unless it is told that nobody else writes either.
        self.connection = _connect(path.absolute().as_uri() + ("?mode=rw" if self.writable else "?mode=ro&immutable=1"))
        try:
            self.connection.execute(f"PRAGMA cache_size = {-CACHED}")
            self._prepare()
        except BaseException:
            self.connection.close()
            raise

    def _prepare(self) -> None:
        version = version_of(self.connection)
        self.newer = version > VERSION
        if self.newer:
            self.writable = False
            self.connection.execute("PRAGMA query_only = ON")
        elif version == VERSION and not layout_of(self.connection) >= newest_layout():
            raise Damaged("it is the database of something else, or its layout is damaged")
        if self.writable:
            self._path.chmod(0o600)
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = NORMAL")
            migrate(self.connection)

    def check(self) -> None:
        """Read the whole file, and make its index anew where that disagrees; raises Damaged where that does not help.

        Takes 2 ms for each megabyte or so.
        """
        if self._verdict() != "ok":
            self.connection.execute("REINDEX")
            if (verdict := self._verdict()) != "ok":
                raise Damaged(verdict)

    def _verdict(self) -> str:
        # Not quick_check, which is quicker because it does not hold the index against the rows.
        return str(self.connection.execute("PRAGMA integrity_check(1)").fetchone()[0])

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()


def is_damage(error: Exception) -> bool:
    """Whether the error says that the file is no journal, and not merely that it cannot be had now."""
    # SQLite quotes a layout that it cannot read in its message, and Python cannot read that.
    return isinstance(error, Damaged | UnicodeDecodeError) or _code(error) in {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    }


def is_busy(error: Exception) -> bool:
    """Whether the error only says that somebody else is at work."""
    return _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def is_full(error: Exception) -> bool:
    """Whether the error says that there is no room left."""
    return _code(error) == sqlite3.SQLITE_FULL


def _code(error: Exception) -> int | None:
    """Return SQLite's primary code of an error, None where it has none."""
    extended = getattr(error, "sqlite_errorcode", None)
    return None if extended is None else extended & 0xFF


def identity(path: Path) -> Identity | None:
    """Return which file the path leads to, None where it leads to none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def put_aside(path: Path, damaged: Identity | None, now: datetime) -> Path | None:
    """Rename the damaged file and return its new path; None where somebody else was faster or is just doing it."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if identity(path) != damaged:
            return None
        aside = path.with_name(f"{path.name}.corrupt-{now:%Y%m%dT%H%M%S.%f}")
        for ending in (*COMPANIONS, ""):  # a new file must never find the old one's companions
            old = path.with_name(path.name + ending)
            if old.exists():
                old.rename(aside.with_name(aside.name + ending))
    except BlockingIOError:
        return None
    else:
        return aside
    finally:
        os.close(folder)


def _connect(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)
    connection.text_factory = lambda data: data.decode(errors="replace")
    return connection


def create(path: Path) -> None:
    """Make an empty journal, which appears complete or not at all, however many programs do so at once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mkstemp makes it 0600
    os.close(descriptor)
    unfinished = Path(name)
    try:
        connection = _connect(unfinished.absolute().as_uri())
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            migrate(connection)
        finally:
            connection.close()
        path.hardlink_to(unfinished)
    except FileExistsError:
        pass  # somebody else was faster, and theirs is as good
    finally:
        unfinished.unlink()
        for ending in COMPANIONS:
            unfinished.with_name(unfinished.name + ending).unlink(missing_ok=True)
