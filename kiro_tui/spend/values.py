"""Single values out of Kiro's JSON: instants, costs, names.

Pure. Unknown values are None and never 0. Raises Unreadable, and nothing else, whatever the bytes are.
"""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from kiro_tui.domain.text import clean
from kiro_tui.spend.reasons import Reason, Unreadable

MOST_CREDITS = 10**9
"""Of one entry; a larger number is not a cost."""
DIGITS = 9
"""Costs are kept as whole billionths of a credit, so that every sum of them is exact."""
LARGEST_COST = 9 * 10**18
"""Of one turn, in billionths; what is more does not fit into eight bytes."""
BILLION = 10**DIGITS
UNKNOWN = -1
"""Stands for the cost of a turn that does not say it."""
UNITS = ("credit", "credits")
"""docs/kiro-cli.md, section 7: both forms occur; other units are not credits."""
LONGEST_NAME = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LATEST = (datetime(9000, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
"""Instants at the edges of the calendar have no local day."""
EARLIEST = (datetime(1970, 1, 2, tzinfo=UTC) - EPOCH) // MICROSECOND


def decode(content: bytes, reason: Reason) -> object:
    """Decode JSON; a stray byte in a title must not cost the figures beside it."""
    text = content.decode("utf-8", "replace").strip(_BLANK)
    try:
        decoded, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError, StopIteration) as error:
        raise Unreadable(reason) from error
    if end < len(text):
        raise Unreadable(reason)
    return decoded


def cost(entries: object, key: str) -> int:
    """Return the sum of the entries that are credits, in billionths; UNKNOWN where none is a number of credits.

    A float is exact to a billionth up to two million credits.
    """
    total = UNKNOWN
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("unit") in UNITS:
            value: Any = entry.get(key)
            kind = type(value)
            if (kind is float or kind is int) and 0 <= value <= MOST_CREDITS:  # True is an int to isinstance
                known = round(value * BILLION)
                total = known if total == UNKNOWN else total + known
    return total if total <= LARGEST_COST else UNKNOWN


def instant(value: object) -> int | None:
    """Return an ISO time as microseconds since 1970; without an offset it is UTC already."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        since = (at.replace(tzinfo=UTC) if at.tzinfo is None else at) - EPOCH
    except (ValueError, OverflowError):
        return None
    return _believed(since // MICROSECOND)


def instant_of_milliseconds(value: object) -> int | None:
    """Return milliseconds since 1970 as microseconds; 0 is no time."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < LATEST:
        return None
    return _believed(int(value * 1000))


def text(value: object) -> str | None:
    """Return a title, cleaned."""
    return clean(value[:LONGEST_NAME]) or None if isinstance(value, str) else None


def name(value: object) -> str | None:
    """Return a name that many sessions share, cleaned."""
    return _cleaned(value[:LONGEST_NAME]) or None if isinstance(value, str) else None


def project(value: object) -> str | None:
    """Return a folder without its last separator; Windows writes backslashes."""
    folder = name(value)
    return (folder.rstrip("/\\") or folder[0]) if folder else None


def model(value: object) -> str | None:
    """Return the name of a model without the service before it, as in `qdev::claude-sonnet-4.6`."""
    if value is None:
        return None
    if isinstance(value, dict):
        value = next((value[key] for key in ("model_id", "modelId", "id", "name") if key in value), None)
    named = name(value)
    return named.rpartition("::")[2] or None if named else None


def identifier(value: object) -> str | None:
    """Return an id as it is: it is compared, and cleaned before it is shown."""
    return value if isinstance(value, str) and value else None


def inside(value: Any, *path: str) -> Any:  # noqa: ANN401 - JSON is anything
    """Return what stands at the path; None where there is no such place."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def items(value: object) -> list[Any]:
    """Return a list; an empty one where the value is something else."""
    return value if isinstance(value, list) else []


def credits_of(billionths: int) -> Decimal:
    """Return credits."""
    return Decimal(billionths).scaleb(-DIGITS)


def moment(microseconds: int) -> datetime:
    """Return an aware time, UTC."""
    return EPOCH + timedelta(microseconds=microseconds)


def _believed(at: int) -> int | None:
    return at if EARLIEST <= at <= LATEST else None


@lru_cache(maxsize=1024)
def _cleaned(value: str) -> str:
    return clean(value, LONGEST_NAME)


def _nothing(_constant: str) -> None:
    """Read NaN and Infinity, which are no JSON, as null."""


_BLANK = " \t\r\n\ufeff"
_DECODER = json.JSONDecoder(parse_constant=_nothing)
