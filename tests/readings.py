"""Plain readings, for the tests of what keeps and shares them and for the programs that they start."""

from datetime import datetime
from decimal import Decimal

from fakes import START

from kiro_tui.domain.state import Snapshot, Way
from kiro_tui.domain.usage import Account, Report, Window, WindowKind


def snapshot(used: int, taken_at: datetime = START, account: Account | None = None) -> Snapshot:
    """Return a reading of so many credits of 5000."""
    report = Report("KIRO PRO", (Window(WindowKind.PLAN, "Credits", Decimal(used), Decimal(5000)),))
    return Snapshot(report, Way.REPORT, taken_at, took=1.0, version="2.21.1", account=account)
