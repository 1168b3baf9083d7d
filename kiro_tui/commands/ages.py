"""What `--max-age SECONDS` means: how old the last reading may be, so that kiro-cli need not be asked."""

from kiro_tui.domain.text import clean
from kiro_tui.errors import UsageError

OLDEST = 366 * 86400.0


def age(text: str | None, otherwise: float, command: str) -> float:
    """Return the seconds, `otherwise` where nothing is said; raises UsageError, which names the command's help."""
    if text is None:
        return otherwise
    try:
        seconds = float(text) if text.isascii() and "_" not in text else -1.0
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= OLDEST:  # which nan is not either
        message = f"--max-age: expected seconds, a number from 0 to {OLDEST:.0f}, found {clean(text, 80)!r}"
        raise UsageError(message, f"See: kiro-tui {command} --help")
    return seconds
