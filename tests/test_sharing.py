"""Many panes, one question: in one process on a clock that costs no time, and as real processes that are killed."""

import asyncio
import errno
import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
from fakes import FakeClock, ScriptedSource
from readings import snapshot

from kiro_tui.domain.state import Failure, Outcome, Snapshot, Way
from kiro_tui.domain.usage import Account, Overage, Report, Window, WindowKind
from kiro_tui.errors import CliFailed, NoNumbers, NotLoggedIn, ProbeError, ServiceFailed
from kiro_tui.journal.store import FILE, Journal
from kiro_tui.poller import Source
from kiro_tui.sharing.bell import Bell
from kiro_tui.sharing.source import LONGEST_QUESTION, SharedSource, Terms
from kiro_tui.sharing.turn import KINDS, Turn, failure_in, note_of

INTERVAL = 300.0
PERSON = Account("Builder ID", "person@example.com")
T = TypeVar("T")


class OnTheSpot:
    """A journal without a thread, so that a test's time passes only where the test says so."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    async def do(self, work: Callable[[Journal], T]) -> T:
        await asyncio.sleep(0)
        return work(self.journal)


class CountingSource(ScriptedSource):
    """Gives the number of the question as the credits used, at the time of the answer."""

    def __init__(self, clock: FakeClock, takes: float = 5.0, account: Account | None = None) -> None:
        super().__init__([snapshot(0, account=account)], clock, takes)
        self.failure: ProbeError | None = None

    async def ask(self, *, by_person: bool = False) -> Outcome:
        reading = await super().ask(by_person=by_person)
        assert isinstance(reading, Snapshot)
        now = self._clock.now()
        if self.failure:
            return Failure(self.failure, now, version="2.21.1")
        return snapshot(len(self.asked_at), now, reading.account)


class House:
    """Panes that share a state folder, each with a journal of its own, and the one source that they would all ask."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.source = CountingSource(self.clock)
        self._stack = stack

    def pane(
        self,
        source: Source | None = None,
        scope: str = "mine",
        *,
        folder: Path | None = None,
        alone: bool = False,
        max_failure_age: float = 0.0,
    ) -> SharedSource:
        where = None if alone else folder or self.folder
        journal = self._stack.enter_context(closing(Journal(where, self.clock)))
        terms = Terms(scope, max_age=INTERVAL, max_failure_age=max_failure_age)
        pane = SharedSource(source or self.source, OnTheSpot(journal), self.clock, where, terms)
        return self._stack.enter_context(closing(pane))

    @property
    def asked(self) -> int:
        return len(self.source.asked_at)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        yield House(tmp_path, stack)


def used(outcome: Outcome | None) -> int:
    assert isinstance(outcome, Snapshot)
    return int(outcome.report.windows[0].used)


# One question ---------------------------------------------------------------------------------------------------------


async def test_of_twenty_that_ask_at_once_one_asks_and_all_know_within_a_second(house: House) -> None:
    panes = [house.pane() for _ in range(20)]

    answers = await asyncio.gather(*(pane.ask() for pane in panes))

    assert [used(answer) for answer in answers] == [1] * 20
    assert house.asked == house.source.most_in_flight == 1
    assert house.clock.monotonic() - 1000.0 <= 5.0 + 1.0


async def test_a_pane_that_is_opened_within_the_interval_asks_nothing(house: House) -> None:
    await house.pane().ask()
    house.clock.advance(INTERVAL - 1)

    answer = await house.pane().ask()

    assert used(answer) == house.asked == 1
    assert isinstance(answer, Snapshot)
    assert house.clock.now() - answer.taken_at == timedelta(seconds=INTERVAL - 1)


async def test_after_each_interval_one_asks_whoever_it_is(house: House) -> None:
    panes = [house.pane() for _ in range(10)]
    for interval in range(1, 5):
        answers = await asyncio.gather(*(pane.ask() for pane in panes))
        assert [used(answer) for answer in answers] == [interval] * 10
        assert house.asked == interval
        house.clock.advance(INTERVAL)


