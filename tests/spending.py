"""What the tests of the Spend screen look at: sessions of a believable past, and a book that tells them as told."""

import asyncio
import threading
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from scenes import NOW, SCENES
from stage import BERLIN, StandingClock, on_stage
from textual.pilot import Pilot

from kiro_tui.domain.spend import Session, Skipped, Turn
from kiro_tui.spend.days import days_of
from kiro_tui.spend.ledger import Ledger, Progress
from kiro_tui.spend.records import Record
from kiro_tui.spend.values import BILLION, EPOCH, MICROSECOND, UNKNOWN
from kiro_tui.ui.app import Dashboard
from kiro_tui.ui.rows import Rows
from kiro_tui.ui.spend import Book, SpendScreen

ACCOUNT = Decimal("1026.59")
WORK = "/home/person/work"
PAST = (
    ("Migrate the invoice export", "billing", "claude-opus-4.5", 64, "1.93"),
    ("Speed up the search", "storefront", "claude-sonnet-4.5", 58, "0.81"),
    ("Fix a flaky test", "billing", "claude-sonnet-4.5", 41, "0.77"),
    ("Explain the login page", "storefront", "auto", 23, "0.42"),
    ("Review the API", "billing", "claude-sonnet-4.5", 37, "0.55"),
    ("Document the settings", "infra", "auto", 12, "0.31"),
    ("Refactor the build", "infra", "claude-sonnet-4.5", 29, "0.68"),
    ("Test the invoice export", "billing", "claude-haiku-4.5", 33, "0.12"),
    ("Ein Schriftsatz für die Einleitung", "thesis", "claude-opus-4.5", 18, "1.22"),
    ("検索を速くする", "mobile-app", "claude-sonnet-4.5", 21, "0.66"),
    (None, "dotfiles", "auto", 4, "0.08"),
    ("Fix the settings", "mobile-app", "claude-haiku-4.5", 16, "0.14"),
    ("Try a kata", "kata", None, 9, "0.05"),
    ("Explain a stack trace", None, "auto", 3, "0.21"),
    ("Speed up the build, and find out why the first run after a pull takes four times as long as any other",
     "infra", "claude-opus-4.5", 26, "1.05"),
    ("Fix the login page", "storefront", "claude-sonnet-4.5", 31, "0.52"),
    ("Migrate the settings", "billing", "auto", 14, "0.37"),
    ("Review a flaky test", "storefront", "claude-haiku-4.5", 8, "0.11"),
)  # fmt: skip
SKIPPED = (Skipped("damaged lines", 3), Skipped("unreadable files", 1))


def turns(count: int, cost: str, begin: datetime) -> tuple[Turn, ...]:
    """Turns of different sizes, minutes apart; the sixth of them does not say what it cost."""
    return tuple(
        Turn(
            begin + timedelta(minutes=7 * n),
            None if n == 5 else (Decimal(cost) * (1 + n * 37 % 11) / 6).quantize(Decimal("0.0001")),
        )
        for n in range(count)
    )


def session(title: str | None, project: str | None, model: str | None, of: Sequence[Turn], number: int = 0) -> Session:
    """A session with these turns."""
    name = f"sess_{number:08x}-cbf1-4d99-913f-7fc1f6bbfdd4"
    where = f"{WORK}/{project}" if project else None
    return Session(f"ced8b2e80b9e721e/{name}", name, where, title, model, days_of(map(record, of), BERLIN))


def record(turn: Turn) -> Record:
    """The turn as it is kept."""
    cost = UNKNOWN if turn.credits is None else int(turn.credits * BILLION)
    return Record(0, (turn.at - EPOCH) // MICROSECOND, cost, turn.model, turn.interrupted)


@dataclass
class FakeBook:
    """A book that holds what it is given; a reading goes on to its next step when it is let to."""

    told: dict[str, tuple[Turn, ...]] = field(default_factory=dict)
    steps: list[Progress | Ledger] = field(default_factory=list)
    where: str = "/home/person/.kiro/sessions"
    gates: dict[int, threading.Event] = field(default_factory=dict)
    """What the reading waits for before a step, by the step's number."""
    closed: int = 0
    given: int = 0

    def read(self) -> Generator[Progress | Ledger]:
        try:
            for number, step in enumerate(self.steps):
                if number in self.gates:
                    self.gates[number].wait(30)
                yield step
                self.given += 1
        finally:
            self.closed += 1

    async def has_given(self, steps: int, pilot: Pilot[Any]) -> None:
        """Wait until the reading has told so much, and the screen has shown it."""
        async with asyncio.timeout(30):
            while self.given < steps:
                await pilot.pause()
        await pilot.pause()

    def turns_of(self, session: Session) -> tuple[Turn, ...]:
        return self.told.get(session.place, ())


def book(skipped: tuple[Skipped, ...] = ()) -> FakeBook:
    """A past of 18 sessions, which is known already."""
    told, sessions = {}, []
    for number, (title, project, model, count, cost) in enumerate(PAST):
        begin = datetime(2026, 11, 2, 8, 12, tzinfo=UTC) + timedelta(days=(number * 5) % 21, minutes=number * 13)
        of = turns(count, cost, begin)
        sessions.append(session(title, project, model, of, number))
        told[sessions[-1].place] = of[::-1]
    return FakeBook(told, [Ledger(tuple(sessions), skipped)])


@asynccontextmanager
async def spend_screen(
    given: Book, size: tuple[int, int] = (80, 24), account: Decimal | None = ACCOUNT
) -> AsyncIterator[tuple[Dashboard, SpendScreen, Pilot[Any]]]:
    """Open the Spend screen over a usual page."""
    async with on_stage(SCENES["usual"](), size) as (app, pilot):
        gates = given.gates if isinstance(given, FakeBook) else {}
        screen = SpendScreen(given, account, BERLIN, StandingClock(NOW))
        await app.push_screen(screen)
        await settled(pilot, gated=bool(gates))
        try:
            yield app, screen, pilot
        finally:
            for gate in gates.values():
                gate.set()


async def settled(pilot: Pilot[Any], *, gated: bool = False) -> None:
    """Wait for what is read in threads, unless that waits for the test."""
    groups = {"turns"} if gated else {"turns", "reading"}
    for worker in [worker for worker in pilot.app.workers if worker.group in groups]:
        await worker.wait()
    await pilot.pause()


def text_of(screen: SpendScreen) -> str:
    return "\n".join(rows.text for rows in screen.query(Rows))
