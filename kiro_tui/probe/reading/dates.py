"""Dates as kiro-cli prints them: calendar days in UTC, sometimes without a year, sometimes no date at all.

Pure. What cannot be read, or does not exist, is None: never an exception and never another day.
"""

import re
from datetime import UTC, datetime

_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_MONTH_AND_DAY = re.compile(r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})")
_IN_WORDS = re.compile(r"(?P<month>[A-Za-z]{3,9})\.? (?P<day>[0-9]{1,2}), (?P<year>[0-9]{4})")
_DAYS = re.compile(r"(?P<days>[0-9]{1,5}) days?")

FIRST_YEAR, LAST_YEAR = 2024, 2100
"""A date of another year is damage (docs/kiro-cli.md, section 2.6)."""

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def read_date(text: str, *, now: datetime) -> datetime | None:
    """Return the day's start in UTC; `MM/DD` is the next such day from today (UTC) on.

    `2026-07-01`, `07/01`, `June 1, 2026` and `Jun 18, 2027` are read; 02/29 of a year without one, or 13/40, is None.
    """
    if found := _ISO.fullmatch(text):
        return _midnight(int(found["year"]), int(found["month"]), int(found["day"]))
    if found := _MONTH_AND_DAY.fullmatch(text):
        month, day = int(found["month"]), int(found["day"])
        today = now.astimezone(UTC)
        passed = (month, day) < (today.month, today.day)
        return _midnight(today.year + passed, month, day)
    if found := _IN_WORDS.fullmatch(text):
        return _midnight(int(found["year"]), _month_number(found["month"].lower()), int(found["day"]))
    return None


def read_days(text: str) -> int | None:
    """Return the number in `19 days`, None where it is not plainly one."""
    found = _DAYS.fullmatch(text)
    return int(found["days"]) if found else None


def _month_number(name: str) -> int:
    """Return 1 to 12, or 0 for a name that is no month's."""
    return next((number for number, month in enumerate(_MONTHS, start=1) if month.startswith(name)), 0)


def _midnight(year: int, month: int, day: int) -> datetime | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
