"""How amounts, percents, money and spans of time are said, the same on every surface.

Pure. A text that changes by itself comes as `Ticking`, with the seconds for which it stays true, so that whoever
shows it can sleep exactly that long. Spans are differences of UTC instants; only `local_time` knows a time zone.
"""

from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from kiro_tui.domain import moments, spans
from kiro_tui.domain.spans import HOUR, MINUTE

shortest = spans.shortest
local_time = moments.local_time
FOR_EVER = float("inf")
"""How long a text stays true that does not change by itself."""


class Ticking(NamedTuple):
    """A text and the seconds until it has to be said anew."""

    text: str
    lasts: float = FOR_EVER


def amount(value: Decimal) -> str:
    """Say an amount of credits with two decimals: `640.25`, `12345.00`."""
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):f}"


def limit(value: Decimal) -> str:
    """Say a limit without needless decimals: `2000`, `12.50`."""
    return f"{value.to_integral_value():f}" if value == value.to_integral_value() else amount(value)


def percent(share: Decimal, decimals: int = 1) -> str:
    """Say a percent: `32.0 %`, or with no decimals `32 %`."""
    return f"{share.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f} %"


CURRENCY_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", None: "$"}
"""Kiro bills in dollars where it names no currency: its reports print the sign itself."""


def money(value: Decimal, currency: str | None) -> str:
    """Say a sum of money: `$1.61`, or `1.61 CHF` for a currency without a sign of its own here.

    A rate of less than a cent keeps its decimals: `$0.005`.
    """
    sign = CURRENCY_SIGNS.get(currency)
    said = amount(value) if value == value.quantize(Decimal("0.01")) or value >= 1 else f"{value.normalize():f}"
    return f"{sign}{said}" if sign else f"{said} {currency}"


def too_new(version: str | None) -> str:
    """Say that a kiro-cli is newer than any that is known here."""
    return f"kiro-cli {version} is newer than any that kiro-tui knows; it was asked as the newest known one would be."


def countdown(left: timedelta) -> Ticking:
    """Say what is left of a span, rounded down: `7d 22h`, `22h 58m`, `58m`, `9m 30s`, and `now` at its end."""
    return Ticking(*spans.countdown(left.total_seconds()))


def minutes_left(left: timedelta) -> Ticking:
    """Say what is left in whole minutes, rounded up, for whoever does not count seconds: `5m`, `under 1m`, `now`."""
    seconds = left.total_seconds()
    if seconds <= 0:
        return Ticking("now")
    if seconds <= MINUTE:
        return Ticking("under 1m", seconds)
    whole = -int(-seconds // MINUTE)
    text = f"{whole // 60}h {whole % 60}m" if whole >= 60 else f"{whole}m"  # noqa: PLR2004 - minutes in an hour
    return Ticking(text, seconds % MINUTE or MINUTE)


def interval(seconds: float) -> str:
    """Say a length of time in its largest whole unit: `30 s`, `5 min`, `1 h`."""
    if seconds < MINUTE:
        return f"{seconds:g} s"
    return f"{seconds / MINUTE:g} min" if seconds < HOUR else f"{seconds / HOUR:g} h"


def ago(age: timedelta, *, seconds: bool) -> Ticking:
    """Say an age in its largest unit: `12 s ago`, `4 min ago`, `2 h ago`, `3 days ago`.

    Without `seconds` the first minute is `just now`.
    """
    passed = max(age.total_seconds(), 0.0)
    if seconds and passed < MINUTE:
        return Ticking(f"{int(passed)} s ago", 1 - passed % 1)
    return Ticking(*spans.ago(passed))


def days(count: int) -> str:
    """Say a number of days: `1 day`, `15 days`."""
    return "1 day" if count == 1 else f"{count} days"


def per_day(rate: Decimal) -> str:
    """Say credits per day in about three digits: `171`, `27.8`, `0.35`; and `under 0.01`, not 0."""
    if rate < Decimal("0.01"):
        return "under 0.01" if rate else "0"
    digits = 0 if rate >= 100 else 1 if rate >= 1 else 2  # noqa: PLR2004 - three digits altogether
    return f"{rate.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"


def dates(first: datetime, last: datetime, zone: tzinfo | None) -> str:
    """Say the span from one instant to another in the person's days: `Dec 3`, `Dec 3–6`, `Dec 30 – Jan 2`."""
    start, end = first.astimezone(zone), last.astimezone(zone)
    if start.date() == end.date():
        return f"{start:%b} {start.day}"
    if (start.year, start.month) == (end.year, end.month):
        return f"{start:%b} {start.day}–{end.day}"
    return f"{start:%b} {start.day} – {end:%b} {end.day}"
