"""Past readings as a table for people, and as JSON and CSV for programs.

Pure. All times of JSON and CSV are UTC; the table is in the person's own zone. Must never show a number that was not
read, and must say of whom it is silent.

JSON is one object, schema 1; keys are always there, unknown is null, keys may be added and are never renamed:

    schema, ok (true), error (null)
    readings        oldest first, each with first_at, last_at (from when to when it was seen to hold), source, kiro_cli
                    (version), plan, windows, overage and notes as in `kiro-tui status --json`
    days            what was used on each local day: day, credits (null where unknown), whole (it is all of it), spread
                    (some was read only days later)
    other_accounts  of how many other accounts there are readings that are not shown

CSV (RFC 4180) has a row for each window of each reading, with empty cells for what is unknown.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from wcwidth import wcswidth

from kiro_tui.domain import wording
from kiro_tui.domain.course import plan_of
from kiro_tui.domain.history import Reading
from kiro_tui.domain.past import Past
from kiro_tui.domain.usage import Report, Window, kept_times
from kiro_tui.domain.usage_by import Calendar, Period, Slot, divided, used_in
from kiro_tui.output.as_json import SCHEMA, Document, figures, noted, number, utc

GAP = "   "
UNKNOWN = "–"
WINDOW = ("kind", "label", "used", "limit", "remaining", "used_percent", "reported_percent")
ENDS = ("resets_at", "expires_at", "expires_in_days")
OVERAGE = ("enabled", "credits", "rate", "cost", "cap", "currency")
COLUMNS = (
    *("first_at", "last_at", "source", "kiro_cli_version", "plan", *WINDOW, *ENDS),
    *(f"overage_{name}" for name in OVERAGE),
    *("as_of", "overage_as_of"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What is printed."""

    readings: tuple[Reading, ...]
    """Oldest first."""
    past: Past
    """What all readings of the account tell, also those that are not printed."""
    since: datetime | None = None
    """None is from the beginning."""
    others: int = 0
    """Other accounts that have readings."""


def document(told: Told, zone: tzinfo | None = None) -> Document:
    """Return everything for JSON; `zone` says when days begin, None is the machine's own."""
    return {
        "schema": SCHEMA,
        "ok": True,
        "readings": [_reading(reading) for reading in told.readings],
        "days": [_day(slot, zone) for slot in _days(told, zone)],
        "other_accounts": told.others,
        "error": None,
    }


def as_csv(told: Told) -> str:
    """Return a header and the rows."""
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for reading in told.readings:
        writer.writerows(_csv_rows(reading))
    return written.getvalue()


def text(told: Told, now: datetime, zone: tzinfo | None = None) -> str:
    """Return the table, and below it what was used of late."""
    blocks = [_table(told, zone) if told.readings else [], list(_remarks(told, now, zone))]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _reading(reading: Reading) -> Document:
    report = reading.report
    return {
        "first_at": utc(reading.first_at),
        "last_at": utc(reading.last_at),
        "source": reading.way.value,
        "kiro_cli": {"version": reading.version},
        **figures(report),
        "notes": [noted(note) for note in report.notes],
    }


def _day(slot: Slot, zone: tzinfo | None) -> Document:
    return {
        "day": slot.begins.astimezone(zone).date().isoformat(),
        "credits": number(slot.credits),
        "whole": slot.whole,
        "spread": slot.spread,
    }


def _days(told: Told, zone: tzinfo | None) -> tuple[Slot, ...]:
    """Return the days from the first reading that is printed to the last."""
    if not told.readings:
        return ()
    calendar = Calendar(zone)
    first = min(reading.first_at for reading in told.readings)
    stretch = calendar.holding(Period.DAY, max(first, told.since) if told.since else first)
    last = max(reading.last_at for reading in told.readings)
    edges = [stretch.begins, stretch.ends]
    while edges[-1] <= last:
        edges.append(calendar.holding(Period.DAY, edges[-1]).ends)
    return divided(told.past.uses, edges)


