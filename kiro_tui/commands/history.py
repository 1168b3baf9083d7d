"""`kiro-tui history`: past readings from the journal; kiro-cli is not asked.

Must never import textual, nor show readings of several accounts as if they were of one.
"""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from pathlib import Path

from kiro_tui.clock import Clock, SystemClock
from kiro_tui.commands.days import MOST_DAYS, first_day
from kiro_tui.domain.past import past_of
from kiro_tui.errors import UsageError
from kiro_tui.journal.store import Journal
from kiro_tui.output.as_json import render
from kiro_tui.output.history import Told, as_csv, document, text
from kiro_tui.settings import open_state_folder
from kiro_tui.streams import remark, write

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said on the command line."""

    days: str | None = None
    """How many local days count, today included; None is all."""
    json: bool = False
    csv: bool = False
    pretty: bool = False

    def since(self, now: datetime, zone: tzinfo | None) -> datetime | None:
        """Return the first moment that counts; raises UsageError."""
        first = first_day(self.days, now.astimezone(zone).date(), "history")
        return None if first is None else datetime.combine(first, time.min, zone).astimezone(UTC)


def run(asked: Asked, *, folder: Path | None = None, clock: Clock | None = None, zone: tzinfo | None = None) -> int:
    """Print past readings and return the exit status; `folder` is the state folder, None for the usual one."""
    clock = clock or SystemClock()
    now = clock.now()
    since = asked.since(now, zone)
    if asked.json and asked.csv:
        raise UsageError("The output can be JSON or CSV, not both.", "Leave --json or --csv out.")
    if asked.pretty and not asked.json:
        raise UsageError("--pretty is for JSON.", "Try: kiro-tui history --json --pretty")
    with closing(Journal(folder or open_state_folder(), clock)) as journal:
        told = _told(journal, since, now)
        notice = journal.notice
    if asked.json:
        write(render(document(told, zone), pretty=asked.pretty) + "\n")
    elif asked.csv:
        write(as_csv(told))
    else:
        write(text(told, now, zone))
    if notice:
        remark(notice)
    return 0


def prune(*, folder: Path | None = None, clock: Clock | None = None) -> int:
    """Forget what is too old, say how much that was, and return the exit status."""
    clock = clock or SystemClock()
    with closing(Journal(folder or open_state_folder(), clock)) as journal:
        pruned = journal.prune(clock.now())
        notice = journal.notice
    if pruned is None:
        raise UsageError(notice or "The history is in use and cannot be changed now.", "Try again later.")
    write(
        f"Readings forgotten, as they are older than 25 months: {pruned.forgotten}.\n"
        f"Readings thinned out to one an hour, as they are older than 60 days: {pruned.thinned}.\n"
    )
    return 0


def _told(journal: Journal, since: datetime | None, now: datetime) -> Told:
    latest = journal.latest()
    if latest is None:
        return Told((), past_of((), now), since)
    # Until far ahead: what was kept before the clock was set back is history too, and is only not reckoned with.
    readings = journal.readings(latest.account, BEGINNING, now + timedelta(days=MOST_DAYS))
    readings = tuple(sorted(readings, key=lambda reading: reading.first_at))
    shown = tuple(reading for reading in readings if since is None or reading.last_at >= since)
    return Told(shown, past_of(readings, now), since, others=len(journal.accounts()) - 1)
