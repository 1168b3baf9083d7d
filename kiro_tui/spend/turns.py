"""Turns out of Kiro's JSON, of both layouts.

Pure: bytes in, values out. Must never take an unknown cost for 0, a unit other than credits for credits, or a running
total (`creditSplit`) for a turn. Raises Unreadable, and nothing else, whatever the bytes are.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from kiro_tui.domain.spend import Turn
from kiro_tui.domain.text import clean

NOTHING = Decimal(0)
MOST_CREDITS = Decimal(10**9)
"""Of one turn; what claims more is not a cost."""
SMALLEST = Decimal("1e-9")
"""Costs are kept to so many decimals: enough for any, and few enough that every sum of them is exact."""
LONGEST_NAME = 1000
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""Instants at the edges of the calendar have no local day."""
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)


class Reason(StrEnum):
    """Why something was passed over, as people are told."""

    LINK = "symbolic link"
    FOLDER = "unreadable folder"
    FILE = "unreadable file"
    LARGE = "file too large"
    DAMAGED_FILE = "damaged file"
    FOREIGN_FILE = "file of an unknown form"
    DAMAGED_LINE = "damaged line"
    UNFINISHED_LINE = "unfinished line"
    LONG_LINE = "line too long"
    TIMELESS = "turn without a time"


class Unreadable(Exception):
    """These bytes hold nothing that can be used."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class About:
    """What a session says of itself, cleaned."""

    project: str | None = None
    title: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A whole session of engine v2."""

    about: About
    turns: tuple[Turn, ...]
    skipped: Counter[Reason] = field(default_factory=Counter)


class Usage(NamedTuple):
    """A line of engine v3 that says what a turn cost."""

    id: str | None
    """The same id may come again, for the same turn."""
    turn: Turn


def document(content: bytes) -> Document:
    """Read a session of engine v2."""
    parsed = _json(content, Reason.DAMAGED_FILE)
    state = _at(parsed, "session_state")
    if not isinstance(state, dict):
        raise Unreadable(Reason.FOREIGN_FILE)
    about = About(
        project=_project(_at(parsed, "cwd")),
        title=_text(_at(parsed, "title")),
        model=_name(_at(state, "rts_model_state", "model_info", "model_id")),
    )
    turns = [_metered(each) for each in _list(_at(state, "conversation_metadata", "user_turn_metadatas"))]
    timely = tuple(turn for turn in turns if turn)
    return Document(about, timely, Counter({Reason.TIMELESS: turns.count(None)}))


def usage(line: bytes) -> Usage | None:
    """Read a line of engine v3; None where it is about something else."""
    parsed = _json(line, Reason.DAMAGED_LINE)
    payload = parsed.get("payload") if isinstance(parsed, dict) else None
    if not isinstance(parsed, dict) or not isinstance(payload, dict) or payload.get("type") != "usage_summary":
        return None
    at = _instant(parsed.get("timestamp"))
    if at is None:
        raise Unreadable(Reason.TIMELESS)
    name = parsed.get("id")
    cost = _cost(payload.get("promptTurnSummaries"), "usage")
    return Usage(name if isinstance(name, str) and name else None, Turn(at, cost))


def about(content: bytes) -> About:
    """Read what stands beside the messages of engine v3."""
    parsed = _json(content, Reason.DAMAGED_FILE)
    if not isinstance(parsed, dict):
        raise Unreadable(Reason.FOREIGN_FILE)
    projects = filter(None, (_project(path) for path in _list(_at(parsed, "workspacePaths"))))
    return About(
        project=", ".join(dict.fromkeys(projects)) or None,
        title=_text(_at(parsed, "title")),
        model=_name(_at(parsed, "modelId")),
    )


def _metered(plain: object) -> Turn | None:
    """Return a turn of engine v2; None where it does not say when it was."""
    if not isinstance(plain, dict):
        return None
    at = _instant(plain.get("end_timestamp"))
    return None if at is None else Turn(at, _cost(plain.get("metering_usage"), "value"))


def _cost(entries: object, key: str) -> Decimal | None:
    """Return the sum of the entries that are credits; None where none of them is a number of credits."""
    cost: Decimal | None = None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("unit") == "credit":
            value = entry.get(key)
            known = Decimal(value) if type(value) is int else value  # True is an int to isinstance
            if isinstance(known, Decimal) and NOTHING <= known <= MOST_CREDITS:
                cost = known.quantize(SMALLEST) if cost is None else cost + known.quantize(SMALLEST)
    return cost


def _instant(value: object) -> datetime | None:
    """Return an ISO time in UTC; without an offset it is UTC already."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is not UTC:
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if EARLIEST <= at <= LATEST else None


def _project(value: object) -> str | None:
    name = _name(value)
    return (name.rstrip("/") or "/") if name else None


def _text(value: object) -> str | None:
    return clean(value[:LONGEST_NAME]) or None if isinstance(value, str) else None


def _name(value: object) -> str | None:
    return _cleaned_name(value[:LONGEST_NAME]) or None if isinstance(value, str) else None


@lru_cache(maxsize=1024)
def _cleaned_name(value: str) -> str:
    """Clean a name that many sessions share."""
    return clean(value, LONGEST_NAME)


def _at(value: Any, *path: str) -> Any:  # noqa: ANN401 - JSON is anything
    """Return what stands at the path; None where there is no such place."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _nothing(_constant: str) -> None:
    """Read NaN and Infinity, which are no JSON, as null."""


_BLANK = " \t\r\n\ufeff"
_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_nothing)


def _json(content: bytes, reason: Reason) -> object:
    """Decode JSON; a stray byte in a title must not cost the figures beside it."""
    text = content.decode("utf-8", "replace").strip(_BLANK)
    try:
        decoded, end = _DECODER.raw_decode(text)
    except (
        ValueError,
        ArithmeticError,
        RecursionError,
        StopIteration,
    ) as error:  # an exponent may be too large even for a Decimal
        raise Unreadable(reason) from error
    if end < len(text):
        raise Unreadable(reason)
    return decoded