async def test_what_a_pane_has_itself_learned_is_no_answer_to_its_next_question(house: House) -> None:
    pane, other = house.pane(), house.pane()
    assert [used(await pane.ask()), used(await pane.ask())] == [1, 2]

    assert [used(await other.ask()), used(await pane.ask())] == [2, 3]


async def test_a_reading_from_before_the_clock_was_set_back_is_not_young_for_ever(house: House) -> None:
    await house.pane().ask()
    house.clock.advance(-86400)

    assert used(await house.pane().ask()) == 2


# A person asks --------------------------------------------------------------------------------------------------------


async def test_a_person_is_answered_with_what_came_after_the_key_press(house: House) -> None:
    pane, other = house.pane(), house.pane()
    await pane.ask()

    assert used(await other.ask(by_person=True)) == 2
    assert house.source.by_person == [False, True]


async def test_persons_who_press_at_once_share_one_answer(house: House) -> None:
    panes = [house.pane() for _ in range(10)]

    answers = await asyncio.gather(*(pane.ask(by_person=True) for pane in panes))

    assert {used(answer) for answer in answers} == {1}
    assert house.asked == 1


# Failures -------------------------------------------------------------------------------------------------------------


async def test_a_failure_is_everybodys_who_waited_and_is_not_kept_in_the_journal(house: House) -> None:
    house.source.failure = ServiceFailed("Kiro did not answer", "Wait.")
    panes = [house.pane() for _ in range(10)]

    answers = await asyncio.gather(*(pane.ask() for pane in panes))

    assert house.asked == 1
    for answer in answers:
        assert isinstance(answer, Failure)
        assert isinstance(answer.error, ServiceFailed)
        assert (answer.error.message, answer.error.hint) == ("Kiro did not answer", "Wait.")
        assert answer.version == "2.21.1"
    assert await panes[0].last() is None


async def test_a_failure_is_taken_once_so_that_retries_go_round(house: House) -> None:
    house.source.failure = ServiceFailed("no")
    one, other = house.pane(), house.pane()
    await asyncio.gather(one.ask(), other.ask())
    house.clock.advance(30)
    await one.ask()
    house.clock.advance(5)
    await other.ask()
    assert house.asked == 2

    house.source.failure = None

    assert used(await other.ask()) == 3
    assert used(await one.ask()) == 3


async def test_a_new_pane_asks_for_itself_after_a_failure_unless_it_is_told_not_to(house: House) -> None:
    house.source.failure = NotLoggedIn("signed out")
    await house.pane().ask()
    house.clock.advance(10)

    assert isinstance(await house.pane(max_failure_age=60).ask(), Failure)
    assert house.asked == 1
    house.clock.advance(60)
    assert isinstance(await house.pane(max_failure_age=60).ask(), Failure)
    assert house.asked == 2
    assert isinstance(await house.pane().ask(), Failure)
    assert house.asked == 3


async def test_a_failure_from_before_a_long_sleep_is_no_answer(house: House) -> None:
    pane, other = house.pane(), house.pane()
    await asyncio.gather(pane.ask(), other.ask())
    house.source.failure = ServiceFailed("no")
    await other.ask()
    house.source.failure = None
    house.clock.suspend(7200)

    assert used(await pane.ask()) == 3


async def test_a_failure_that_nobody_asked_for_by_hand_is_no_answer_to_a_person(house: House) -> None:
    house.source.failure = NotLoggedIn("signed out")
    automatic, person = house.pane(), house.pane()

    await asyncio.gather(automatic.ask(), person.ask(by_person=True))

    assert house.source.by_person == [False, True]


@pytest.mark.parametrize("error", [kind("said", "do") for kind in KINDS.values()], ids=lambda error: error.code)
def test_every_failure_can_be_noted_and_understood(error: ProbeError) -> None:
    at = FakeClock().now()

    back = failure_in(note_of(Failure(error, at), by_person=False), by_person=False)

    assert back is not None
    assert (back.error.code, back.error.message, back.error.hint, back.at) == (error.code, "said", "do", at)


@pytest.mark.parametrize("note", ["", "{", "[]", "3", "null", '{"code": "x"}', "\ufffd" * 9, "[" * 4000])
def test_a_note_that_makes_no_sense_is_none(note: str) -> None:
    assert failure_in(note, by_person=False) is None
    assert failure_in(note, by_person=True) is None


