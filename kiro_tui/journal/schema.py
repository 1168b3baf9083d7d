"""How the journal's file is laid out, and the steps that bring an older one up to date.

A step is never changed once a release has written with it: a new layout is a new step at the end. Must never be used
on a file of a newer layout; whoever opens one leaves it as it is.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache

Step = tuple[str, ...]

STEPS: tuple[Step, ...] = (
    (
        # Times are microseconds since 1970 in UTC. The row id is the order of events, also when the clock was set back.
        """CREATE TABLE reading (
            id INTEGER PRIMARY KEY,
            account TEXT NOT NULL,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            way TEXT NOT NULL,
            version TEXT,
            report TEXT NOT NULL
        )""",
        "CREATE INDEX reading_account ON reading (account)",  # the row id is part of every index
        "CREATE TABLE memo (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE hash_key (value BLOB NOT NULL)",
        "INSERT INTO hash_key VALUES (randomblob(32))",
    ),
)
"""Step n brings a file of version n to version n + 1; an empty file has version 0."""

VERSION = len(STEPS)


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of the layout that the file has."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def layout_of(connection: sqlite3.Connection) -> frozenset[str]:
    """Return what the file says that its tables and indexes are."""
    return frozenset(sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL"))


@cache
def newest_layout() -> frozenset[str]:
    """Return the same for a file that the steps have just made: one letter less is another table to SQLite."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        return layout_of(connection)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Make what is done inside happen wholly or not at all, alone among all programs."""
    # Not plain BEGIN: a change that starts by reading fails at once when somebody else writes before it does.
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def migrate(connection: sqlite3.Connection, steps: Sequence[Step] = STEPS) -> None:
    """Bring the file to the newest version, wholly or not at all; a newer one stays as it is."""
    if version_of(connection) >= len(steps):
        return
    with transaction(connection):
        done = version_of(connection)  # once more: somebody else may have been faster
        for statement in (statement for step in steps[done:] for statement in step):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {max(done, len(steps))}")
