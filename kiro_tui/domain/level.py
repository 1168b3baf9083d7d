"""How urgent an allowance is, by how much of it is used.

Pure. The same on every surface: what colours a gauge colours a status line. Must know no colour and no sign.
"""

from decimal import Decimal
from enum import StrEnum

from kiro_tui.domain.usage import Window, WindowKind

LOOK_SOON = Decimal(75)
ALMOST = Decimal(90)
FULL = Decimal(100)


class Level(StrEnum):
    """The levels, from nothing to see to more than there is."""

    CALM = "calm"
    WARN = "warn"
    HIGH = "high"
    USED_UP = "used-up"
    SPENT = "spent"
    """A grant of which nothing is left: that is what it is there for, and nothing to worry about."""
    OVER = "over"


def exact_share(window: Window) -> Decimal | None:
    """Return the used percent without rounding: 9999.99 of 10000 is not yet all of it."""
    if window.bar_contradicts or not window.limit:
        return window.used_percent
    return window.used * 100 / window.limit


def level_of(window: Window) -> Level:
    """Return the level of an allowance; one without a limit, or with a limit of nothing, is calm."""
    share = exact_share(window)
    if share is None or share < LOOK_SOON:
        return Level.CALM
    if share < ALMOST:
        return Level.WARN
    if share < FULL:
        return Level.HIGH
    if share > FULL:
        return Level.OVER
    return Level.USED_UP if window.kind is WindowKind.PLAN else Level.SPENT