def _csv_rows(reading: Reading) -> Iterator[dict[str, Any]]:
    content = _reading(reading)
    overage = content["overage"] or {}
    shared = {
        "first_at": content["first_at"],
        "last_at": content["last_at"],
        "source": content["source"],
        "kiro_cli_version": reading.version,
        "plan": reading.report.plan,
        **{f"overage_{name}": _cell(overage.get(name)) for name in (*OVERAGE, "as_of")},
    }
    for window in content["windows"] or [{}]:
        yield {**shared, **{name: window.get(name) for name in (*WINDOW, *ENDS, "as_of")}}


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _table(told: Told, zone: tzinfo | None) -> list[str]:
    steps = {use.end: use.credits for use in told.past.uses if use.credits}
    rows = [("Read", "Used", "Plan", "Percent", "Left", "Besides")]
    for reading in told.readings:
        step = steps.get(reading.first_at)
        rows.append((_when(reading, zone), f"+{wording.amount(step)}" if step else "", *_meters(reading.report, zone)))
    widths = [max(map(wcswidth, column)) for column in zip(*rows, strict=True)]
    return [_aligned(row, widths) for row in rows]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    when, *amounts, besides = row
    right = (each.rjust(width) for each, width in zip(amounts, widths[1:], strict=False))
    return GAP.join([when.ljust(widths[0]), *right, besides]).rstrip()


def _when(reading: Reading, zone: tzinfo | None) -> str:
    """Say from when to when the figures held, without repeating the day."""
    first, last = reading.first_at.astimezone(zone), reading.last_at.astimezone(zone)
    said = f"{first:%Y-%m-%d %H:%M}"
    if f"{last:%Y-%m-%d %H:%M}" == said:
        return said
    return f"{said} – {last:%H:%M}" if first.date() == last.date() else f"{said} – {last:%Y-%m-%d %H:%M}"


def _meters(report: Report, zone: tzinfo | None) -> tuple[str, str, str, str]:
    plan = plan_of(report)
    besides = [f"{window.label} {_of_limit(window)}" for window in report.windows if window is not plan]
    overage = report.overage
    if overage is not None and overage.credits:
        besides.append(f"overage {wording.amount(overage.credits)}")
    if kept := kept_times(report):
        besides.append(f"partly as of {min(kept).astimezone(zone):%Y-%m-%d %H:%M}")
    if plan is None:
        return UNKNOWN, UNKNOWN, UNKNOWN, ", ".join(besides)
    share = UNKNOWN if plan.used_percent is None else wording.percent(plan.used_percent)
    left = UNKNOWN if plan.remaining is None else wording.amount(plan.remaining)
    return _of_limit(plan), share, left, ", ".join(besides)


def _of_limit(window: Window) -> str:
    if window.limit is None:
        return f"{wording.amount(window.used)} used"
    return f"{wording.amount(window.used)} of {wording.limit(window.limit)}"


def _remarks(told: Told, now: datetime, zone: tzinfo | None) -> Iterator[str]:
    if not told.readings and told.past.latest is None:
        yield "There is no history yet: kiro-tui keeps a reading whenever it asks kiro-cli."
    elif not told.readings:
        yield "Nothing was read in these days."
    else:
        yield from _of_late(told, now, zone)
    if told.others:
        accounts = "1 other account" if told.others == 1 else f"{told.others} other accounts"
        yield f"Shown is the account that was seen last; there are readings of {accounts} too."


def _of_late(told: Told, now: datetime, zone: tzinfo | None) -> Iterator[str]:
    calendar, uses = Calendar(zone), told.past.uses
    month = calendar.holding(Period.MONTH, now)
    before = calendar.before(month)
    last_week = now - timedelta(days=7)
    spans = (
        ("today", calendar.holding(Period.DAY, now).begins, now),
        ("in 7 days", last_week, now),
        (f"in {month.begins.astimezone(zone):%B}", month.begins, now),
        (f"in {before.begins.astimezone(zone):%B}", before.begins, before.ends),
    )
    known = ((name, used_in(uses, begins, ends, now)) for name, begins, ends in spans if begins < ends)
    said = [f"{_credits(slot)} {name}" for name, slot in known if slot.credits is not None]
    yield f"Used: {', '.join(said)}." if said else "What was used is not known yet: that takes two readings."


def _credits(slot: Slot) -> str:
    doubt = "at least " if not slot.whole else "about " if slot.spread else ""
    return "" if slot.credits is None else doubt + wording.amount(slot.credits)
