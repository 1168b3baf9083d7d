"""Which alerts are news: what is known now, against what was told before.

Pure: `news(memory, known, rules)` gives the alerts and the memory in which they were told. Whoever keeps the memory
must put the two together as one step, so that of many programs that know the same one has the news.

Each threshold is told once for a window and a billing month, and several that are passed in one step are told as one,
the highest. Of figures only a fresh reading counts. An outage is told once and ends with the next good reading.
What is news counts as told, also while it is quiet: to hold an alert back is for those who send it, and they keep it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from kiro_tui.domain import alert_wording as say
from kiro_tui.domain.alert_memory import Grant, Memory, Month, Outage, grants_of, month_of, with_grant, with_month
from kiro_tui.domain.alert_wording import Said, Where
from kiro_tui.domain.alerts import Alert, AlertKind, Rules, Severity
from kiro_tui.domain.forecast import Forecast, Lasts, RunsOut
from kiro_tui.domain.level import ALMOST, LOOK_SOON, exact_share
from kiro_tui.domain.month import DAY, BillingMonth
from kiro_tui.domain.state import Failure, Snapshot, State, freshness
from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import Overage, Window, WindowKind
from kiro_tui.errors import NotLoggedIn

A_RESET_IS_NEWS_FOR = 3 * DAY
"""Who was away longer need not be told that the month is new."""
INTERVALS_WITHOUT_A_WORD = 2
"""So long nothing need be known between two failures of one outage."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known at one moment."""

    state: State
    at: datetime
    forecast: Forecast | None = None
    """Of the latest reading; without it nothing is told of what will be."""
    zone: tzinfo | None = None
    """Where the person lives; None is the machine's own."""

    @property
    def where(self) -> Where:
        """When and where it is told."""
        return Where(self.at, self.zone)

    def alert(
        self,
        kind: AlertKind,
        severity: Severity,
        said: Said,
        window: Window | None = None,
        threshold: str | None = None,
    ) -> Alert:
        """Return an alert of this moment."""
        label = clean(window.label) if window is not None else None
        return Alert(kind, severity, self.at, said.title, said.text, label, threshold)


News = tuple[Memory, tuple[Alert, ...]]


def news(memory: Memory, known: Known, rules: Rules) -> News:
    """Return what is to be told now, and the memory in which it was."""
    state = known.state
    if state.failure is not None:
        return _of_failure(memory, state.failure, known, rules)
    fresh = freshness(state, known.at)
    if state.latest is None or fresh is None or fresh.stale:
        return memory, ()
    memory, of_month = _of_month(_well(memory, state.latest, known.at), state.latest, known, rules)
    memory, of_grants = _of_grants(memory, state.latest, known, rules)
    return memory, (*of_month, *of_grants)


# Figures --------------------------------------------------------------------------------------------------------------


def _of_month(memory: Memory, reading: Snapshot, known: Known, rules: Rules) -> News:
    report = reading.report
    plans = [window for window in report.windows if window.kind is WindowKind.PLAN]
    if not plans:
        return memory, ()
    ends = next((window.ends_at for window in plans if window.ends_at is not None), None)
    month = month_of(memory, ends, reading.taken_at)
    alerts: list[Alert] = []
    if month.ends == ends and _is_new(memory, month, reading.taken_at):
        alerts.append(known.alert(AlertKind.RESET, Severity.INFO, say.reset(plans[0], report, known.where), plans[0]))
    for name, window in _named(plans):
        percent = _highest_passed(window, rules)
        if percent is not None and percent > month.used.get(name, 0):
            month = replace(month, used={**month.used, name: percent})
            said = say.used(window, report, known.where)
            alerts.append(known.alert(AlertKind.USED, _severity(percent), said, window, str(percent)))
    month, ahead = _of_forecast(month, plans[0], known)
    month, of_overage = _of_overage(month, report.overage, known, rules)
    return with_month(memory, month), (*alerts, *ahead, *of_overage)


def _is_new(memory: Memory, month: Month, seen_at: datetime) -> bool:
    """Say whether a month that follows the one before has just begun."""
    if not memory.months or month in memory.months or month.ends < memory.months[0].ends:
        return False
    return seen_at - BillingMonth.until(month.ends).begins <= A_RESET_IS_NEWS_FOR


def _named(windows: Sequence[Window]) -> Iterator[tuple[str, Window]]:
    """Yield each window with a name of its own: where several have one label, they are numbered as they come."""
    seen: dict[str, int] = {}
    for window in windows:
        number = seen[window.label] = seen.get(window.label, 0) + 1
        yield window.label if number == 1 else f"{window.label} {number}", window


def _highest_passed(window: Window, rules: Rules) -> int | None:
    share = exact_share(window)
    return None if share is None else max((percent for percent in rules.used if share >= percent), default=None)


def _severity(percent: int) -> Severity:
    if percent < LOOK_SOON:
        return Severity.INFO
    return Severity.WARNING if percent < ALMOST else Severity.CRITICAL


