"""Pictures of the dashboard, compared with those that somebody looked at and blessed.

Each test_images*.py names its own in PICTURES, so that one that nobody draws any more is noticed.
"""

import re
from collections.abc import Callable
from pathlib import Path

from textual.app import App

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"
DRAWN = Path(__file__).parent.parent / "build" / "pictures"

Judge = Callable[[str, App[None]], str]
"""Says what is wrong with the picture of that name, or nothing."""


def judge_of(*, bless: bool) -> Judge:
    """Return who compares; blessing writes what is drawn first."""

    def compare(name: str, app: App[None]) -> str:
        svg = re.sub(r"terminal-\d+", "terminal", app.export_screenshot())  # a checksum of more than what is seen
        blessed = SNAPSHOTS / f"{name}.svg"
        if bless:
            blessed.write_text(svg, encoding="utf-8")
        if blessed.exists() and blessed.read_text(encoding="utf-8") == svg:
            return ""
        DRAWN.mkdir(parents=True, exist_ok=True)
        (DRAWN / f"{name}.svg").write_text(svg, encoding="utf-8")
        wrong = "differs from" if blessed.exists() else "is missing in"
        return f"{name}.svg {wrong} snapshots/ (drawn: build/pictures/{name}.svg)"

    return compare
