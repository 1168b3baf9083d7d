"""What the settings said, as a small file beside the cards, with what the settings file looked like then.

It lets a status line do without reading settings. It holds only what the file or the defaults say: where an option or
a variable says something, settings are read. One form with its kiro-tui's version: an update reads the settings anew.
"""

from __future__ import annotations

import os

from kiro_tui import __version__
from kiro_tui.cached.cards import read_small
from kiro_tui.domain.light import value

FORM = f"kiro-tui settings 1 {__version__}"
NAME = "settings-note"


@value(frozen=True)
class Note:
    """The settings that a status line needs."""

    interval: float
    kiro_cli: str | None
    ways: tuple[str, ...]


def note_path(folder: str) -> str:
    """Return where the note is."""
    return os.path.join(folder, NAME)


def looks(config: str) -> str:
    """Return what the settings file looks like, so that a change shows; also where there is none."""
    try:
        found = os.stat(config)
    except OSError:
        return f"{config!r} is not there"
    return f"{config!r} {found.st_mtime_ns} {found.st_size} {found.st_ino}"


def text_of(note: Note, config: str) -> str:
    """Return the note as text for `read_note`."""
    return "\n".join([FORM, looks(config), repr(note.interval), note.kiro_cli or "", ",".join(note.ways), ""])


def read_note(folder: str, config: str) -> Note | None:
    """Return the note, None where there is none for this settings file as it is now."""
    text = read_small(note_path(folder))
    lines = text.split("\n") if text is not None else []
    if len(lines) != 6 or lines[:2] != [FORM, looks(config)]:  # noqa: PLR2004 - as many as text_of writes
        return None
    try:
        return Note(float(lines[2]), lines[3] or None, tuple(filter(None, lines[4].split(","))))
    except ValueError:
        return None
