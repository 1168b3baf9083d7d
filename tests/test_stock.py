from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from months import BEGINS, DAY, HOUR, RESET, on

from kiro_tui.domain.stock import Bonus, Stock, stock_of
from kiro_tui.domain.usage import Overage, Report, Window, WindowKind

D = Decimal
LAW = settings(deadline=None)
"""A law holds on a busy machine too."""
SEEN = on(21)
"""Ten days before the reset."""


def stock(plan: str, *bonuses: Bonus, packs: str = "0", beyond: str | None = "0") -> Stock:
    return Stock(SEEN, D(plan), bonuses, D(packs), D(beyond) if beyond is not None else None)


def bonus(left: str, ends: datetime | None = None) -> Bonus:
    return Bonus("Welcome bonus", D(left), ends)


@pytest.mark.parametrize(
    ("what", "rate", "path"),
    [
        (stock("100"), "20", [(on(21), 100), (on(26), 0)]),
        (stock("100"), "5", [(on(21), 100), (RESET, 50)]),
        (stock("100"), "10", [(on(21), 100), (RESET, 0)]),
        (stock("100"), "0", [(on(21), 100), (RESET, 100)]),
        (stock("100", bonus("40", on(24))), "20", [(on(21), 140), (on(23), 100), (on(28), 0)]),
        (stock("100", bonus("40", on(22))), "20", [(on(21), 140), (on(22), 120), (on(22), 100), (on(27), 0)]),
        (stock("100", bonus("40", on(20))), "20", [(on(21), 140), (on(21), 100), (on(26), 0)]),
        (stock("100", bonus("40")), "20", [(on(21), 140), (on(23), 100), (on(28), 0)]),
        (stock("100", bonus("400", on(50))), "20", [(on(21), 500), (RESET, 300)]),
        (stock("0", bonus("40", on(22))), "20", [(on(21), 40), (on(22), 20), (on(22), 0)]),
        (stock("100", bonus("40", on(23)), bonus("40", on(23))), "30",
         [(on(21), 180), (on(22, 8), 140), (on(23), 120), (on(23), 100), (on(26, 8), 0)]),
        (stock("0"), "20", [(on(21), 0)]),
    ],
    ids=[
        "the plan runs out",
        "the plan lasts",
        "it ends with the reset",
        "nothing is used",
        "a bonus before the plan",
        "a bonus lapses",
        "a bonus that is listed although it has ended",
        "a bonus without an end",
        "a bonus that outlasts the month",
        "only a bonus is left",
        "two bonuses, one after the other",
        "nothing is left",
    ],
)  # fmt: skip
def test_bonuses_go_first_each_until_it_is_used_up_or_lapses_and_then_the_plan(
    what: Stock, rate: str, path: list[tuple[datetime, Decimal]]
) -> None:
    found = what.path(D(rate), RESET)

    assert [(round_to_minute(at), round(left, 6)) for at, left in found] == path


def round_to_minute(at: datetime) -> datetime:
    return (at + timedelta(seconds=30)).replace(second=0, microsecond=0)


def test_it_is_used_up_before_the_reset_or_not_at_all() -> None:
    assert stock("100").used_up_at(D(20), RESET) == on(26)
    assert stock("100").used_up_at(D(10), RESET) is None
    assert stock("100").used_up_at(D(0), RESET) is None


def test_beyond_the_plan_is_what_is_used_after_plan_bonuses_and_packs() -> None:
    assert stock("100").beyond_at(D(20), RESET) == 100
    assert stock("100", packs="30").beyond_at(D(20), RESET) == 70
    assert stock("0", beyond="40").beyond_at(D(20), RESET) == 240
    assert stock("100", beyond="40", packs="500").beyond_at(D(20), RESET) == 40
    assert stock("0", beyond=None).beyond_at(D(20), RESET) is None


amounts = st.decimals(0, 3000, places=2)
rates = st.decimals(0, 500, places=2)


def in_order(some: list[tuple[Decimal, timedelta]]) -> tuple[Bonus, ...]:
    return tuple(bonus(str(left), SEEN + ends) for left, ends in sorted(some, key=lambda each: each[1]))


bonuses = st.lists(st.tuples(amounts, st.timedeltas(timedelta(0), timedelta(days=20))), max_size=3).map(in_order)


@LAW
@given(amounts, bonuses, rates, st.decimals(0, 100, places=2))
def test_a_higher_rate_never_makes_it_last_longer(
    plan: Decimal, some: tuple[Bonus, ...], rate: Decimal, more: Decimal
) -> None:
    what = replace(stock("0"), plan=plan, bonuses=some)

    slow, fast = what.used_up_at(rate, RESET), what.used_up_at(rate + more, RESET)

    assert (fast or RESET) <= (slow or RESET) + timedelta(milliseconds=1)


