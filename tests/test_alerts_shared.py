"""Of all who know the same, one tells it: panes on one journal, programs at once, and a journal that cannot be had."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from alerting import INTERVAL, NO_ANSWER, NOW, SIGNED_OUT, Said, bonus, failed, plan, reading, said
from fakes import FakeClock, ScriptedSource

from kiro_tui.alerts.watcher import Watcher
from kiro_tui.domain.alerts import Rules
from kiro_tui.domain.state import Failure, Outcome, Snapshot, State, advance
from kiro_tui.domain.usage import Account
from kiro_tui.journal.store import FILE, Journal
from kiro_tui.sharing.source import SharedSource, Terms

ONE = Account("Builder ID", "person@example.com")
OTHER = Account("Google", "other@example.com")
T = TypeVar("T")


class OnTheSpot:
    """A journal without a thread."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    async def do(self, work: Callable[[Journal], T]) -> T:
        await asyncio.sleep(0)
        return work(self.journal)


class Pane:
    """One program: what it has learned, and how it tells."""

    def __init__(self, source: SharedSource, clock: FakeClock) -> None:
        self._source = source
        self._watcher = Watcher(source, clock, Rules())
        self.state = State(INTERVAL)

    async def asks(self) -> list[Said]:
        self.state = advance(self.state, await self._source.ask())
        return await self.looks()

    async def looks(self) -> list[Said]:
        return said(await self._watcher.alerts(self.state))


class House:
    """Panes that share a folder, a clock, and what kiro-cli would answer."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder: Path | None = folder
        self.clock = FakeClock(NOW)
        self.answer: Outcome = failed(NO_ANSWER)
        self._stack = stack

    def answers(self, outcome: Outcome) -> None:
        """Let kiro-cli say this from now on, a moment later than all that it said before."""
        self.clock.advance(INTERVAL)
        now = self.clock.now()
        self.answer = replace(outcome, at=now) if isinstance(outcome, Failure) else replace(outcome, taken_at=now)

    def pane(self, scope: str = "mine") -> Pane:
        journal = self._stack.enter_context(closing(Journal(self.folder, self.clock)))
        terms = Terms(scope, max_age=INTERVAL)
        source = SharedSource(self, OnTheSpot(journal), self.clock, self.folder, terms)
        return Pane(self._stack.enter_context(closing(source)), self.clock)

    async def ask(self, *, by_person: bool = False) -> Outcome:
        return await ScriptedSource([self.answer], self.clock).ask(by_person=by_person)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        yield House(tmp_path, stack)


def used(percent: int) -> list[Said]:
    return [("used", "Credits", str(percent))]


def by(account: Account | None, figure: int) -> Snapshot:
    return reading(plan(figure), account=account)


# Panes ----------------------------------------------------------------------------------------------------------------


async def test_of_twenty_panes_one_tells(house: House) -> None:
    panes = [house.pane() for _ in range(20)]
    for outcome, expected in (
        (reading(plan(1900), bonus(2)), [*used(90), ("ends_soon", "Welcome bonus", "3")]),
        (reading(plan(1950), bonus(2)), []),
        (reading(plan(2000), bonus(2)), used(100)),
        (failed(SIGNED_OUT), [("signed_out", None, None)]),
        (failed(SIGNED_OUT), []),
    ):
        house.answers(outcome)

        told = await asyncio.gather(*(pane.asks() for pane in panes))

        assert sum(told, []) == expected  # noqa: RUF017 - twenty short lists


async def test_a_pane_that_is_opened_anew_tells_nothing_again(house: House) -> None:
    house.answers(reading(plan(1900), bonus(2)))
    assert len(await house.pane().asks()) == 2

    assert await house.pane().asks() == []
    house.answers(reading(plan(1901), bonus(2)))
    assert await house.pane().asks() == []


async def test_programs_that_ask_in_other_ways_share_the_memory_of_one_person(house: House) -> None:
    house.answers(by(ONE, 1900))

    assert [await house.pane(scope).asks() for scope in ("report", "acp", "another PATH")] == [used(90), [], []]


async def test_each_person_is_told_once_however_often_they_take_turns(house: House) -> None:
    pane, told = house.pane(), []
    for account, figure in ((ONE, 1900), (OTHER, 1600), (ONE, 1900), (OTHER, 1600), (OTHER, 1800), (ONE, 2000)):
        house.answers(by(account, figure))
        told.append(await pane.asks())

    assert told == [used(90), used(75), [], [], used(90), used(100)]


async def test_who_tells_no_name_for_once_is_whoever_was_known_last(house: House) -> None:
    pane, told = house.pane(), []
    for account in (None, ONE, None, ONE, OTHER, None):
        house.answers(by(account, 1900))
        told.append(await pane.asks())

    assert told == [used(90), [], [], [], used(90), []]


async def test_a_reading_that_another_pane_has_overtaken_is_not_told(house: House) -> None:
    slow, fast = house.pane(), house.pane()
    house.answers(by(ONE, 1600))
    slow.state = advance(slow.state, await slow._source.ask())
    house.answers(by(OTHER, 100))
    assert await fast.asks() == []

    assert await slow.looks() == []
    house.answers(by(OTHER, 1600))
    assert await fast.asks() == used(75)


async def test_an_outage_is_told_once_for_all_and_again_after_a_good_reading(house: House) -> None:
    one, other = house.pane(), house.pane()
    told = []
    for outcome in (by(ONE, 0), failed(SIGNED_OUT), failed(SIGNED_OUT), by(ONE, 1), failed(SIGNED_OUT)):
        house.answers(outcome)
        told.append([*await one.asks(), *await other.asks(), *await house.pane().asks()])

    assert told == [[], [("signed_out", None, None)], [], [], [("signed_out", None, None)]]


async def test_a_silence_goes_on_across_restarts(house: House) -> None:
    told = []
    for _ in range(14):  # of five minutes
        house.answers(failed(NO_ANSWER))
        told += await house.pane().asks()

    assert told == [("no_reading", None, None)]


# A journal that cannot be had -----------------------------------------------------------------------------------------


async def test_where_nothing_can_be_kept_each_program_tells_once(house: House) -> None:
    house.folder = None
    one, other = house.pane(), house.pane()
    house.answers(reading(plan(1900)))

    assert [await one.asks(), await other.asks(), await one.asks(), await other.looks()] == [used(90), used(90), [], []]


async def test_while_the_file_is_locked_nothing_is_told_and_nothing_is_lost(house: House, tmp_path: Path) -> None:
    one, other = house.pane(), house.pane()
    house.answers(reading(plan(1900)))
    one.state = other.state = advance(one.state, await one._source.ask())
    await other._source.ask()

    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert [await one.looks(), await other.looks()] == [[], []]

    assert [await one.looks(), await other.looks(), await one.looks()] == [used(90), [], []]


async def test_what_was_told_while_the_disk_was_full_is_not_told_again_when_there_is_room(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    pane = house.pane()
    house.answers(reading(plan(1600)))
    assert await pane.asks() == used(75)

    def full(*_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with monkeypatch.context() as on_full_disk:
        on_full_disk.setattr("kiro_tui.journal.queries.amend", full)
        on_full_disk.setattr("kiro_tui.journal.queries.set_memo", full)
        house.answers(reading(plan(1900)))
        assert [await pane.asks(), await pane.looks()] == [used(90), []]

    assert await pane.looks() == []
    house.answers(reading(plan(1900)))
    assert await house.pane().asks() == []


# The journal's own part -----------------------------------------------------------------------------------------------


def counted(noted: str | None) -> tuple[str, int]:
    number = int(noted or 0) + 1
    return str(number), number


@pytest.mark.parametrize("kept", [True, False], ids=["on disk", "in memory"])
def test_a_memo_is_amended_from_what_it_was(tmp_path: Path, kept: bool) -> None:  # noqa: FBT001 - pytest gives it by name
    with closing(Journal(tmp_path if kept else None, FakeClock())) as journal:
        assert [journal.amend("n", counted) for _ in range(3)] == [1, 2, 3]
        assert journal.amend("n", lambda noted: (noted or "", noted)) == journal.memo("n") == "3"


COUNTER = """
import sys
from contextlib import closing
from pathlib import Path
from fakes import FakeClock
from test_alerts_shared import counted
from kiro_tui.journal.store import Journal
with closing(Journal(Path(sys.argv[1]), FakeClock())) as journal:
    for _ in range(100):
        while journal.amend("n", counted) is None:
            pass
