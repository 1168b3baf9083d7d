"""What a person should be told although they look elsewhere: the words for it, and the rules that a person sets.

Pure: no clock, no memory. What is news is said in `news`, what was told before in `alert_memory`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class AlertKind(StrEnum):
    """What an alert is about; the value is part of what other programs read."""

    USED = "used"
    RUNS_OUT = "runs_out"
    LASTS = "lasts"
    ENDS_SOON = "ends_soon"
    OVERAGE_BEGAN = "overage_began"
    OVERAGE_COST = "overage_cost"
    RESET = "reset"
    SIGNED_OUT = "signed_out"
    NO_READING = "no_reading"
    TEST = "test"


class Severity(StrEnum):
    """How much it matters, from good news on."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to tell, once."""

    kind: AlertKind
    severity: Severity
    at: datetime
    title: str
    """A few words; like the text already cleaned, and never markup."""
    text: str
    """One sentence with the figures."""
    window: str | None = None
    """The label of the pool that it is about, cleaned."""
    threshold: str | None = None
    """What was crossed, as a person writes it in the settings: "90", "3"."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When a person wants to be told; the order in a list means nothing, and an empty one tells nothing."""

    used: tuple[int, ...] = (50, 75, 90, 100)
    """Percents of a plan window."""
    ends_within: tuple[int, ...] = (3, 1)
    """Days before the end of a bonus or an add-on pack of which something is left."""
    costs: tuple[Decimal, ...] = (Decimal(5), Decimal(20), Decimal(50))
    """Money for overage, in the currency of the account."""
    silent_after: float = 3600.0
    """Seconds without a good reading while kiro-cli is asked; 0 is never."""
