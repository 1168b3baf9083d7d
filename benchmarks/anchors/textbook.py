"""A dashboard as the Textual guide teaches it: stock widgets, and a timer that draws all countdowns each second."""  # noqa: INP001 - a program of its own

import time
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import Footer, ProgressBar, Static

POOLS = {"Plan": (42, 26 * 86_400), "Bonus": (7, 15 * 86_400), "Overage": (91, 47 * 60)}
"""Percent used, and seconds until the end."""


class Textbook(App[None]):
    """Three gauges with countdowns."""

    BINDINGS: ClassVar = [("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        """Lay out a name, a bar and a countdown for each pool."""
        for name in POOLS:
            yield Static(f"{name} READY")
            yield ProgressBar(total=100, show_eta=False, id=f"bar-{name}")
            yield Static(id=f"left-{name}")
        yield Footer()

    def on_mount(self) -> None:
        """Fill the bars and start the timer."""
        self._began = time.monotonic()
        for name, (percent, _) in POOLS.items():
            self.query_one(f"#bar-{name}", ProgressBar).update(progress=percent)
        self._tick()
        self.set_interval(1, self._tick)

    def _tick(self) -> None:
        passed = time.monotonic() - self._began
        for name, (_, seconds) in POOLS.items():
            minutes, left = divmod(round(seconds - passed), 60)
            self.query_one(f"#left-{name}", Static).update(f"resets in {minutes // 60}:{minutes % 60:02}:{left:02}")


Textbook().run()
