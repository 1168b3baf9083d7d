"""One pool of credits as rows of the page: its name, a line that fills, its figures, its countdown.

Pure. Three forms, from roomy to small: `full` has three rows, `short` two, `tiny` one or two. Level is said by
colour and by a sign (`!`, `!!`, `over`), never by colour alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum

from kiro_tui.domain import forecast_wording, wording
from kiro_tui.domain import level as levels
from kiro_tui.domain.level import FULL, exact_share
from kiro_tui.domain.pace import Pace
from kiro_tui.domain.usage import Window, WindowKind
from kiro_tui.domain.wording import FOR_EVER
from kiro_tui.ui.glyphs import BAR, DASH, HALF_BAR, MARK, SEPARATOR, TRACK
from kiro_tui.ui.line import Line, Role, Span, cut, first_that_fits, span_width, width

LAPSES_SOON_DAYS = 3
SHORTEST_NAME = 12
"""Cells of a name for which a countdown must leave room."""
GAP = Span("   ")


class Level(Enum):
    """How a pool's level looks: the role that colours it and the sign that says the same without colour."""

    CALM = (Role.CALM, "")
    WARN = (Role.WARN, "!")
    HIGH = (Role.HIGH, "!!")
    USED_UP = (Role.HIGH, "used up")
    SPENT = (Role.DIM, "spent")
    OVER = (Role.OVER, "over")

    def __init__(self, role: Role, sign: str) -> None:
        self.role = role
        self.sign = sign


def level_of(window: Window) -> Level:
    """Return how the level of a pool looks."""
    return Level[levels.level_of(window).name]


@dataclass(frozen=True, slots=True)
class End:
    """When a pool ends, as far as it is known."""

    phrase: str
    """`resets in 7d 22h`, `ends in 15 days`, or nothing."""
    short: str
    """The same in few cells: `7d 22h`, `15d`."""
    at: str
    """The local date and time, or nothing."""
    left: timedelta | None
    """How far away it is; None where that is unknown."""
    lasts: float
    """Seconds for which these words stay true."""
    soon: bool
    """It lapses within days and something would be lost."""


NO_END = End("", "", "", None, FOR_EVER, soon=False)


def end_of(window: Window, taken_at: datetime, now: datetime, zone: tzinfo | None) -> End:
    """Say when the pool ends, counted from now; days that were counted when the reading was taken go on counting."""
    verb = "resets" if window.kind is WindowKind.PLAN else "ends"
    something_left = window.kind is not WindowKind.PLAN and window.remaining != 0
    if window.ends_at is not None:
        left = window.ends_at - now
        said = wording.countdown(left)
        over = left <= timedelta(0)
        phrase = f"has {'reset' if verb == 'resets' else 'ended'}" if over else f"{verb} in {said.text}"
        soon = something_left and not over and left <= timedelta(days=LAPSES_SOON_DAYS)
        at = wording.local_time(window.ends_at, zone, now)
        return End(phrase, "" if over else said.text, at, left, said.lasts, soon)
    if window.ends_in_days is not None:
        age = max(now - taken_at, timedelta(0))
        days = max(window.ends_in_days - age.days, 0)
        phrase = f"{verb} in {wording.days(days)}" if days else f"{verb} within a day"
        lasts = (timedelta(days=age.days + 1) - age).total_seconds()
        return End(phrase, f"{days}d", "", timedelta(days=days), lasts, something_left and days <= LAPSES_SOON_DAYS)
    return NO_END