@LAW
@given(amounts, bonuses, rates)
def test_a_path_goes_forward_in_time_and_down_to_nothing_at_most(
    plan: Decimal, some: tuple[Bonus, ...], rate: Decimal
) -> None:
    path = replace(stock("0"), plan=plan, bonuses=some).path(rate, RESET)

    assert list(path) == sorted(path, key=lambda point: (point[0], -point[1]))
    assert path[0] == (SEEN, plan + sum(bonus.left for bonus in some))
    assert all(SEEN <= at <= RESET and left >= 0 for at, left in path)


def seen(*said: tuple[datetime, int], label: str = "Welcome bonus") -> list[tuple[datetime, Report]]:
    """Sightings of a bonus that still had so many days."""
    plan = Window(WindowKind.PLAN, "Credits", D(100), D(2000), ends_at=RESET)
    return [
        (at, Report("KIRO PRO+", (plan, Window(WindowKind.BONUS, label, D(1), D(500), ends_in_days=days))))
        for at, days in said
    ]


def end_of(sightings: list[tuple[datetime, Report]]) -> datetime | None:
    found = stock_of(sightings)
    assert found is not None
    return found.bonuses[0].ends_at


def test_days_rounded_down_leave_the_bonus_a_day_more_at_most() -> None:
    assert end_of(seen((on(10), 5))) == on(16)


def test_the_moment_at_which_the_days_count_down_says_when_the_bonus_ends() -> None:
    assert end_of(seen((on(10), 5), (on(10, 7), 5), (on(10, 8), 4))) == on(15, 8)
    assert end_of(seen((on(10, 8), 4), (on(11), 4))) == on(15, 8)


def test_an_older_bonus_of_the_same_name_says_nothing_of_the_end() -> None:
    assert end_of(seen((on(2), 1), (on(10), 5))) == on(16)


def test_a_bonus_with_more_days_than_the_calendar_has_outlasts_the_month() -> None:
    end = end_of(seen((on(10), 10**9)))

    assert end is not None
    assert end > RESET


@LAW
@given(st.timedeltas(timedelta(days=1), timedelta(days=40)), st.lists(st.integers(0, 23), min_size=1, unique=True))
def test_the_end_of_a_bonus_is_never_put_before_its_end(lasts: timedelta, hours: list[int]) -> None:
    ends = BEGINS + lasts
    looked = sorted(BEGINS + hour * HOUR for hour in hours)
    end = end_of(seen(*((at, (ends - at).days) for at in looked)))

    assert end is not None
    assert ends <= end <= looked[-1] + ((ends - looked[-1]).days + 1) * DAY


def test_what_is_left_is_what_the_newest_report_says() -> None:
    windows = (
        Window(WindowKind.PLAN, "Credits", D(640), D(2000), ends_at=RESET),
        Window(WindowKind.BONUS, "Later", D(1), D(25), ends_in_days=30),
        Window(WindowKind.BONUS, "Used up", D(25), D(25), ends_in_days=3),
        Window(WindowKind.BONUS, "Endless", D(1), D(25)),
        Window(WindowKind.BONUS, "Sooner", D(0), D(50), ends_at=on(25)),
        Window(WindowKind.ADD_ON, "Add-on credits", D(40), D(100)),
    )
    found = stock_of([(on(10), Report("KIRO PRO+", windows))])

    assert found is not None
    assert [bonus.label for bonus in found.bonuses] == ["Sooner", "Later", "Endless"]
    assert (found.plan, found.packs, found.beyond) == (D(1360), D(60), D(0))


@pytest.mark.parametrize(
    ("used", "overage", "beyond"),
    [
        ("1200", None, D(200)),
        ("1000", Overage(enabled=True, credits=D("40.29")), D("40.29")),
        ("1000", Overage(enabled=True), None),
        ("999", Overage(enabled=True), D(0)),
    ],
)
def test_what_is_beyond_the_plan_is_stated_or_seen_or_unknown(
    used: str, overage: Overage | None, beyond: Decimal | None
) -> None:
    plan = Window(WindowKind.PLAN, "Credits", D(used), D(1000), ends_at=RESET)
    found = stock_of([(on(10), Report("KIRO PRO", (plan,), overage))])

    assert found is not None
    assert found.beyond == beyond


def test_without_a_limit_or_with_figures_that_disagree_there_is_nothing_to_reckon_with() -> None:
    endless = Window(WindowKind.PLAN, "Credits", D(1), None, ends_at=RESET)
    odd = Window(WindowKind.PLAN, "Credits", D(0), D(50), D(100), bar_contradicts=True, ends_at=RESET)

    for report in (Report("A", (endless,)), Report("B", (odd,)), Report("C", managed=True)):
        assert stock_of([(on(10), report)]) is None
