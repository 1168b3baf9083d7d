"""What can be asked of the journal, whatever became of its file: no call raises for that, and none waits for long.

Every change goes through memory: what is kept waits there until it is in the file, which is at once as a rule. So a
file that is locked, full, read-only, newer than us or not there at all is one case and not five: things go on waiting,
what is asked for is answered from both, and `notice` says why. Must be used by one thread, the one that `worker` has.
"""

import hashlib
import logging
import secrets
import sqlite3
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from kiro_tui.clock import Clock
from kiro_tui.domain.history import Reading
from kiro_tui.domain.state import Snapshot
from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import Account
from kiro_tui.journal import queries
from kiro_tui.journal.database import (
    Damaged,
    Database,
    Identity,
    create,
    identity,
    is_busy,
    is_damage,
    is_full,
    put_aside,
)
from kiro_tui.journal.queries import Pruned
from kiro_tui.journal.schema import transaction

FILE = "journal.sqlite3"
MOST_WAITING = 5000
"""Readings that are held in memory at most; beyond that the oldest is forgotten."""
FEW = 50
"""Readings that are written at once."""
PATIENT_WITH = 3
"""So many different readings may wait for a locked file before a person is told."""
WITHOUT = "Readings are kept only until kiro-tui ends"
_NO_FOLDER = f"{WITHOUT}: there is no folder that can be written to."
_READ_ONLY = f"{WITHOUT}: the folder of the history is read-only."
_NEWER = f"{WITHOUT}: a newer kiro-tui has written the history."

