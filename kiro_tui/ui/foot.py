"""The last rows of the page: where the figures came from, how old they are, what comes next, and the keys.

Pure. A failure, or a warning that came with a reading, stands in a row of its own above.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kiro_tui.domain import wording
from kiro_tui.domain.state import Asking, Resting, Why, freshness
from kiro_tui.domain.wording import Ticking
from kiro_tui.keys import COMMANDS, Keys
from kiro_tui.ui import notice
from kiro_tui.ui.glyphs import SEPARATOR
from kiro_tui.ui.line import Line, Role, Span, first_that_fits
from kiro_tui.ui.view import View

SECOND = timedelta(seconds=1)
HINTED = ("quit", "help", "refresh", "history", "spend")
"""The commands whose keys the last row names, the most needed first; they stand there as in the help."""

COMING = {Why.BACKOFF: "again in", Why.SIGNED_OUT: "looks again in", Why.RESET: "next at the reset, in"}
BECAUSE = {Why.ACTIVITY: ": Kiro in use", Why.QUIET: ": Kiro idle"}
"""What follows; it gives way where there is no room for all, but only after the keys."""


def foot(view: View, cells: int, *, with_keys: bool) -> tuple[tuple[Line, ...], float]:
    """Return the rows and for how many seconds they stay true."""
    latest, fresh, upcoming = view.state.latest, freshness(view.state, view.now), _next(view)
    pieces, lasts = [Span(upcoming.text, Role.DIM)], upcoming.lasts
    if latest is not None and view.remembered:
        pieces, lasts = [Span(latest.way, Role.DIM)], wording.FOR_EVER
    elif latest is not None and fresh is not None:
        age = wording.ago(fresh.age, seconds=view.seconds)
        pieces = [Span(latest.way, Role.DIM), Span(age.text, Role.WARN if fresh.stale else Role.DIM), *pieces]
        lasts = min(lasts, age.lasts)
    if view.snoozed_until is not None and view.snoozed_until > view.now:
        pieces.append(Span(f"alerts wait until {view.snoozed_until.astimezone(view.zone):%H:%M}", Role.DIM))
        lasts = min(lasts, (view.snoozed_until - view.now).total_seconds())
    because = Span(_because(view), Role.DIM)
    hints = range(len(HINTED) if with_keys else 0, -1, -1)
    choices = [Line((*_row(pieces), because), _hints(view.keys, HINTED[:kept])) for kept in hints]
    # Where even these are too long, the way goes first, then the age.
    choices += [Line(_row(pieces[left_out:])) for left_out in range(len(pieces))]
    return (*_trouble(view, cells), first_that_fits(cells, choices)), lasts


def _row(pieces: Sequence[Span]) -> tuple[Span, ...]:
    return tuple(span for piece in pieces for span in (Span(SEPARATOR, Role.DIM), piece))[1:]


def _trouble(view: View, cells: int) -> tuple[Line, ...]:
    latest, failure = view.state.latest, view.state.failure
    if latest is None:
        return ()  # the page itself explains it
    if failure is not None:
        return (notice.strip(failure.error, view.keys, cells),)
    return (notice.strip(latest.warning, view.keys, cells),) if latest.warning is not None else ()


def _hints(keys: Keys, names: tuple[str, ...]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for command in COMMANDS:
        if command.name in names:
            action = f"app.{command.name}"
            spans += [Span("   ")] if spans else []
            spans += [Span(keys.first(command.name), Role.KEY, action), Span(f" {command.hint}", Role.DIM, action)]
    return tuple(spans)


def _next(view: View) -> Ticking:
    """Say what is happening or when the next question comes."""
    activity = view.state.activity
    if isinstance(activity, Asking):
        return Ticking("asking now")
    if activity is None:
        return Ticking("not asked yet")
    if activity.until is None:
        paused = activity.why is Why.PAUSED
        return Ticking(
            f"paused: {view.keys.first('pause')} goes on" if paused else f"{view.keys.first('refresh')} asks again"
        )
    left = _in_step(activity.until, view) - view.now
    said = wording.countdown(left) if view.seconds else wording.minutes_left(left)
    if said.text == "now":
        return Ticking("next now", said.lasts)
    return Ticking(f"{COMING.get(activity.why, 'next in')} {said.text}", said.lasts)


def _in_step(until: datetime, view: View) -> datetime:
    """Return the moment, less than a second earlier, at which what is left changes together with the age beside it."""
    latest = view.state.latest
    return until if latest is None else until - (until - latest.taken_at) % SECOND


def _because(view: View) -> str:
    """Say why the next question comes when it does, where that is not plain."""
    activity = view.state.activity
    return BECAUSE.get(activity.why, "") if isinstance(activity, Resting) else ""
