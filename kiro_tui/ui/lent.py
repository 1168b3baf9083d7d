"""What the dashboard is lent, and how the person wants it: protocols and options, no code.

Whoever opens what stands behind these closes it again; the dashboard only uses it.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Protocol

from kiro_tui.choices import THEME_NAMES
from kiro_tui.clock import Clock
from kiro_tui.domain.history import Reading
from kiro_tui.domain.month import Count
from kiro_tui.domain.state import Event, Snapshot
from kiro_tui.first_frame import NO_FRAME, FirstFrame
from kiro_tui.keys import Keys
from kiro_tui.ui.taste import Taste
from kiro_tui.ui.view import USUAL_KEYS, USUAL_TASTE

if TYPE_CHECKING:
    from kiro_tui.alerts.crier import Crier
    from kiro_tui.alerts.terminal import Write
    from kiro_tui.alerts.watcher import Watcher
    from kiro_tui.ui.spend import Book

INTERVALS = (30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
"""Seconds; what + and - step through."""
ALL_DAYS = Count()


class Questions(Protocol):
    """What the dashboard needs of the poller."""

    @property
    def interval(self) -> float:
        """Seconds between two questions."""
        ...

    @property
    def paused(self) -> bool:
        """Whether nothing is asked by itself."""
        ...

    def events(self) -> AsyncIterator[Event]:
        """Yield what happens, for ever."""
        ...

    def refresh(self) -> None:
        """Ask now."""
        ...

    def pause(self) -> None:
        """Ask nothing by ourselves."""
        ...

    def resume(self) -> None:
        """Go on asking."""
        ...

    def set_interval(self, seconds: float) -> None:
        """Change the interval."""
        ...


class PastReadings(Protocol):
    """What the dashboard needs of whoever keeps readings and hears of those of other panes."""

    @property
    def notice(self) -> str | None:
        """What a person should be told once: that nothing can be kept, for instance."""
        ...

    async def last(self) -> Snapshot | None:
        """Return the last reading, however old it is; asks nobody."""
        ...

    async def news(self) -> Snapshot:
        """Return the next reading that another pane has got."""
        ...

    async def readings(self, since: datetime) -> tuple[Reading, ...]:
        """Return what is known of the account that is shown."""
        ...

    async def hourly(self, since: datetime) -> tuple[Reading, ...]:
        """Return the last reading of each hour: enough to foretell from."""
        ...


class Save(Protocol):
    """Keeps in the settings what was chosen in the dashboard."""

    def __call__(self, values: Mapping[str, object], /) -> str:
        """Keep values by their keys in the settings, and return where; raises KiroTuiError. It takes time."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """How the person wants the dashboard."""

    theme: str = THEME_NAMES[0]
    light_terminal: bool = False
    """The terminal's own background is light, as far as it says so."""
    show_email: bool = False
    seconds: bool = False
    pane_title: bool = True
    demo: bool = False
    zone: tzinfo | None = None
    intervals: tuple[float, ...] = INTERVALS
    count: Count = ALL_DAYS
    """Which days count for the pace and the allowance."""
    ascii_only: bool = False
    """Everything is drawn in ASCII."""
    taste: Taste = USUAL_TASTE
    keys: Keys = USUAL_KEYS


def _no_browser(_address: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Lent:
    """Everything that a dashboard works with."""

    questions: Questions
    clock: Clock
    options: Options
    open_page: Callable[[str], bool] = _no_browser
    """Shows an address in the person's browser; False where it cannot."""
    past: PastReadings | None = None
    """Without it the dashboard knows only what it has seen itself, and foretells nothing."""
    book: "Book | None" = None
    """This machine's own sessions."""
    frame: FirstFrame = NO_FRAME
    """What stands in the pane until the dashboard does."""
    save: Save | None = None
    """Without it nothing that is chosen in the dashboard can be kept."""
    watcher: "Watcher | None" = None
    """Without it no alert is found."""
    open_crier: "Callable[[Write], Crier] | None" = None
    """Opens the channels of alerts; they write to the terminal with what they are given."""
