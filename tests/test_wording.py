from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.domain import wording

seconds = st.floats(min_value=0.02, max_value=3e7)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=7, hours=22, minutes=59), "7d 22h"),
        (timedelta(days=1), "1d 0h"),
        (timedelta(hours=22, minutes=58, seconds=30), "22h 58m"),
        (timedelta(minutes=58, seconds=59), "58m"),
        (timedelta(minutes=10), "10m"),
        (timedelta(minutes=9, seconds=59.9), "9m 59s"),
        (timedelta(seconds=59), "59s"),
        (timedelta(0), "now"),
        (timedelta(days=-1), "now"),
    ],
)
def test_a_countdown_is_said_in_the_largest_useful_units(left: timedelta, said: str) -> None:
    assert wording.countdown(left).text == said


@given(seconds)
def test_a_countdown_stays_true_exactly_as_long_as_it_says(left: float) -> None:
    said = wording.countdown(timedelta(seconds=left))

    assert wording.countdown(timedelta(seconds=left - said.lasts + 0.01)).text == said.text
    assert wording.countdown(timedelta(seconds=left - said.lasts - 0.01)).text != said.text


@given(seconds, st.booleans())
def test_an_age_stays_true_exactly_as_long_as_it_says(age: float, to_the_second: bool) -> None:  # noqa: FBT001 - hypothesis gives it by position
    said = wording.ago(timedelta(seconds=age), seconds=to_the_second)

    assert wording.ago(timedelta(seconds=age + said.lasts - 0.01), seconds=to_the_second).text == said.text
    assert wording.ago(timedelta(seconds=age + said.lasts + 0.01), seconds=to_the_second).text != said.text


@given(seconds)
def test_minutes_to_the_next_question_stay_true_exactly_as_long_as_they_say(left: float) -> None:
    said = wording.minutes_left(timedelta(seconds=left))

    assert wording.minutes_left(timedelta(seconds=left - said.lasts + 0.01)).text == said.text
    assert wording.minutes_left(timedelta(seconds=left - said.lasts - 0.01)).text != said.text


@pytest.mark.parametrize(
    ("age", "said"),
    [(12, "12 s ago"), (60, "1 min ago"), (3599, "59 min ago"), (7300, "2 h ago"), (3 * 86400, "3 days ago")],
)
def test_an_age_is_said_in_its_largest_unit(age: float, said: str) -> None:
    assert wording.ago(timedelta(seconds=age), seconds=True).text == said


def test_the_first_minute_is_just_now_for_whoever_does_not_count_seconds() -> None:
    assert wording.ago(timedelta(seconds=59), seconds=False).text == "just now"


def test_an_age_from_the_future_is_no_age() -> None:
    assert wording.ago(timedelta(seconds=-5), seconds=True).text == "0 s ago"


@pytest.mark.parametrize(
    ("value", "said"), [("640.25", "640.25"), ("1", "1.00"), ("0.005", "0.01"), ("1E+3", "1000.00")]
)
def test_amounts_have_two_decimals(value: str, said: str) -> None:
    assert wording.amount(Decimal(value)) == said


@pytest.mark.parametrize(
    ("value", "said"), [("2000", "2000"), ("2000.00", "2000"), ("12.5", "12.50"), ("1E+4", "10000")]
)
def test_limits_have_no_needless_decimals(value: str, said: str) -> None:
    assert wording.limit(Decimal(value)) == said


def test_money_is_said_with_its_sign_or_its_code() -> None:
    assert wording.money(Decimal("1.61"), "USD") == "$1.61"
    assert wording.money(Decimal("1.61"), "CHF") == "1.61 CHF"
    assert wording.money(Decimal("0.04"), None) == "$0.04"


def test_a_rate_below_a_cent_is_not_rounded_to_one() -> None:
    assert wording.money(Decimal("0.005"), "USD") == "$0.005"


def test_an_end_is_said_in_the_persons_own_zone() -> None:
    now, reset = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)

    assert wording.local_time(reset, ZoneInfo("Europe/Berlin"), now) == "Tue Dec 1, 01:00"
    assert wording.local_time(reset, ZoneInfo("America/Los_Angeles"), now) == "Mon Nov 30, 16:00"


def test_an_end_that_is_far_away_is_said_with_its_year() -> None:
    now, expiry = datetime(2026, 11, 23, tzinfo=UTC), datetime(2027, 6, 18, tzinfo=UTC)

    assert wording.local_time(expiry, ZoneInfo("Europe/Berlin"), now) == "Jun 18, 2027"


def test_a_day_on_which_the_clocks_change_is_counted_as_it_passes() -> None:
    """New York, 9 March 2025: from midnight to midnight only 23 hours pass."""
    zone = ZoneInfo("America/New_York")
    start, end = datetime(2025, 3, 9, tzinfo=zone), datetime(2025, 3, 10, tzinfo=zone)

    assert wording.countdown(end.astimezone(UTC) - start.astimezone(UTC)).text == "23h 0m"


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(0), "now"),
        (timedelta(seconds=60), "under 1m"),
        (timedelta(seconds=61), "2m"),
        (timedelta(minutes=60), "1h 0m"),
        (timedelta(minutes=119), "1h 59m"),
        (timedelta(minutes=125), "2h 5m"),
    ],
)
def test_whole_minutes_are_said_with_their_hours(left: timedelta, said: str) -> None:
    assert wording.minutes_left(left).text == said


def test_a_sum_from_one_on_is_said_in_cents_however_exact_it_is() -> None:
    assert wording.money(Decimal("1.005"), "USD").startswith("$1.0")
    assert len(wording.money(Decimal("1.005"), "USD")) == len("$1.00")
    assert wording.money(Decimal("0.995"), "USD") == "$0.995"
