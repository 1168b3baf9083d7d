"""One session's sums, and what must be known to bring them up to date without reading everything again.

Opens the files of that one session and closes them again. A file of lines that has only grown is read from where it
was left; whatever else has happened to it, it is read anew.
"""

import os
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

from kiro_tui.domain.spend import Day, Session, Turn
from kiro_tui.spend.days import days_of, merged
from kiro_tui.spend.lines import UsageLines
from kiro_tui.spend.tree import Place, Stamp, open_file, stamp_of
from kiro_tui.spend.turns import About, Reason, Unreadable, about, document, usage

LARGEST_DOCUMENT = 32 << 20
LARGEST_DESCRIPTION = 1 << 20
PROVEN = 4096
"""Bytes before the place of going on that must be as they were, or the file is not the same any more."""
OF_LINES = frozenset({Reason.DAMAGED_LINE, Reason.LONG_LINE, Reason.UNFINISHED_LINE, Reason.TIMELESS})


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a file of lines was read."""

    offset: int = 0
    """0 where going on is not possible: a document, or a last line without its line break."""
    proof: int = 0
    """A checksum of the bytes before it."""


@dataclass(frozen=True, slots=True)
class Book:
    """A session, with what it was read from."""

    session: Session
    stamp: Stamp
    description_stamp: Stamp | None = None
    mark: Mark = field(default_factory=Mark)
    keys: bytes = b""
    """Of its turns, eight bytes each (see `Told`), so that none is counted twice; engine v2 has none."""
    skipped: tuple[tuple[Reason, int], ...] = ()
    shares: bool = False
    """Some of its turns stand in other sessions too, so that its sums depend on theirs."""

    def is_of(self, place: Place) -> bool:
        """Whether nothing has changed since."""
        return self.stamp == place.stamp and self.description_stamp == place.description_stamp


class Told(NamedTuple):
    """A turn, and the checksums of its id (the upper half) and of the whole line that tells of it."""

    key: int
    turn: Turn


@dataclass(slots=True)
class Found:
    """The turns of a session."""

    named: dict[str, Told] = field(default_factory=dict)
    """By id."""
    nameless: list[Turn] = field(default_factory=list)
    skipped: Counter[Reason] = field(default_factory=Counter)
    open_end: bool = False
    """The last line has no line break, and may still grow."""

    @property
    def turns(self) -> list[Turn]:
        """All of them."""
        return [*(told.turn for told in self.named.values()), *self.nameless]

    @property
    def keys(self) -> "array[int]":
        """Of the turns that have an id."""
        return array("Q", (told.key for told in self.named.values()))

    def take(self, lines: UsageLines) -> None:
        """Read the lines to their end, and what stands behind the last line break as far as it is a line."""
        for line in lines:
            self._take(line)
        self.skipped[Reason.LONG_LINE] += lines.too_long
        self.open_end = lines.unfinished
        if lines.unfinished:
            self._take(lines.rest, damaged=Reason.UNFINISHED_LINE)

    def _take(self, line: bytes, damaged: Reason = Reason.DAMAGED_LINE) -> None:
        try:
            found = usage(line)
        except Unreadable as error:
            self.skipped[damaged if error.reason is Reason.DAMAGED_LINE else error.reason] += 1
            return
        if found and found.id is None:
            self.nameless.append(found.turn)
        elif found and found.id is not None:
            told = Told(_checksum(found.id) << 32 | zlib.crc32(line), found.turn)
            known = self.named.setdefault(found.id, told)
            if known is not told:
                self.named[found.id] = max(known, told, key=_weight)


class _File(NamedTuple):
    """An open file, with its stamp of that moment: nothing behind that size is read."""

    descriptor: int
    stamp: Stamp


def read(place: Place, earlier: Book | None, zone: tzinfo | None) -> Book:
    """Return the session as it is now; raises OSError and Unreadable."""
    with _opened(place.path) as file:
        if place.is_document:
            return _of_document(place, file, zone)
        if earlier and _has_only_grown(file, earlier):
            news = _found(file, earlier.mark.offset)
            if _tell_of_others(news, earlier):
                return _of_lines(place, file, news, zone, earlier)
        return _of_lines(place, file, _found(file), zone)


def turns_at(place: Place) -> Found:
    """Return all turns of a session; raises OSError and Unreadable."""
    with _opened(place.path) as file:
        if place.is_document:
            return Found(nameless=list(document(_content(file, LARGEST_DOCUMENT)).turns))
        return _found(file)


def numbers(keys: bytes) -> "array[int]":
    """Return the keys of a book as numbers."""
    return array("Q", keys)


def _of_document(place: Place, file: _File, zone: tzinfo | None) -> Book:
    content = document(_content(file, LARGEST_DOCUMENT))
    session = _session(place, content.about, days_of(content.turns, zone))
    return Book(session, file.stamp, skipped=_counted(content.skipped))


def _of_lines(place: Place, file: _File, found: Found, zone: tzinfo | None, earlier: Book | None = None) -> Book:
    """Return the book of what was found, added to what was in the earlier one."""
    said, skipped = _described(place)
    skipped += found.skipped
    days, keys = days_of(found.turns, zone), found.keys.tobytes()
    if earlier:
        days, keys = merged(earlier.session.days, days), earlier.keys + keys
        skipped += Counter({reason: count for reason, count in earlier.skipped if reason in OF_LINES})
    return Book(
        session=_session(place, said, days),
        stamp=file.stamp,
        description_stamp=place.description_stamp,
        mark=Mark() if found.open_end else Mark(file.stamp.size, _proof(file, file.stamp.size)),
        keys=keys,
        skipped=_counted(skipped),
    )


def _session(place: Place, said: About, days: tuple[Day, ...]) -> Session:
    return Session(place.name, place.id, said.project, said.title, said.model, days)


def _described(place: Place) -> tuple[About, Counter[Reason]]:
    """Return what the session says of itself; where it does not, its turns still count."""
    if place.description is None:
        return About(), Counter()
    try:
        with _opened(place.description) as file:
            return about(_content(file, LARGEST_DESCRIPTION)), Counter()
    except OSError:
        return About(), Counter({Reason.FILE: 1})
    except Unreadable as error:
        return About(), Counter({error.reason: 1})


def _has_only_grown(file: _File, earlier: Book) -> bool:
    mark = earlier.mark
    same = file.stamp.inode == earlier.stamp.inode and file.stamp.size >= mark.offset > 0
    return same and _proof(file, mark.offset) == mark.proof


def _proof(file: _File, offset: int) -> int:
    begins = max(offset - PROVEN, 0)
    return zlib.crc32(os.pread(file.descriptor, offset - begins, begins))


def _found(file: _File, start: int = 0) -> Found:
    found = Found()
    found.take(UsageLines(file.descriptor, start, file.stamp.size))
    return found


def _content(file: _File, most: int) -> bytes:
    if file.stamp.size > most:
        raise Unreadable(Reason.LARGE)
    return os.pread(file.descriptor, file.stamp.size, 0)


@contextmanager
def _opened(path: str) -> Iterator[_File]:
    descriptor = open_file(path)
    try:
        yield _File(descriptor, stamp_of(os.fstat(descriptor)))
    finally:
        os.close(descriptor)


def _tell_of_others(news: Found, earlier: Book) -> bool:
    """Whether no turn that was known is told of once more; where that seems so by chance, reading anew does no harm."""
    known = {key >> 32 for key in numbers(earlier.keys)}
    return known.isdisjoint(map(_checksum, news.named))


def _checksum(name: str) -> int:
    return zlib.crc32(name.encode("utf-8", "replace"))


def _weight(told: Told) -> tuple[bool, datetime, Decimal, int]:
    """Which of two lines about one turn counts: one that knows the cost, then the later one, then the larger."""
    turn = told.turn
    return turn.credits is not None, turn.at, turn.credits or Decimal(0), told.key


def _counted(skipped: Counter[Reason]) -> tuple[tuple[Reason, int], ...]:
    return tuple(sorted((reason, count) for reason, count in skipped.items() if count))
