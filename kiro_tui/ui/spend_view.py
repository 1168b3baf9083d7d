"""Where a person is on the Spend screen, what is known by then, and which rows that makes.

Pure, except that `body` keeps the chosen row in sight.
"""

from dataclasses import dataclass

from kiro_tui.domain.spend import By, Explained, Session, Spend, Turn
from kiro_tui.spend.ledger import Ledger, Progress
from kiro_tui.ui import spend_page
from kiro_tui.ui.line import EMPTY, Line
from kiro_tui.ui.spend_list import Listing, Sight, inset, rows_of
from kiro_tui.ui.spend_search import Scope


@dataclass(slots=True)
class Place:
    """One list, and where in it we are."""

    by: By = By.PROJECT
    scope: Scope | None = None
    """What it is a part of; None is everything."""
    session: Session | None = None
    """Whose turns it lists; None lists sums."""
    turns: tuple[Turn, ...] | None = None
    """None while they are being read."""
    chosen: int = 0
    top: int = 0
    """The first entry in sight."""


@dataclass(frozen=True, slots=True)
class SpendView:
    """Everything that the rows are made of."""

    place: Place
    listing: Listing | None
    """None while there is nothing to list yet."""
    spend: Spend | None
    """What it lists; None where it lists turns."""
    ledger: Ledger | None
    progress: Progress | None
    """None while nothing is read."""
    words: str
    """What is searched for."""
    where: str
    """The folder of the sessions."""
    account: Explained | None
    """How much of the account's own figure it explains; None where that is not known."""

    @property
    def has_turns(self) -> bool:
        """Whether there is anything that could be listed."""
        return self.ledger is not None and any(session.days for session in self.ledger.sessions)


def above(view: SpendView, cells: int, *, roomy: bool) -> tuple[Line, ...]:
    """Return the rows above the list."""
    place, between = view.place, (EMPTY,) if roomy else ()
    first = spend_page.tabs(None if place.session else place.by, place.scope.label if place.scope else "", cells)
    if place.session is not None:
        said = spend_page.about_session(place.session, place.turns, cells, roomy=roomy)
    elif view.spend is not None and view.has_turns:
        whole = not view.words and place.scope is None
        said = spend_page.summary(view.spend, view.account, cells, roomy=roomy, whole=whole)
    else:
        return (first, EMPTY)
    return (first, *between, *said, *between)


def body(view: SpendView, sight: Sight) -> tuple[Line, ...]:
    """Return the list, or what is said instead."""
    place, listing, step = view.place, view.listing, view.progress
    said: tuple[Line, ...] = ()
    if listing is None:
        said = spend_page.progress(step.done, step.total, sight.cells) if step else ()
    elif listing.entries:
        last, shown = len(listing.entries) - 1, max(sight.rows - 1, 1)
        place.chosen = max(min(place.chosen, last), 0)
        place.top = max(min(place.top, place.chosen, last + 1 - shown), place.chosen - shown + 1, 0)
        return rows_of(listing, place.chosen, place.top, sight)
    elif view.spend is not None:
        said = tuple(spend_page.nothing(view.where, view.words, sight.cells))
    return tuple(inset(line, sight.margin) for line in said)[: sight.rows]


def below(view: SpendView, cells: int) -> tuple[Line, ...]:
    """Return the rows below the list: what is not in it, where we are, the keys."""
    entries, at, does = view.listing.entries if view.listing else (), "", ""
    if entries:
        at = f"{min(view.place.chosen, len(entries) - 1) + 1} of {len(entries)}"
        if view.spend is not None:
            does = "turns" if view.spend.by is By.SESSION else "sessions"
    if view.progress is not None and view.listing is not None:
        at = f"reading {view.progress.done} of {view.progress.total}"
    last = spend_page.foot(at, does, cells)
    if view.spend is None or view.ledger is None:
        return (last,)
    return (*spend_page.remark(view.spend.total, view.ledger.skipped, cells), last)