def test_a_note_cut_off_anywhere_is_none() -> None:
    note = note_of(Failure(NoNumbers("said", "do"), FakeClock().now()), by_person=True)

    assert [failure_in(note[:length], by_person=True) for length in range(len(note))] == [None] * len(note)


# What an earlier reading knew -----------------------------------------------------------------------------------------

RICH = Overage(enabled=True, credits=Decimal(31325), rate=Decimal("0.04"), cost=Decimal(1253), currency="USD")
OTHER = Account("GitHub", "other@example.com")


def answer(clock: FakeClock, overage: Overage | None = None, account: Account | None = PERSON) -> Snapshot:
    """Return a month that is used up, with what is said of overage; a report says nothing of it."""
    window = Window(WindowKind.PLAN, "Credits", Decimal(10000), Decimal(10000))
    way = Way.REPORT if overage is None else Way.ACP
    return Snapshot(Report("KIRO POWER", (window,), overage), way, clock.now(), took=1.0, account=account)


async def read(
    house: House, overage: Overage | None = None, account: Account | None = PERSON, scope: str = "mine"
) -> Overage | None:
    """Return the overage that a program shows which is started for one question; an hour passes before it."""
    house.clock.advance(3600)
    pane = house.pane(ScriptedSource([answer(house.clock, overage, account)], house.clock), scope)
    outcome = await pane.ask()
    assert isinstance(outcome, Snapshot)
    last = await pane.last()
    assert last is not None
    assert last.report == outcome.report, "the history holds something else than what is shown"
    pane.close()
    return outcome.report.overage


async def test_a_program_that_was_just_started_keeps_what_the_journal_knows(house: House) -> None:
    await read(house, RICH)
    known_at = house.clock.now()

    assert await read(house) == replace(RICH, as_of=known_at)
    assert await read(house) == replace(RICH, as_of=known_at)


async def test_nothing_is_kept_of_another_account(house: House) -> None:
    await read(house, RICH)

    assert await read(house, account=OTHER) is None
    assert (await read(house) or RICH).credits == RICH.credits


async def test_an_account_that_could_not_be_found_out_is_the_one_that_was_last_known(house: House) -> None:
    await read(house, RICH)
    known_at = house.clock.now()

    assert await read(house, account=None) == replace(RICH, as_of=known_at)
    assert await read(house, account=None) == replace(RICH, as_of=known_at)
    assert await read(house) == replace(RICH, as_of=known_at)


async def test_what_was_read_while_nobody_was_known_is_kept_for_whoever_is_known_next_and_nobody_after(
    house: House,
) -> None:
    await read(house, RICH, account=None)
    known_at = house.clock.now()

    assert await read(house) == replace(RICH, as_of=known_at)
    assert await read(house, account=OTHER) is None
    assert await read(house, account=None) is None


async def test_the_unnamed_readings_of_one_person_are_not_the_next_ones(house: House) -> None:
    await read(house, account=PERSON)
    await read(house, RICH, account=None)

    assert await read(house, account=OTHER) is None
    assert await read(house, account=None) is None
    assert await read(house, account=OTHER) is None


async def test_an_unnamed_reading_of_another_scope_is_of_somebody_else(house: House) -> None:
    await read(house, account=PERSON)
    await read(house, RICH, account=None, scope="theirs")

    assert await read(house, account=PERSON) is None
    assert await read(house, account=None, scope="a third") is None


async def test_what_an_earlier_version_replaced_is_found_again(house: House) -> None:
    await read(house, RICH)
    known_at = house.clock.now()
    with closing(Journal(house.folder, house.clock)) as journal:
        house.clock.advance(60)
        journal.keep(answer(house.clock))  # as a version did that kept nothing

    assert await read(house) == replace(RICH, as_of=known_at)


async def test_where_the_journal_is_gone_a_program_keeps_what_it_read_itself(house: House) -> None:
    answers = [answer(house.clock, RICH), answer(house.clock), answer(house.clock, account=OTHER)]
    pane = house.pane(ScriptedSource(answers, house.clock))
    await pane.ask()
    (house.folder / FILE).unlink()

    kept, others = await pane.ask(), await pane.ask()

    assert isinstance(kept, Snapshot)
    assert kept.report.overage == replace(RICH, as_of=house.clock.now())
    assert isinstance(others, Snapshot)
    assert others.report.overage is None


# Those who never answer -----------------------------------------------------------------------------------------------


async def test_one_that_is_cancelled_while_it_asks_leaves_its_turn_to_the_next(house: House) -> None:
    asking = asyncio.ensure_future(house.pane().ask())
    waiting = asyncio.ensure_future(house.pane().ask())
    while not house.asked:  # noqa: ASYNC110 - the source is a plain list and sets no event
        await asyncio.sleep(0)
    asking.cancel()

    assert used(await waiting) == 2
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_one_that_is_stopped_while_it_asks_is_overruled_in_time(house: House) -> None:
    stopped = Turn(next_turn(house))
    assert stopped.take()
    before = house.clock.monotonic()

    assert used(await house.pane().ask()) == 1

    assert LONGEST_QUESTION < house.clock.monotonic() - before < LONGEST_QUESTION + 15
    stopped.give_back()
    assert used(await house.pane().ask()) == 1


def next_turn(house: House) -> Path:
    """Return the file of the turn, of which only the source knows the name."""
    path = house.pane()._turn._path
    assert path is not None
    return path


def test_a_turn_that_was_overruled_takes_nothing_from_the_new_holder(tmp_path: Path) -> None:
    stopped, overruling, third = (Turn(tmp_path / "turn") for _ in range(3))
    assert stopped.take()
    assert not overruling.take()
    overruling.overrule()
    assert overruling.take()
    stopped.write("old")
    stopped.give_back()

    assert not third.take()
    assert third.read() == ""
    overruling.give_back()
    assert third.take()
    third.give_back()
    assert stat.S_IMODE((tmp_path / "turn").stat().st_mode) == 0o600


def test_a_turn_that_is_overruled_in_the_moment_of_taking_it_is_taken_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, overruled = fcntl.flock, []

    def flock(file: int, operation: int) -> None:
        if not overruled:
            overruled.append(file)
            other.overrule()
        lock(file, operation)

    one, other = Turn(tmp_path / "turn"), Turn(tmp_path / "turn")
    monkeypatch.setattr("fcntl.flock", flock)
    assert one.take()

    assert not other.take()
    one.give_back()


# Whose answer ---------------------------------------------------------------------------------------------------------


async def test_panes_that_would_get_another_answer_share_nothing(house: House) -> None:
    other_source = CountingSource(house.clock, account=Account("Google", "other@example.com"))
    one, other = house.pane(), house.pane(other_source, scope="other")

    await asyncio.gather(one.ask(), other.ask())

    assert house.asked == len(other_source.asked_at) == 1
    assert used(await other.ask()) == 2
    assert used(await house.pane().last()) == 1
    house.source.failure = CliFailed("no")
    assert isinstance(await one.ask(), Failure)
    assert used(await house.pane(other_source, scope="other").ask()) == 2
    assert len(other_source.asked_at) == 2


async def test_a_change_of_account_reaches_the_other_panes_with_its_first_reading(house: House) -> None:
    one, other = house.pane(), house.pane()
    await asyncio.gather(one.ask(), other.ask())
    switched = CountingSource(house.clock, account=PERSON)

    await house.pane(switched).ask(by_person=True)

    assert used(await one.last()) == used(await other.ask()) == 1
    assert house.asked == 1


async def test_an_address_is_shown_only_where_it_was_read(house: House) -> None:
    house.source = CountingSource(house.clock, account=PERSON)
    asker, other = house.pane(), house.pane()
    asked, taken = await asker.ask(), await other.ask()
    assert isinstance(asked, Snapshot)
    assert isinstance(taken, Snapshot)
    assert (asked.account, taken.account) == (PERSON, None)
    house.clock.advance(INTERVAL)

    await other.ask()
    back = await asker.ask()

    assert isinstance(back, Snapshot)
    assert back.account == PERSON
    assert replace(back, account=None) == await house.pane().last()


