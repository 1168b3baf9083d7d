"""When questions are asked, on a clock that costs no time: hours of polling in milliseconds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from fakes import START, FakeClock, ScriptedSource
from hypothesis import given, settings
from hypothesis import strategies as st

from kiro_tui.domain.state import Asking, Event, Failure, Outcome, Resting, Snapshot, Way, Why
from kiro_tui.domain.usage import Report, Window, WindowKind
from kiro_tui.errors import NotLoggedIn, ProbeError, ServiceFailed, TimedOut
from kiro_tui.poller import RESET_GRACE, SHORTEST_INTERVAL, Poller

MINUTE = 60.0
HOUR = 3600.0


def reading(resets_at: datetime | None = None, *, kind: WindowKind = WindowKind.PLAN) -> Snapshot:
    window = Window(kind, "Credits", Decimal(1), Decimal(50), ends_at=resets_at)
    return Snapshot(Report("KIRO FREE", (window,)), Way.REPORT, taken_at=START, took=2.0)


def failure(error: ProbeError) -> Failure:
    return Failure(error, at=START)


FAILED = failure(ServiceFailed("no answer"))
SIGNED_OUT = failure(NotLoggedIn("signed out"))


class Desk:
    """A poller at work: its clock, its source and the stream of its events."""

    def __init__(self, *outcomes: Outcome, interval: float = 300, jitter: float = 0.0, takes: float = 0.0) -> None:
        self.clock = FakeClock()
        self.source = ScriptedSource(outcomes, self.clock, takes)
        self.poller = Poller(self.source, self.clock, interval, jitter=lambda: jitter)
        self.events = self.poller.events()

    async def next(self) -> Event:
        return await anext(self.events)

    async def rests(self) -> Resting:
        """Read on to the next rest."""
        while not isinstance(event := await self.next(), Resting):
            pass
        return event

    async def question(self) -> float:
        """Read on to the next answer and return when its question was asked, in seconds from the start."""
        while not isinstance(await self.next(), Snapshot | Failure):
            pass
        return self.source.asked_at[-1] - 1000.0

    async def questions(self, count: int) -> list[float]:
        return [await self.question() for _ in range(count)]


async def test_asks_at_once_and_then_once_an_interval() -> None:
    desk = Desk(reading())

    assert await desk.next() == Asking(START)
    assert await desk.next() == reading()
    assert await desk.next() == Resting(START + timedelta(seconds=300), Why.INTERVAL)
    assert await desk.questions(3) == [300, 600, 900]
    assert desk.source.by_person == [False] * 4


async def test_the_interval_is_counted_from_the_answer() -> None:
    desk = Desk(reading(), takes=12.0)

    assert await desk.questions(3) == [0, 312, 624]


@pytest.mark.parametrize("asked_for", [0.0, -5.0, 29.9])
async def test_no_interval_is_shorter_than_the_shortest(asked_for: float) -> None:
    assert Desk(interval=asked_for).poller.interval == SHORTEST_INTERVAL
    desk = Desk(reading())

    desk.poller.set_interval(asked_for)

    assert desk.poller.interval == SHORTEST_INTERVAL
    assert await desk.questions(3) == [0, 30, 60]


async def test_failures_are_retried_after_ever_longer_pauses_up_to_a_quarter_of_an_hour() -> None:
    early, late = Desk(FAILED, jitter=0.0), Desk(FAILED, jitter=1.0)

    async def pauses(desk: Desk) -> list[float]:
        times = await desk.questions(8)
        return [after - before for before, after in pairwise(times)]

    assert await pauses(early) == [30, 60, 120, 240, 450, 450, 450]
    assert await pauses(late) == [60, 120, 240, 480, 900, 900, 900]
    assert (await early.rests()).why is Why.BACKOFF


async def test_failing_for_ever_never_overflows_and_never_asks_more_often_than_a_long_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kiro_tui.poller.SLICE", HOUR)
    desk = Desk(FAILED, interval=HOUR, jitter=1.0)

    times = await desk.questions(1200)

    assert times[-1] - times[-2] == HOUR


async def test_a_reading_ends_the_back_off() -> None:
    desk = Desk(FAILED, FAILED, reading(), FAILED)

    assert await desk.questions(5) == [0, 30, 90, 390, 420]


async def test_refresh_asks_at_once_on_behalf_of_the_person() -> None:
    desk = Desk(reading())
    await desk.rests()

    desk.poller.refresh()

    assert await desk.question() == 0
    assert desk.source.by_person == [False, True]
    assert await desk.questions(2) == [300, 600]
    assert desk.source.by_person == [False, True, False, False]


async def test_a_held_refresh_key_joins_the_running_question() -> None:
    desk = Desk(reading(), takes=2.0)
    assert isinstance(await desk.next(), Asking)
    desk.poller.refresh()
    answer = asyncio.ensure_future(desk.next())
    for _ in range(20):
        await asyncio.sleep(0)
        desk.poller.refresh()

    assert await answer == reading()
    assert await desk.rests() == Resting(desk.clock.now() + timedelta(seconds=300))
    assert desk.source.asked_at == [1000.0]


async def test_refresh_during_the_rest_wakes_the_sleeper() -> None:
    desk = Desk(reading())
    await desk.rests()
    waiting = asyncio.ensure_future(desk.next())
    await asyncio.sleep(0)
    desk.poller.refresh()

    assert isinstance(await waiting, Asking)
    assert desk.clock.monotonic() == 1000.0


async def test_signed_out_is_asked_ever_more_rarely_by_ourselves_and_at_once_by_the_person() -> None:
    desk = Desk(SIGNED_OUT)

    times = await desk.questions(6)

    assert [time / HOUR for time in times] == [0, 0.5, 1.5, 3.5, 7.5, 11.5]
    assert (await desk.rests()) == Resting(desk.clock.now() + timedelta(hours=4), Why.SIGNED_OUT)
    assert not any(desk.source.by_person)
    desk.poller.refresh()
    assert await desk.question() == times[-1]
    assert desk.source.by_person[-1]


async def test_signing_in_again_ends_the_long_rests() -> None:
    desk = Desk(SIGNED_OUT, SIGNED_OUT, reading(), SIGNED_OUT)

    assert await desk.questions(5) == [0, 0.5 * HOUR, 1.5 * HOUR, 1.5 * HOUR + 300, 2 * HOUR + 300]


async def test_asks_a_few_seconds_after_the_plan_resets() -> None:
    resets_at = START + timedelta(seconds=100)
    desk = Desk(reading(resets_at))

    assert await desk.rests() == Resting(resets_at + timedelta(seconds=RESET_GRACE), Why.RESET)
    assert await desk.questions(2) == [105, 405]


async def test_only_the_reset_of_a_plan_that_is_still_to_come_is_waited_for() -> None:
    soon = START + timedelta(seconds=100)
    for quiet in (reading(START - timedelta(days=1)), reading(START), reading(soon, kind=WindowKind.BONUS), reading()):
        assert await Desk(quiet).questions(2) == [0, 300]


async def test_a_reset_is_asked_for_once_even_if_that_question_fails() -> None:
    desk = Desk(reading(START + timedelta(seconds=100)), FAILED)

    assert await desk.questions(4) == [0, 105, 135, 195]


async def test_a_reset_passes_while_backing_off() -> None:
    desk = Desk(reading(START + timedelta(seconds=335)), FAILED, FAILED, FAILED, reading())

    assert await desk.questions(4) == [0, 300, 330, 340]


async def test_waking_from_suspend_asks_at_once() -> None:
    desk = Desk(reading())
    await desk.rests()

    desk.clock.suspend(8 * HOUR)

    assert await desk.question() == 5
    assert await desk.question() == 305


async def test_a_pause_is_not_ended_by_a_wake_and_neither_is_being_signed_out() -> None:
    desk = Desk(reading())
    desk.poller.pause()
    assert await desk.next() == Resting(None, Why.PAUSED)
    desk.clock.suspend(8 * HOUR)
    waiting = asyncio.ensure_future(desk.next())
    for _ in range(100):
        await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()

    signed_out = Desk(SIGNED_OUT)
    await signed_out.rests()
    signed_out.clock.suspend(8 * HOUR)
    assert await signed_out.question() == 0.5 * HOUR


async def test_a_wall_clock_set_back_is_no_reason_to_ask_and_the_next_time_is_said_anew() -> None:
    desk = Desk(reading())
    await desk.rests()

    desk.clock.suspend(-3 * HOUR)

    assert await desk.next() == Resting(START + timedelta(seconds=300, hours=-3), Why.INTERVAL)
    assert await desk.question() == 300


async def test_a_wall_clock_that_keeps_jumping_causes_no_burst() -> None:
    desk = Desk(reading(START + timedelta(minutes=30)))
    await desk.question()

    for there in (True, False) * 50:
        await desk.next()
        desk.clock.suspend(HOUR if there else -HOUR)

    times = [time - 1000.0 for time in desk.source.asked_at]
    assert all(after - before >= SHORTEST_INTERVAL for before, after in pairwise(times[1:])), times


async def test_pause_stops_the_questions_and_refresh_still_asks_once() -> None:
    desk = Desk(reading())
    await desk.rests()

    desk.poller.pause()

    assert desk.poller.paused
    assert await desk.next() == Resting(None, Why.PAUSED)
    desk.poller.refresh()
    assert await desk.question() == 0
    assert await desk.next() == Resting(None, Why.PAUSED)


async def test_resume_goes_on_where_the_plan_would_be_and_asks_at_once_when_overdue() -> None:
    desk = Desk(reading())
    await desk.rests()
    desk.poller.pause()
    await desk.rests()
    desk.clock.advance(100)

    desk.poller.resume()

    assert not desk.poller.paused
    assert await desk.next() == Resting(START + timedelta(seconds=300), Why.INTERVAL)
    desk.poller.pause()
    await desk.rests()
    desk.clock.advance(1000)
    desk.poller.resume()
    assert await desk.question() == 1100


async def test_a_poller_that_is_paused_before_it_starts_asks_nothing() -> None:
    desk = Desk(reading())
    desk.poller.pause()

    assert await desk.next() == Resting(None, Why.PAUSED)
    assert desk.source.asked_at == []


async def test_a_new_interval_holds_for_the_rest_that_is_running() -> None:
    desk = Desk(reading())
    await desk.rests()

    desk.poller.set_interval(60)
    assert await desk.next() == Resting(START + timedelta(seconds=60), Why.INTERVAL)
    assert await desk.questions(2) == [60, 120]
    desk.poller.set_interval(3600)
    assert await desk.question() == 3720


async def test_cancelling_the_reader_cancels_the_question_and_leaves_no_task() -> None:
    desk = Desk(reading(), takes=5.0)
    await desk.next()
    reader = asyncio.ensure_future(desk.next())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert desk.source.in_flight == 1

    reader.cancel()
    with suppress(asyncio.CancelledError):
        await reader

    assert (desk.source.in_flight, desk.source.cancelled) == (0, 1)
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("events_read", [1, 2, 3])
async def test_closing_the_stream_leaves_no_task_and_it_can_be_read_again(events_read: int) -> None:
    desk = Desk(reading())
    async with aclosing(desk.events) as events:
        for _ in range(events_read):
            await anext(events)

    assert asyncio.all_tasks() == {asyncio.current_task()}
    desk.events = desk.poller.events()
    desk.poller.refresh()
    assert await desk.question() == 0


async def test_cancelling_a_rest_leaves_no_task() -> None:
    desk = Desk(reading())
    await desk.rests()
    reader = asyncio.ensure_future(desk.next())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    reader.cancel()
    with suppress(asyncio.CancelledError):
        await reader

    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_bug_in_the_source_is_not_swallowed() -> None:
    class Broken(ScriptedSource):
        async def ask(self, *, by_person: bool = False) -> Outcome:
            raise ZeroDivisionError(by_person)

    events = Poller(Broken([]), FakeClock(), 300).events()
    await anext(events)

    with pytest.raises(ZeroDivisionError):
        await anext(events)


KEYS: dict[str, Callable[[Desk], None]] = {
    "refresh": lambda desk: desk.poller.refresh(),
    "pause": lambda desk: desk.poller.pause(),
    "resume": lambda desk: desk.poller.resume(),
    "shorter": lambda desk: desk.poller.set_interval(desk.poller.interval - 60),
    "longer": lambda desk: desk.poller.set_interval(desk.poller.interval + 60),
    "suspend": lambda desk: desk.clock.suspend(HOUR),
    "set back": lambda desk: desk.clock.suspend(-HOUR),
    "nothing": lambda _: None,
}
OUTCOMES = [reading(), reading(START + timedelta(seconds=400)), FAILED, failure(TimedOut("late")), SIGNED_OUT]


async def _play(desk: Desk, keys: list[str]) -> AsyncIterator[tuple[str, Event]]:
    for key in keys:
        KEYS[key](desk)
        if desk.poller.paused and key != "refresh":
            KEYS["resume"](desk)  # else nothing would ever come
        yield key, await desk.next()


@given(
    outcomes=st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=12),
    keys=st.lists(st.sampled_from(sorted(KEYS)), min_size=1, max_size=40),
    jitter=st.floats(0, 0.999),
    takes=st.sampled_from([0.0, 3.0]),
)
@settings(max_examples=150, deadline=None)
def test_whatever_happens_questions_never_overlap_and_never_crowd(
    outcomes: list[Outcome], keys: list[str], jitter: float, takes: float
) -> None:
    async def run() -> None:
        desk = Desk(*outcomes, jitter=jitter, takes=takes)
        free = {"refresh", "suspend"}  # a person and a wake may ask out of turn; so may the one reset of the script
        pressed, before = set[str](), -1000.0
        async for key, event in _play(desk, keys):
            pressed.add(key)
            if isinstance(event, Asking):
                now = desk.clock.monotonic()
                resets = any(outcome is OUTCOMES[1] for outcome in outcomes)
                assert now - before >= SHORTEST_INTERVAL or pressed & free or resets
                pressed, before = set(), now
        assert desk.source.most_in_flight <= 1
        await desk.events.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())
