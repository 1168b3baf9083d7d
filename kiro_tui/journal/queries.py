"""What is read from and written to an open journal: one function for each question, all SQL but the layout's.

Each raises sqlite3.Error as it comes; translating that is for `store`.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from kiro_tui.domain.history import Reading
from kiro_tui.journal.database import Damaged, Database
from kiro_tui.journal.rows import MICROSECOND, Row, moment, reading_of, row_of, stamp
from kiro_tui.journal.schema import transaction

KEPT = timedelta(days=25 * 31)
"""25 months; what is older is forgotten."""
KEPT_WHOLE = timedelta(days=60)
"""What is older is thinned out to the last reading of each hour."""
HOUR = timedelta(hours=1) // MICROSECOND
TENDED = "journal.tended"
"""The memo that holds the day on which the file was last looked over."""
WASTE = 1000
"""Unused pages that make it worth writing the file anew, where they are a quarter of it."""

_READINGS = "SELECT account, first_at, last_at, way, version, report FROM reading"
_LAST_OF_HOURS = """
    WHERE id IN (
        SELECT max(id) FROM reading WHERE account = ? AND last_at >= ? AND first_at <= ? GROUP BY first_at / ?
    ) ORDER BY id
"""
_LAST_OF_EACH = " WHERE id IN (SELECT max(id) FROM reading GROUP BY account) ORDER BY last_at DESC"
_THIN_OUT = """
    DELETE FROM reading WHERE last_at < ? AND id NOT IN (
        SELECT max(id) FROM reading WHERE last_at < ? GROUP BY account, first_at / ?
    )
"""

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many readings went."""

    forgotten: int
    thinned: int


def latest(connection: sqlite3.Connection, account: str | None) -> Reading | None:
    """Return the account's last reading; for None the one that was seen to hold last."""
    if account is None:
        rows = connection.execute(_READINGS + _LAST_OF_EACH)
    else:
        rows = connection.execute(_READINGS + " WHERE account = ? ORDER BY id DESC", (account,))
    return next(_readable(rows), None)


def recent(connection: sqlite3.Connection, account: str, most: int) -> list[Reading]:
    """Return the account's last readings, at most so many, in the order in which they were kept."""
    rows = connection.execute(_READINGS + " WHERE account = ? ORDER BY id DESC LIMIT ?", (account, most))
    return [*_readable(rows)][::-1]


def between(connection: sqlite3.Connection, account: str, since: datetime, until: datetime) -> list[Reading]:
    """Return the account's readings that held at any time of the span, in the order in which they were kept."""
    span = (account, stamp(since), stamp(until))
    rows = connection.execute(_READINGS + " WHERE account = ? AND last_at >= ? AND first_at <= ? ORDER BY id", span)
    return list(_readable(rows))


def hourly(connection: sqlite3.Connection, account: str, since: datetime, until: datetime) -> list[Reading]:
    """Return the same, but of those that began in one hour only the last: as they are kept when they are old."""
    span = (account, stamp(since), stamp(until))
    rows = connection.execute(_READINGS + _LAST_OF_HOURS, (*span, HOUR))
    return list(_readable(rows))


def accounts(connection: sqlite3.Connection) -> list[str]:
    """Return the keys of all accounts, the one that was seen first first."""
    return [key for (key,) in connection.execute("SELECT account FROM reading GROUP BY account ORDER BY min(id)")]


def add(connection: sqlite3.Connection, reading: Reading) -> None:
    """Let the account's last reading hold until here where it says the same, and add a row where it does not."""
    account, first_at, last_at, *said = row = row_of(reading)
    last = connection.execute(
        "SELECT id, last_at, way, version, report FROM reading WHERE account = ? ORDER BY id DESC LIMIT 1", (account,)
    ).fetchone()
    # A clock that was set back must not shorten what was seen.
    if last is not None and last[1] <= first_at and list(last[2:]) == said:
        connection.execute("UPDATE reading SET last_at = ? WHERE id = ?", (last_at, last[0]))
    else:
        connection.execute("INSERT INTO reading VALUES (NULL, ?, ?, ?, ?, ?, ?)", row)


def memo(connection: sqlite3.Connection, key: str) -> str | None:
    """Return what was noted under the key."""
    row = connection.execute("SELECT value FROM memo WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def set_memo(connection: sqlite3.Connection, key: str, value: str) -> bool:
    """Note it, and return whether anything else stood there."""
    with transaction(connection):
        news = memo(connection, key) != value
        if news:
            connection.execute("REPLACE INTO memo VALUES (?, ?)", (key, value))
    return news


def amend(connection: sqlite3.Connection, key: str, change: Callable[[str | None], tuple[str, T]]) -> T:
    """Note what the change makes of what stands there, alone among all programs; return what it gives beside that."""
    with transaction(connection):
        after, result = change(memo(connection, key))
        connection.execute("REPLACE INTO memo VALUES (?, ?)", (key, after))
    return result


def hash_key(connection: sqlite3.Connection) -> bytes:
    """Return the secret with which this journal's account keys are made; raises Damaged where there is none."""
    row = connection.execute("SELECT value FROM hash_key").fetchone()
    if row is None or not isinstance(row[0], bytes):
        raise Damaged("its key is gone")
    return row[0]


def tend(database: Database, now: datetime) -> None:
    """Once a day, whoever comes first: look the whole file over and prune it. Raises Damaged where it is."""
    connection = database.connection
    if memo(connection, TENDED) == f"{now:%Y-%m-%d}":
        return
    database.check()
    last = connection.execute("SELECT last_at FROM reading ORDER BY id DESC LIMIT 1").fetchone()
    # A clock that is years ahead for one reading must not empty the journal: the reading before it says the time too.
    prune(connection, now if last is None else min(now, moment(last[0])))
    set_memo(connection, TENDED, f"{now:%Y-%m-%d}")


def prune(connection: sqlite3.Connection, now: datetime) -> Pruned:
    """Forget what is too old, thin out what is old, and give the room back where that is worth it."""
    too_old, old = stamp(now - KEPT), stamp(now - KEPT_WHOLE)
    with transaction(connection):
        forgotten = connection.execute("DELETE FROM reading WHERE last_at < ?", (too_old,)).rowcount
        thinned = connection.execute(_THIN_OUT, (old, old, HOUR)).rowcount
    (unused,) = connection.execute("PRAGMA freelist_count").fetchone()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    if unused > max(WASTE, pages // 4):
        connection.execute("VACUUM")
    return Pruned(forgotten, thinned)


def _readable(rows: Iterable[Row]) -> Iterator[Reading]:
    for row in rows:
        try:
            yield reading_of(row)
        except ValueError as error:
            _log.warning("A row of the journal cannot be read and is left out: %s", error)
