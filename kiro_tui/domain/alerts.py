"""What a person should be told although they look elsewhere: which thresholds were newly crossed.

Pure: no clock, no memory of its own. What was already told is remembered by whoever has the journal.
"""

from dataclasses import dataclass
from datetime import datetime
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
