"""A month that moves while you watch: the account of the demo as a pure function of the time since it began.

Reports carry only dates, so the calendar itself must run faster: a second of watching is two hours here. The demo
opens on a believable morning in November, with two bonuses that are spent first. One of them is used up and
expires, the other runs out, then the plan grows past 75 % and 90 %. The 1st comes, the month begins anew with a
fresh grant, and the second month goes over its limit. Two months pass in ten minutes; then it goes on like that.

`simulated_now` is the demo's clock and `at` its account: whoever shows the demo must use both, or neither.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kiro_tui.simulator.account import AccountState, Bonus, Overages, Resource

START = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
"""What the demo's calendar says when it begins."""
SPEED = 7200
"""Seconds of the demo's calendar in one second of watching."""
PLAN = "KIRO PRO+"
LIMIT = Decimal(2000)
HUNDREDTH = Decimal("0.01")

WEEKDAY_WORK = (1.0, 1.2, 0.9, 1.1, 1.0, 0.3, 0.1)
"""How the use of a week is spread over Monday to Sunday."""
WORK_BEGINS, WORK_ENDS = 7, 21
"""The hours of a day between which credits are used, UTC."""


@dataclass(frozen=True, slots=True)
class _Grant:
    name: str
    used: Decimal
    """When the period begins."""
    total: Decimal
    expires: datetime


@dataclass(frozen=True, slots=True)
class _Period:
    """From the demo's start, or a 1st, to the next 1st."""

    begins: datetime
    ends: datetime
    plan_used: Decimal
    """When it begins."""
    credits: Decimal
    """All that is used from its beginning to its end, out of grants and plan together."""
    grants: tuple[_Grant, ...]
    """The one that expires first stands first, and is spent first."""

    def spent(self, until: datetime) -> Decimal:
        """Return what was used from its beginning until then."""
        share = _work(self.begins, min(until, self.ends)) / _work(self.begins, self.ends)
        return (self.credits * Decimal(share)).quantize(HUNDREDTH)


def simulated_now(elapsed: float, speed: float = 1.0) -> datetime:
    """Return what the demo's calendar says after so many seconds of watching; UTC."""
    return START + timedelta(seconds=max(elapsed, 0.0) * speed * SPEED)


def at(elapsed: float, speed: float = 1.0) -> AccountState:
    """Return the demo's account after so many seconds of watching."""
    now = simulated_now(elapsed, speed)
    period = _period(now)
    granted = Decimal(0)
    bonuses = []
    for grant in period.grants:
        spent = min(grant.total - grant.used, period.spent(min(now, grant.expires)) - granted)
        granted += spent
        if now < grant.expires:
            bonuses.append(Bonus(grant.name, grant.used + spent, grant.total, (grant.expires - now).days))
    plan_used = period.plan_used + period.spent(now) - granted
    return AccountState(
        plan=PLAN,
        resources=(Resource("Credits", plan_used, LIMIT),),
        bonuses=tuple(bonuses),
        overages=Overages.ON,
        reset=period.ends.date(),
    )


def _period(now: datetime) -> _Period:
    first = datetime(now.year, now.month, 1, tzinfo=UTC)
    ends = _next_first(first)
    if first < START:
        grants = (
            _Grant("Community grant", Decimal("1.00"), Decimal(250), START + timedelta(days=3, hours=15)),
            _Grant("Welcome bonus", Decimal("386.34"), Decimal(500), START + timedelta(days=15, hours=15)),
        )
        return _Period(START, ends, Decimal("640.25"), Decimal(1652), grants)
    # A calm month ends at 96 % of the plan, a busy one at 104 %; the first whole one is busy.
    months = (first.year - START.year) * 12 + first.month - START.month
    grant = _Grant("Community grant", Decimal(0), Decimal(250), first + timedelta(days=12))
    return _Period(first, ends, Decimal(0), Decimal(2330 if months % 2 else 2170), (grant,))


def _next_first(first: datetime) -> datetime:
    return (first + timedelta(days=31)).replace(day=1)


def _work(begins: datetime, ends: datetime) -> float:
    """Return the work between two moments, in working days."""
    days = ((begins + timedelta(days=n)).replace(hour=0) for n in range((ends - begins).days + 2))
    return sum(WEEKDAY_WORK[day.weekday()] * _overlap(day, begins, ends) for day in days)


def _overlap(day: datetime, begins: datetime, ends: datetime) -> float:
    """Return which share of the day's working hours lies between the two moments."""
    opens = max(begins, day.replace(hour=WORK_BEGINS))
    closes = min(ends, day.replace(hour=WORK_ENDS))
    hours = (closes - opens).total_seconds() / 3600
    return max(hours, 0.0) / (WORK_ENDS - WORK_BEGINS)
