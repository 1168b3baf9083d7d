"""A reading as a row of the journal and back, without loss: every digit of a Decimal, every microsecond of a time.

Pure. Must never make up a field: a row that does not say what it must raises ValueError and is not shown.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from kiro_tui.domain.history import Reading
from kiro_tui.domain.state import Way
from kiro_tui.domain.usage import Note, NoteCode, Overage, Report, Window, WindowKind

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
COMMON = 256
ADDED = {"as_of", "unlisted"}
"""Fields that earlier versions neither write nor read."""

Row = tuple[str, int, int, str, str | None, str]
"""account, first_at, last_at, way, version, report: the columns of the table, without its id."""


def row_of(reading: Reading) -> Row:
    """Return the reading as a row; two reports are equal where their texts are."""
    plain = asdict(reading.report, dict_factory=_without_empty)
    report = json.dumps(plain, default=_as_text, separators=(",", ":"))
    return reading.account, stamp(reading.first_at), stamp(reading.last_at), reading.way.value, reading.version, report


def reading_of(row: Row) -> Reading:
    """Return what the row says; raises ValueError where it is no reading."""
    account, first_at, last_at, way, version, report = row
    try:
        said = _report(json.loads(report))
        return Reading(_text(account), moment(first_at), moment(last_at), said, Way(way), version and _text(version))
    except (KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"not a reading: {error!r}") from error


def stamp(at: datetime) -> int:
    """Return the time as microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


def moment(microseconds: int) -> datetime:
    """Return the time, aware UTC."""
    return EPOCH + microseconds * MICROSECOND


def _without_empty(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the fields without those that earlier versions did not write, as long as they say nothing.

    So a reading that the version before kept is extended by the same reading of this one.
    """
    return {name: value for name, value in fields if name not in ADDED or value}


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value)} has no form in the journal")


def _report(plain: dict[str, Any]) -> Report:
    overage = plain["overage"]
    return Report(
        plan=plain["plan"] and _text(plain["plan"]),
        windows=tuple(_window(each) for each in plain["windows"]),
        overage=None if overage is None else _overage(overage),
        managed=plain["managed"],
        organization=plain["organization"],
        notes=tuple(Note(NoteCode(each["code"]), each["text"], _moment(each)) for each in plain["notes"]),
        unlisted=tuple(WindowKind(each) for each in plain.get("unlisted", ())),
    )


def _window(plain: dict[str, Any]) -> Window:
    ends_at = plain["ends_at"]
    return Window(
        kind=WindowKind(plain["kind"]),
        label=_text(plain["label"]),
        used=_number(plain["used"]),
        limit=_decimal(plain["limit"]),
        reported_percent=_decimal(plain["reported_percent"]),
        bar_contradicts=plain["bar_contradicts"],
        ends_at=None if ends_at is None else _time(ends_at),
        ends_in_days=plain["ends_in_days"],
        as_of=_moment(plain),
    )


def _overage(plain: dict[str, Any]) -> Overage:
    return Overage(
        enabled=plain["enabled"],
        credits=_decimal(plain["credits"]),
        rate=_decimal(plain["rate"]),
        cost=_decimal(plain["cost"]),
        cap=_decimal(plain["cap"]),
        currency=plain["currency"],
        as_of=_moment(plain),
    )


def _moment(plain: dict[str, Any]) -> datetime | None:
    """Return the time of a kept figure; a row of a version that kept none has none."""
    as_of = plain.get("as_of")
    return None if as_of is None else _time(as_of)


def _decimal(plain: str | None) -> Decimal | None:
    return None if plain is None else _number(plain)


# A thousand readings of one month differ in little: what they have in common is there once.


@lru_cache(COMMON)
def _text(text: str) -> str:
    return text


@lru_cache(COMMON)
def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(f"{text!r} is no amount")
    return number


@lru_cache(COMMON)
def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment
