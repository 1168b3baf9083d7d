"""What was used between readings, told apart from everything else that moves the figures.

Pure. Between two readings something is known of the use only where each allowance of the first is found in the second
and none of them fell. A new month, an upgrade, a corrected figure, a grant that comes or lapses with something in it:
there the figures moved for another reason, and the time in between counts as unknown, never as idle and never as use.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from kiro_tui.domain.history import Reading
from kiro_tui.domain.month import BillingMonth
from kiro_tui.domain.usage import NoteCode, Report, Window, WindowKind

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Grant:
    """A bonus or an add-on pack, as far as use can be read out of it."""

    kind: WindowKind
    label: str
    limit: Decimal | None
    used: Decimal

    @property
    def left(self) -> Decimal | None:
        """What is left of it; None without a limit."""
        return None if self.limit is None else self.limit - self.used


@dataclass(frozen=True, slots=True)
class Figures:
    """The meters of one report. The days that a bonus still has are no meter: they pass by themselves."""

    spent: Decimal
    """The plan and what is paid beyond it as one meter, so that it does not jump when a source parts the two."""
    limit: Decimal | None
    resets_at: datetime | None
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Figures, and the first and the last time that they were read with none other in between."""

    first_at: datetime
    last_at: datetime
    figures: Figures
    report: Report
    """The last report that held them."""


@dataclass(frozen=True, slots=True)
class Use:
    """Credits that were used between two moments, of plan, grants and overage together; it may be 0."""

    start: datetime
    end: datetime
    credits: Decimal


def plan_of(report: Report) -> Window | None:
    """Return the plan's window that is forecast: the first, where there are several resources."""
    return next((window for window in report.windows if window.kind is WindowKind.PLAN), None)


def believable(report: Report) -> bool:
    """Say whether the plan's figure is all that was used: not clamped at the limit, and not contradicted by its bar."""
    plan = plan_of(report)
    if plan is None or plan.bar_contradicts:
        return False
    if any(note.code is NoteCode.MAYBE_CLAMPED for note in report.notes):
        return False
    # At the limit with overage on, and not a word of how much: what came on top is unknown.
    overage = report.overage
    if overage is not None and overage.enabled and overage.credits is None and plan.used == plan.limit:
        return False
    return not _hides_use(report, plan)


def _hides_use(report: Report, plan: Window) -> bool:
    """Say whether a kept figure may have moved since: it stands still in the report, which is no sign of no use."""
    if plan.as_of is not None:
        return True
    overage = report.overage
    at_limit = plan.limit is not None and plan.used >= plan.limit
    if overage is not None and overage.as_of is not None and overage.credits and plan.used == plan.limit:
        return True
    # Bonuses are spent before the plan, packs after it (docs/kiro-cli.md, section 8).
    kept = (window for window in report.windows if window.as_of is not None and window.remaining != 0)
    return any(window.kind is WindowKind.BONUS or at_limit for window in kept)


def sightings(readings: Iterable[Reading], now: datetime) -> list[tuple[datetime, Report]]:
    """Return when which report was seen, oldest first.

    What claims to be read after `now` was read by a clock that was wrong, and is left out. Of two different reports of
    one moment the one that shows more use is taken, so that the order of the readings means nothing.
    """
    seen: dict[datetime, Report] = {}
    for reading in readings:
        for at in {reading.first_at, reading.last_at}:
            if at > now:
                continue
            other = seen.get(at)
            if other is None or (other != reading.report and _rank(other) < _rank(reading.report)):
                seen[at] = reading.report
    return sorted(seen.items(), key=lambda sighting: sighting[0])


