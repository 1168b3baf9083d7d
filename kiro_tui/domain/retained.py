"""What an earlier reading knew and a new one does not state: it is kept, with the time that it is of.

Sources differ in what they state (docs/kiro-cli.md, section 2.5). Some cut the use off at the limit, some say nothing
of overage, some list no grants. Without this module, a reading from a poorer source would replace what a richer one
knew.

`retained` is called once for each new reading, before it is stored, so that every consumer gets the same figures.
The rules:

- What the new reading states always wins. Only what it is silent about is kept.
- Amounts on top of the plan end with the billing month, with a new limit, and when the use falls.
- A grant is not kept past its end.
- A kept figure has the time at which a source last stated it. Keeping it once more does not change that time.

Pure. Must never keep a figure of another account: the caller passes the readings of one account only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import MAXYEAR, datetime, timedelta
from decimal import Decimal

from kiro_tui.domain.alert_memory import BELIEVED, HALF_A_MONTH
from kiro_tui.domain.history import Reading
from kiro_tui.domain.state import Snapshot, Way
from kiro_tui.domain.usage import Note, NoteCode, Overage, Report, Window, WindowKind

TOLERATED_FALL = Decimal("0.01")
"""The share of the limit by which the use may fall: two sources may answer from caches of different ages."""
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A report, the source that gave it, and from when to when it was seen to hold."""

    report: Report
    way: Way
    first_at: datetime
    last_at: datetime

    @property
    def plans(self) -> list[Window]:
        return [window for window in self.report.windows if window.kind is WindowKind.PLAN]

    @property
    def resets_at(self) -> datetime:
        """The end of the billing month: as stated, else the first of the next month, 00:00 UTC."""
        stated = next((window.ends_at for window in self.plans if window.ends_at is not None), None)
        if stated is not None and BELIEVED[0] <= stated - self.last_at <= BELIEVED[1]:
            return stated
        first = self.last_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        is_last_of_all = (first.year, first.month) == (MAXYEAR, 12)
        return first if is_last_of_all else (first + timedelta(days=32)).replace(day=1)


def retained(earlier: Iterable[Reading], snapshot: Snapshot) -> Snapshot:
    """Return the reading with what `earlier` readings of the same account knew and it does not state.

    `earlier` comes in the order in which it was read. Readings of other months, and readings without a plan window,
    change nothing.
    """
    known: _Answer | None = None
    for reading in earlier:
        answer = _Answer(reading.report, reading.way, reading.first_at, reading.last_at)
        if answer.plans:
            known = answer if known is None else _completed(known, answer)
    answer = _Answer(snapshot.report, snapshot.way, snapshot.taken_at, snapshot.taken_at)
    if known is None or not answer.plans:
        return snapshot
    return replace(snapshot, report=_completed(known, answer).report)


def _completed(before: _Answer, after: _Answer) -> _Answer:
    """Return the later answer with what only the earlier one knew."""
    if after.first_at >= before.resets_at or abs(after.resets_at - before.resets_at) >= HALF_A_MONTH:
        return after
    pairs = _pairs(before.plans, after.plans)
    overage = _overage(before, after, pairs)
    plans = [_plan(old, new, before, after, overage) for old, new in pairs]
    grants = [window for kind in (WindowKind.BONUS, WindowKind.ADD_ON) for window in _grants(kind, before, after)]
    report = replace(after.report, windows=(*plans, *grants), overage=overage)
    return replace(after, report=replace(report, notes=_notes(after.report, report)))


def _pairs(before: list[Window], after: list[Window]) -> list[tuple[Window | None, Window]]:
    """Return each plan window with the earlier one of the same resource, None where there is none.

    A plan with one resource is paired whatever its title is: sources name it differently.
    """
    if len(before) == len(after) == 1:
        return [(before[0], after[0])]
    by_label: dict[str, list[Window]] = {}
    for window in before:
        by_label.setdefault(window.label, []).append(window)
    # Resources of the same title are paired in their order.
    return [(old.pop(0) if (old := by_label.get(window.label)) else None, window) for window in after]


# On top of the plan ---------------------------------------------------------------------------------------------------


def _overage(before: _Answer, after: _Answer, pairs: list[tuple[Window | None, Window]]) -> Overage | None:
    old, new = before.report.overage, after.report.overage
    if old is None or _states_amounts(new):
        return new
    amounts_are_of = old.as_of or min(before.last_at, after.first_at)
    used = bool(old.credits or old.cost)
    if any(_was_corrected(one, other, old.credits or NOTHING) for one, other in pairs):
        used, old = False, replace(old, credits=None, cost=None)
    elif not used and any(_is_at_limit(window) for window in after.plans):
        old = replace(old, credits=None, cost=None)  # it was nothing below the limit, and is unknown at it
    if new is None:
        return replace(old, as_of=amounts_are_of)
    if not used:
        return new
    # The report states whether overage is on. It prints amounts only while it is on, so none is no statement of 0.
    return Overage(
        enabled=new.enabled,
        credits=old.credits,
        rate=old.rate if new.rate is None else new.rate,
        cost=old.cost,
        cap=old.cap if new.cap is None else new.cap,
        currency=new.currency or old.currency,
        as_of=amounts_are_of,
    )


