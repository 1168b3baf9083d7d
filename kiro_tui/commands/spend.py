"""`kiro-tui spend`: what this machine's own Kiro sessions used, from their files; kiro-cli is not asked.

Must never import textual, nor write anything but what it keeps in the state folder for the next time.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path

from kiro_tui.clock import Clock, SystemClock
from kiro_tui.commands.days import first_day
from kiro_tui.domain.spend import By, Explained, explained, spend_by
from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import used_this_month
from kiro_tui.errors import UsageError
from kiro_tui.output.as_json import render
from kiro_tui.output.spend import as_csv, document, text
from kiro_tui.settings import open_state_folder
from kiro_tui.spend.ledger import Ledger, Progress, read
from kiro_tui.spend.root import Sources, sources_of
from kiro_tui.streams import write

PROGRESS_FROM = 100
"""Sessions; fewer are read before anybody has read how many they are."""
PROGRESS_STEPS = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said on the command line."""

    by: str = By.PROJECT.value
    days: str | None = None
    """How many local days count, today included; None is all."""
    json: bool = False
    csv: bool = False

    def since(self, today: date) -> date | None:
        """Return the first day that counts; raises UsageError."""
        return first_day(self.days, today, "spend")


def account_figure(folder: Path | None = None, clock: Clock | None = None) -> Decimal | None:
    """Return what the account itself said last of the month that is still running; None where nothing is known."""
    from kiro_tui.journal.store import Journal  # noqa: PLC0415 - imports sqlite3, which the sums do without

    clock = clock or SystemClock()
    with closing(Journal(folder or open_state_folder(), clock)) as journal:
        latest = journal.latest()
    if latest is None or not any(w.ends_at is not None and w.ends_at > clock.now() for w in latest.report.windows):
        return None
    return used_this_month(latest.report)


def run(
    asked: Asked,
    *,
    environment: Mapping[str, str] = os.environ,
    clock: Clock | None = None,
    account: Decimal | None = None,
    homes: Iterable[str] = (),
) -> int:
    """Print the table and return the exit status.

    `account` is what the account itself says of this month; `homes` are further homes of Kiro that the person named.
    """
    now = (clock or SystemClock()).now()
    since = asked.since(now.astimezone().date())
    if asked.json and asked.csv:
        raise UsageError("The output can be JSON or CSV, not both.", "Leave --json or --csv out.")
    sources = sources_of(environment, homes)
    ledger = _read(sources)
    spend = spend_by(By(asked.by), ledger.sessions, since)
    beside: Explained | None = None
    if account is not None:
        beside = explained(ledger.sessions, now.astimezone(UTC).date().replace(day=1), account)
    if asked.json:
        write(render(document(spend, ledger.skipped, beside), pretty=False) + "\n")
    elif asked.csv:
        write(as_csv(spend))
    else:
        write(text(spend, ledger.skipped, beside, where=clean(sources.described)))
    return 0


def _read(sources: Sources) -> Ledger:
    """Read all sessions; Ctrl+C ends it, and what was read by then is kept."""
    with closing(read(sources, open_state_folder())) as steps:
        for step in steps:
            if isinstance(step, Ledger):
                return step
            _show(step)
    raise AssertionError("the last item is the ledger")


def _show(progress: Progress) -> None:
    """Say how far it is to a person who waits; the line is gone in the end."""
    if progress.total < PROGRESS_FROM or not sys.stderr.isatty():
        return
    if progress.done % (progress.total // PROGRESS_STEPS) == 0:
        sys.stderr.write(f"\rReading Kiro's sessions: {progress.done} of {progress.total}")
    if progress.done == progress.total - 1:
        sys.stderr.write("\r\x1b[K")
    sys.stderr.flush()
