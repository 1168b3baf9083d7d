"""The sums of all sessions, kept between two runs in one file of the state folder, so that the second look is at once.

    kiro-tui spend <version> <checksum of all that follows>
    <one line of JSON: the folders, the zone and the sessions>
    <the turns of all sessions, as records.py packs them>

It is only a cache: whoever deletes it loses seconds. What is damaged, of another version, of other folders or of
another zone is as good as none, and a folder that cannot be written to costs time and nothing else. No word of a
conversation is kept here, only what turns cost; projects and titles are, so that the file is its owner's alone (0600).
"""

import json
import logging
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from kiro_tui.domain.spend import Day, Session, Tally
from kiro_tui.spend.about import Origin
from kiro_tui.spend.book import Book, Mark
from kiro_tui.spend.events import State
from kiro_tui.spend.reasons import Reason
from kiro_tui.spend.tree import Stamp
from kiro_tui.whole_file import replace_file

FILE = "sessions.cache"
VERSION = 2
LARGEST = 256 << 20

_log = logging.getLogger(__name__)

Books = Mapping[str, Book]
"""By the session's place."""


@dataclass(frozen=True, slots=True)
class Cache:
    """Where books are kept. `folder` None keeps none."""

    folder: Path | None
    folders: list[str]
    """Which trees they are of."""
    zone: str
    """Whose days they are sums of."""

    def load(self) -> dict[str, Book]:
        """Return the books as they were last kept; none where that is not possible."""
        if self.folder is None:
            return {}
        try:
            with (self.folder / FILE).open("rb") as stream:
                return self._decoded(stream.read(LARGEST))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, IndexError, ArithmeticError, RecursionError) as error:
            _log.warning("What is kept of Kiro's sessions cannot be read, so they are read anew: %r", error)
            return {}

    def keep(self, books: Books) -> None:
        """Write all of them, or nothing."""
        if self.folder is None:
            return
        try:
            # Its checksum tells of a write that a crash has torn.
            replace_file(self.folder / FILE, self._encoded(books), lasting=False)
        except OSError as error:
            _log.warning("Kiro's sessions will be read again the next time; their sums cannot be kept: %s", error)

    def _encoded(self, books: Books) -> bytes:
        content = {"folders": self.folders, "zone": self.zone, "books": [_plain(book) for book in books.values()]}
        body = (
            json.dumps(content, separators=(",", ":")).encode()
            + b"\n"
            + b"".join(book.packed for book in books.values())
        )
        return _heading(body) + body

    def _decoded(self, content: bytes) -> dict[str, Book]:
        heading, _, body = content.partition(b"\n")
        if heading + b"\n" != _heading(body):
            raise ValueError("not written by this version, or damaged")
        text, _, columns = body.partition(b"\n")
        plain = json.loads(text)
        if (plain["folders"], plain["zone"]) != (self.folders, self.zone):
            _log.info("What is kept is of other sessions or of another time zone, so they are read anew.")
            return {}
        return {book.session.place: book for book in _books(plain["books"], columns)}


def _heading(body: bytes) -> bytes:
    return f"kiro-tui spend {VERSION} {zlib.crc32(body):08x}\n".encode()


def _plain(book: Book) -> list[Any]:
    session, mark, origin = book.session, book.mark, book.origin
    return [
        [session.place, session.id, session.project, session.title, session.model],
        [_plain_day(day) for day in session.days],
        book.stamp,
        book.description_stamp,
        [mark.offset, mark.proof, mark.state.metered, mark.state.began],
        len(book.packed),
        book.models,
        [origin.created, origin.parent, origin.copied],
        book.skipped,
        book.shares,
    ]


def _plain_day(each: Day) -> list[Any]:
    tally = each.tally
    known = None if tally.credits is None else str(tally.credits)
    last_at = tally.last_at.isoformat() if tally.last_at else None
    figures = [known, tally.turns, tally.unknown, last_at, tally.interrupted]
    return [each.day.toordinal(), each.month.toordinal(), each.model, *figures]


def _books(plain: Iterable[list[Any]], columns: bytes) -> Iterable[Book]:
    begins = 0
    for about, days, stamp, description, mark, length, models, origin, skipped, shares in plain:
        place, name, project, title, model = about
        offset, proof, metered, began = mark
        yield Book(
            session=Session(place, name, project, title, model, tuple(map(_day, days))),
            stamp=Stamp(*stamp),
            description_stamp=Stamp(*description) if description else None,
            mark=Mark(offset, proof, State(metered, began)),
            packed=columns[begins : begins + length],
            models=tuple(models),
            origin=Origin(*origin),
            skipped=tuple((Reason(reason), count) for reason, count in skipped),
            shares=shares,
        )
        begins += length


def _day(plain: list[Any]) -> Day:
    day, month, model, known, turns, unknown, last_at, interrupted = plain
    return Day(
        date.fromordinal(day),
        date.fromordinal(month),
        Tally(
            credits=None if known is None else Decimal(known),
            turns=turns,
            unknown=unknown,
            last_at=datetime.fromisoformat(last_at) if last_at else None,
            interrupted=interrupted,
        ),
        model,
    )
