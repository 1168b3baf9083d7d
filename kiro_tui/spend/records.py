"""Turns as they are kept: a key that says which turn it is, its time, its cost and its model.

Pure. A turn is paid once, however many files hold it: two records with the same key are the same turn
(docs/kiro-cli.md, section 7). Many thousands of them are kept between two runs, therefore as four plain columns.
"""

from array import array
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import NamedTuple

from kiro_tui.domain.spend import Turn
from kiro_tui.spend.values import UNKNOWN, credits_of, moment

INTERRUPTED = 0x8000
MODEL = 0x7FFF
BYTES = 26
"""Of one record in columns."""


class Record(NamedTuple):
    """One turn."""

    key: int
    at: int
    """When it ended, in microseconds since 1970."""
    cost: int
    """Billionths of a credit, or UNKNOWN."""
    model: str | None = None
    """The model that answered; None where only the session names one."""
    interrupted: bool = False
    """It ended without any line about its cost."""

    @property
    def turn(self) -> Turn:
        """The same, as the domain has it."""
        known = None if self.cost == UNKNOWN else credits_of(self.cost)
        return Turn(moment(self.at), known, self.model, self.interrupted)


def key_of(*parts: str) -> int:
    """Return eight bytes that stand for these words."""
    return int.from_bytes(blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=8).digest(), "little")


def usage_key(name: str | None, execution: str | None) -> int:
    """Return the key of a turn of engine v3: the record's id and the execution's (docs/kiro-cli.md, section 7).

    The id is `<executionId>-usage`, so that either tells the other where it is missing.
    """
    if execution is None and name is not None and name.endswith(USAGE_SUFFIX):
        execution = name.removesuffix(USAGE_SUFFIX)
    if name is None and execution is not None:
        name = execution + USAGE_SUFFIX
    return key_of("v3", name or "", execution or "")


USAGE_SUFFIX = "-usage"


def better(one: Record, other: Record) -> Record:
    """Return which of two records of one turn counts; the last known value wins, `other` being read later.

    A record that only says the same once more does not move the turn to another time.
    """
    if one.cost == other.cost:
        chosen = one if one.at <= other.at else other
    elif (one.cost == UNKNOWN) != (other.cost == UNKNOWN):
        chosen = one if other.cost == UNKNOWN else other
    else:
        chosen = one if one.at > other.at else other
    interrupted = one.interrupted and other.interrupted
    return chosen._replace(model=chosen.model or one.model or other.model, interrupted=interrupted)


class Records:
    """The turns of one session by key, in the order in which they are first met."""

    def __init__(self, known: Iterable[Record] = ()) -> None:
        self._by_key = {record.key: record for record in known}
        self._nameless: dict[tuple[str, ...], int] = {}

    def __contains__(self, key: int) -> bool:
        return key in self._by_key

    def __iter__(self) -> Iterator[Record]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def add(self, record: Record) -> None:
        """Take a record; where its turn is known already, the better one counts."""
        known = self._by_key.get(record.key)
        self._by_key[record.key] = record if known is None else better(known, record)

    def name_model(self, key: int, model: str) -> None:
        """Note the model that answered in a turn, where that is not known yet."""
        known = self._by_key.get(key)
        if known is not None and known.model is None:
            self._by_key[key] = known._replace(model=model)

    def nameless_key(self, *parts: str) -> int:
        """Return a key for a turn that has no id of its own: the same words give another key each time."""
        number = self._nameless.get(parts, 0)
        while (key := key_of("nameless", *parts, str(number))) in self._by_key:
            number += 1
        self._nameless[parts] = number + 1
        return key


def pack(records: Iterable[Record]) -> tuple[bytes, tuple[str, ...]]:
    """Return the columns as bytes, and the names of the models in them."""
    keys, times, costs, models, interrupted = tuple(zip(*records, strict=True)) or ((),) * 5
    names = {name: number for number, name in enumerate(dict.fromkeys(filter(None, models)), start=1)}
    flags = [names.get(name, 0) & MODEL | each * INTERRUPTED for name, each in zip(models, interrupted, strict=True)]
    columns = array("Q", keys), array("q", times), array("q", costs), array("H", flags)
    return b"".join(column.tobytes() for column in columns), tuple(names)


def unpack(packed: bytes, names: tuple[str, ...]) -> Iterator[Record]:
    """Yield the records again."""
    count = len(packed) // BYTES
    models = (None, *names)
    keys, times, costs = (array(kind, packed[8 * n * count : 8 * (n + 1) * count]) for n, kind in enumerate("Qqq"))
    flags = array("H", packed[24 * count :])
    for key, at, cost, flag in zip(keys, times, costs, flags, strict=True):
        yield Record(key, at, cost, models[flag & MODEL], bool(flag & INTERRUPTED))


def keys_in(packed: bytes) -> "array[int]":
    """Return only the keys."""
    return array("Q", packed[: 8 * (len(packed) // BYTES)])