async def test_an_address_is_not_shown_beside_another_accounts_numbers(house: House) -> None:
    house.source = CountingSource(house.clock, account=PERSON)
    pane = house.pane()
    await pane.ask()
    switched = house.pane(CountingSource(house.clock, account=Account("Google", "other@example.com")))
    await switched.ask(by_person=True)

    answer = await pane.ask()

    assert isinstance(answer, Snapshot)
    assert answer.account is None
    assert house.asked == 1


async def test_the_last_reading_is_there_before_anybody_asks_with_its_age(house: House) -> None:
    assert await house.pane().last() is None
    await house.pane().ask()
    house.clock.advance(86400)

    last = await house.pane().last()

    assert used(last) == house.asked == 1
    assert last is not None
    assert house.clock.now() - last.taken_at == timedelta(days=1)


# News -----------------------------------------------------------------------------------------------------------------


async def test_a_pane_at_rest_hears_of_every_reading_of_the_others_and_of_none_of_its_own(house: House) -> None:
    rests, asks = house.pane(), house.pane()
    await asks.ask()
    await rests.ask()

    for number in (2, 3):
        news = asyncio.ensure_future(rests.news())
        await asyncio.sleep(0)
        assert used(await asks.ask()) == number
        assert used(await news) == number
    assert used(await rests.ask()) == 4
    news = asyncio.ensure_future(rests.news())
    for _ in range(100):
        await asyncio.sleep(0)
    assert not news.done()
    news.cancel()


async def test_nobody_is_woken_by_one_that_takes_what_is_known(house: House) -> None:
    await house.pane().ask()
    with closing(Bell(house.folder / "panes")) as bell:
        hearing = asyncio.ensure_future(bell.heard())
        await asyncio.sleep(0)
        await house.pane().ask()
        for _ in range(50):
            await asyncio.sleep(0)
        assert not hearing.done()
        await house.pane().ask(by_person=True)
        await hearing


async def test_resting_sets_no_timer_and_looks_at_nothing(house: House) -> None:
    pane = house.pane()
    await pane.ask()
    house.clock.slept.clear()
    news = asyncio.ensure_future(pane.news())
    for _ in range(100):
        await asyncio.sleep(0)

    assert house.clock.slept == []
    assert not news.done()
    news.cancel()
    with suppress(asyncio.CancelledError):
        await news


async def test_a_bell_is_heard_by_all_others_and_by_every_listener(tmp_path: Path) -> None:
    with ExitStack() as stack:
        one, two, three = (stack.enter_context(closing(Bell(tmp_path / "panes"))) for _ in range(3))
        listening = [asyncio.ensure_future(bell.heard()) for bell in (one, one, two, three)]
        await asyncio.sleep(0)

        three.ring()

        await asyncio.wait(listening[:3])
        assert [each.done() for each in listening] == [True, True, True, False]
        again = asyncio.ensure_future(two.heard())
        for _ in range(50):
            await asyncio.sleep(0)
        assert not again.done(), "it rings by itself"
        again.cancel()
        listening[3].cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    assert list((tmp_path / "panes").iterdir()) == []


async def test_a_bell_that_rang_while_nobody_listened_is_heard_by_the_next_who_does(tmp_path: Path) -> None:
    with closing(Bell(tmp_path / "panes")) as one, closing(Bell(tmp_path / "panes")) as other:
        one.hang()
        assert one._path is not None
        pipe = os.open(one._path, os.O_WRONLY | os.O_NONBLOCK)
        with suppress(BlockingIOError):
            while True:
                os.write(pipe, bytes(4096))
        os.close(pipe)
        other.ring()  # into a pipe that is full

        await one.heard()


def test_the_bell_of_a_killed_program_is_taken_down_and_a_living_one_is_not(tmp_path: Path) -> None:
    with closing(Bell(tmp_path)) as living, closing(Bell(tmp_path)) as ringing:
        living.hang()
        os.mkfifo(tmp_path / "1234-left")

        ringing.ring()

        (left,) = tmp_path.iterdir()
        assert left == living._path
        assert stat.S_IMODE(left.stat().st_mode) == 0o600


