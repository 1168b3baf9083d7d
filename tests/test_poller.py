"""When questions are asked, on a clock that costs no time: hours of polling in milliseconds."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise

import pytest
from fakes import START, FakeClock, ScriptedSource
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiro_tui.domain.state import (
    Asking,
    Event,
    Failure,
    Outcome,
    Resting,
    Snapshot,
    State,
    Way,
    Why,
    advance,
    freshness,
)
from kiro_tui.domain.usage import Report, Window, WindowKind
from kiro_tui.errors import NotLoggedIn, ProbeError, ServiceFailed, TimedOut
from kiro_tui.poller import RESET_GRACE, SHORTEST_INTERVAL, Poller
from kiro_tui.rhythm import BETWEEN_LOOKS, CLOSEST, RAREST

MINUTE = 60.0
HOUR = 3600.0


def reading(resets_at: datetime | None = None, *, kind: WindowKind = WindowKind.PLAN, used: int = 1) -> Snapshot:
    window = Window(kind, "Credits", Decimal(used), Decimal(50), ends_at=resets_at)
    return Snapshot(Report("KIRO FREE", (window,)), Way.REPORT, taken_at=START, took=2.0)


def failure(error: ProbeError) -> Failure:
    return Failure(error, at=START)


FAILED = failure(ServiceFailed("no answer"))
SIGNED_OUT = failure(NotLoggedIn("signed out"))


def rest(until: datetime | None, why: Why = Why.INTERVAL, interval: float = 300) -> Resting:
    return Resting(until, why, interval)


class Diary:
    """The use of Kiro as a list: when its sessions are written to, in seconds from the start."""

    def __init__(self, writes: Iterable[float], clock: FakeClock) -> None:
        self._writes = [START + timedelta(seconds=write) for write in writes]
        self._clock = clock
        self.ahead = timedelta(0)
        self.looked_at: list[float] = []

    async def last_write(self) -> datetime | None:
        self.looked_at.append(self._clock.monotonic() - 1000.0)
        return max((write + self.ahead for write in self._writes if write <= self._clock.now()), default=None)


class Desk:
    """A poller at work: its clock, its source and the stream of its events; with `writes` it follows Kiro's use."""

    def __init__(
        self,
        *outcomes: Outcome,
        interval: float = 300,
        jitter: float = 0.0,
        takes: float = 0.0,
        writes: Iterable[float] | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.source = ScriptedSource(outcomes, self.clock, takes)
        self.diary = Diary(writes or (), self.clock)
        activity = None if writes is None else self.diary
        self.poller = Poller(self.source, self.clock, interval, lambda: jitter, activity)
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
    assert await desk.next() == rest(START + timedelta(seconds=300), Why.INTERVAL)
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
    assert await desk.rests() == rest(desk.clock.now() + timedelta(seconds=300))
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
    assert (await desk.rests()) == rest(desk.clock.now() + timedelta(hours=4), Why.SIGNED_OUT)
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

    assert await desk.rests() == rest(resets_at + timedelta(seconds=RESET_GRACE), Why.RESET)
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
    assert await desk.next() == rest(None, Why.PAUSED)
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

    assert await desk.next() == rest(START + timedelta(seconds=300, hours=-3), Why.INTERVAL)
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
    assert await desk.next() == rest(None, Why.PAUSED)
    desk.poller.refresh()
    assert await desk.question() == 0
    assert await desk.next() == rest(None, Why.PAUSED)


async def test_resume_goes_on_where_the_plan_would_be_and_asks_at_once_when_overdue() -> None:
    desk = Desk(reading())
    await desk.rests()
    desk.poller.pause()
    await desk.rests()
    desk.clock.advance(100)

    desk.poller.resume()

    assert not desk.poller.paused
    assert await desk.next() == rest(START + timedelta(seconds=300), Why.INTERVAL)
    desk.poller.pause()
    await desk.rests()
    desk.clock.advance(1000)
    desk.poller.resume()
    assert await desk.question() == 1100


async def test_a_poller_that_is_paused_before_it_starts_asks_nothing() -> None:
    desk = Desk(reading())
    desk.poller.pause()

    assert await desk.next() == rest(None, Why.PAUSED)
    assert desk.source.asked_at == []


async def test_a_new_interval_holds_for_the_rest_that_is_running() -> None:
    desk = Desk(reading())
    await desk.rests()

    desk.poller.set_interval(60)
    assert await desk.next() == rest(START + timedelta(seconds=60), Why.INTERVAL, 60)
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


# The rhythm of use ----------------------------------------------------------------------------------------------------

ALWAYS = tuple(range(1, 20_000, 5))
"""Kiro at work without a break."""


async def test_while_nothing_is_used_the_questions_come_ever_later_up_to_half_an_hour() -> None:
    desk = Desk(reading(), writes=())

    assert await desk.rests() == rest(START + timedelta(seconds=300), Why.INTERVAL)
    assert await desk.questions(5) == [300, 900, 2100, 3900, 5700]
    assert await desk.rests() == rest(START + timedelta(seconds=7500), Why.QUIET, 1800)
    assert desk.poller.interval == 1800


async def test_soon_after_the_sessions_were_written_to_a_question_comes() -> None:
    desk = Desk(reading(), writes=(110,))

    await desk.rests()
    assert await desk.rests() == rest(START + timedelta(seconds=130), Why.ACTIVITY)
    assert await desk.questions(3) == [130, 430, 1030]


@pytest.mark.parametrize("write", [1, 29, 31, 39])
async def test_use_brings_no_question_closer_than_a_minute_to_the_last_answer(write: float) -> None:
    assert await Desk(reading(), takes=3.0, writes=(3 + write,)).questions(2) == [0, 63]


async def test_while_kiro_is_used_without_a_break_it_is_asked_every_few_minutes() -> None:
    times = await Desk(reading(), takes=3.0, writes=ALWAYS).questions(20)

    assert all(60 <= after - before - 3 <= 155 for before, after in pairwise(times)), times


async def test_use_after_a_long_quiet_is_noticed_within_a_minute_and_ends_the_long_rests() -> None:
    desk = Desk(reading(), writes=(1500,))

    assert await desk.questions(4) == [0, 300, 900, 1520]
    assert await desk.rests() == rest(START + timedelta(seconds=1820))


async def test_figures_that_change_end_the_long_rests() -> None:
    desk = Desk(reading(), reading(), reading(), reading(used=2), writes=())

    assert await desk.questions(6) == [0, 300, 900, 2100, 2400, 3000]


async def test_the_mere_passing_of_days_changes_no_figure() -> None:
    def on_day(left: int) -> Snapshot:
        windows = (replace(window, ends_in_days=left) for window in reading().report.windows)
        return replace(reading(), report=Report("KIRO FREE", tuple(windows)))

    assert await Desk(on_day(7), on_day(6), on_day(5), writes=()).questions(4) == [0, 300, 900, 2100]


async def test_what_is_written_while_a_question_runs_is_its_own_doing_and_no_use() -> None:
    desk = Desk(reading(), takes=10.0, writes=(5, 315, 925))

    assert await desk.questions(4) == [0, 310, 920, 2130]


async def test_use_in_the_last_moment_before_a_question_is_use() -> None:
    desk = Desk(reading(), takes=10.0, writes=(309,))

    assert await desk.questions(3) == [0, 310, 620]
    assert (await desk.rests()).why is Why.QUIET


async def test_an_interval_that_the_person_sets_is_kept_whatever_is_used() -> None:
    desk = Desk(reading(), writes=ALWAYS)
    await desk.rests()

    desk.poller.set_interval(600)

    assert await desk.rests() == rest(START + timedelta(seconds=600), Why.INTERVAL, 600)
    assert await desk.questions(3) == [600, 1200, 1800]
    assert desk.diary.looked_at == [0, 0], "and nobody looks any more"


async def test_questions_out_of_turn_say_nothing_about_a_whole_interval() -> None:
    desk = Desk(reading(), writes=())
    for _ in range(5):
        await desk.rests()
        desk.poller.refresh()

    assert await desk.rests() == rest(START + timedelta(seconds=300))
    desk.clock.suspend(8 * HOUR)
    assert await desk.question() == 5
    assert (await desk.rests()).interval == 300


async def test_a_reset_and_a_wake_are_asked_for_at_once_in_the_longest_rest() -> None:
    resets = Desk(reading(START + timedelta(seconds=5000)), writes=())
    assert await resets.questions(6) == [0, 300, 900, 2100, 3900, 5005]

    woken = Desk(reading(), writes=())
    await woken.questions(5)
    await woken.rests()
    woken.clock.suspend(HOUR)
    assert await woken.question() == 3905


async def test_use_does_not_hasten_a_retry_and_quiet_does_not_delay_it() -> None:
    assert await Desk(FAILED, jitter=1.0, writes=ALWAYS).questions(5) == [0, 60, 180, 420, 900]

    quiet = Desk(*[reading()] * 5, FAILED, jitter=1.0, writes=())
    times = await quiet.questions(12)
    assert [after - before for before, after in pairwise(times[5:])] == [60, 120, 240, 480, 900, 900]


async def test_use_while_it_failed_counts_once_it_is_answered() -> None:
    desk = Desk(reading(), reading(), FAILED, reading(), writes=(905,))

    assert await desk.questions(5) == [0, 300, 900, 930, 1230]


async def test_nobody_looks_at_the_sessions_more_often_than_twice_a_minute_nor_without_need() -> None:
    desk = Desk(reading(), writes=())
    await desk.questions(2)

    before, between, after = desk.diary.looked_at[:2], desk.diary.looked_at[2:-2], desk.diary.looked_at[-2:]
    assert (before, between, after) == ([0, 0], list(range(30, 330, 30)), [300, 300])
    desk.poller.pause()
    assert (await desk.rests()).why is Why.PAUSED
    assert desk.diary.looked_at[-1] == 300

    failing = Desk(FAILED, jitter=1.0, writes=ALWAYS)
    times = await failing.questions(4)
    assert failing.diary.looked_at[::2] == failing.diary.looked_at[1::2] == times


@pytest.mark.parametrize(("ahead", "asked_at"), [(0, 130), (HOUR, 140), (-HOUR, 120)])
async def test_files_that_are_dated_by_another_clock_put_no_question_off(ahead: float, asked_at: float) -> None:
    desk = Desk(reading(), writes=(110,))
    desk.diary.ahead = timedelta(seconds=ahead)

    assert await desk.questions(2) == [0, asked_at]


async def test_a_reading_does_not_look_stale_because_nothing_is_used_and_does_when_the_question_never_came() -> None:
    desk, state = Desk(reading(), takes=2.0, writes=(1900, 4000)), State(300)
    for _ in range(60):
        event = await desk.next()
        if isinstance(event, Snapshot):
            event = replace(event, taken_at=desk.clock.now())
        state = advance(state, event)
        if isinstance(event, Resting):
            assert event.until
            fresh = freshness(state, event.until)
            late = freshness(state, event.until + timedelta(seconds=2 * desk.poller.interval))
            assert fresh
            assert late
            assert (fresh.stale, late.stale) == (False, True)


@example(outcomes=[reading()], pauses=[950.3203125], takes=40.0, interval=30.0)
@given(
    outcomes=st.lists(st.sampled_from([reading(), reading(used=2), reading(used=3)]), min_size=1, max_size=8),
    pauses=st.lists(st.floats(0.5, 4000), max_size=30),
    takes=st.sampled_from([0.0, 3.0, 40.0]),
    interval=st.sampled_from([30.0, 60.0, 300.0, 7200.0]),
)
@settings(max_examples=50, deadline=None)
def test_by_itself_the_rhythm_never_asks_closer_than_a_minute_nor_later_than_half_an_hour(
    outcomes: list[Outcome], pauses: list[float], takes: float, interval: float
) -> None:
    async def run() -> None:
        desk = Desk(*outcomes, takes=takes, interval=interval, writes=accumulate(pauses))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("kiro_tui.poller.SLICE", BETWEEN_LOOKS)
            times = await desk.questions(8)
        rests = [after - before - takes for before, after in pairwise(times)]
        rounding = 1e-6  # times are sums of floats
        assert all(CLOSEST - rounding <= seconds <= RAREST + rounding for seconds in rests), rests

    asyncio.run(run())


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
