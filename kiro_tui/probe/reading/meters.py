"""What printed figures mean: which of two numbers to believe, and where the plan ends and overage begins.

Pure, knows no wording. Every way of asking must come to the same figures here, so that nothing jumps when the way
changes: the plan's use is its own, and what came on top of it stands under overage.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from kiro_tui.domain.usage import Note, NoteCode, Overage, Window, WindowKind

T = TypeVar("T")

FULL = Decimal(100)
ONE, HALF = Decimal(1), Decimal("0.5")
HALF_A_HUNDREDTH = Decimal("0.005")
"""How far a printed use may be from the real one."""


@dataclass(frozen=True, slots=True)
class Meter:
    """One of the plan's resources as it was printed."""

    label: str
    used: Decimal | None
    """None where the figures are there and cannot be read: then there is no window, and the rest still counts."""
    limit: Decimal | None
    percent: Decimal | None = None
    resets_at: datetime | None = None
    overage: Overage | None = None
    """What is said to have come on top of this resource; None where nothing is said."""

    @property
    def may_be_cut_to_limit(self) -> bool:
        """Whether this stands exactly at its limit in a report of the kind that shows no more than the limit.

        That kind prints whole percents; those that show all of the use print a decimal (docs/kiro-cli.md, section 2.2).
        """
        return self.used is not None and self.used == self.limit and self._has_whole_percent

    @property
    def _has_whole_percent(self) -> bool:
        return self.percent is None or self.percent.as_tuple().exponent == 0

    @property
    def contradicts_itself(self) -> bool:
        """Whether the percent and `used of limit` cannot both be true."""
        return self.percent is not None and self.contradicts(self.percent)

    def contradicts(self, percent: Decimal) -> bool:
        """Whether that percent and `used of limit` cannot both be true.

        Whole percents are truncated and may stop at 100; percents with decimals are rounded to the nearest
        (docs/kiro-cli.md, sections 2.2 and 2.7). What rounding of the use itself moves is allowed as well.
        """
        if not self.limit or self.used is None:
            return False
        share = self.used * 100 / self.limit
        decimals = max(-int(percent.as_tuple().exponent), 0)
        allowed = HALF.scaleb(-decimals) + HALF_A_HUNDREDTH * 100 / self.limit if decimals else ONE
        stopped = percent == FULL and share > FULL
        return not stopped and abs(share - percent) > allowed

    @property
    def without_overage(self) -> Decimal | None:
        """The plan's own use: what is stated as overage is taken out, unless cutting to the limit already did it."""
        extra = self.overage.credits if self.overage else None
        if self.used is None or extra is None or self.may_be_cut_to_limit:
            return self.used
        return max(self.used - extra, Decimal(0))

    def window(self) -> Window | None:
        """Return the meter as the window that people see; None where its figures cannot be read."""
        used = self.without_overage
        if used is None:
            return None
        return Window(
            kind=WindowKind.PLAN,
            label=self.label,
            used=used,
            limit=self.limit,
            reported_percent=self.percent,
            bar_contradicts=self.contradicts_itself,
            ends_at=self.resets_at,
        )


def remarks(meters: Iterable[Meter], *, has_packs: bool) -> tuple[Note, ...]:
    """Return a note for each figure that deserves a second look."""
    notes = []
    for meter in meters:
        if meter.contradicts_itself:
            text = (
                f"{meter.label}: the bar says {meter.percent} % used, the figures next to it say"
                f" {meter.used} of {meter.limit}. The bar's percent is shown."
            )
            notes.append(Note(NoteCode.PERCENT_CONFLICT, text))
        elif meter.may_be_cut_to_limit and not has_packs and not _says_what_came_on_top(meter.overage):
            text = f"{meter.label}: at least {meter.used}. This report never shows more than the limit."
            notes.append(Note(NoteCode.MAYBE_CLAMPED, text))
    return tuple(notes)


def _says_what_came_on_top(overage: Overage | None) -> bool:
    return overage is not None and (not overage.enabled or overage.credits is not None)


def total_overage(blocks: Iterable[Overage | None]) -> Overage | None:
    """Return the sum over all resources; a part that is unknown makes its sum unknown."""
    known = [block for block in blocks if block is not None]
    if not known:
        return None
    several_currencies = len({block.currency for block in known if block.currency}) > 1
    return Overage(
        enabled=any(block.enabled for block in known),
        credits=_sum([block.credits for block in known if block.enabled or block.credits is not None]),
        rate=_shared([block.rate for block in known]),
        cost=None if several_currencies else _sum([block.cost for block in known if block.enabled or block.cost]),
        currency=_shared([block.currency for block in known]),
    )


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(amounts) else None


def _shared(values: list[T | None]) -> T | None:
    """Return the value that all those agree on who name one."""
    named = {value for value in values if value is not None}
    return named.pop() if len(named) == 1 else None
