"""The forecast in a few words, the same on every surface.

Pure. Each phrase is short enough for a row of a narrow pane; what is unknown gives no phrase, never a zero.
"""

from datetime import datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal

from kiro_tui.domain import wording
from kiro_tui.domain.forecast import (
    ExpectedOverage,
    Forecast,
    Lasts,
    NoLimit,
    RunOut,
    RunsOut,
    TooLittleKnown,
    UsedUp,
)
from kiro_tui.domain.pace import Pace

SEPARATOR = " · "
TODAY = "today"


def pace(compared: Pace) -> str:
    """Say how far the use is from an even month, in percent of the limit: `12 % under pace`, `on pace`."""
    points = _whole(compared.points)
    if not points:
        return "on pace"
    return f"{abs(points)} % {'over' if points > 0 else 'under'} pace"


def days_ahead(compared: Pace) -> str:
    """Say the same in days: `3 days ahead` is over pace, `1 day behind` under; less than half a day says nothing."""
    days = _whole(compared.days_ahead)
    return f"{wording.days(abs(days))} {'ahead' if days > 0 else 'behind'}" if days else ""


def run_out(end: RunOut, now: datetime, zone: tzinfo | None) -> str:
    """Say when it is used up: `runs out Dec 3–6`, `may run out from Dec 3`, `lasts beyond the reset`."""
    match end:
        case RunsOut():
            return _runs_out(end, now, zone)
        case Lasts():
            return "lasts beyond the reset"
        case TooLittleKnown():
            return "too little known"
        case UsedUp():
            return "used up"
        case NoLimit():
            return "no limit"


def overage(expected: ExpectedOverage) -> str:
    """Say what overage comes to at the reset: `$1.61–$4.80 of overage`, or credits where their price is unknown."""
    if not expected.credits.high:
        return "no overage"
    if expected.cost is None:
        low, high = (wording.per_day(amount) for amount in (expected.credits.low, expected.credits.high))
        return f"{_span(low, high)} credits of overage"
    low, high = (wording.money(cost, expected.currency) for cost in (expected.cost.low, expected.cost.high))
    return f"{_span(low, high)} of overage"


def summary(forecast: Forecast, zone: tzinfo | None) -> str:
    """Say rate, end and allowance in a row: `27.8 a day · lasts beyond the reset · 171 a day to use`."""
    usual = forecast.burn.usual
    said = [
        f"{wording.per_day(usual)} a day" if usual is not None else "",
        run_out(forecast.run_out, forecast.at, zone),
        f"{wording.per_day(forecast.allowance)} a day to use" if forecast.allowance else "",
    ]
    return SEPARATOR.join(filter(None, said))


def _runs_out(end: RunsOut, now: datetime, zone: tzinfo | None) -> str:
    if end.latest is None:
        return f"may run out from {_day(end.earliest, now, zone)}"
    if _day(end.latest, now, zone) == TODAY:
        return f"runs out {TODAY}"
    return f"runs out {wording.dates(end.earliest, end.latest, zone)}"


def _span(low: str, high: str) -> str:
    return low if low == high else f"{low}–{high}"


def _day(moment: datetime, now: datetime, zone: tzinfo | None) -> str:
    today = moment.astimezone(zone).date() == now.astimezone(zone).date()
    return TODAY if today else wording.dates(moment, moment, zone)


def _whole(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))
