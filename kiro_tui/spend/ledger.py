"""All sessions of this machine, brought up to date with as little reading as possible.

`read` goes on from what was kept the last time, says how far it is, and may be left at any point: what was read by
then is kept. It may run in a thread of its own; nothing of it is shared.

The same turn may stand in more than one file. It counts once, for the earliest of them: see shared_turns.py. Where that
file goes away, the earliest of those that remain keeps the turn.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path

from kiro_tui.domain.spend import Session, Skipped, Turn
from kiro_tui.spend import book
from kiro_tui.spend.book import Book
from kiro_tui.spend.cache import Cache
from kiro_tui.spend.chats import chats_of
from kiro_tui.spend.days import print_of
from kiro_tui.spend.reasons import Reason, Unreadable
from kiro_tui.spend.records import Records
from kiro_tui.spend.root import Sources
from kiro_tui.spend.shared_turns import settled
from kiro_tui.spend.tree import Kind, Place, find, place_of

OF_TURNS = frozenset({Kind.DOCUMENT, Kind.LINES, Kind.EXECUTION})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading is."""

    done: int
    total: int
    """Sessions that must be read because they are new or have changed; the others are known."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything that was read."""

    sessions: tuple[Session, ...]
    skipped: tuple[Skipped, ...]


def read(sources: Sources, state_folder: Path | None, zone: tzinfo | None = None) -> Generator[Progress | Ledger]:
    """Yield the progress before each session that must be read, and the ledger as the last item.

    Days are days of `zone`, None being the machine's own. Closing the iterator stops it.
    """
    tree = find(sources)
    cache = Cache(state_folder, [str(folder) for folder in (*sources.roots, *sources.ide)], print_of(zone))
    kept = cache.load()
    reading = _Reading(tree.places, kept, tree.skipped, zone)
    try:
        yield from reading.run()
    finally:
        if reading.has_news:
            cache.keep(reading.books)
    yield Ledger(
        tuple(_sessions(tree.places, reading.books)),
        tuple(Skipped(reason.value, count) for reason, count in sorted(reading.skipped.items()) if count),
    )


def turns_of(session: Session) -> tuple[Turn, ...]:
    """Return a session's turns, the latest first, read from its files; none where they are gone or cannot be read.

    These are all its turns, also those that the ledger counts for another session that shares them.
    """
    records = Records()
    for name in session.parts or (session.place,):
        with suppress(OSError, Unreadable):
            for record in book.records_at(place_of(name)):
                records.add(record)
    return tuple(sorted((record.turn for record in records), key=lambda turn: turn.at, reverse=True))


def _sessions(places: Iterable[Place], books: Mapping[str, Book]) -> Iterator[Session]:
    """Yield what was read, with names for what does not name itself."""
    places = list(places)
    chats = chats_of(places, books)
    found = [
        chats.named(books[place.name].session, place) if place.kind is Kind.EXECUTION else books[place.name].session
        for place in places
        if place.kind in OF_TURNS and place.name in books
    ]
    parts: dict[str, list[str]] = {}
    for session in found:
        parts.setdefault(session.id, []).append(session.place)
    for session in found:
        several = parts[session.id]
        yield session if len(several) == 1 else replace(session, parts=tuple(several))


class _Reading:
    """One bringing up to date; `books` and `skipped` hold what is known at any time."""

    def __init__(
        self, places: Iterable[Place], kept: Mapping[str, Book], skipped: Counter[Reason], zone: tzinfo | None
    ) -> None:
        self._places = {place.name: place for place in places if place.kind is not Kind.CHAT_LIST}
        self._zone = zone
        self._failed: Counter[Reason] = Counter()
        self._found = skipped
        self.books = {name: kept[name] for name in self._places if name in kept}
        self.has_news = len(self.books) != len(kept)
        """Something was read, or is gone."""

    @property
    def skipped(self) -> Counter[Reason]:
        """What could not be read, now or when it was read."""
        return sum(
            (Counter(dict(each.skipped)) for each in self.books.values() if each.skipped), self._found + self._failed
        )

    def run(self) -> Iterator[Progress]:
        """Read what must be read."""
        stale = [place for name, place in self._places.items() if not self._is_current(name)]
        try:
            for done, place in enumerate(stale):
                yield Progress(done, len(stale))
                self._read(place)
        finally:  # also when it is left early: what is kept must be right as far as it goes
            if self.has_news:
                self._settle()

    def _is_current(self, name: str) -> bool:
        return name in self.books and self.books[name].is_of(self._places[name])

    def _read(self, place: Place) -> None:
        earlier = self.books.pop(place.name, None)
        self.has_news = self.has_news or earlier is not None
        try:
            self.books[place.name] = book.read(place, earlier, self._zone)
            self.has_news = True
        except OSError:
            self._failed[Reason.FILE] += 1
        except Unreadable as error:
            self._failed[error.reason] += 1

    def _settle(self) -> None:
        """Count each turn that stands in several sessions for one of them only; places keep their order."""
        self.books = {name: self.books[name] for name in self._places if name in self.books}
        self.books |= settled(self.books, self._zone)