def bar(window: Window, cells: int, level: Level, even: Decimal | None = None) -> tuple[Span, ...]:
    """Draw the line that fills, half a cell at a time, with a mark where an even month would be (a share, 0 to 1).

    Over the limit the line stands for what was used: it is full, and a mark shows where the limit lies on it.
    """
    share = exact_share(window)
    if share is None or cells <= 0:
        return (Span(TRACK * max(cells, 0), Role.TRACK),)
    fill = Role.PLAN if window.kind is WindowKind.PLAN and level is Level.CALM else level.role
    if share > FULL:
        inside = min(int(cells * FULL / share), cells - 1)
        return (
            Span(BAR * inside, Role.PLAN if window.kind is WindowKind.PLAN else Role.CALM),
            Span(MARK, Role.MARK),
            Span(BAR * (cells - inside - 1), Role.OVER),
        )
    halves = int(cells * 2 * share / 100)
    if share > 0:
        halves = max(halves, 1)  # something was used: that much must be seen
    if share < FULL:
        halves = min(halves, cells * 2 - 1)  # and something is left
    whole, half = divmod(halves, 2)
    filled = Span(BAR * whole + HALF_BAR * half, fill)
    return _marked((filled, Span(TRACK * (cells - whole - half), Role.TRACK)), cells, even)


def _marked(spans: tuple[Span, ...], cells: int, even: Decimal | None) -> tuple[Span, ...]:
    """Put the mark of an even month over the bar."""
    if even is None:
        return spans
    place = min(int(cells * even), cells - 1)
    marked: list[Span] = []
    start = 0
    for span in spans:
        at = place - start
        start += len(span.text)
        if 0 <= at < len(span.text):
            marked += [Span(span.text[:at], span.role), Span(MARK, Role.MARK), Span(span.text[at + 1 :], span.role)]
        else:
            marked.append(span)
    return tuple(marked)


