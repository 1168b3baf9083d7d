from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from months import BEGINS, DAY, HOUR, MONTHS, NOW, RESET, Grant, Script, at_work, evenly, on, reading, readings

from kiro_tui.domain.burndown import BurnDown, Mark, MarkKind, burn_down, thinned
from kiro_tui.domain.history import Reading
from kiro_tui.domain.month import Count, parse_workdays
from kiro_tui.domain.past import past_of
from kiro_tui.domain.usage import Report, Window, WindowKind

D = Decimal
LAW = settings(deadline=None)
"""A law holds on a busy machine too."""


def picture(month: tuple[Reading, ...], now: datetime = NOW, count: Count | None = None, most: int = 200) -> BurnDown:
    found = burn_down(past_of(month, now), now, count, most)
    assert found is not None
    return found


def at(name: str) -> datetime:
    return on(5, 12) if name == "reset while asleep" else NOW


def test_what_was_left_begins_with_the_first_reading_and_ends_with_the_newest() -> None:
    found = picture(readings(Script(evenly("60")), since=on(10)))

    assert found.left[0] == (on(10), D(2000 - 9 * 60))
    assert found.left[-1] == (NOW, 2000 - 60 * D("19.5"))


def test_bonuses_are_part_of_what_is_left() -> None:
    found = picture(MONTHS["bonus first"])

    assert found.left[0] == (BEGINS, D(2900))
    assert found.left[-1] == (NOW, 2900 - 60 * D("19.5"))


def test_over_the_limit_nothing_is_left_and_never_less() -> None:
    found = picture(MONTHS["over the limit"])

    assert min(left for _, left in found.left) == 0
    assert found.left[-1] == (NOW, D(0))


def test_what_was_left_in_the_month_before_is_not_in_the_picture() -> None:
    found = picture(MONTHS["reset while asleep"], on(5, 12))

    assert found.left[0] == (on(4), D(2000 - 3 * 60))


def test_a_figure_that_lags_behind_the_reset_is_not_in_the_picture() -> None:
    late = BEGINS + HOUR / 2
    plan = Window(WindowKind.PLAN, "Credits", D(1900), D(2000), ends_at=BEGINS)
    month = (reading(late, Report("KIRO PRO+", (plan,))), *readings(Script(evenly("60")), since=BEGINS + HOUR))

    assert picture(month).left[0][0] == BEGINS + HOUR


def test_the_even_line_goes_from_the_limit_to_nothing() -> None:
    assert picture(MONTHS["even use"]).even == ((BEGINS, D(2000)), (RESET, D(0)))


def test_the_even_line_is_level_at_weekends() -> None:
    even = picture(MONTHS["weekend-free"], count=Count(parse_workdays("mon-fri"), UTC)).even

    levels = [(first, last) for (first, high), (last, low) in pairwise(even) if high == low]
    assert levels == [(on(1), on(2)), (on(7), on(9)), (on(14), on(16)), (on(21), on(23)), (on(28), on(30))]
    assert even[0] == (BEGINS, D(2000))
    assert even[-1] == (RESET, D(0))


def test_the_projection_goes_on_from_the_newest_reading_at_the_slowest_and_the_fastest_rate() -> None:
    found = picture(MONTHS["weekend-free"])

    assert found.slowest[0] == found.fastest[0] == found.left[-1]
    assert (found.slowest[-1][1], found.fastest[-1][1]) == (D(0), D(0))
    assert on(26) < found.fastest[-1][0] < on(27) < on(28) < found.slowest[-1][0] < on(29)


def test_there_is_no_projection_where_no_rate_is_known() -> None:
    found = picture(MONTHS["first hours"])

    assert (found.slowest, found.fastest) == ((), ())
    assert found.left


def test_resets_ends_of_bonuses_and_new_limits_are_marked() -> None:
    reset = Mark(RESET, MarkKind.RESET)
    lapsing = readings(Script(evenly("10"), grants=(Grant("Gift", D(900), on(25)), Grant("Late", D(9), on(50)))))

    assert picture(MONTHS["even use"]).marks == (reset,)
    assert picture(MONTHS["upgrade on the 15th"]).marks == (Mark(on(15), MarkKind.NEW_LIMIT), reset)
    assert picture(MONTHS["bonus that lapses"]).marks == (Mark(on(11), MarkKind.BONUS_END, "Welcome bonus"), reset)
    # Looked at every hour, the days are seen to count down within the hour.
    assert picture(lapsing).marks == (Mark(on(25, 1), MarkKind.BONUS_END, "Gift"), reset)


def test_a_bonus_that_is_used_up_does_not_end() -> None:
    used_up = readings(Script(evenly("60"), grants=(Grant("Gift", D(100), on(11)),)))

    assert [mark.kind for mark in picture(used_up).marks] == [MarkKind.RESET]


def test_without_a_limit_there_is_no_picture() -> None:
    assert burn_down(past_of(MONTHS["pooled account"], NOW), NOW) is None


def test_after_the_reset_there_is_no_picture_until_the_new_month_is_read() -> None:
    assert burn_down(past_of(MONTHS["even use"], RESET), RESET) is None
    assert burn_down(past_of((), NOW), NOW) is None


@pytest.mark.parametrize("name", [name for name in MONTHS if name != "pooled account"])
@pytest.mark.parametrize("most", [2, 3, 40, 200])
def test_no_line_of_what_was_left_has_more_points_than_asked_for(name: str, most: int) -> None:
    found = picture(MONTHS[name], at(name), most=most)

    assert len(found.left) <= most
    assert [moment for moment, _ in found.left] == sorted(moment for moment, _ in found.left)


points = st.lists(
    st.tuples(st.integers(0, 30 * 24).map(lambda hour: BEGINS + hour * HOUR), st.decimals(0, 2000, places=2)),
    max_size=60,
    unique_by=lambda point: point[0],
).map(sorted)


@LAW
@given(points, st.integers(2, 20))
def test_a_thinned_line_keeps_its_ends_and_only_points_of_the_line(
    line: list[tuple[datetime, Decimal]], most: int
) -> None:
    thin = thinned(line, most)

    assert len(thin) <= most
    assert [point for point in line if point in thin] == list(thin)
    assert thin[:1] == tuple(line[:1])
    assert thin[-1:] == tuple(line[-1:])
    assert len(line) > most or thin == tuple(line)


def test_a_thinned_line_is_as_dense_everywhere() -> None:
    line = [(BEGINS + hour * HOUR, D(hour)) for hour in range(24 * 10 + 1)]

    assert [moment for moment, _ in thinned(line, 11)] == [BEGINS + day * DAY for day in range(11)]


def test_idle_nights_do_not_bend_the_line() -> None:
    """A figure that held for long has a point at both ends of that time."""
    left = picture(readings(Script(at_work("100")))).left

    assert (on(2, 18), D(1900)) in left
    assert (on(3, 8), D(1900)) in left