def _plan(old: Window | None, new: Window, before: _Answer, after: _Answer, overage: Overage | None) -> Window:
    """Return the plan's window with its use above the limit as it was, or without what is kept under overage."""
    if old is None or not new.limit or old.limit != new.limit or _states_amounts(after.report.overage):
        return new
    if _may_be_clamped(new, after) and old.used > new.limit and not old.bar_contradicts:
        return replace(new, used=old.used, as_of=old.as_of or min(before.last_at, after.first_at))
    if new.used > new.limit and len(after.plans) == 1 and overage is not None and overage.credits:
        return replace(new, used=new.used - overage.credits)  # else the credits on top would count twice
    return new


def _states_amounts(overage: Overage | None) -> bool:
    return overage is not None and (overage.credits is not None or overage.cost is not None)


def _was_corrected(old: Window | None, new: Window, beyond: Decimal) -> bool:
    """Say whether the limit changed or the use fell, so that what was on top before is no longer true."""
    if old is None:
        return False
    if old.limit != new.limit:
        return True
    if old.bar_contradicts or new.bar_contradicts:
        return False  # what such a window says of the use is not certain enough to end anything
    if new.limit is None:
        return old.used > new.used
    used = new.used - beyond if new.used > new.limit else new.used
    fall = old.used - used
    if _is_at_limit(new):  # which is all that a source that clamps can show
        fall = min(old.used, new.limit) - used
    return fall > TOLERATED_FALL * new.limit


def _is_at_limit(window: Window) -> bool:
    return window.limit is not None and window.used >= window.limit


def _may_be_clamped(window: Window, answer: _Answer) -> bool:
    """Say whether the source may have cut the use off: only headless reports do (docs/kiro-cli.md, section 2.2)."""
    return window.used == window.limit and answer.way is Way.REPORT


# Grants and packs -----------------------------------------------------------------------------------------------------


def _grants(kind: WindowKind, before: _Answer, after: _Answer) -> Iterator[Window]:
    """Yield the windows of a kind: as listed, then as before those that are missing without a reason."""
    listed = [window for window in after.report.windows if window.kind is kind]
    yield from listed
    # A row that was not understood may be the one of a window that is missing.
    some_unread = any(note.code is NoteCode.UNREAD_ROWS for note in after.report.notes)
    if not some_unread and (listed or kind not in after.report.unlisted):
        return
    names = {window.label for window in listed}
    for window in before.report.windows:
        if window.kind is kind and window.label not in names:
            kept = _kept_grant(window, before, after)
            if kept is not None:
                yield kept


def _kept_grant(window: Window, before: _Answer, after: _Answer) -> Window | None:
    """Return the grant as it is kept, None where it has ended."""
    as_of = window.as_of or min(before.last_at, after.first_at)
    if window.ends_at is not None and window.ends_at <= after.first_at:
        return None
    days = window.ends_in_days
    if days is not None:
        # From `as_of` each time, so that many short steps do not round to nothing.
        days += _days(as_of, before.first_at) - _days(as_of, after.first_at)
        if days < 0:
            return None
    return replace(window, ends_in_days=days, as_of=as_of)


def _days(start: datetime, end: datetime) -> int:
    return max(end - start, timedelta(0)).days


# Remarks --------------------------------------------------------------------------------------------------------------


def _notes(stated: Report, report: Report) -> tuple[Note, ...]:
    """Return the notes on a report: those that it had and that still hold, and one for each time of kept figures."""
    kept: dict[datetime, list[str]] = {}
    named = [(window.as_of, window.title) for window in report.windows]
    if report.overage is not None:
        named.append((report.overage.as_of, "Overage"))
    for as_of, name in named:
        if as_of is not None:
            kept.setdefault(as_of, []).append(name)
    notes = [note for note in stated.notes if note.code is not NoteCode.KEPT_FROM_BEFORE]
    if kept and not any(_is_open(window, report) for window in report.windows):
        notes = [note for note in notes if note.code is not NoteCode.MAYBE_CLAMPED]
    for as_of, names in sorted(kept.items()):
        text = f"{', '.join(names)}: kept from an earlier answer of kiro-cli, because this one does not state it."
        notes.append(Note(NoteCode.KEPT_FROM_BEFORE, text, as_of))
    return tuple(notes)


def _is_open(window: Window, report: Report) -> bool:
    """Say whether more than the plan's limit may have been used without a figure for it."""
    if window.kind is not WindowKind.PLAN or window.limit is None or window.used != window.limit:
        return False
    several = sum(each.kind is WindowKind.PLAN for each in report.windows) > 1
    return several or report.overage is None or not report.overage.credits
