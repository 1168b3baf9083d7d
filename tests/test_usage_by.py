"""Use laid over the calendar: nothing is lost, nothing is invented, and days are as long as the clocks make them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from months import BEGINS, DAY, HOUR, MONTHS, NOW, RESET, on
from stage import BERLIN

from kiro_tui.domain.course import Use
from kiro_tui.domain.past import past_of
from kiro_tui.domain.usage_by import Calendar, Period, Slot, divided, seen_in, used_in

D = Decimal
ZONES = st.sampled_from(
    [BERLIN, UTC, *map(ZoneInfo, ("America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"))]
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone
RESETS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as above


@st.composite
def histories(draw: st.DrawFn) -> list[Use]:
    """Uses in order, with gaps, of minutes or weeks."""
    at, found = BEGINS, list[Use]()
    for gap, length, amount in draw(
        st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 20000), st.integers(0, 10**7)), max_size=30)
    ):
        start = at + timedelta(minutes=gap)
        at = start + timedelta(minutes=length)
        found.append(Use(start, at, D(amount) / 100 if length else D(0)))
    return found


def used(slots: tuple[Slot, ...]) -> Decimal:
    return sum((slot.credits for slot in slots if slot.credits is not None), D(0))


@given(histories(), ZONES, st.sampled_from(Period))
def test_the_parts_of_all_stretches_sum_up_to_all_that_was_used(
    uses: list[Use], zone: ZoneInfo, period: Period
) -> None:
    calendar = Calendar(zone, RESET)
    stretch, total = calendar.holding(period, BEGINS), D(0)
    while not uses or stretch.begins <= uses[-1].end:
        total += used(divided(uses, stretch.edges))
        stretch = calendar.after(stretch)
        if not uses:
            break

    assert total == sum((use.credits for use in uses), D(0))


@given(histories(), st.lists(st.integers(0, 400_000), min_size=2, max_size=20, unique=True))
def test_no_part_is_negative_and_none_has_more_than_was_used(uses: list[Use], minutes: list[int]) -> None:
    slots = divided(uses, [BEGINS + timedelta(minutes=m) for m in sorted(minutes)])

    assert all(slot.credits is None or slot.credits >= 0 for slot in slots)
    assert used(slots) <= sum((use.credits for use in uses), D(0))


@given(MOMENTS, ZONES, RESETS, st.sampled_from(Period))
def test_stretches_follow_each_other_without_a_gap(
    moment: datetime, zone: ZoneInfo, reset: datetime, period: Period
) -> None:
    calendar = Calendar(zone, reset)
    stretch = calendar.holding(period, moment)

    assert stretch.holds(moment)
    assert all(one < other for one, other in pairwise(stretch.edges))
    assert calendar.before(stretch).ends == stretch.begins
    assert calendar.after(stretch).begins == stretch.ends
    assert calendar.holding(period, stretch.ends - timedelta(microseconds=1)) == stretch


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 11, 23), 24)])
def test_a_day_has_as_many_hours_as_the_clocks_make_it(day: tuple[int, int, int], hours: int) -> None:
    noon = datetime(*day, 12, tzinfo=BERLIN)

    stretch = Calendar(BERLIN).holding(Period.DAY, noon)

    assert len(stretch.edges) == hours + 1
    assert stretch.ends - stretch.begins == hours * HOUR


def test_use_at_an_even_rate_is_more_on_a_day_of_25_hours() -> None:
    calendar = Calendar(BERLIN)
    week = calendar.holding(Period.WEEK, datetime(2026, 10, 25, 12, tzinfo=BERLIN))
    uses = [Use(week.begins + n * HOUR, week.begins + (n + 1) * HOUR, D(1)) for n in range(7 * 24 + 1)]

    assert [slot.credits for slot in divided(uses, week.edges)] == [24] * 6 + [25]


def test_weeks_begin_on_monday_and_months_on_the_first_where_the_person_is() -> None:
    calendar = Calendar(BERLIN)

    assert calendar.holding(Period.WEEK, NOW).begins.astimezone(BERLIN) == datetime(2026, 11, 16, tzinfo=BERLIN)
    assert calendar.holding(Period.MONTH, NOW).begins.astimezone(BERLIN) == datetime(2026, 11, 1, tzinfo=BERLIN)
    assert len(calendar.holding(Period.MONTH, NOW).edges) == 31
    assert len(calendar.holding(Period.YEAR, NOW).edges) == 13


def test_a_billing_month_and_its_days_are_counted_from_the_reset() -> None:
    reset = datetime(2026, 12, 17, 9, tzinfo=UTC)

    stretch = Calendar(BERLIN, reset).holding(Period.BILLING, NOW)

    assert (stretch.begins, stretch.ends) == (datetime(2026, 11, 17, 9, tzinfo=UTC), reset)
    assert {ends - begins for begins, ends in pairwise(stretch.edges)} == {DAY}


def test_a_reset_on_the_31st_is_on_the_last_day_of_a_shorter_month_and_on_the_31st_again() -> None:
    calendar = Calendar(UTC, datetime(2026, 3, 31, tzinfo=UTC))

    february = calendar.holding(Period.BILLING, datetime(2026, 2, 10, tzinfo=UTC))

    assert (february.begins, february.ends) == (datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 28, tzinfo=UTC))


def test_without_a_reset_there_is_no_billing_month() -> None:
    calendar = Calendar(BERLIN)

    assert Period.BILLING not in calendar.periods
    with pytest.raises(ValueError, match="no reset"):
        calendar.holding(Period.BILLING, NOW)


def test_before_the_first_reading_and_after_the_last_nothing_is_known() -> None:
    uses = [Use(on(3), on(4), D(10))]

    before, within, after = divided(uses, [on(2), on(3), on(4), on(5)])

    assert (before.credits, within.credits, after.credits) == (None, D(10), None)


def test_an_idle_day_is_0_and_not_unknown() -> None:
    assert divided([Use(on(3), on(4), D(0))], [on(3), on(4)]) == (Slot(on(3), on(4), D(0)),)


def test_what_is_known_in_part_is_not_the_whole() -> None:
    half, whole = divided([Use(on(3, 12), on(5), D(10))], [on(3), on(4), on(5)])

    assert (half.whole, whole.whole) == (False, True)


def test_the_day_that_is_not_over_is_whole_as_far_as_readings_go() -> None:
    assert used_in([Use(on(3), on(3, 5), D(10))], on(3), on(4)).whole


def test_what_was_used_since_an_old_reading_is_unknown_and_a_fresh_one_is_believed() -> None:
    uses = [Use(on(3), on(3, 5), D(10))]

    assert not used_in(uses, on(3), on(4), now=on(3, 12)).whole
    assert used_in(uses, on(3), on(4), now=on(3, 5) + HOUR / 2).whole


def test_what_was_read_the_next_morning_is_spread() -> None:
    slots = divided([Use(on(3, 20), on(4, 8), D(12))], [on(3), on(4), on(5)])

    assert [(slot.credits, slot.spread) for slot in slots] == [(D(4), True), (D(8), True)]


def test_what_was_read_days_later_is_spread_evenly_and_says_so() -> None:
    slots = divided([Use(on(3), on(6), D(30))], [on(3), on(4), on(5), on(6)])

    assert [(slot.credits, slot.spread) for slot in slots] == [(D(10), True)] * 3


def test_what_was_read_a_little_after_midnight_is_not_called_spread() -> None:
    slots = divided([Use(on(3, 23), on(4, 1), D(2))], [on(3), on(4), on(5)])

    assert [(slot.credits, slot.spread) for slot in slots] == [(D(1), False)] * 2


def test_nothing_used_in_a_long_time_is_nothing_on_each_of_its_days() -> None:
    assert not any(slot.spread for slot in divided([Use(on(3), on(9), D(0))], [on(3), on(4), on(5)]))


@pytest.mark.parametrize("month", MONTHS)
def test_every_scripted_month_sums_up(month: str) -> None:
    uses = past_of(MONTHS[month], RESET).uses
    october, november = (Calendar(UTC).holding(Period.MONTH, at) for at in (on(-3), NOW))

    both = used(divided(uses, october.edges)) + used(divided(uses, november.edges))

    assert both == sum((use.credits for use in uses), D(0))


def test_the_newest_figures_of_a_day_are_those_that_held_last_on_it() -> None:
    course = past_of(MONTHS["even use"], NOW).course

    run = seen_in(course, on(5), on(6))

    assert run is not None
    assert run.first_at == on(5, 23)
    assert seen_in(course, on(-9), on(-8)) is None
    assert seen_in(course, on(25), on(26)) is None
