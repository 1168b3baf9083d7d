"""What `--days N` means: the local days that count, today included."""

from datetime import date, timedelta

from kiro_tui.domain.text import clean
from kiro_tui.errors import UsageError

MOST_DAYS = 36_500


def first_day(days: str | None, today: date, command: str) -> date | None:
    """Return the first day that counts, None for all of them; raises UsageError, which names the command's help."""
    if days is None:
        return None
    is_number = days.isascii() and days.isdecimal() and len(days) <= len(str(MOST_DAYS))
    count = int(days) if is_number else 0
    if not 0 < count <= MOST_DAYS:
        message = f"--days: expected a number of days from 1 to {MOST_DAYS}, found {clean(days, 80)!r}"
        raise UsageError(message, f"See: kiro-tui {command} --help")
    return today - timedelta(days=count - 1)
