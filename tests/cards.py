"""What may be known, made up: readings with odd names and figures, failures, and both together."""

from datetime import datetime, timedelta
from decimal import Decimal

from fakes import START
from hypothesis import strategies as st

from kiro_tui.domain.state import Failure, Snapshot, Way
from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import Note, NoteCode, Overage, Report, Window, WindowKind
from kiro_tui.errors import ProbeError

HOSTILE = (
    "#(touch /tmp/x)", "#[fg=red]x", "#{pane_pid}", "%{A1:id:}x", "</span><b>&amp;", 'a"b\\', "$(id)`id`", "{percent}",
    "ключ 鍵 🔑", "a\tb\nc", "", "=cmd|' /C calc'!A0",
)  # fmt: skip
names = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20)).map(clean)
amounts = st.decimals(0, 100_000, places=2)
kinds = st.sampled_from(WindowKind)
moments = st.integers(-40 * 86400, 400 * 86400).map(lambda seconds: START + timedelta(seconds=seconds))


@st.composite
def windows(draw: st.DrawFn) -> Window:
    used, limit = draw(amounts), draw(st.one_of(st.none(), amounts, st.just(Decimal(0))))
    ends_at = draw(st.one_of(st.none(), moments))
    days = None if ends_at else draw(st.one_of(st.none(), st.integers(0, 400)))
    percent = draw(st.one_of(st.none(), st.integers(0, 200).map(Decimal)))
    contradicts = percent is not None and bool(limit) and draw(st.booleans())
    if draw(st.booleans()) and limit is not None:
        used = limit
    as_of = draw(st.one_of(st.none(), moments))
    return Window(draw(kinds), draw(names), used, limit, percent, contradicts, ends_at, days, as_of)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    order = list(WindowKind)
    shown = sorted(draw(st.lists(windows(), max_size=4)), key=lambda window: order.index(window.kind))
    money = st.one_of(st.none(), amounts)
    overage = draw(
        st.one_of(
            st.none(),
            st.builds(
                Overage, st.booleans(), money, money, money, money, st.sampled_from([None, "USD"]), st.none() | moments
            ),
        )
    )
    notes = draw(st.sampled_from([(), (Note(NoteCode.MAYBE_CLAMPED, "Credits: at least so many."),)]))
    plan = draw(st.one_of(st.none(), names))
    return Report(plan, tuple(shown), overage, managed=not shown and draw(st.booleans()), notes=notes)


@st.composite
def snapshots(draw: st.DrawFn, taken_at: datetime | None = None) -> Snapshot:
    when = taken_at or START - timedelta(seconds=draw(st.integers(-100, 10_000)))
    version = draw(st.sampled_from([None, "2.21.1"]))
    return Snapshot(draw(reports()), draw(st.sampled_from(Way)), when, took=1.0, version=version)


@st.composite
def failures(draw: st.DrawFn) -> Failure:
    error = draw(st.sampled_from(ProbeError.__subclasses__()))(draw(names), draw(names))
    return Failure(error, START - timedelta(seconds=draw(st.integers(0, 10_000))))


def reading(
    used: str = "640.25",
    limit: str | None = "2000",
    *,
    plan: str | None = "KIRO PRO+",
    label: str = "Credits",
    more: tuple[Window, ...] = (),
    overage: Overage | None = None,
    notes: tuple[Note, ...] = (),
    taken_at: datetime = START,
) -> Snapshot:
    """A reading of a plan that resets 7 days and 22 hours after it is taken."""
    ends = taken_at + timedelta(days=7, hours=22)
    plan_window = Window(WindowKind.PLAN, label, Decimal(used), None if limit is None else Decimal(limit), ends_at=ends)
    return Snapshot(
        Report(plan, (plan_window, *more), overage, notes=notes), Way.REPORT, taken_at, took=1.0, version="2.21.1"
    )


def bonus(used: str, limit: str, days: int | None = 15, label: str = "Welcome bonus") -> Window:
    return Window(WindowKind.BONUS, label, Decimal(used), Decimal(limit), ends_in_days=days)


NOW = START.timestamp()
