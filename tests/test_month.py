from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiro_tui.domain.month import DAY, EVERY_DAY, BillingMonth, Count, parse_workdays

LAW = settings(deadline=None)
"""A law holds on a busy machine too."""
WORKDAYS = frozenset({0, 1, 2, 3, 4})
ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Apia")
TINY = Decimal("1e-20")
"""What rounding to 28 digits may cost."""

zones = st.sampled_from(ZONES).map(ZoneInfo)
some_days = st.frozensets(st.integers(0, 6), min_size=1)
moments = st.datetimes(datetime(2011, 1, 1), datetime(2030, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
spans = st.timedeltas(timedelta(0), timedelta(days=40))


@pytest.mark.parametrize(
    ("ends", "begins"),
    [
        ((2026, 12, 1), (2026, 11, 1)),
        ((2026, 1, 1), (2025, 12, 1)),
        ((2026, 3, 1), (2026, 2, 1)),
        ((2026, 3, 31), (2026, 2, 28)),
        ((2028, 3, 30), (2028, 2, 29)),
    ],
)
def test_a_billing_month_begins_one_calendar_month_before_its_end(
    ends: tuple[int, int, int], begins: tuple[int, int, int]
) -> None:
    assert BillingMonth.until(datetime(*ends, tzinfo=UTC)).begins == datetime(*begins, tzinfo=UTC)


def test_before_the_first_january_of_all_there_is_no_month() -> None:
    first = datetime(1, 1, 1, tzinfo=UTC)

    assert not BillingMonth.until(first).holds(first)


def test_the_end_of_a_month_belongs_to_the_next() -> None:
    month = BillingMonth.until(datetime(2026, 12, 1, tzinfo=UTC))

    assert month.holds(month.begins)
    assert not month.holds(month.ends)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("mon,wed,fri", {0, 2, 4}),
        ("sun-thu", {6, 0, 1, 2, 3}),
        ("Fri-Mon", {4, 5, 6, 0}),
        (" mon - wed , sat ", {0, 1, 2, 5}),
        ("tue", {1}),
        ("tue-tue", {1}),
        ("mon-sun", set(range(7))),
    ],
)
def test_working_days_are_read_from_names_and_spans(text: str, days: set[int]) -> None:
    assert parse_workdays(text) == days


@pytest.mark.parametrize("text", ["", "mon,", "monday", "mon-", "-fri", "mon–fri", "1-5", "mon fri", "mon-wed-fri"])
def test_what_names_no_days_is_an_error_that_says_which_part(text: str) -> None:
    with pytest.raises(ValueError, match="is no day and no span of days such as mon-fri"):
        parse_workdays(text)


def test_a_month_of_working_days_counts_them() -> None:
    november = BillingMonth.until(datetime(2026, 12, 1, tzinfo=UTC))

    assert Count().days(november.begins, november.ends) == 30
    assert Count(WORKDAYS, UTC).days(november.begins, november.ends) == 21


def test_time_at_the_weekend_counts_nothing() -> None:
    friday_noon, monday_noon = datetime(2026, 11, 20, 12, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC)

    assert Count(WORKDAYS, UTC).days(friday_noon, monday_noon) == 1


def test_where_a_working_day_begins_depends_on_the_zone() -> None:
    saturday_in_berlin = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)

    assert Count(WORKDAYS, UTC).days(saturday_in_berlin, saturday_in_berlin + DAY / 48) > 0
    assert Count(WORKDAYS, ZoneInfo("Europe/Berlin")).days(saturday_in_berlin, saturday_in_berlin + DAY / 48) == 0


def test_an_evening_that_is_tomorrow_in_utc_still_counts() -> None:
    friday_at_ten_in_new_york = datetime(2026, 11, 21, 3, tzinfo=UTC)
    count = Count(WORKDAYS, ZoneInfo("America/New_York"))

    assert count.days(friday_at_ten_in_new_york, friday_at_ten_in_new_york + DAY) == Decimal(1) / 12


def test_a_working_day_counts_as_one_however_long_the_clocks_make_it() -> None:
    """New York, Sunday 9 March 2025, has 23 hours; 2 November has 25."""
    zone = ZoneInfo("America/New_York")
    for day in (datetime(2025, 3, 9, tzinfo=zone), datetime(2025, 11, 2, tzinfo=zone)):
        start, end = day.astimezone(UTC), (day + DAY).astimezone(UTC)
        assert end - start != DAY
        assert Count(frozenset({6}), zone).days(start, end) == 1
        assert Count(EVERY_DAY, zone).days(start, end) != 1


def test_a_day_that_never_was_counts_nothing() -> None:
    """Samoa had no Friday, 30 December 2011."""
    zone = ZoneInfo("Pacific/Apia")
    start, end = datetime(2011, 12, 29, tzinfo=zone).astimezone(UTC), datetime(2012, 1, 1, tzinfo=zone).astimezone(UTC)

    assert Count(frozenset({4}), zone).days(start, end) == 0
    assert Count(frozenset({3, 5}), zone).days(start, end) == 2


@LAW
@given(moments, spans, spans, some_days, zones)
def test_days_of_two_spans_in_a_row_add_up(
    start: datetime, first: timedelta, second: timedelta, workdays: frozenset[int], zone: ZoneInfo
) -> None:
    count = Count(workdays, zone)
    middle, end = start + first, start + first + second

    parts = count.days(start, middle) + count.days(middle, end)

    assert abs(parts - count.days(start, end)) < TINY


@LAW
@given(st.dates(datetime(2012, 1, 2).date(), datetime(2030, 1, 1).date()), st.integers(0, 40), zones)  # noqa: DTZ001 - only dates
def test_the_days_of_the_week_together_are_all_days(first: object, days: int, zone: ZoneInfo) -> None:
    start = datetime.combine(first, datetime.min.time(), zone)  # type: ignore[arg-type]  # a date, as the strategy gives it
    end = (start + timedelta(days=days)).astimezone(UTC)

    singles = [Count(frozenset({day}), zone).days(start.astimezone(UTC), end) for day in range(7)]

    assert sum(singles) == days


@LAW
@given(moments, spans, zones)
def test_a_span_that_goes_back_counts_nothing(start: datetime, span: timedelta, zone: ZoneInfo) -> None:
    assert Count(WORKDAYS, zone).days(start, start - span) == 0


def test_counting_turns_where_weekends_begin_and_end() -> None:
    count = Count(WORKDAYS, UTC)
    first, end = datetime(2026, 11, 18, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)

    assert count.turns(first, end) == (datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))
    assert Count().turns(first, end) == ()
