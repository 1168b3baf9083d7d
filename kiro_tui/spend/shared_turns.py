"""Counts each turn once where several files hold it: after a /rewind, a /chat load, a changed bucket, a copied home.

Pure. The earliest file keeps a turn, and the last known value of it counts (docs/kiro-cli.md, section 7). The result
depends on the files as they are, and never on the order in which they were read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import tzinfo
from typing import NamedTuple

from kiro_tui.spend.book import Book
from kiro_tui.spend.days import days_of
from kiro_tui.spend.records import Record, keys_in
from kiro_tui.spend.values import UNKNOWN

DEEPEST = 1000
"""Copies of copies that are followed."""


class _Claim(NamedTuple):
    """Which book keeps a turn, and which record of it counts."""

    owner: str
    record: Record
    rank: tuple[bool, int, int]
    """Of the last record that says the same cost."""


def settled(books: Mapping[str, Book], zone: tzinfo | None) -> dict[str, Book]:
    """Return the books whose sums must be other ones because they share turns, or no longer do.

    The order of the books decides where nothing else does.
    """
    shared = _shared_keys(books.values())
    sharing = {
        name: book for name, book in books.items() if book.shares or (shared and not shared.isdisjoint(_keys(book)))
    }
    if not sharing:
        return {}
    claims: dict[int, _Claim] = {}
    for name in _by_age(sharing, books):
        _claim(name, sharing[name], shared, claims)
    changed: dict[str, Book] = {}
    for name, book in sharing.items():
        kept: list[Record] = []
        shares = False
        for record in book.records:
            claim = claims.get(record.key)
            shares = shares or claim is not None
            if claim is None:
                kept.append(record)
            elif claim.owner == name:
                kept.append(claim.record)
        changed[name] = replace(book, session=replace(book.session, days=days_of(kept, zone)), shares=shares)
    return changed


def _keys(book: Book) -> frozenset[int]:
    return frozenset(keys_in(book.packed))


def _shared_keys(books: Iterable[Book]) -> set[int]:
    """Return the keys that stand in more than one book."""
    seen: set[int] = set()
    shared: set[int] = set()
    for book in books:
        keys = _keys(book)
        shared |= seen & keys if len(seen) < len(keys) else keys & seen
        seen |= keys
    return shared


def _claim(name: str, book: Book, shared: set[int], claims: dict[int, _Claim]) -> None:
    until = max((record.at for record in book.records), default=0)
    for record in book.records:
        if record.key not in shared:
            continue
        rank, claim = _rank(record, until), claims.get(record.key)
        if claim is None:
            claims[record.key] = _Claim(name, record, rank)
            continue
        says_more = rank > claim.rank and record.cost != claim.record.cost
        chosen, other = (record, claim.record) if says_more else (claim.record, record)
        chosen = chosen._replace(
            model=chosen.model or other.model, interrupted=chosen.interrupted and other.interrupted
        )
        claims[record.key] = _Claim(claim.owner, chosen, max(rank, claim.rank))


def _rank(record: Record, until: int) -> tuple[bool, int, int]:
    """Return which record counts: one that knows the cost, then the later one, then that of the file that went on."""
    return record.cost != UNKNOWN, record.at, until


def _by_age(sharing: Mapping[str, Book], books: Mapping[str, Book]) -> list[str]:
    """Return the names, the earliest file first: originals, then their copies, then copies of those."""
    parents = {book.session.id: book.origin.parent for book in books.values() if book.origin.copied}
    position = {name: number for number, name in enumerate(books)}

    def age(name: str) -> tuple[int, int, int, int]:
        book = sharing[name]
        last = max((record.at for record in book.records), default=0)
        return _generation(book, parents), book.origin.created, last, position[name]

    return sorted(sharing, key=age)


def _generation(book: Book, parents: Mapping[str, str]) -> int:
    """Return how often the session was copied, as far as the chain of its parents is known."""
    if not book.origin.copied:
        return 0
    generation, parent = 1, book.origin.parent
    while parent in parents and generation < DEEPEST:
        generation, parent = generation + 1, parents[parent]
    return generation