async def test_a_bell_that_was_taken_away_is_hung_up_again(tmp_path: Path) -> None:
    with closing(Bell(tmp_path / "panes")) as one, closing(Bell(tmp_path / "panes")) as other:
        one.hang()
        shutil.rmtree(tmp_path / "panes")
        hearing = asyncio.ensure_future(one.heard())
        await asyncio.sleep(0)

        other.ring()

        await hearing


def test_a_bell_that_cannot_be_rung_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_descriptors(*_: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    with closing(Bell(tmp_path)) as living, closing(Bell(tmp_path)) as ringing:
        living.hang()
        with monkeypatch.context() as patch:
            patch.setattr("os.open", no_descriptors)
            ringing.ring()
        assert len(list(tmp_path.iterdir())) == 1
    assert "Too many open files" in caplog.text


# Where nothing can be shared ------------------------------------------------------------------------------------------


async def test_without_a_folder_everybody_asks_and_is_answered(house: House) -> None:
    one, other = house.pane(alone=True), house.pane(alone=True)

    assert [used(await one.ask()), used(await other.ask()), used(await one.last())] == [1, 2, 1]


async def test_without_turns_everybody_asks_and_is_answered(house: House, caplog: pytest.LogCaptureFixture) -> None:
    (house.folder / "file").touch()

    assert used(await house.pane(folder=house.folder / "file").ask()) == 1
    assert used(await house.pane(folder=house.folder / "file").ask()) == 2
    assert "everybody asks" in caplog.text


async def test_a_folder_that_is_deleted_meanwhile_costs_a_question(house: House, tmp_path: Path) -> None:
    pane, other = house.pane(), house.pane()
    await asyncio.gather(pane.ask(), other.ask())
    shutil.rmtree(tmp_path)

    answers = await asyncio.gather(pane.ask(), other.ask())

    assert [used(answer) for answer in answers] == [2, 2]


# Real processes -------------------------------------------------------------------------------------------------------

PANES = """
import asyncio, os, sys
from contextlib import ExitStack, closing
from pathlib import Path
from kiro_tui.clock import SystemClock
from kiro_tui.journal.worker import JournalWorker
from kiro_tui.sharing.source import SharedSource, Terms
from readings import snapshot

folder, panes, takes = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
clock = SystemClock()

class Slow:
    async def ask(self, *, by_person=False):
        print("asking", flush=True)
        await clock.sleep(takes)
        return snapshot(os.getpid() % 5000, clock.now())

async def main():
    with ExitStack() as stack:
        lent = lambda thing: stack.enter_context(closing(thing))
        shared = [
            lent(SharedSource(Slow(), lent(JournalWorker(folder, clock)), clock, folder, Terms("mine", 300.0)))
            for _ in range(panes)
        ]
        sys.stdin.readline()
        for answer in await asyncio.gather(*(each.ask() for each in shared)):
            print(answer.report.windows[0].used)

asyncio.run(main())
"""


def start(folder: Path, *, panes: int, takes: float) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PANES, str(folder), str(panes), str(takes)],
        cwd=Path(__file__).parent,
        env={"PYTHONPATH": ".:.."},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_ten_dashboards_and_ten_status_lines_ask_once(tmp_path: Path) -> None:
    programs = [start(tmp_path, panes=5, takes=0.5) for _ in range(4)]
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    said = [line for program in programs for line in program.communicate()[0].splitlines()]

    assert said.count("asking") == 1
    answers = [line for line in said if line != "asking"]
    assert len(answers) == 20
    assert len(set(answers)) == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_one_that_is_killed_while_it_asks_costs_the_others_a_moment(tmp_path: Path, number: signal.Signals) -> None:
    doomed = start(tmp_path, panes=1, takes=600)
    other = start(tmp_path, panes=1, takes=0)
    with doomed, other:
        assert doomed.stdin is not None
        assert doomed.stdout is not None
        doomed.stdin.write("go\n")
        doomed.stdin.flush()
        assert doomed.stdout.readline() == "asking\n"
        doomed.send_signal(number)
        doomed.wait()
        asking, answer = other.communicate("go\n", timeout=30)[0].splitlines()

    assert (asking, answer) == ("asking", str(other.pid % 5000))
