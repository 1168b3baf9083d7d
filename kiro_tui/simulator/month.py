"""A month that moves while you watch: the account of the demo as a pure function of the time since it began.

Reports carry only dates, so the calendar itself must run faster: a second of watching is two hours here. The demo
opens on a believable morning in November, with two bonuses that are spent first. One of them is used up and
expires, the other runs out, then the plan grows past 75 % and 90 %. The 1st comes, the month begins anew with a
fresh grant, and the second month goes over its limit. Two months pass in ten minutes; then it goes on like that.

The account has a past, too, so that there is something to look back at: three months on a smaller plan and, from
October on, on this one, with a bonus that lapsed with something in it.

`simulated_now` is the demo's clock and `at` its account: whoever shows the demo must use both, or neither.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kiro_tui.simulator.account import PLANS, AccountState, Bonus, Overages, Plan, Resource

START = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
"""What the demo's calendar says when it begins."""
SPEED = 7200
"""Seconds of the demo's calendar in one second of watching."""
SMALLER_PLAN, PLAN = PLANS["pro"], PLANS["pro+"]
HUNDREDTH = Decimal("0.01")
GOLDEN = 0.618034
"""Its multiples, without what stands before the point, are spread evenly and look like chance."""

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
    """A time in which things are used in the rhythm of the week: grants first, then the plan; within one month."""

    begins: datetime
    ends: datetime
    plan_used: Decimal
    """When it begins."""
    credits: Decimal
    """All that is used from its beginning to its end, out of grants and plan together."""
    grants: tuple[_Grant, ...] = ()
    """The one that expires first stands first, and is spent first."""
    plan: Plan = PLAN

    def spent(self, until: datetime) -> Decimal:
        """Return what was used from its beginning until then."""
        share = _work(self.begins, min(until, self.ends)) / _work(self.begins, self.ends)
        return (self.credits * Decimal(share)).quantize(HUNDREDTH)


def simulated_now(elapsed: float, speed: float = 1.0) -> datetime:
    """Return what the demo's calendar says after so many seconds of watching; UTC."""
    return START + timedelta(seconds=max(elapsed, 0.0) * speed * SPEED)


def at(elapsed: float, speed: float = 1.0) -> AccountState:
    """Return the demo's account after so many seconds of watching."""
    return account_on(simulated_now(elapsed, speed))


def account_on(now: datetime) -> AccountState:
    """Return the demo's account at a time of its calendar; ValueError before the account was there (`OPENED`)."""
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
        plan=period.plan.name,
        resources=(Resource(period.plan.title, plan_used, period.plan.limit),),
        bonuses=tuple(bonuses),
        overages=Overages.ON,
        reset=_next_first(now).date(),
    )


def _period(now: datetime) -> _Period:
    if now < OPENED:
        raise ValueError(f"the demo's account was opened on {OPENED}")
    if now < _OF_THE_START.ends:
        return next(period for period in (*_PAST, _OF_THE_START) if now < period.ends)
    # A calm month ends at 96 % of the plan, a busy one at 104 %; the first whole one is busy.
    first = datetime(now.year, now.month, 1, tzinfo=UTC)
    months = (first.year - START.year) * 12 + first.month - START.month
    grant = _Grant("Community grant", Decimal(0), Decimal(250), first + timedelta(days=12))
    return _Period(first, _next_first(first), Decimal(0), Decimal(2330 if months % 2 else 2170), (grant,))


def _next_first(now: datetime) -> datetime:
    """Return the beginning of the next month."""
    return (datetime(now.year, now.month, 1, tzinfo=UTC) + timedelta(days=31)).replace(day=1)


def _work(begins: datetime, ends: datetime) -> float:
    """Return the work between two moments, in working days."""
    days = ((begins + timedelta(days=n)).replace(hour=0) for n in range((ends - begins).days + 2))
    return sum(WEEKDAY_WORK[day.weekday()] * _mood(day) * _overlap(day, begins, ends) for day in days)


def _mood(day: datetime) -> float:
    """Return a factor around 1 by which the day differs from others of its name."""
    return 0.6 + 0.8 * (day.toordinal() * GOLDEN % 1)


def _overlap(day: datetime, begins: datetime, ends: datetime) -> float:
    """Return which share of the day's working hours lies between the two moments."""
    opens = max(begins, day.replace(hour=WORK_BEGINS))
    closes = min(ends, day.replace(hour=WORK_ENDS))
    hours = (closes - opens).total_seconds() / 3600
    return max(hours, 0.0) / (WORK_ENDS - WORK_BEGINS)


# The past, and the month in which the demo begins ---------------------------------------------------------------------


def _on(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(START.year, month, day, hour, minute, tzinfo=UTC)


OPENED = _on(8, 10)
_UPGRADED = _on(10, 15, 10)
_GRANTED = START - timedelta(minutes=7)

_COMMUNITY = _Grant("Community grant", Decimal(0), Decimal(250), START + timedelta(days=3, hours=15))
_WELCOME = _Grant("Welcome bonus", Decimal(0), Decimal(500), START + timedelta(days=15, hours=15))
_SUMMER = _Grant("Summer bonus", Decimal(0), Decimal(500), _on(9, 19))

_PAST = (
    _Period(OPENED, _on(9, 1), Decimal(0), Decimal("780.40"), plan=SMALLER_PLAN),
    _Period(_on(9, 1), _on(9, 7), Decimal(0), Decimal("212.65"), plan=SMALLER_PLAN),
    # The bonus lapses with something in it.
    _Period(_on(9, 7), _on(9, 19), Decimal("212.65"), Decimal("428.20"), (_SUMMER,), SMALLER_PLAN),
    _Period(_on(9, 19), _on(10, 1), Decimal("212.65"), Decimal("462.85"), plan=SMALLER_PLAN),
    # The plan is nearly used up by the middle of the month. The next one begins with nothing used.
    _Period(_on(10, 1), _UPGRADED, Decimal(0), Decimal("948.10"), plan=SMALLER_PLAN),
    _Period(_UPGRADED, _on(11, 1), Decimal(0), Decimal("1371.30")),
    # Until the demo's first figures are reached: the plan was used before there were grants, and then they were.
    _Period(_on(11, 1), _on(11, 8), Decimal(0), Decimal("640.25")),
    _Period(_on(11, 8), _GRANTED, Decimal("640.25"), Decimal("386.34"), (_WELCOME,)),
    _Period(
        _GRANTED, START, Decimal("640.25"), Decimal("1.00"), (_COMMUNITY, replace(_WELCOME, used=Decimal("386.34")))
    ),
)
"""What happened before the demo; each period ends where the next begins."""
_OF_THE_START = _Period(
    START,
    _on(12, 1),
    Decimal("640.25"),
    Decimal(1652),
    (replace(_COMMUNITY, used=Decimal("1.00")), replace(_WELCOME, used=Decimal("386.34"))),
)
