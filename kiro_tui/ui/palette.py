"""The command palette: everything that a key does, by name, the themes, the layouts and the panels.

It names what the app can do and does nothing itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from kiro_tui.choices import LAYOUTS, THEME_NAMES
from kiro_tui.keys import COMMANDS, Keys
from kiro_tui.ui.bindings import action_of
from kiro_tui.ui.taste import Taste

if TYPE_CHECKING:
    from textual.app import App


def commands(app: "App[None]", keys: Keys, taste: Taste, like: Callable[[Taste], None]) -> Iterator[SystemCommand]:
    """Yield the commands of the app; `like` shows the page as a person likes it."""
    for command in COMMANDS:
        if command.name != "palette":
            does = partial(app.run_action, action_of(command.name))
            yield SystemCommand(_sentence(command.does), f"Key: {'  '.join(keys.of(command.name))}", does)
    for name in THEME_NAMES:
        yield SystemCommand(f"Theme: {name}", "Change the colours", partial(setattr, app, "theme", name))
    for layout in LAYOUTS:
        yield SystemCommand(
            f"Layout: {layout}", "How much the page shows", partial(like, replace(taste, layout=layout))
        )
    for panel in taste.panels if len(taste.panels) > 1 else ():
        yield SystemCommand(
            f"Panel: hide {panel}", "It is shown no more", partial(like, taste.with_panel_shown_or_hidden(panel))
        )
    for panel in taste.hidden:
        yield SystemCommand(
            f"Panel: show {panel}", "Below the others", partial(like, taste.with_panel_shown_or_hidden(panel))
        )
    for panel in taste.panels[1:]:
        yield SystemCommand(
            f"Panel: move {panel} up", "One place nearer to the top", partial(like, taste.with_panel_further_up(panel))
        )


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
