"""The log that `--log FILE` asks for: what was asked when, and what came of it. Off by default.

Only the person can read it, and every line is one line: what comes from outside can neither move a cursor nor make up
a second entry. Must never hold the answers themselves, nor an e-mail.
"""

import logging
import os

from kiro_tui.domain.text import clean
from kiro_tui.errors import SettingsError

LONGEST_LINE = 1000


class _OneLine(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return clean(super().formatMessage(record), LONGEST_LINE)


def write_log_to(path: str) -> None:
    """Append what kiro-tui logs from now on to the file, made 0600; raises SettingsError where that cannot be."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        message = f"The log {clean(path)} cannot be written: {error.strerror}."
        raise SettingsError(message, "Name another file with --log.") from error
    handler = logging.StreamHandler(os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace"))
    handler.setFormatter(_OneLine("{asctime} {levelname} {name}: {message}", style="{"))
    logger = logging.getLogger("kiro_tui")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
