"""What an alert says: a title of a few words and one sentence with the figures, as the dashboard words them.

Pure, and calm: what happened and how it stands, no advice and no exclamation marks. Names are cleaned and cut short.
"""

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import NamedTuple

from kiro_tui.domain import forecast_wording, wording
from kiro_tui.domain.forecast import Forecast
from kiro_tui.domain.state import Failure, Snapshot
from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import NoteCode, Overage, Report, Window

LONGEST_NAME = 60


class Said(NamedTuple):
    """Both parts of an alert."""

    title: str
    text: str


class Where(NamedTuple):
    """When and where it is said."""

    now: datetime
    zone: tzinfo | None

    def time(self, moment: datetime) -> str:
        """Say an instant in the person's own zone."""
        return wording.local_time(moment, self.zone, self.now)


def name(window: Window) -> str:
    """Return what the dashboard calls a pool, in a few words."""
    return clean(window.title, LONGEST_NAME)


def used(window: Window, report: Report, where: Where) -> Said:
    """Say how much of a plan is used."""
    share = window.used_percent or Decimal(0)
    return Said(
        f"{name(window)}: {wording.percent(share)} used", _sentence(_figures(window, report), _reset(window, where))
    )


def runs_out(forecast: Forecast, window: Window, where: Where) -> Said:
    """Say that it will be used up before the reset."""
    return Said("Credits run out before the reset", _sentence(_outlook(forecast, where), _reset(window, where)))


def lasts(forecast: Forecast, window: Window, where: Where) -> Said:
    """Say that it will last after all."""
    return Said("Credits last until the reset after all", _sentence(_outlook(forecast, where), _reset(window, where)))


def ends_soon(window: Window, left: timedelta, *, counted: bool) -> Said:
    """Say that a grant lapses with something in it; `counted` where only whole days are known."""
    whole = f"in {wording.days(left.days)}" if left.days else "within a day"
    when = whole if counted else f"in {wording.countdown(left).text}"
    lapses = f"{wording.amount(window.remaining or Decimal(0))} is left and lapses then"
    return Said(f"{name(window)} ends {when}", _sentence(lapses))


def overage_began(overage: Overage, where: Where) -> Said:
    """Say that credits are paid for one by one from now on."""
    return Said("Overage began", _sentence(_overage(overage, where)))


def overage_cost(overage: Overage, passed: Decimal, where: Where) -> Said:
    """Say that overage costs as much as a person wanted to know of."""
    return Said(f"Overage passed {wording.money(passed, overage.currency)}", _sentence(_overage(overage, where)))


def reset(window: Window, report: Report, where: Where) -> Said:
    """Say that a new month began."""
    return Said("The month was reset", _sentence(f"{name(window)}: {_figures(window, report)}", _reset(window, where)))


def signed_out(failure: Failure) -> Said:
    """Say that nobody is signed in, and what to do."""
    return Said("Signed out of Kiro", _both(failure))


def no_reading(failure: Failure, since: datetime, last: Snapshot | None, where: Where) -> Said:
    """Say since when nothing can be read, and why."""
    known = f" The last reading is of {where.time(last.taken_at)}." if last is not None else ""
    return Said(f"No reading for {wording.countdown(failure.at - since).text}", _both(failure) + known)


def _figures(window: Window, report: Report) -> str:
    if window.limit is None:
        return f"{wording.amount(window.used)} used"
    figures = f"{wording.amount(window.used)} of {wording.limit(window.limit)} used"
    if window.bar_contradicts:
        return f"so says its bar; beside it stands {figures}"
    if window.used > window.limit:
        at_least = "at least " if window.as_of is not None else ""
        return f"{at_least}{figures}, {wording.amount(window.used - window.limit)} over the limit"
    clamped = any(note.code is NoteCode.MAYBE_CLAMPED for note in report.notes)
    if clamped and window.used == window.limit:
        return f"at least {figures}"
    left = window.limit - window.used
    return f"{figures}, {wording.amount(left)} left" if left else figures


def _overage(overage: Overage, where: Where) -> str:
    credits_used = f"{wording.amount(overage.credits)} credits beyond the plan" if overage.credits is not None else ""
    cost = f"{wording.money(overage.cost, overage.currency)} so far" if overage.cost is not None else ""
    cap = f"{wording.money(overage.cap, overage.currency)} at most" if overage.cap is not None else ""
    as_of = f"as of {where.time(overage.as_of)}" if overage.as_of is not None else ""
    return ", ".join(filter(None, (credits_used, cost, cap, as_of)))


def _outlook(forecast: Forecast, where: Where) -> str:
    usual = forecast.burn.usual
    rate = f"at {wording.per_day(usual)} a day: " if usual is not None else ""
    end = forecast_wording.run_out(forecast.run_out, where.now, where.zone)
    allowance = f", {wording.per_day(forecast.allowance)} a day to use" if forecast.allowance else ""
    return rate + end + allowance


def _reset(window: Window, where: Where) -> str:
    return f"resets {where.time(window.ends_at)}" if window.ends_at is not None else ""


def _both(failure: Failure) -> str:
    return clean(f"{failure.error.message} {failure.error.hint}", 500)


def _sentence(*parts: str) -> str:
    said = "; ".join(filter(None, parts))
    return f"{said[:1].upper()}{said[1:]}."
