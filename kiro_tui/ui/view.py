"""What the page is a function of, and the pools worked out from it.

Pure, and without any size: head, page and foot all draw the same View.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from kiro_tui.domain import spans
from kiro_tui.domain.state import Snapshot, State, freshness
from kiro_tui.domain.usage import NoteCode, WindowKind, kept_times
from kiro_tui.domain.wording import FOR_EVER, Ticking, local_time
from kiro_tui.keys import Keys
from kiro_tui.ui import gauge
from kiro_tui.ui.gauge import Pool
from kiro_tui.ui.outlook import Outlook
from kiro_tui.ui.taste import Taste

USUAL_KEYS = Keys()
USUAL_TASTE = Taste()


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the page is a function of, apart from its size."""

    state: State
    now: datetime
    zone: tzinfo | None = None
    """None is the machine's own."""
    show_email: bool = False
    seconds: bool = False
    """Ages and the next question are said to the second, at the cost of drawing every second."""
    demo: bool = False
    outlook: Outlook | None = None
    """None before anything is known of the past."""
    beat: int = 0
    """Which picture of the spinner is shown while asking."""
    keys: Keys = USUAL_KEYS
    taste: Taste = USUAL_TASTE
    snoozed_until: datetime | None = None
    """Until then alerts are held back; None where they are not."""
    remembered: bool = False
    """The page will be looked at later, as it was at `now`: it says so, and what comes next is left open."""


def pools_of(view: View, snapshot: Snapshot) -> tuple[Pool, ...]:
    """Return the pools of a reading as the page shows them now."""
    fresh = freshness(view.state, view.now)
    pace = view.outlook.forecast.pace if view.outlook is not None else None
    first = next((window for window in snapshot.report.windows if window.kind is WindowKind.PLAN), None)
    clamped = any(note.code is NoteCode.MAYBE_CLAMPED for note in snapshot.report.notes)
    return tuple(
        Pool(
            window,
            gauge.level_of(window),
            gauge.end_of(window, snapshot.taken_at, view.now, view.zone),
            at_least=window.kind is WindowKind.PLAN
            and (window.as_of is not None or (clamped and window.used == window.limit)),
            stale=fresh is not None and fresh.stale,
            pace=pace if window is first else None,
            as_of=age_of_kept(view, window.as_of).text,
        )
        for window in snapshot.report.windows
    )


def age_of_kept(view: View, as_of: datetime | None) -> Ticking:
    """Say how old a figure is that is older than its reading, nothing for one of the reading."""
    if as_of is None:
        return Ticking("")
    if view.remembered:
        return Ticking(f"as of {local_time(as_of, view.zone, view.now)}")
    return Ticking(*spans.as_of((view.now - as_of).total_seconds()))


def kept_for(view: View, snapshot: Snapshot) -> float:
    """Return for how many seconds the ages of older figures stay true."""
    return min((age_of_kept(view, as_of).lasts for as_of in kept_times(snapshot.report)), default=FOR_EVER)


def fresh_for(view: View) -> float:
    """Return for how many seconds the reading stays fresh by age alone."""
    fresh = freshness(view.state, view.now)
    return fresh.lasts if fresh is not None else FOR_EVER