def _of_forecast(month: Month, plan: Window, known: Known) -> tuple[Month, tuple[Alert, ...]]:
    """Tell that it will run out once it does so at the slowest rate, and that it lasts once it does at the fastest."""
    forecast = known.forecast
    match forecast.run_out if forecast is not None else None:
        case RunsOut(latest=datetime()) if forecast is not None and not month.runs_out:
            said = say.runs_out(forecast, plan, known.where)
            return replace(month, runs_out=True), (known.alert(AlertKind.RUNS_OUT, Severity.WARNING, said, plan),)
        case Lasts() if forecast is not None and month.runs_out and not month.lasts:
            said = say.lasts(forecast, plan, known.where)
            return replace(month, lasts=True), (known.alert(AlertKind.LASTS, Severity.INFO, said, plan),)
        case _:
            return month, ()


def _of_overage(month: Month, overage: Overage | None, known: Known, rules: Rules) -> tuple[Month, tuple[Alert, ...]]:
    if overage is None:
        return month, ()
    alerts: list[Alert] = []
    if not month.overage and (overage.credits or overage.cost):
        month = replace(month, overage=True)
        alerts.append(known.alert(AlertKind.OVERAGE_BEGAN, Severity.WARNING, say.overage_began(overage, known.where)))
    cost = overage.cost or Decimal(0)
    passed = max((sum_ for sum_ in rules.costs if cost >= sum_), default=None)
    if passed is not None and (month.cost is None or passed > month.cost):
        month = replace(month, cost=passed)
        severity = Severity.CRITICAL if passed == max(rules.costs) else Severity.WARNING
        said = say.overage_cost(overage, passed, known.where)
        alerts.append(known.alert(AlertKind.OVERAGE_COST, severity, said, threshold=f"{passed.normalize():f}"))
    return month, tuple(alerts)


def _of_grants(memory: Memory, reading: Snapshot, known: Known, rules: Rules) -> News:
    lapsing = [window for window in reading.report.windows if window.kind is not WindowKind.PLAN and window.remaining]
    ending = [(window, end) for window in lapsing if (end := _end(window, reading.taken_at)) is not None]
    told_of = grants_of(memory, ((_name(window), end) for window, end in ending))
    alerts: list[Alert] = []
    for (window, end), before in zip(ending, told_of, strict=True):
        left = _left(window, reading.taken_at, known.at)
        days = min((days for days in rules.ends_within if timedelta(0) <= left <= days * DAY), default=None)
        if days is None or (before is not None and before.days <= days):
            continue
        memory = with_grant(memory, Grant(_name(window), end, days), before)
        said = say.ends_soon(window, left, counted=window.ends_at is None)
        severity = Severity.WARNING if days == min(rules.ends_within) else Severity.INFO
        alerts.append(known.alert(AlertKind.ENDS_SOON, severity, said, window, str(days)))
    return memory, tuple(alerts)


def _name(window: Window) -> str:
    return f"{window.kind} {window.label}"


def _end(window: Window, seen_at: datetime) -> datetime | None:
    """Return when a grant ends, to the day where only days were said; None where that is unknown or far away."""
    if window.ends_at is not None or window.ends_in_days is None:
        return window.ends_at
    return seen_at + window.ends_in_days * DAY if window.ends_in_days < FAR_AWAY_DAYS else None


def _left(window: Window, seen_at: datetime, now: datetime) -> timedelta:
    """Return what is left of a grant's time: whole days, rounded down, where only those were said."""
    if window.ends_at is not None:
        return window.ends_at - now
    passed = max(now - seen_at, timedelta(0)).days
    return max((window.ends_in_days or 0) - passed, 0) * DAY


FAR_AWAY_DAYS = 36_500


# Outages --------------------------------------------------------------------------------------------------------------


def _well(memory: Memory, reading: Snapshot, now: datetime) -> Memory:
    """Return the memory after a good reading, which ends an outage unless it is older than that."""
    outage = memory.outage
    if outage is None or outage.last < reading.taken_at or outage.last > now:  # ahead: the clock was set back
        return memory if outage is None else replace(memory, outage=None, well_at=reading.taken_at)
    return memory


def _of_failure(memory: Memory, failure: Failure, known: Known, rules: Rules) -> News:
    if memory.well_at is not None and failure.at <= memory.well_at <= known.at:
        return memory, ()  # it was heard of late: all has been well since
    outage = _gone_on(
        memory.outage, failure.at, max(rules.silent_after, INTERVALS_WITHOUT_A_WORD * known.state.interval)
    )
    alerts: tuple[Alert, ...] = ()
    if isinstance(failure.error, NotLoggedIn):
        told, outage = outage.signed_out, replace(outage, since=outage.last, signed_out=True)  # silence begins later
        if not told:
            alerts = (known.alert(AlertKind.SIGNED_OUT, Severity.WARNING, say.signed_out(failure)),)
    elif rules.silent_after and not outage.silent and (failure.at - outage.since).total_seconds() >= rules.silent_after:
        outage = replace(outage, silent=True)
        said = say.no_reading(failure, outage.since, known.state.latest, known.where)
        alerts = (known.alert(AlertKind.NO_READING, Severity.WARNING, said),)
    return replace(memory, outage=outage), alerts


def _gone_on(outage: Outage | None, failed_at: datetime, silence: float) -> Outage:
    """Return the outage after one more failure; what was not watched, as while the machine slept, was no outage."""
    if outage is None:
        return Outage(failed_at, failed_at)
    if failed_at <= outage.last:
        return outage
    watched = (failed_at - outage.last).total_seconds() <= silence
    return replace(outage, since=outage.since if watched else failed_at, last=failed_at)
