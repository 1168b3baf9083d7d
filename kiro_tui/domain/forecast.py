"""Will it last? When the plan is used up, what may be used a day until the reset, and what overage will cost.

Pure. Everything is a range, because nobody knows the future; must never say a date or an amount where the reset, the
limit or the rate is unknown. It puts together what others know: `course` what was used, `burn` how fast, `stock` what
is left, `pace` where the month stands.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kiro_tui.domain.burn import Burn, burn
from kiro_tui.domain.course import NOTHING, plan_of
from kiro_tui.domain.month import BillingMonth, Count
from kiro_tui.domain.pace import Pace, pace
from kiro_tui.domain.past import Past
from kiro_tui.domain.stock import Stock
from kiro_tui.domain.usage import Window


@dataclass(frozen=True, slots=True)
class RunsOut:
    """The plan, with the bonuses before it, is used up before it resets, or may be."""

    earliest: datetime
    latest: datetime | None
    """None where it may as well last beyond the reset."""


@dataclass(frozen=True, slots=True)
class Lasts:
    """It lasts beyond the reset, also at the fastest rate."""


@dataclass(frozen=True, slots=True)
class TooLittleKnown:
    """Too few hours of readings, or the reset or the figures are unknown."""


@dataclass(frozen=True, slots=True)
class UsedUp:
    """Nothing is left of the plan, and no bonus stands in for it."""


@dataclass(frozen=True, slots=True)
class NoLimit:
    """There is nothing that could run out."""


RunOut = RunsOut | Lasts | TooLittleKnown | UsedUp | NoLimit


@dataclass(frozen=True, slots=True)
class Span:
    """A range of amounts."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class ExpectedOverage:
    """What will have been used beyond the plan when it resets."""

    credits: Span
    cost: Span | None
    """None where the price of a credit is unknown."""
    currency: str | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """All that can be said of the month; every None is unknown."""

    at: datetime
    month: BillingMonth | None
    """None where the reset is unknown, or has passed without a reading since."""
    pace: Pace | None
    burn: Burn
    run_out: RunOut
    allowance: Decimal | None
    """Credits per day, calendar or working."""
    overage: ExpectedOverage | None
    """None where overage is off."""


def forecast(past: Past, now: datetime, count: Count | None = None) -> Forecast:
    """Return what can be said now; days are calendar days unless `count` says otherwise."""
    count = count or Count()
    plan = plan_of(past.latest) if past.latest is not None else None
    month = _month(plan, now)
    rates = burn(past.uses, now, month)
    return Forecast(
        at=now,
        month=month,
        pace=pace(plan, now, count) if plan is not None else None,
        burn=rates,
        run_out=_run_out(past.stock, plan, rates, month, now),
        allowance=_allowance(past.stock, month, now, count),
        overage=_expected_overage(past, rates, month),
    )


def _month(plan: Window | None, now: datetime) -> BillingMonth | None:
    if plan is None or plan.ends_at is None:
        return None
    month = BillingMonth.until(plan.ends_at)
    return month if month.holds(now) else None


def _run_out(
    stock: Stock | None, plan: Window | None, rates: Burn, month: BillingMonth | None, now: datetime
) -> RunOut:
    """Say when plan and bonuses are used up: earliest at the fastest rate, latest at the slowest (`Burn.spread`).

    Reckoned from the newest reading on, so that the dates do not creep while nothing is read; never before now. Add-on
    packs do not count: they are bought for the time after the plan.
    """
    if plan is not None and plan.limit is None:
        return NoLimit()
    if month is None or stock is None:
        return TooLittleKnown()
    if not stock.plan and not any(bonus.lasts_at(now) for bonus in stock.bonuses):
        return UsedUp()
    if rates.spread is None:
        return TooLittleKnown()
    latest, earliest = (stock.used_up_at(rate, month.ends) for rate in rates.spread)
    if earliest is None:
        return Lasts()
    return RunsOut(max(earliest, now), max(latest, now) if latest is not None else None)


def _allowance(stock: Stock | None, month: BillingMonth | None, now: datetime, count: Count) -> Decimal | None:
    """Return the credits per day at which plan and bonuses last exactly to the reset.

    (plan + bonuses) / days left, unless a bonus ends too soon to be used up at that rate; then what is left after its
    end decides: the least of (plan + bonuses that end later) / (days from that end to the reset). Never more than all
    that is left, also when less than a day is. None where no day is left on which anything is used.
    """
    if stock is None or month is None:
        return None
    bonuses = [bonus for bonus in stock.bonuses if bonus.lasts_at(now)]
    everything = left = stock.plan + sum((bonus.left for bonus in bonuses), NOTHING)
    days = count.days(now, month.ends)
    if not days:
        return None
    allowance = everything / max(days, Decimal(1))
    for bonus in bonuses:
        left -= bonus.left
        if bonus.ends_at is not None and (rest := count.days(bonus.ends_at, month.ends)):
            allowance = min(allowance, left / rest)
    return allowance


def _expected_overage(past: Past, rates: Burn, month: BillingMonth | None) -> ExpectedOverage | None:
    """Return overage credits and their cost at the reset, at the slowest and at the fastest rate.

    What is beyond the plan already, and then rate x days to the reset less what bonuses, plan and add-on packs still
    give in that time. Cost = credits x price, at most the cap. None where overage is off, or where how much it is, the
    reset or the rate is unknown.
    """
    overage = past.latest.overage if past.latest is not None else None
    if overage is None or not overage.enabled or rates.spread is None:
        return None
    if past.stock is None or month is None:
        return None
    low, high = (past.stock.beyond_at(rate, month.ends) for rate in rates.spread)
    if low is None or high is None:
        return None
    price = overage.rate
    if price is None:
        return ExpectedOverage(Span(low, high), None, overage.currency)
    if price and overage.cap is not None:
        most = max(overage.cap / price, past.stock.beyond or NOTHING)
        low, high = min(low, most), min(high, most)
    return ExpectedOverage(Span(low, high), Span(low * price, high * price), overage.currency)
