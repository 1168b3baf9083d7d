"""What the demo looks back on: three months of readings, and the sessions of the person who used it all.

Everything is made up by the simulator, the same each time. It is written where it is told to, which must never be a
folder of the person's own.
"""

import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from kiro_tui.clock import Clock
from kiro_tui.commands.sessions import SessionFiles
from kiro_tui.domain.spend import Session, Turn
from kiro_tui.domain.state import Snapshot, Way
from kiro_tui.domain.usage import Account
from kiro_tui.journal.worker import Journals
from kiro_tui.probe.reading.usage_data import load_json, read_usage
from kiro_tui.simulator.acp_data import result
from kiro_tui.simulator.month import OPENED, START, account_on
from kiro_tui.simulator.sessions import Past, write_sessions
from kiro_tui.spend.ledger import Ledger, Progress

if TYPE_CHECKING:
    from kiro_tui.journal.store import Journal

T = TypeVar("T")

BETWEEN_READINGS, LONG_BEFORE = timedelta(hours=6), timedelta(days=1)
RECENTLY = timedelta(days=35)
"""What lies further back is told day by day, because every reading takes time to keep."""
ACCOUNT = Account("Builder ID", "person@example.com")
"""Who is signed in to the simulator, so that the past is theirs."""


class WithPast:
    """The demo's journal, in which the past stands before anything else is done with it."""

    def __init__(self, journals: Journals) -> None:
        self._journals = journals
        self._has_past = False

    async def do(self, work: Callable[["Journal"], T]) -> T:
        """Return what the work gives; works are done one at a time, in order."""
        if not self._has_past:
            self._has_past = True
            await self._journals.do(keep_past)
        return await self._journals.do(work)


def keep_past(journal: "Journal") -> None:
    """Keep the readings of somebody who has looked at the demo's account for three months."""
    for snapshot in readings():
        journal.keep(snapshot)


def readings() -> Iterator[Snapshot]:
    """Yield them, oldest first; all are older than the demo."""
    at = OPENED
    while at < START:
        report = read_usage(load_json(json.dumps(result(account_on(at)))), now=at)
        yield Snapshot(report, Way.ACP, at, took=2.4, account=ACCOUNT)
        at += BETWEEN_READINGS if START - at <= RECENTLY else LONG_BEFORE


@dataclass(frozen=True, slots=True)
class DemoSessions:
    """The sessions of the demo's home; they are made up when they are first asked for, so that no launch waits."""

    files: SessionFiles
    clock: Clock

    @property
    def where(self) -> str:
        """The folder that they are in."""
        return self.files.where

    def read(self) -> Generator[Progress | Ledger]:
        """Yield the progress, and the ledger as the last item."""
        root = self.files.sources.roots[0]
        if not root.exists():
            past = Past(self.clock.now(), sessions=48, turns=900, days=75, mean=4.4, talk=100)
            write_sessions(root, past)
        yield from self.files.read()

    def turns_of(self, session: Session) -> tuple[Turn, ...]:
        """Return a session's turns, the latest first."""
        return self.files.turns_of(session)