def runs(seen: Iterable[tuple[datetime, Report]]) -> list[Run]:
    """Join sightings of the same figures, oldest first, and leave out what both of its neighbours contradict.

    Neighbours contradict a figure where one can follow the other by use alone, but not with that figure between them:
    such a figure was misread, or came late from a cache. The newest figure has no second neighbour and is believed.
    """
    joined: list[Run] = []
    for at, report in seen:
        if joined and joined[-1].report is report:
            joined[-1] = replace(joined[-1], last_at=at)
            continue
        if not believable(report):
            continue
        figures = _figures(report)
        if joined and joined[-1].figures == figures:
            joined[-1] = replace(joined[-1], last_at=at, report=report)
            continue
        while len(joined) > 1 and _contradicted(joined[-2].figures, joined[-1].figures, figures):
            del joined[-1]
        joined.append(Run(at, at, figures, report))
    return joined


def uses(course: Iterable[Run]) -> Iterator[Use]:
    """Yield what is known to have been used, in order, with gaps where nothing is known."""
    course = list(course)
    for run in course[:1]:
        yield Use(run.first_at, run.last_at, NOTHING)
    for before, after in pairwise(course):
        spent = _step(before.figures, after.figures)
        start = before.last_at
        if spent is None and (begins := _new_month(before.figures, after.figures)):
            spent, start = after.figures.spent, max(begins, before.last_at)
        if spent is not None and start < after.first_at:
            yield Use(start, after.first_at, spent)
        yield Use(after.first_at, after.last_at, NOTHING)


def _rank(report: Report) -> tuple[Decimal, str]:
    return sum((window.used for window in report.windows), NOTHING), repr(report)


def _figures(report: Report) -> Figures:
    plan = plan_of(report)
    if plan is None:
        raise ValueError("a report without a plan has no figures")
    beyond = report.overage.credits if report.overage is not None else None
    grants = (
        Grant(window.kind, window.label, window.limit, window.used)
        for window in report.windows
        if window.kind is not WindowKind.PLAN
    )
    ordered = sorted(grants, key=lambda grant: (grant.kind, grant.label, grant.limit is None, grant.limit, grant.used))
    return Figures(plan.used + (beyond or NOTHING), plan.limit, plan.ends_at, tuple(ordered))


def _contradicted(before: Figures, between: Figures, after: Figures) -> bool:
    if _step(before, after) is None:
        return False
    return _step(before, between) is None or _step(between, after) is None


def _step(before: Figures, after: Figures) -> Decimal | None:
    """Return what was used from one to the other; None where something else moved the figures too."""
    if before.limit != after.limit or before.resets_at != after.resets_at or after.spent < before.spent:
        return None
    granted = _granted(before.grants, after.grants)
    return None if granted is None else after.spent - before.spent + granted


def _new_month(before: Figures, after: Figures) -> datetime | None:
    """Return when the month of the second began, where it is a later one and no grant was used meanwhile.

    Where one was, it may have been before or after the reset, and nothing is known.
    """
    if before.resets_at is None or after.resets_at is None or after.resets_at <= before.resets_at:
        return None
    return BillingMonth.until(after.resets_at).begins if _granted(before.grants, after.grants) == 0 else None


def _granted(before: tuple[Grant, ...], after: tuple[Grant, ...]) -> Decimal | None:
    """Return what was used of grants; None where one fell, came with something used or went with something left.

    Grants are the same where kind, name and limit are; of several alike, the order of their use pairs them.
    """
    if before == after:
        return NOTHING
    spent = NOTHING
    old, new = _by_name(before), _by_name(after)
    for name in old.keys() | new.keys():
        was, is_now = old.get(name, ()), new.get(name, ())
        if len(was) == len(is_now):
            steps = [b.used - a.used for a, b in zip(was, is_now, strict=True)]
            if min(steps) < 0:
                return None
            spent += sum(steps, NOTHING)
        elif any(grant.left != 0 for grant in was) or any(grant.used != 0 for grant in is_now):
            return None
    return spent


def _by_name(grants: tuple[Grant, ...]) -> dict[tuple[WindowKind, str, Decimal | None], list[Grant]]:
    named: dict[tuple[WindowKind, str, Decimal | None], list[Grant]] = {}
    for grant in grants:
        named.setdefault((grant.kind, grant.label, grant.limit), []).append(grant)
    return named
