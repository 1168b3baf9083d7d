from datetime import timedelta
from decimal import Decimal

import pytest
from months import DAY, HOUR, NOW, RESET

from kiro_tui.domain.burn import Burn, Rate, burn
from kiro_tui.domain.course import Use
from kiro_tui.domain.month import BillingMonth

D = Decimal
MONTH = BillingMonth.until(RESET)


def use(from_hours_ago: float, to_hours_ago: float, amount: str) -> Use:
    return Use(NOW - from_hours_ago * HOUR, NOW - to_hours_ago * HOUR, D(amount))


def per_day(rate: Rate | None) -> Decimal | None:
    return rate.per_day if rate is not None else None


def test_each_rate_is_what_was_used_in_its_window_per_day() -> None:
    rates = burn([use(10 * 24, 7 * 24, "300"), use(7 * 24, 24, "120"), use(24, 0, "50")], NOW, MONTH)

    assert per_day(rates.day) == 50
    assert per_day(rates.week) == D(170) / 7
    assert per_day(rates.month) == 47


def test_use_between_two_sparse_readings_is_spread_evenly() -> None:
    rates = burn([use(72, 0, "90")], NOW, MONTH)

    assert per_day(rates.day) == 30


def test_use_beyond_now_does_not_count_when_the_clock_was_set_back() -> None:
    assert per_day(burn([use(24, -24, "48")], NOW, None).day) == 24
    assert burn([use(24, -24, "48")], NOW, None).day == Rate(D(24), DAY)


def test_time_of_which_nothing_is_known_is_neither_idle_nor_like_the_rest() -> None:
    rates = burn([use(7 * 24, 5 * 24, "100"), use(24, 0, "50")], NOW, MONTH)

    assert rates.week == Rate(D(150), 3 * DAY)
    assert per_day(rates.week) == 50


@pytest.mark.parametrize(("known", "said"), [(2.99, False), (3, True)])
def test_the_days_rate_needs_three_hours(known: float, said: bool) -> None:  # noqa: FBT001 - the case's own answer
    assert (burn([use(known, 0, "1")], NOW, None).day is not None) is said


@pytest.mark.parametrize(("known", "said"), [(20.99, False), (21, True)])
def test_the_weeks_rate_needs_an_eighth_of_it(known: float, said: bool) -> None:  # noqa: FBT001 - the case's own answer
    assert (burn([use(known, 0, "1")], NOW, None).week is not None) is said


def test_the_months_rate_needs_an_eighth_of_what_has_passed_and_three_hours() -> None:
    early = MONTH.begins + 5 * HOUR

    assert burn([use(60, 0, "1")], NOW, MONTH).month is not None
    assert burn([use(58, 0, "1")], NOW, MONTH).month is None
    assert burn([Use(early - 2 * HOUR, early, D(1))], early, MONTH).month is None
    assert burn([Use(early - 3 * HOUR, early, D(1))], early, MONTH).month is not None


def test_without_a_month_there_is_no_rate_of_the_month() -> None:
    assert burn([use(24 * 7, 0, "1")], NOW, None).month is None
    assert burn([use(24 * 7, 0, "1")], RESET, MONTH).month is None


def test_the_week_reaches_into_the_month_before_and_the_months_rate_does_not() -> None:
    now = MONTH.begins + DAY
    rates = burn([Use(now - 7 * DAY, now - DAY, D(600)), Use(now - DAY, now, D(10))], now, MONTH)

    assert per_day(rates.week) == D(610) / 7
    assert per_day(rates.month) == 10


def test_part_of_a_day_is_multiplied_up_only_for_the_fastest() -> None:
    rates = burn([use(6, 0, "20")], NOW, MONTH)

    assert rates.spread == (D(20), D(80))


def rate(per_day: str, known: timedelta = 7 * DAY) -> Rate:
    return Rate(D(per_day) * (known // DAY), known)


@pytest.mark.parametrize(
    ("rates", "spread"),
    [
        (Burn(rate("0", DAY), rate("50"), rate("60")), (50, 60)),
        (Burn(rate("90", DAY), rate("50"), rate("60")), (50, 90)),
        (Burn(None, rate("50"), None), (50, 50)),
        (Burn(rate("0", DAY), rate("50", 2 * DAY), rate("60")), (0, 60)),
        (Burn(rate("30", DAY), None, None), (30, 30)),
        (Burn(None, None, None), None),
    ],
    ids=[
        "an idle day is no promise",
        "a busy day is a warning",
        "one rate alone",
        "of a new week the day counts too",
        "the first day",
        "nothing is known",
    ],
)
def test_the_spread_goes_from_the_slowest_to_the_fastest_to_be_reckoned_with(
    rates: Burn, spread: tuple[Decimal, Decimal] | None
) -> None:
    assert rates.spread == spread


def test_the_one_figure_that_is_said_is_the_weeks_if_it_is_known() -> None:
    assert Burn(rate("90", DAY), rate("50"), rate("60")).usual == 50
    assert Burn(rate("90", DAY), None, rate("60")).usual == 90
    assert Burn(None, None, rate("60")).usual == 60
    assert Burn(None, None, None).usual is None


def test_what_lies_wholly_in_its_window_is_taken_to_the_last_digit() -> None:
    odd = Use(NOW - 7 * HOUR, NOW - timedelta(minutes=1, seconds=7), Decimal("640.2512345678901234567"))

    told = burn([odd], NOW, None).day

    assert told is not None
    assert told.credits == odd.credits
