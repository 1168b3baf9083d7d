"""What the long way leaves behind for the short one, and who asks while a line is already there."""

import os
from collections.abc import Sequence
from pathlib import Path

from kiro_tui.cached import behind, keeping
from kiro_tui.cached.cards import card_path, read_card
from kiro_tui.cached.note import Note
from kiro_tui.clock import SystemClock
from kiro_tui.domain.carding import card_of
from kiro_tui.domain.state import State
from kiro_tui.scope import OURS, key_of
from kiro_tui.settings import Settings
from kiro_tui.streams import remark


def leave_note(settings: Settings, folder: Path | None, options: Sequence[str]) -> None:
    """Leave a note of what the settings file says, where nothing but the file has said anything."""
    only_the_file = not options and settings.log is None and not any(name.startswith(OURS) for name in os.environ)
    if folder is not None and settings.config is not None and only_the_file:
        said = Note(settings.interval, settings.kiro_cli, tuple(way.value for way in settings.source))
        keeping.keep_note(folder, settings.config, said, SystemClock().now())


def leave_card(state: State, folder: Path | None, scope: str) -> None:
    """Leave a card where there is none; whoever asks kiro-cli leaves one in any case."""
    key = key_of(scope)
    if folder is not None and read_card(card_path(str(folder), key)) is None:
        keeping.keep_card(folder, key, card_of(state.latest, state.failure))


def ask_behind(state: State, folder: Path | None, scope: str, max_age: float, options: Sequence[str]) -> None:
    """Have somebody ask who outlives us, where what is known is older than so many seconds."""
    now = SystemClock().now().timestamp()
    if folder is None or not behind.is_due(card_of(state.latest, state.failure), now, max_age):
        return
    try:
        behind.ask_behind(str(folder), key_of(scope), [*options, *behind.asking(max_age)], os.environ, now)
    except OSError as error:
        remark(behind.cannot(error))
