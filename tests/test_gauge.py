from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import GRANT, NOW, WELCOME, bonus, plan

from kiro_tui.domain.usage import Window
from kiro_tui.ui.gauge import Columns, Level, Pool, bar, end_of, full, level_of, short, tiny
from kiro_tui.ui.line import Role, span_width

BERLIN = ZoneInfo("Europe/Berlin")
amounts = st.decimals(min_value=0, max_value=1_000_000, places=2)


def pool_of(window: Window, *, at_least: bool = False, stale: bool = False) -> Pool:
    return Pool(window, level_of(window), end_of(window, NOW, NOW, BERLIN), at_least, stale)


@pytest.mark.parametrize(
    ("used", "level"),
    [("74.99", Level.CALM), ("75", Level.WARN), ("89.99", Level.WARN), ("90", Level.HIGH), ("100", Level.USED_UP)],
)
def test_the_level_rises_at_75_and_90_and_100_percent(used: str, level: Level) -> None:
    assert level_of(plan(used, "100")) is level


def test_a_grant_that_is_spent_is_no_reason_to_worry() -> None:
    assert level_of(bonus("Grant", "250", "250", 3)) is Level.SPENT
    assert level_of(bonus("Grant", "249", "250", 3)) is Level.HIGH


def test_a_level_is_said_by_a_sign_and_not_by_colour_alone() -> None:
    signs = [level.sign for level in Level]

    assert len(set(signs)) == len(signs)


def test_more_than_the_limit_is_shown_truthfully() -> None:
    pool = pool_of(plan("1458.82", "1000"))

    assert pool.level is Level.OVER
    assert pool.percent == "145.9 %"
    assert pool.remark.text == "458.82 over the limit"


def test_over_the_limit_a_mark_shows_where_the_limit_lies() -> None:
    inside, mark, beyond = bar(plan("200", "100"), 40, Level.OVER)

    assert (len(inside.text), mark.text, len(beyond.text)) == (20, "┃", 19)


@given(amounts, amounts, st.integers(1, 200))
def test_a_bar_takes_exactly_its_cells(used: Decimal, limit: Decimal, cells: int) -> None:
    window = replace(plan("0"), used=used, limit=limit)

    assert span_width(bar(window, cells, level_of(window))) == cells


@given(amounts, amounts, st.integers(2, 200))
def test_a_bar_never_shrinks_when_more_is_used(used: Decimal, more: Decimal, cells: int) -> None:
    def filled(amount: Decimal) -> int:
        window = replace(plan("0", "2000000"), used=amount)
        return bar(window, cells, Level.CALM)[0].text.count("━")

    assert filled(used) <= filled(used + more)


def test_a_bar_is_full_only_when_all_is_used_and_empty_only_when_nothing_is() -> None:
    assert bar(plan("0.01", "10000"), 20, Level.CALM)[0].text == "╾"
    assert bar(plan("9999.99", "10000"), 20, Level.HIGH)[0].text != "━" * 20
    assert bar(plan("10000", "10000"), 20, Level.USED_UP)[0].text == "━" * 20
    assert bar(plan("0", "10000"), 20, Level.CALM)[0].text == ""


def test_what_is_not_known_is_a_dash_and_never_zero() -> None:
    pool = pool_of(plan("320.00", None))

    assert pool.percent == "–"
    assert pool.left == ""
    assert pool.used_of_limit == "320.00 used"


def test_a_limit_of_nothing_has_no_percent() -> None:
    assert pool_of(plan("0.00", "0")).percent == "–"


def test_figures_that_may_be_cut_off_are_said_to_be_at_least() -> None:
    assert pool_of(plan("1000", "1000"), at_least=True).used_of_limit == "at least 1000.00 of 1000"


def test_the_countdown_stands_with_the_local_date_of_the_end() -> None:
    end = end_of(plan("1"), NOW, NOW, BERLIN)

    assert end.phrase == "resets in 7d 22h"
    assert end.at == "Tue Dec 1, 01:00"


def test_an_end_that_was_told_in_days_goes_on_counting_while_the_reading_ages() -> None:
    assert end_of(WELCOME, NOW, NOW, BERLIN).phrase == "ends in 15 days"
    assert end_of(WELCOME, NOW, NOW + timedelta(days=2, hours=1), BERLIN).phrase == "ends in 13 days"
    assert end_of(WELCOME, NOW, NOW + timedelta(days=40), BERLIN).phrase == "ends within a day"


def test_an_end_that_has_passed_is_said_to_have_passed() -> None:
    assert end_of(plan("1", ends_at=NOW), NOW, NOW, BERLIN).phrase == "has reset"


def test_an_end_that_nobody_told_is_not_invented() -> None:
    assert end_of(bonus("Grant", "1", "2", None), NOW, NOW, BERLIN).phrase == ""


def test_a_grant_that_lapses_with_something_left_is_pointed_out() -> None:
    assert pool_of(GRANT).remark.text == "lapses with 249 unused"
    assert pool_of(bonus("Grant", "250", "250", 3)).remark.text == ""
    assert pool_of(bonus("Grant", "1", "250", 4)).remark.text == ""


def test_the_figures_of_all_pools_stand_in_line() -> None:
    pools = tuple(pool_of(window) for window in (plan("640.25"), WELCOME, GRANT))
    rows = ["".join(span.text for span in full(pool, Columns.of(pools), 76)[2].left) for pool in pools]

    assert len({row.index("left") for row in rows}) == 1
    assert len({row[: row.index("left")].rindex(".") for row in rows}) == 1


def test_stale_figures_look_stale_in_every_form() -> None:
    pool = pool_of(plan("640.25"), stale=True)
    columns = Columns.of((pool,))

    for rows in (full(pool, columns, 76), short(pool, columns, 48), tiny(pool, 30)):
        assert any(span.role is Role.STALE for row in rows for span in (*row.left, *row.right))
