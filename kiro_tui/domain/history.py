"""Past readings as the journal keeps them and the forecast reads them.

Pure. A reading that changed nothing extends the one before, so that a Reading holds for a span of time, not for an
instant. Times are aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime

from kiro_tui.domain.state import Way
from kiro_tui.domain.usage import Report


@dataclass(frozen=True, slots=True)
class Reading:
    """A report, and from when to when it was seen to hold."""

    account: str
    """A keyed hash: the same person gives the same one on this machine, and nobody can be read out of it."""
    first_at: datetime
    last_at: datetime
    """The last time that the same figures were read; not earlier than `first_at`."""
    report: Report
    way: Way
    version: str | None = None
    """kiro-cli's, None where it would not say."""
