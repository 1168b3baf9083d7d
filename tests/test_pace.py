from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from months import BEGINS, RESET, on

from kiro_tui.domain.month import Count, parse_workdays
from kiro_tui.domain.pace import pace
from kiro_tui.domain.usage import Window, WindowKind

LAW = settings(deadline=None)
"""A law holds on a busy machine too."""
CALENDAR = Count()
WORKING = Count(parse_workdays("mon-fri"), UTC)


def plan(used: str, limit: str | None = "2000", ends: datetime | None = RESET) -> Window:
    return Window(WindowKind.PLAN, "Credits", Decimal(used), Decimal(limit) if limit else None, ends_at=ends)


def test_the_mark_stands_where_an_even_month_would() -> None:
    halfway = pace(plan("760"), on(16), CALENDAR)

    assert halfway is not None
    assert halfway.passed == Decimal("0.5")
    assert halfway.used == Decimal("0.38")


def test_less_than_evenly_is_negative_and_more_is_positive() -> None:
    under, over = pace(plan("760"), on(16), CALENDAR), pace(plan("1200"), on(16), CALENDAR)

    assert under is not None
    assert (under.points, under.days_ahead) == (Decimal(-12), Decimal("-3.6"))
    assert over is not None
    assert (over.points, over.days_ahead) == (Decimal(10), Decimal(3))


def test_on_working_days_the_mark_stands_still_at_the_weekend() -> None:
    saturday, monday = pace(plan("0"), on(21), WORKING), pace(plan("0"), on(23), WORKING)

    assert saturday is not None
    assert saturday == monday
    assert saturday.passed == Decimal(15) / 21
    assert saturday.days == 21


def test_over_the_limit_the_use_is_more_than_the_whole() -> None:
    over = pace(plan("3000"), on(16), CALENDAR)

    assert over is not None
    assert over.used == Decimal("1.5")


def test_where_bar_and_figures_disagree_the_bar_is_believed_as_on_the_gauge() -> None:
    window = replace(plan("0.00", "50"), reported_percent=Decimal(100), bar_contradicts=True)
    compared = pace(window, on(16), CALENDAR)

    # The gauge shows the reported percent here; the pace must not contradict it.
    assert compared is not None
    assert compared.used == 1


@pytest.mark.parametrize(
    ("window", "now"),
    [
        (plan("10", limit=None), on(16)),
        (plan("0", limit="0"), on(16)),
        (plan("10", ends=None), on(16)),
        (plan("10"), RESET),
        (plan("10"), BEGINS - timedelta(seconds=1)),
    ],
    ids=["no limit", "a limit of nothing", "no reset", "the reset has passed", "the clock is before the month"],
)
def test_there_is_no_pace_where_limit_or_reset_is_unknown(window: Window, now: datetime) -> None:
    assert pace(window, now, CALENDAR) is None


@LAW
@given(st.decimals(0, 5000, places=2), st.timedeltas(timedelta(0), timedelta(days=29)), st.integers(2, 1000))
def test_the_pace_of_a_plan_that_is_so_many_times_as_big_is_the_same(used: Decimal, after: timedelta, k: int) -> None:
    small, big = plan(str(used)), plan(str(used * k), str(2000 * k))

    assert pace(small, BEGINS + after, CALENDAR) == pace(big, BEGINS + after, CALENDAR)


@LAW
@given(
    st.sampled_from([CALENDAR, WORKING]),
    st.timedeltas(timedelta(0), timedelta(days=29)),
    st.timedeltas(timedelta(0), timedelta(days=1)),
)
def test_the_mark_only_goes_forward(count: Count, after: timedelta, later: timedelta) -> None:
    first, second = (pace(plan("0"), BEGINS + moment, count) for moment in (after, after + later))
    if second is None:
        return  # the month is over
    assert first is not None
    assert 0 <= first.passed <= second.passed <= 1
