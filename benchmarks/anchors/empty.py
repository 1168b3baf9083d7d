"""A Textual app that shows one line and does nothing: what the toolkit alone costs."""  # noqa: INP001 - a program of its own

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import Static


class Empty(App[None]):
    """One line."""

    BINDINGS: ClassVar = [("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        """Lay out the line."""
        yield Static("READY and nothing ticks")


Empty().run()
