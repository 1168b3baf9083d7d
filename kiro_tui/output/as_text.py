"""What is known as plain text, for a person at a terminal and for a screen reader.

Pure. One line for each allowance, in columns, no colour and no drawing: what colour says on the dashboard is said in
words here. Must never show a number that was not read.
"""

import math
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from itertools import zip_longest

from kiro_tui.domain import wording
from kiro_tui.domain.state import Outcome, Snapshot, State, advance, freshness
from kiro_tui.domain.usage import Account, Overage, Window, WindowKind, display_name, mask_email

GAP = "   "
MANAGED = "An administrator manages this plan, and kiro-cli shows no numbers for it."


def text(state: State, now: datetime, *, show_email: bool, zone: tzinfo | None = None) -> str:
    """Return the latest reading in lines, "" where there is none; `zone` None shows times of the machine's own."""
    snapshot = state.latest
    if snapshot is None:
        return ""
    report = snapshot.report
    blocks = [
        [_heading(snapshot, show_email=show_email)],
        list(_figures(snapshot, now, zone)) or [MANAGED],
        [f"Note: {note.text}" for note in report.notes],
        [f"Warning: {snapshot.warning.message}"] if snapshot.warning else [],
        [wording.too_new(snapshot.version)] if snapshot.newer_than_known else [],
        [_origin(state, snapshot, now)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def outcome_text(outcome: Outcome, now: datetime, *, show_email: bool) -> str:
    """Return what one question came to: its reading, or why there is none and what to do next."""
    if isinstance(outcome, Snapshot):
        return text(advance(State(interval=math.inf), outcome), now, show_email=show_email)
    return "".join(f"{line}\n" for line in (outcome.error.message, outcome.error.hint) if line)


def _heading(snapshot: Snapshot, *, show_email: bool) -> str:
    plan, account = snapshot.report.plan, snapshot.account
    named = "Kiro, plan unknown" if plan is None else display_name(plan)
    return " · ".join([named, *(_account(account, show_email=show_email) if account else ())])


def _account(account: Account, *, show_email: bool) -> Iterator[str]:
    yield account.login_method
    if account.organization:
        yield account.organization
    if account.email:
        yield account.email if show_email else mask_email(account.email)


def _figures(snapshot: Snapshot, now: datetime, zone: tzinfo | None) -> Iterator[str]:
    report = snapshot.report
    rows = [_row(window, snapshot.taken_at, now, zone) for window in report.windows]
    widest = max((len(row[0]) for row in rows), default=0)
    yield from _columns(rows)
    if report.overage:
        yield f"{'Overage':{widest}}{GAP}{_overage(report.overage)}"


def _row(window: Window, taken_at: datetime, now: datetime, zone: tzinfo | None) -> tuple[str, ...]:
    share, remaining = window.used_percent, window.remaining
    used, left = f"{wording.amount(window.used)} used", ""
    if window.limit is not None and remaining is not None:
        used = f"{wording.amount(window.used)} of {wording.limit(window.limit)} used"
        over = window.used - window.limit
        left = f"{wording.amount(over)} over the limit" if over > 0 else f"{wording.amount(remaining)} left"
    return (
        window.label,
        "" if share is None else wording.percent(share),
        used,
        left,
        _end(window, taken_at, now, zone),
    )


def _end(window: Window, taken_at: datetime, now: datetime, zone: tzinfo | None) -> str:
    verb = "resets" if window.kind is WindowKind.PLAN else "expires"
    if window.ends_at is not None:
        left = wording.countdown(window.ends_at - now).text
        when = f"in {left}" if left != "now" else left
        return f"{verb} {when} ({wording.local_time(window.ends_at, zone, now)})"
    if window.ends_in_days is not None:
        # The days were counted when the reading was taken; an older reading has fewer of them left.
        days = max(window.ends_in_days - max(now - taken_at, timedelta(0)).days, 0)
        return f"{verb} in {wording.days(days)}"
    return f"{verb} at an unknown time"


def _columns(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield the rows with their cells aligned: the outer two to the left, the figures to the right."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    for label, *figures, end in rows:
        cells = [label.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(figures, widths[1:], strict=False))]
        yield GAP.join([*cells, end]).rstrip()


def _overage(overage: Overage) -> str:
    if not overage.enabled:
        return "off"
    said = []
    if overage.credits is not None:
        said.append(f"{wording.amount(overage.credits)} credits used")
    if overage.cost is not None:
        said.append(f"{wording.money(overage.cost, overage.currency)} so far")
    if overage.cap is not None:
        said.append(f"at most {wording.money(overage.cap, overage.currency)}")
    if overage.rate is not None:
        said.append(f"{wording.money(overage.rate, overage.currency)} for one credit")
    return ", ".join(["on", *said])


def _origin(state: State, snapshot: Snapshot, now: datetime) -> str:
    fresh = freshness(state, now)
    age = wording.ago(fresh.age, seconds=False).text if fresh else ""
    asked = f"kiro-cli {snapshot.version}" if snapshot.version else "a kiro-cli of unknown version"
    stale = ", so it may be out of date" if fresh and fresh.stale else ""
    return f"Read {age} from {asked} ({snapshot.way}){stale}."
