"""What is known, on a card: everything that a status line says, in words and numbers that cost nothing to read.

Pure, and imports nothing that takes time, so that a line that is drawn every few seconds need not load what a reading
is made of: no dataclass, no Decimal, no datetime. What needs those to be worked out, such as a level, was worked out
when the card was written (see `carding`). A card holds no e-mail and nobody's name. Unknown is None or "", never 0;
amounts are credits as decimal text (`640.25`), moments are seconds of Unix time.
"""

from __future__ import annotations

from kiro_tui.domain.light import value

STALE_AFTER_INTERVALS = 2
DAY = 86400.0


@value(frozen=True)
class Pool:
    """One allowance."""

    kind: str
    label: str
    level: str
    used: str
    limit: str
    remaining: str
    percent: str
    """The used share to two decimals."""
    at_least: bool = False
    """The source may have cut the figure off at the limit."""
    ends_at: float | None = None
    ends_in_days: int | None = None
    """Whole days as they were counted when the reading was taken."""
    over: str = ""
    """What is used beyond the limit; "" where nothing is."""
    as_of: float | None = None
    """When it was read, where it is older than the reading (see `retained`)."""


@value(frozen=True)
class Overage:
    """What is used beyond the plan."""

    enabled: bool
    credits: str = ""
    cost: str = ""
    currency: str = ""
    words: str = ""
    """All of it in words: `on, 40.29 credits used, $1.61 so far`."""
    as_of: float | None = None
    """When its amounts were read, where they are older than the reading."""


@value(frozen=True)
class Figures:
    """The last reading."""

    taken_at: float
    plan: str
    """As a person writes it: `Kiro Pro+`."""
    way: str
    version: str
    """kiro-cli's."""
    managed: bool = False
    pools: tuple[Pool, ...] = ()
    overage: Overage | None = None
    notes: tuple[str, ...] = ()
    """Why figures deserve a second look, as sentences."""

    @property
    def first(self) -> Pool | None:
        """The pool that a line speaks of where it has room for one: the one at the top of the dashboard."""
        return self.pools[0] if self.pools else None


@value(frozen=True)
class Trouble:
    """Why the last question failed."""

    at: float
    code: str
    status: int
    """The exit status that belongs to it."""
    message: str
    hint: str


@value(frozen=True)
class Card:
    """The last reading, and why the last question failed where it did."""

    figures: Figures | None
    trouble: Trouble | None

    def age(self, now: float) -> float | None:
        """Return the age of the figures in seconds, never negative; None where there are none."""
        return None if self.figures is None else max(now - self.figures.taken_at, 0.0)

    def is_stale(self, now: float, interval: float) -> bool:
        """Whether the figures are older than two intervals, or the last question failed."""
        age = self.age(now)
        return age is not None and (self.trouble is not None or age > STALE_AFTER_INTERVALS * interval)

    def is_younger(self, now: float, seconds: float) -> bool:
        """Whether the figures are younger than that; those from before the clock was set back are not."""
        return self.figures is not None and abs(now - self.figures.taken_at) < seconds


def seconds_left(pool: Pool, taken_at: float, now: float) -> float | None:
    """Return the seconds to the pool's end, None where it is unknown; days were counted when the reading was taken."""
    if pool.ends_at is not None:
        return pool.ends_at - now
    if pool.ends_in_days is None:
        return None
    passed = int(max(now - taken_at, 0.0) // DAY)
    return max(pool.ends_in_days - passed, 0) * DAY
