"""One session's turns and sums, and what must be known to bring them up to date without reading everything again.

Opens the files of that one session and closes them again. A file of lines that has only grown is read from where it
was left; whatever else has happened to it, it is read anew.
"""

import os
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, NamedTuple

from kiro_tui.domain.spend import Session
from kiro_tui.domain.text import clean
from kiro_tui.spend.about import CONVERTED, About, Origin, about_folder
from kiro_tui.spend.days import days_of
from kiro_tui.spend.documents import PATTERN, document
from kiro_tui.spend.events import Events, State
from kiro_tui.spend.executions import CHAT_PATTERN, EXECUTION_PATTERN, chat, execution
from kiro_tui.spend.lines import NotableLines
from kiro_tui.spend.pruned import Pattern, read_pruned
from kiro_tui.spend.reasons import Reason, Unreadable
from kiro_tui.spend.records import Record, Records, pack, unpack
from kiro_tui.spend.tree import Kind, Place, Stamp, open_file, stamp_of
from kiro_tui.spend.values import decode

SMALL_DOCUMENT = 4 << 20
"""Bytes up to which a document is read as a whole, because that is faster; memory for it is several times as much."""
LARGEST_DOCUMENT = 1 << 30
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
    state: State = field(default_factory=State)


@dataclass(frozen=True, slots=True)
class Book:
    """A session, with what it was read from."""

    session: Session
    stamp: Stamp
    description_stamp: Stamp | None = None
    mark: Mark = field(default_factory=Mark)
    packed: bytes = b""
    """All its turns, see records.py, also those that other sessions hold too."""
    models: tuple[str, ...] = ()
    """The names of the models in them."""
    origin: Origin = field(default_factory=Origin)
    skipped: tuple[tuple[Reason, int], ...] = ()
    shares: bool = False
    """Some of its turns stand in other sessions too, so that its sums depend on theirs."""

    def is_of(self, place: Place) -> bool:
        """Whether nothing has changed since."""
        return self.stamp == place.stamp and self.description_stamp == place.description_stamp

    @property
    def records(self) -> Iterator[Record]:
        """All its turns."""
        return unpack(self.packed, self.models)


class _File(NamedTuple):
    """An open file, with its stamp of that moment: nothing behind that size is read."""

    descriptor: int
    stamp: Stamp


def read(place: Place, earlier: Book | None, zone: tzinfo | None) -> Book:
    """Return the session as it is now; raises OSError and Unreadable."""
    with _opened(place.path) as file:
        if place.kind is Kind.LINES:
            return _of_lines(place, file, zone, earlier)
        about, records, skipped = _read_document(place, file)
        return _book(place, file, about, records, skipped, zone)


def records_at(place: Place) -> Iterator[Record]:
    """Return all turns of a session; raises OSError and Unreadable."""
    return read(place, None, None).records


def _read_document(place: Place, file: _File) -> tuple[About, Records, Counter[Reason]]:
    if place.kind is Kind.DOCUMENT:
        found = document(_parsed(file, PATTERN), place.id)
        return found.about, found.records, found.skipped
    if place.kind is Kind.CHAT:
        return chat(_parsed(file, CHAT_PATTERN), place.id, place.folder), Records(), Counter()
    executed = execution(_parsed(file, EXECUTION_PATTERN))
    return (executed[0], Records([executed[1]]), Counter()) if executed else (About(), Records(), Counter())


def _of_lines(place: Place, file: _File, zone: tzinfo | None, earlier: Book | None) -> Book:
    """Return the book of a file of lines; where it has only grown, the new lines are added to the earlier book."""
    said, skipped = _described(place)
    copied = said.origin.copied or place.id.startswith(CONVERTED)
    mark, known = Mark(state=State(began=not copied)), Records()
    if earlier and _has_only_grown(file, earlier):
        mark, known = earlier.mark, Records(earlier.records)
        skipped += Counter({reason: count for reason, count in earlier.skipped if reason in OF_LINES})
    events = Events(said.id or place.id, said.time, known, mark.state, offset=mark.offset)
    events.read(NotableLines(file.descriptor, mark.offset, file.stamp.size))
    now = Mark()
    if not events.open_end and events.offset:
        now = Mark(events.offset, _proof(file, events.offset), events.state)
    return _book(place, file, said, known, skipped + events.skipped, zone, now)


def _book(  # noqa: PLR0913, PLR0917 - everything that a book is made of
    place: Place,
    file: _File,
    said: About,
    records: Records,
    skipped: Counter[Reason],
    zone: tzinfo | None,
    mark: Mark | None = None,
) -> Book:
    packed, models = pack(records)
    name = clean(said.id or place.id)
    origin = said.origin
    if place.kind is Kind.LINES and place.id.startswith(CONVERTED):
        origin = Origin(origin.created, origin.parent, copied=True)
    return Book(
        session=Session(place.name, name, said.project, said.title, said.model, days_of(records, zone)),
        stamp=file.stamp,
        description_stamp=place.description_stamp,
        mark=mark or Mark(),
        packed=packed,
        models=models,
        origin=origin,
        skipped=tuple(sorted((reason, count) for reason, count in skipped.items() if count)),
    )


def _described(place: Place) -> tuple[About, Counter[Reason]]:
    """Return what the session says of itself; where it does not, its turns still count."""
    if place.description is None:
        return About(), Counter()
    try:
        with _opened(place.description) as file:
            parsed = decode(_content(file, LARGEST_DESCRIPTION), Reason.DAMAGED_FILE)
            if not isinstance(parsed, dict):
                return About(), Counter({Reason.FOREIGN_FILE: 1})
            return about_folder(parsed), Counter()
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


def _parsed(file: _File, pattern: Pattern) -> Any:  # noqa: ANN401 - JSON is anything
    """Return a document, or as much of it as is wanted."""
    if file.stamp.size <= SMALL_DOCUMENT:
        return decode(_content(file, SMALL_DOCUMENT), Reason.DAMAGED_FILE)
    if file.stamp.size > LARGEST_DOCUMENT:
        raise Unreadable(Reason.LARGE)
    return read_pruned(file.descriptor, file.stamp.size, pattern)


def parsed_file(path: str, pattern: Pattern) -> Any:  # noqa: ANN401 - JSON is anything
    """Return what is wanted of a document; raises OSError and Unreadable."""
    with _opened(path) as file:
        return _parsed(file, pattern)


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