"""

TELLER = """
import asyncio, sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from alerting import INTERVAL, NOW, plan, reading, said
from fakes import FakeClock
from test_alerts_shared import Journal, OnTheSpot, Rules, State, Watcher, advance

class Unchecked:
    def __init__(self, journal):
        self.journal = journal
    async def amend(self, subject, change, seen):
        return self.journal.amend(subject, change)

async def tell(journal, clock):
    watcher = Watcher(Unchecked(journal), clock, Rules(used=tuple(range(1, 101))))
    for percent in range(1, 101):
        state = advance(State(INTERVAL), reading(plan(20 * percent)))
        for _, _, threshold in said(await watcher.alerts(state)):
            print(threshold)

with closing(Journal(Path(sys.argv[1]), FakeClock())) as journal:
    asyncio.run(tell(journal, FakeClock(NOW)))
"""


def at_once(program: str, folder: Path, times: int) -> list[list[str]]:
    """Run the program several times at once, and return the lines of each."""
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", program, str(folder)],
            cwd=Path(__file__).parent,
            env={"PYTHONPATH": ".:.."},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(times)
    ]
    said_by = [each.communicate(timeout=60)[0].split() for each in running]
    assert [each.returncode for each in running] == [0] * times
    return said_by


def test_programs_that_amend_one_memo_at_once_lose_nothing(tmp_path: Path) -> None:
    at_once(COUNTER, tmp_path, 3)

    with closing(Journal(tmp_path, FakeClock())) as journal:
        assert journal.memo("n") == "300"


def test_programs_that_learn_the_same_at_once_tell_each_threshold_once(tmp_path: Path) -> None:
    told = at_once(TELLER, tmp_path, 3)

    thresholds = [int(threshold) for each in told for threshold in each]
    assert len(thresholds) == len(set(thresholds))
    assert 100 in thresholds
    assert all(sorted(each, key=int) == each for each in told)