@dataclass(frozen=True, slots=True)
class Pool:
    """A window with everything that its rows say, worked out once for all forms."""

    window: Window
    level: Level
    end: End
    at_least: bool
    """The source may have cut the figure off at the limit."""
    stale: bool
    pace: Pace | None = None
    """Where an even month would be; only the plan has one."""
    as_of: str = ""
    """`as of 3 h ago`, where the figures are older than the reading."""

    @property
    def percent(self) -> str:
        """The used share, or a dash where there is none."""
        share = self.window.used_percent
        return DASH if share is None else wording.percent(share)

    @property
    def used_of_limit(self) -> str:
        """`640.25 of 2000`, or what is known of it."""
        used = ("at least " if self.at_least else "") + wording.amount(self.window.used)
        if self.window.limit is None:
            return f"{used} used"
        return f"{used} of {wording.limit(self.window.limit)}"

    @property
    def left(self) -> str:
        """`1359.75`, or nothing where there is no limit."""
        return "" if self.window.remaining is None else wording.amount(self.window.remaining)

    @property
    def left_or_used(self) -> str:
        """`1359.75 left`, or without a limit `12.50 used`."""
        return f"{self.left} left" if self.left else f"{wording.amount(self.window.used)} used"

    @property
    def remark(self) -> Span:
        """The one thing that a person should notice about this pool, or nothing."""
        return Span(self.as_of, Role.WARN) if self.as_of else self._remark_on_figures()

    def _remark_on_figures(self) -> Span:
        window = self.window
        if self.level is Level.OVER and window.limit is not None and not window.bar_contradicts:
            return Span(f"{wording.amount(window.used - window.limit)} over the limit", Role.OVER)
        if self.pace is not None and self.level is not Level.OVER and not window.bar_contradicts:
            over = self.pace.points >= 1
            return Span(forecast_wording.pace(self.pace), Role.WARN if over else Role.CALM)
        if self.end.soon and window.remaining is not None:
            return Span(f"lapses with {wording.limit(window.remaining)} unused", Role.WARN)
        if window.limit is None:
            return Span("no limit", Role.DIM)
        if window.bar_contradicts:
            return Span("the bar and the figures disagree", Role.WARN)
        return Span("")

    def toned(self, role: Role) -> Role:
        """Return the role, or the stale one while the figures are."""
        return Role.STALE if self.stale else role


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths that all pools of a page share, so that their figures stand in line."""

    percent: int
    figures: int
    left: int

    @classmethod
    def of(cls, pools: tuple[Pool, ...]) -> "Columns":
        """Return the widths that the widest of them need."""
        return cls(
            percent=max((width(p.percent) for p in pools), default=0),
            figures=max((width(p.used_of_limit) for p in pools), default=0),
            left=max((width(p.left) for p in pools), default=0),
        )


def full(pool: Pool, columns: Columns, cells: int) -> tuple[Line, ...]:
    """Three rows: name and countdown; the line and its percent; the figures and the date of the end.

    Where the figures have no room beside what a person should notice, what is left goes: the others tell it.
    """
    percent = pool.percent.rjust(columns.percent)
    used = (Span(pool.used_of_limit.ljust(columns.figures), pool.toned(Role.TEXT)),)
    left = (GAP, Span(f"{pool.left.rjust(columns.left)} left", pool.toned(Role.DIM))) if pool.left else ()
    remark = (GAP, pool.remark) if pool.remark.text else ()
    ends = (Span(pool.end.at, Role.DIM),) if pool.end.at else ()
    lines = (Line(used + left + remark, ends), Line(used + left + remark), Line(used + remark, ends))
    figures = (*lines, Line(used + remark), Line(used + left), Line(used))
    return (
        _title_row(pool, cells),
        _bar_row(pool, cells, (Span(percent, pool.toned(Role.NAME)),)),
        first_that_fits(cells, figures),
    )


def short(pool: Pool, columns: Columns, cells: int) -> tuple[Line, ...]:
    """Two rows: name and countdown; the line, what is left and the percent."""
    left = f"{pool.left.rjust(columns.left)} left" if pool.left else pool.left_or_used
    figures = (
        Span(left.rjust(columns.left + 5), pool.toned(Role.TEXT)),
        GAP,
        Span(pool.percent.rjust(columns.percent), pool.toned(Role.NAME)),
    )
    return (_title_row(pool, cells, pool.as_of), _bar_row(pool, cells, figures))


def _title_row(pool: Pool, cells: int, remark: str = "") -> Line:
    """Return name, sign and countdown; a long name gives way to both, but to the countdown only so far."""
    said = ((pool.level.sign, pool.level.role), (remark, Role.WARN))
    sign = tuple(span for text, role in said if text for span in (Span("  "), Span(text, role)))
    phrase = Span(pool.end.phrase, Role.WARN if pool.end.soon else Role.DIM)
    room = cells - span_width(sign)
    right = (phrase,) if phrase.text and room - width(phrase.text) - Line.GAP >= SHORTEST_NAME else ()
    name = cut(pool.window.title, room - span_width(right) - (Line.GAP if right else 0))
    return Line((Span(name, Role.NAME), *sign), right)


def tiny(pool: Pool, cells: int) -> tuple[Line, ...]:
    """The plan takes two rows, the line and what is left; any other pool one row."""
    window = pool.window
    left = pool.left or f"{wording.amount(window.used)} used"
    if window.kind is WindowKind.PLAN:
        share = window.used_percent
        percent = DASH if share is None else wording.percent(share, 0)
        said = [f"{left} left" if pool.left else left, pool.end.short, pool.level.sign]
        return (
            _bar_row(pool, cells, (Span(percent.rjust(5), pool.toned(Role.NAME)),)),
            Line((Span(SEPARATOR.join(filter(None, said)), pool.toned(Role.TEXT)),)),
        )
    sign = pool.level.sign or ("!" if pool.end.soon else "")
    role = Role.WARN if pool.end.soon and pool.level is Level.CALM else pool.level.role
    figures = f" {left}" + (f"{SEPARATOR}{pool.end.short}" if pool.end.short else "")
    room = cells - width(figures) - (width(sign) + 1 if sign else 0)
    name = Span(cut(window.label, room), Role.NAME)
    return (Line((name, Span(figures, pool.toned(Role.TEXT)), *((Span(f" {sign}", role),) if sign else ()))),)


def _bar_row(pool: Pool, cells: int, after: tuple[Span, ...]) -> Line:
    room = cells - sum(width(span.text) for span in after) - Line.GAP
    even = pool.pace.passed if pool.pace is not None else None
    return Line(bar(pool.window, room, pool.level, even), after)
