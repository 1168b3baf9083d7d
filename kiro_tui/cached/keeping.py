"""Leaving cards and notes for those who are in a hurry. Where the disk takes none, they take the long way."""

import logging
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from kiro_tui.cached import cards, note
from kiro_tui.cached.note import Note
from kiro_tui.domain.card import Card
from kiro_tui.whole_file import replace_file

SETTLED = 2.0
"""Seconds; some disks tell times no better."""
_log = logging.getLogger(__name__)


def keep_card(folder: Path | None, key: str, card: Card) -> None:
    """Leave the card of a scope in the state folder, where there is one."""
    if folder is not None:
        _keep(Path(cards.card_path(str(folder), key)), cards.text_of(card))


def keep_note(folder: Path, config: Path, said: Note, now: datetime) -> None:
    """Leave a note of what the settings said, unless the file has just changed: then it may say something else now."""
    with suppress(OSError):  # there is none, as a rule
        if abs(now.timestamp() - config.stat().st_mtime) < SETTLED:
            return
    path, text = Path(note.note_path(str(folder))), note.text_of(said, str(config))
    if cards.read_small(str(path)) != text:
        _keep(path, text)


def _keep(path: Path, text: str) -> None:
    try:
        replace_file(path, text.encode(errors="backslashreplace"), lasting=False)
    except OSError as error:
        _log.warning("Status lines take the long way: %s", error)
