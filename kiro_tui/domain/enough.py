"""Whether enough credits are left for something to go on: what `kiro-tui guard` decides.

Pure, and light enough for the short way (see `card`): no dataclass. The rules, all of them on the careful side:

- The plan has enough where each of its pools has; one resource does not stand in for another. Bonuses are added up, as
  Kiro spends one after the other, and so are packs. `any` is enough in one of the three.
- What is not known, or has no limit, is not enough and not too little: there is no verdict.
- Where bar and figures contradict each other, the one that leaves less counts. A bonus that has lapsed holds nothing.
- Overage is not counted: a plan that is used up has nothing left, also where more may be used for money.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from kiro_tui.domain.card import Figures, Pool, seconds_left
from kiro_tui.domain.light import value

WINDOWS = ("plan", "bonus", "any")
NAMES = {"plan": "Plan", "bonus": "Bonuses", "add_on": "Add-on packs"}
ALL = Decimal(100)
ROUNDED = Decimal("0.01")
NOTHING = Decimal(0)


@value(frozen=True)
class Minimum:
    """How much must be left: credits, or percent of the limit."""

    amount: Decimal
    is_percent: bool

    def __str__(self) -> str:
        return f"{self.amount:f}{'%' if self.is_percent else ' credits'}"


@value(frozen=True)
class Pot:
    """What counts together: its name, what is left of it, and what it holds."""

    name: str
    left: Decimal
    limit: Decimal
    as_of: float | None = None
    """When the oldest of its figures was read, in seconds of Unix time, where that was before the reading."""

    @property
    def percent(self) -> Decimal:
        """What is left in percent of the limit; of nothing, nothing is left."""
        return self.left * 100 / self.limit if self.limit else NOTHING

    def has(self, minimum: Minimum) -> bool:
        """Whether at least that much is left."""
        return self.measure(minimum) >= minimum.amount

    def measure(self, minimum: Minimum) -> Decimal:
        """Return what is left in the minimum's unit."""
        return self.percent if minimum.is_percent else self.left

    def __str__(self) -> str:
        return f"{self.name}: {self.left:.2f} of {self.limit:f} credits left ({self.percent:.1f} %)"


def minimum_of(text: str) -> Minimum | None:
    """Return what `10%` or `25` means, None where it means nothing."""
    digits, is_percent = text.removesuffix("%"), text.endswith("%")
    if not digits.isascii() or not digits.replace(".", "", 1).isdecimal() or len(digits) > len("999999999.99"):
        return None
    try:
        amount = Decimal(digits)
    except InvalidOperation:
        return None
    return None if is_percent and amount > ALL else Minimum(amount, is_percent)


def decisive(figures: Figures, window: str, minimum: Minimum, now: float) -> Pot | None:
    """Return the pot on which it depends whether enough is left; None where too little is known to say."""
    plan = [_pot(NAMES["plan"], [pool], figures, now) for pool in figures.pools if pool.kind == "plan"]
    bonus, packs = (_together(kind, figures, now) for kind in ("bonus", "add_on"))
    worst = None
    if plan and all(plan):
        worst = min((pot for pot in plan if pot is not None), key=lambda pot: pot.measure(minimum))
    if window == "plan":
        return worst
    if window == "bonus":
        return bonus
    known = [pot for pot in (worst, bonus, packs) if pot is not None]
    return max(known, key=lambda pot: pot.measure(minimum), default=None)


def _together(kind: str, figures: Figures, now: float) -> Pot | None:
    pools = [pool for pool in figures.pools if pool.kind == kind]
    return _pot(NAMES[kind], pools, figures, now) if figures.pools else None


def _pot(name: str, pools: list[Pool], figures: Figures, now: float) -> Pot | None:
    if not all(pool.limit and pool.remaining for pool in pools):
        return None
    left = sum((_left(pool, figures, now) for pool in pools), NOTHING)
    as_of = min((pool.as_of for pool in pools if pool.as_of is not None), default=None)
    return Pot(name, left, sum((Decimal(pool.limit) for pool in pools), NOTHING), as_of)


def _left(pool: Pool, figures: Figures, now: float) -> Decimal:
    left, limit = Decimal(pool.remaining), Decimal(pool.limit)
    ends_in = seconds_left(pool, figures.taken_at, now)
    if pool.kind != "plan" and pool.ends_at is not None and ends_in is not None and ends_in <= 0:
        return NOTHING
    by_bar = max(ALL - Decimal(pool.percent), NOTHING) * limit / 100 if pool.percent else left
    return by_bar if by_bar < left - limit * ROUNDED / 100 else left
