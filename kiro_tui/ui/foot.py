"""The last rows of the page: where the figures came from, how old they are, what comes next, and the keys.

Pure. A failure, or a warning that came with a reading, stands in a row of its own above.
"""

from kiro_tui.domain import wording
from kiro_tui.domain.state import Asking, Resting, Why, freshness
from kiro_tui.domain.wording import Ticking
from kiro_tui.ui import notice
from kiro_tui.ui.line import Line, Role, Span, first_that_fits
from kiro_tui.ui.view import View

REFRESH, HISTORY, WHERE, HELP, QUIT = (
    ("r", "refresh", "app.refresh_now"),
    ("h", "history", "app.history"),
    ("w", "where", "app.spend"),
    ("?", "help", "app.help"),
    ("q", "quit", "app.quit"),
)
KEYS = ((REFRESH, HISTORY, WHERE, HELP, QUIT), (REFRESH, HISTORY, HELP, QUIT), (REFRESH, HELP, QUIT), (HELP, QUIT), ())
"""The keys that the last row names, from as many as possible to none."""


COMING = {Why.BACKOFF: "again in", Why.SIGNED_OUT: "looks again in", Why.RESET: "next at the reset, in"}
BECAUSE = {Why.ACTIVITY: ": Kiro in use", Why.QUIET: ": Kiro idle"}
"""What follows; it gives way where there is no room for all, but only after the keys."""
WAITING = {Why.PAUSED: "paused: p goes on"}
"""What stands instead of `next in` and of `r asks again`."""


def foot(view: View, cells: int, *, with_keys: bool) -> tuple[tuple[Line, ...], float]:
    """Return the rows and for how many seconds they stay true."""
    latest, fresh, upcoming = view.state.latest, freshness(view.state, view.now), _next(view)
    pieces, lasts = [Span(upcoming.text, Role.DIM)], upcoming.lasts
    if latest is not None and fresh is not None:
        age = wording.ago(fresh.age, seconds=view.seconds)
        pieces = [Span(latest.way, Role.DIM), Span(age.text, Role.WARN if fresh.stale else Role.DIM), *pieces]
        lasts = min(lasts, age.lasts)
    left = tuple(span for piece in pieces for span in (Span(" · ", Role.DIM), piece))[1:]
    because = Span(_because(view), Role.DIM)
    choices = [Line((*left, because), _keys(keys)) for keys in (KEYS if with_keys else ((),))]
    return (*_trouble(view, cells), first_that_fits(cells, [*choices, Line(left)])), lasts


def _trouble(view: View, cells: int) -> tuple[Line, ...]:
    latest, failure = view.state.latest, view.state.failure
    if latest is None:
        return ()  # the page itself explains it
    if failure is not None:
        return (notice.strip(failure.error, cells),)
    return (notice.strip(latest.warning, cells),) if latest.warning is not None else ()


def _keys(keys: tuple[tuple[str, str, str], ...]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for key, does, action in keys:
        spans += [Span("   ")] if spans else []
        spans += [Span(key, Role.KEY, action), Span(f" {does}", Role.DIM, action)]
    return tuple(spans)


def _next(view: View) -> Ticking:
    """Say what is happening or when the next question comes."""
    activity = view.state.activity
    if isinstance(activity, Asking):
        return Ticking("asking now")
    if activity is None:
        return Ticking("not asked yet")
    if activity.until is None:
        return Ticking(WAITING.get(activity.why, "r asks again"))
    left = activity.until - view.now
    said = wording.countdown(left) if view.seconds else wording.minutes_left(left)
    if said.text == "now":
        return Ticking("next now", said.lasts)
    return Ticking(f"{COMING.get(activity.why, 'next in')} {said.text}", said.lasts)


def _because(view: View) -> str:
    """Say why the next question comes when it does, where that is not plain."""
    activity = view.state.activity
    return BECAUSE.get(activity.why, "") if isinstance(activity, Resting) else ""