_log = logging.getLogger(__name__)
T = TypeVar("T")
_Between = Callable[[sqlite3.Connection, str, datetime, datetime], list[Reading]]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A reading that is not in the file yet, and whose it is: its key may change with the file that takes it."""

    reading: Reading
    account: Account | None

    def under(self, hash_key: bytes) -> Reading:
        """Return the reading under the key that its account has in the file with this secret."""
        return replace(self.reading, account=_keyed(hash_key, self.account))


class Journal:
    """The readings of all accounts that were seen on this machine; `folder` is None where nothing can be kept."""

    def __init__(self, folder: Path | None, clock: Clock) -> None:
        self._path = folder / FILE if folder else None
        self._clock = clock
        self._database: Database | None = None
        self._identity: Identity | None = None
        self._waiting: deque[_Waiting] = deque(maxlen=MOST_WAITING)
        self._waiting_memos: dict[str, str] = {}
        self._own_hash_key = secrets.token_bytes(32)
        self._trouble = None if folder else _NO_FOLDER
        self._put_aside: str | None = None
        self._logged: str | None = None
        self._busy = False

    @property
    def notice(self) -> str | None:
        """What a person should be told once, in one sentence; None while all is well."""
        return self._trouble or self._put_aside

    def account_key(self, account: Account | None) -> str:
        """Return the name under which the account's readings are kept; nobody can be read out of it."""
        return _keyed(self._hash_key(), account)

    def keep(self, snapshot: Snapshot) -> Reading:
        """Keep the reading, and return it as it stands in the journal.

        Where the account's last one says the same, by the same way and version, that one now holds until here. Every
        difference counts as a change, also that a bonus ends in one day less: a reading is true for all of its span.
        """
        at, account = snapshot.taken_at, snapshot.account
        reading = Reading(self.account_key(account), at, at, snapshot.report, snapshot.way, snapshot.version)
        last = self._waiting[-1].reading if self._waiting else None
        if last and last.last_at <= at and _says_the_same(last, reading):
            self._waiting.pop()
            reading = replace(last, last_at=at)
        self._waiting.append(_Waiting(reading, account))
        self._bring_home()
        return self.latest(self.account_key(account)) or reading

    def latest(self, account: str | None = None) -> Reading | None:
        """Return the account's last reading; for None the one that was seen to hold last, whosever it is."""
        self._bring_home()
        waiting = [each for each in self._in_memory() if account in (None, each.account)]
        return waiting[-1] if waiting else self._on_file(lambda file: queries.latest(file.connection, account), None)

    def recent(self, account: str, most: int) -> tuple[Reading, ...]:
        """Return the account's last readings, at most so many, in the order in which they were kept."""
        self._bring_home()
        nothing: list[Reading] = []
        kept = self._on_file(lambda file: queries.recent(file.connection, account, most), nothing)
        return (*kept, *(each for each in self._in_memory() if each.account == account))[-most:]

    def readings(self, account: str, since: datetime, until: datetime) -> tuple[Reading, ...]:
        """Return what was seen to hold at any time from `since` to `until`, in the order in which it was kept."""
        return self._between(queries.between, account, since, until)

    def hourly(self, account: str, since: datetime, until: datetime) -> tuple[Reading, ...]:
        """Return the same, but of those that began in one hour only the last, as far as they are on file."""
        return self._between(queries.hourly, account, since, until)

    def _between(self, ask: _Between, account: str, since: datetime, until: datetime) -> tuple[Reading, ...]:
        self._bring_home()
        nothing: list[Reading] = []
        kept = self._on_file(lambda file: ask(file.connection, account, since, until), nothing)
        waiting = (each for each in self._in_memory() if each.account == account)
        return (*kept, *(each for each in waiting if each.last_at >= since and each.first_at <= until))

    def accounts(self) -> tuple[str, ...]:
        """Return the keys of all accounts that have readings."""
        self._bring_home()
        nobody: list[str] = []
        kept = self._on_file(lambda file: queries.accounts(file.connection), nobody)
        return tuple(dict.fromkeys([*kept, *(each.account for each in self._in_memory())]))

    def memo(self, key: str) -> str | None:
        """Return what was last noted under this key, by any program."""
        if key in self._waiting_memos:
            return self._waiting_memos[key]
        return self._on_file(lambda file: queries.memo(file.connection, key), None)

    def set_memo(self, key: str, value: str) -> bool:
        """Note something, and return whether that is news: of many programs that note the same, one is told so."""
        news = self._on_file(lambda file: queries.set_memo(file.connection, key, value), None, write=True)
        if news is not None:
            self._waiting_memos.pop(key, None)
            return news
        news = self.memo(key) != value
        self._waiting_memos[key] = value
        return news

    def amend(self, key: str, change: Callable[[str | None], tuple[str, T]]) -> T | None:
        """Note what the change makes of what was noted, with no other program in between; return what it gives beside.

        None where another program just holds the file: nothing was noted, and it may be tried again. The change may
        be worked out more than once.
        """
        self._bring_home()
        before = self.memo(key)
        after, result = change(before)
        if after == before:  # as a rule; then nobody has to wait for anybody
            return result
        if key not in self._waiting_memos:
            done = self._on_file(lambda file: (queries.amend(file.connection, key, change),), None, write=True)
            if done is not None:
                return done[0]
            if self._busy and self._trouble is None:
                return None
        self._waiting_memos[key] = after
        return result

    def prune(self, now: datetime) -> Pruned | None:
        """Forget what is too old and thin out what is old; None where the file cannot be written to now."""
        return self._on_file(lambda file: queries.prune(file.connection, now), None, write=True)

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _hash_key(self) -> bytes:
        return self._on_file(lambda file: queries.hash_key(file.connection), None) or self._own_hash_key

    def _in_memory(self) -> list[Reading]:
        """Return what waits, under the keys of today."""
        if not self._waiting:
            return []
        hash_key = self._hash_key()
        return [each.under(hash_key) for each in self._waiting]

    def _bring_home(self) -> None:
        """Put into the file what waits for it."""
        if self._waiting or self._waiting_memos:
            self._on_file(self._write_down, None, write=True)

    def _write_down(self, file: Database) -> None:
        queries.tend(file, self._clock.now())
        hash_key = queries.hash_key(file.connection)
        while self._waiting:  # a few at a time: where there is no room, trying must not cost more the more there waits
            some = list(islice(self._waiting, FEW))
            with transaction(file.connection):
                for each in some:
                    queries.add(file.connection, each.under(hash_key))
            for _ in some:
                self._waiting.popleft()
        while self._waiting_memos:
            key, value = next(iter(self._waiting_memos.items()))
            queries.set_memo(file.connection, key, value)
            del self._waiting_memos[key]

    def _on_file(self, work: Callable[[Database], T], otherwise: T, *, write: bool = False) -> T:
        """Return what the work gives, or `otherwise` where the file cannot be had now."""
        self._busy = False
        if self._path is None:
            return otherwise
        for _ in range(2):  # the second time on a file that was put right after the first
            try:
                file = self._opened(self._path, write=write)
                if write and not file.writable:
                    self._trouble = _NEWER if file.newer else _READ_ONLY
                    return otherwise
                result = work(file)
            except sqlite3.ProgrammingError as error:
                raise RuntimeError("the journal is used wrongly, perhaps by a second thread") from error
            except (sqlite3.Error, Damaged, OSError, UnicodeDecodeError) as error:
                trouble: Exception = error
                if not self._put_right(self._path, error):
                    break
            else:
                if write:
                    self._trouble = None
                return result
        self._busy = is_busy(trouble)
        if not self._busy or len(self._waiting) >= PATIENT_WITH:
            self._trouble = f"{WITHOUT}: the history cannot be used ({clean(_reason(trouble))})."
        return otherwise

    def _opened(self, path: Path, *, write: bool) -> Database:
        """Return the open file: anew where the old one was deleted or replaced, or could not be written to so far."""
        if identity(path) != self._identity or (write and self._database and not self._database.writable):
            self.close()
        if self._database is None:
            if not path.exists():
                create(path)
            self._identity = identity(path)  # before it is opened: what is damaged may be replaced at any moment
            self._database = Database(path)
        return self._database

    def _put_right(self, path: Path, error: Exception) -> bool:
        """Do what can be done about the error, and return whether that may have helped."""
        if repr(error) != self._logged:  # once, not every few minutes for as long as it lasts
            self._logged = repr(error)
            _log.warning("The journal: %s", error)
        if is_busy(error) or is_full(error):
            return False  # only time helps
        self.close()
        if not is_damage(error):
            return True
        try:
            aside = put_aside(path, self._identity, self._clock.now())
        except OSError as reason:
            _log.warning("The damaged journal cannot be put aside: %s", reason)
            return False
        if aside:
            self._put_aside = f"The history was damaged: it is now in {clean(aside.name)}, and a new one was begun."
        return True


def _reason(error: Exception) -> str:
    return str((isinstance(error, OSError) and error.strerror) or error)


def _keyed(hash_key: bytes, account: Account | None) -> str:
    """Return a name that is the same for the same person, and that means nothing without the key."""
    who = "unknown" if account is None else f"{account.login_method}\n{(account.email or '').casefold()}"
    return hashlib.blake2b(who.encode(), key=hash_key, digest_size=16).hexdigest()


def _says_the_same(one: Reading, other: Reading) -> bool:
    return replace(one, first_at=other.first_at, last_at=other.last_at) == other
