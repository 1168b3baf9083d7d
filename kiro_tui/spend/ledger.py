"""All sessions of this machine, brought up to date with as little reading as possible.

`read` goes on from what was kept the last time, says how far it is, and may be left at any point: what was read by
then is kept. It may run in a thread of its own; nothing of it is shared.

The same line may stand in more than one session, as where a conversation was copied to be continued. Its turn counts
for the session whose place comes first. So that no session's sums depend on the order in which things were read,
sessions that share turns are read together or not at all.
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
from kiro_tui.spend.days import days_of, print_of
from kiro_tui.spend.tree import MESSAGES, Place, Stamp, find
from kiro_tui.spend.turns import Reason, Unreadable


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


def read(root: Path, state_folder: Path | None, zone: tzinfo | None = None) -> Generator[Progress | Ledger]:
    """Yield the progress before each session that must be read, and the ledger as the last item.

    Days are days of `zone`, None being the machine's own. Closing the iterator stops it.
    """
    tree = find(root)
    cache = Cache(state_folder, str(root), print_of(zone))
    kept = cache.load()
    reading = _Reading(tree.places, kept, tree.skipped, zone)
    try:
        yield from reading.run()
    finally:
        if reading.books != kept:
            cache.keep(reading.books)
    yield Ledger(
        tuple(reading.books[place.name].session for place in tree.places if place.name in reading.books),
        tuple(Skipped(reason.value, count) for reason, count in sorted(reading.skipped.items()) if count),
    )


def turns_of(root: Path, session: Session) -> tuple[Turn, ...]:
    """Return a session's turns, the latest first, read from its file; none where it is gone or cannot be read.

    These are all its turns, also those that the ledger counts for another session that shares them.
    """
    path = root / session.place
    document = session.place.endswith(".json")
    place = Place(session.place, str(path if document else path / MESSAGES), Stamp(0, 0, 0))
    with suppress(OSError, Unreadable):
        return tuple(sorted(book.turns_at(place).turns, key=lambda turn: turn.at, reverse=True))
    return ()


class _Reading:
    """One bringing up to date; `books` and `skipped` hold what is known at any time."""

    def __init__(
        self, places: Iterable[Place], kept: Mapping[str, Book], skipped: Counter[Reason], zone: tzinfo | None
    ) -> None:
        self._places = {place.name: place for place in places}
        self._zone = zone
        self._failed: Counter[Reason] = Counter()
        self._found = skipped
        self._read_now: set[str] = set()
        self.books = {name: each for name, each in kept.items() if name in self._places}
        if any(each.shares and not self._is_current(name) for name, each in kept.items()):
            self.books = {name: each for name, each in self.books.items() if not each.shares}

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
            self._settle_shared_turns()

    def _is_current(self, name: str) -> bool:
        return name in self.books and name in self._places and self.books[name].is_of(self._places[name])

    def _read(self, place: Place) -> None:
        earlier = self.books.pop(place.name, None)
        try:
            self.books[place.name] = book.read(place, earlier, self._zone)
            self._read_now.add(place.name)
        except OSError:
            self._failed[Reason.FILE] += 1
        except Unreadable as error:
            self._failed[error.reason] += 1

    def _settle_shared_turns(self) -> None:
        """Count each turn that stands in several sessions for the first of them only."""
        sharing = self._sharing() if self._read_now else set()
        if not sharing & self._read_now:
            return
        counted: set[int] = set()
        for name in sorted(sharing):
            each = self.books.pop(name)
            try:
                found = book.turns_at(self._places[name])
            except (OSError, Unreadable):
                self._failed[Reason.FILE] += 1
                continue
            own = [told.turn for told in found.named.values() if told.key not in counted]
            counted.update(found.keys)
            days = days_of([*own, *found.nameless], self._zone)
            self.books[name] = replace(each, session=replace(each.session, days=days), shares=True)

    def _sharing(self) -> set[str]:
        keys = {name: book.numbers(each.keys) for name, each in self.books.items()}
        if len(set().union(*keys.values())) == sum(map(len, keys.values())):
            return set()
        owners: dict[int, str] = {}
        sharing = set[str]()
        for name, of_session in keys.items():
            for key in of_session:
                if owners.setdefault(key, name) != name:
                    sharing |= {name, owners[key]}
        return sharing
