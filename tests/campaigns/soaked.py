"""What is soaked: the real dashboard on a calendar that runs fast, which notes what it holds after each poll.

    python -m campaigns.soaked FOLDER      started by `campaigns.soak` alone

Everything between the page and the child process is the real thing. Only three things are not: the calendar, a part
of the questions that is cancelled half-way, and orders that come with SIGUSR1 (the wall clock is set, the journal's
file gets no more pages, as on a full disk).
"""

import asyncio
import ctypes
import gc
import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakes import START

from kiro_tui.clock import CalendarOnly, TimeLapse
from kiro_tui.domain.state import Failure, Outcome, Snapshot, Way
from kiro_tui.journal.worker import JournalWorker
from kiro_tui.poller import SHORTEST_INTERVAL, Poller
from kiro_tui.probe.probe import Probe
from kiro_tui.probe.process.child import launch
from kiro_tui.sharing.source import SharedSource, Terms
from kiro_tui.ui.app import Dashboard
from kiro_tui.ui.lent import Lent, Options

if TYPE_CHECKING:
    from kiro_tui.domain.usage import Report
    from kiro_tui.journal.store import Journal

SPEED = 2000
TIMEOUT = 0.9
"""Seconds for one answer: a child that hangs must not take the soak's time."""
CANCELLED = 0.08
"""The share of questions that is cancelled half-way."""
MEMORY_EVERY = 10
ROWS_EVERY = 20
MOST_PAGES = 2**32 - 2
"""What SQLite takes as no limit of its own."""
WITH_CACHES = {"kiro_tui", "pyte", "rich", "textual", "wcwidth"}
ORDERS = "orders"
NOTES = "notes"


class Calendar:
    """A wall clock that runs fast and can be set."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.steps = timedelta()

    def __call__(self, _seconds: float) -> datetime:
        return START + SPEED * timedelta(seconds=time.monotonic() - self._began) + self.steps


class Watched:
    """Asks, cancels some of what it asks, and notes what this process holds when a question is over."""

    def __init__(self, source: SharedSource, journals: JournalWorker, calendar: Calendar, folder: Path) -> None:
        self._source = source
        self._journals = journals
        self._calendar = calendar
        self._folder = folder
        self._notes = os.open(folder / NOTES, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._chance = random.Random(os.getpid())  # noqa: S311 - when to cancel, no secret
        self._polls = 0
        self._last: Report | None = None
        self._changes = 0
        self._orders: set[asyncio.Task[None]] = set()
        self.is_alone: Callable[[], bool] = lambda: True
        """Whether nothing lies over the page: what does takes memory of its own, and gives it back."""

    async def ask(self, *, by_person: bool = False) -> Outcome:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, self._obey)
        while True:
            asking = asyncio.ensure_future(self._source.ask(by_person=by_person))
            try:
                if self._chance.random() < CANCELLED:
                    await asyncio.wait([asking], timeout=self._chance.random() * 0.4)
                    asking.cancel()
                outcome = await asking
            except asyncio.CancelledError:
                current = asyncio.current_task()
                if current is not None and current.cancelling():
                    asking.cancel()
                    raise
                await self._note("cancelled")
                continue
            await self._note(self._said(outcome))
            return outcome

    def _said(self, outcome: Outcome) -> str:
        match outcome:
            case Snapshot(report):
                self._changes += report != self._last
                self._last = report
                return "reading"
            case Failure(error):
                return error.code

    async def _note(self, said: str) -> None:
        self._polls += 1
        held: dict[str, object] = {
            "said": said,
            "changes": self._changes,
            **_held(),
        }
        if self._polls % MEMORY_EVERY == 0 and self.is_alone():
            held["memory"] = _pss()
        if self._polls % ROWS_EVERY == 0:
            held["rows"] = await self._rows()
        os.write(self._notes, json.dumps(held).encode() + b"\n")

    async def _rows(self) -> int | None:
        try:
            return await self._journals.do(_count)
        except sqlite3.Error:  # the file is damaged on purpose; there is nothing to count
            return None

    def _obey(self) -> None:
        order, _, amount = (self._folder / ORDERS).read_text().partition(" ")
        if order == "clock":
            self._calendar.steps += timedelta(seconds=float(amount))
        if order == "full":
            task = asyncio.ensure_future(self._fill_for(float(amount)))
            self._orders.add(task)
            task.add_done_callback(self._orders.discard)

    async def _fill_for(self, seconds: float) -> None:
        """Let the file be full for a while: for as long as it is, readings wait in memory, and that is no leak."""
        for change in (_fill, _make_room):
            with suppress(sqlite3.Error):  # the file is damaged on purpose; whoever opens it next finds room
                await self._journals.do(change)
            await asyncio.sleep(seconds)


def _held() -> dict[str, int]:
    """Return what this process holds at this moment."""
    own = Path("/proc/self")
    children = [path.read_text().split() for path in own.glob("task/*/children")]
    return {
        "descriptors": len(list(own.glob("fd/*"))) - 1,
        "threads": len(list(own.glob("task/*"))),
        "children": sum(map(len, children)),
    }


def _count(journal: "Journal") -> int | None:
    if journal._database is None:
        return None
    return int(journal._database.connection.execute("SELECT count(*) FROM reading").fetchone()[0])


def _fill(journal: "Journal") -> None:
    """Let the file get no more pages, which ends in the same error as a disk without room."""
    if journal._database is not None and journal._database.writable:
        connection = journal._database.connection
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")


def _make_room(journal: "Journal") -> None:
    if journal._database is not None:
        journal._database.connection.execute(f"PRAGMA max_page_count = {MOST_PAGES}")


def _bounded_caches() -> Iterator[Any]:
    """Yield the caches that have a bound: how full they are depends on what was shown, not on how long."""
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in WITH_CACHES]
    for module in modules:
        classes = [each for each in vars(module).values() if isinstance(each, type)]
        for each in [each for holder in (module, *classes) for each in vars(holder).values()]:
            function = getattr(each, "__func__", each)
            if hasattr(function, "cache_parameters") and function.cache_parameters()["maxsize"]:
                yield function


def _pss() -> int:
    """Return this process's share of memory in kB: what it needs, without all that is only kept in reserve."""
    for cache in _bounded_caches():
        cache.cache_clear()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def main(folder: Path) -> int:
    """Show the dashboard until somebody ends it."""
    calendar = Calendar()
    clock, unhurried = TimeLapse(calendar, SPEED, 0), TimeLapse(calendar, SPEED, 0.25)
    state = folder / "state"
    probe = Probe(
        launch=launch,
        clock=CalendarOnly(clock),
        environment=os.environ,
        state_folder=state,
        path=os.environ["KIRO_SOAK_CLI"],
        timeout=TIMEOUT,
        ways=(Way.REPORT,),
    )
    journals = JournalWorker(state, clock)
    shared = SharedSource(probe, journals, clock, state, Terms("soak", max_age=0))
    try:
        watched = Watched(shared, journals, calendar, folder)
        app = Dashboard(Lent(Poller(watched, clock, SHORTEST_INTERVAL), unhurried, Options(), past=shared))
        watched.is_alone = lambda: len(app.screen_stack) == 1
        app.run()
    finally:
        shared.close()
        journals.close()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
