"""The command palette: everything that a key does, by name, and the themes.

It names what the app can do and does nothing itself.
"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.binding import Binding

from kiro_tui.ui.themes import THEMES

if TYPE_CHECKING:
    from textual.app import App

ON_THE_KEYBOARD = {"plus": "+", "minus": "-", "question_mark": "?"}


def commands(app: "App[None]") -> Iterator[SystemCommand]:
    """Yield the commands of the app."""
    for binding in app.BINDINGS:
        if isinstance(binding, Binding) and binding.show:
            key = binding.key.split(",")[0]
            does = partial(app.run_action, binding.action)
            yield SystemCommand(binding.description, f"Key: {ON_THE_KEYBOARD.get(key, key)}", does)
    for theme in THEMES:
        yield SystemCommand(f"Theme: {theme.name}", "Change the colours", partial(setattr, app, "theme", theme.name))
