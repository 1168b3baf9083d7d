from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from months import NOW, on

from kiro_tui.domain import forecast_wording as said
from kiro_tui.domain import wording
from kiro_tui.domain.forecast import (
    ExpectedOverage,
    Lasts,
    NoLimit,
    RunOut,
    RunsOut,
    Span,
    TooLittleKnown,
    UsedUp,
    forecast,
)
from kiro_tui.domain.pace import Pace
from kiro_tui.domain.past import past_of

D = Decimal


def compared(used: str, passed: str = "0.5", days: int = 30) -> Pace:
    return Pace(D(passed), D(used), D(days))


@pytest.mark.parametrize(
    ("used", "pace", "ahead"),
    [
        ("0.38", "12 % under pace", "4 days behind"),
        ("0.58", "8 % over pace", "2 days ahead"),
        ("0.53", "3 % over pace", "1 day ahead"),
        ("0.5", "on pace", ""),
        ("0.504", "on pace", ""),
        ("0.496", "on pace", ""),
        ("0.51", "1 % over pace", ""),
    ],
)
def test_pace_is_said_in_percent_and_in_days(used: str, pace: str, ahead: str) -> None:
    assert said.pace(compared(used)) == pace
    assert said.days_ahead(compared(used)) == ahead


@pytest.mark.parametrize(
    ("end", "phrase"),
    [
        (RunsOut(on(23), on(26)), "runs out Nov 23–26"),
        (RunsOut(on(23), on(23, 20)), "runs out Nov 23"),
        (RunsOut(on(23), None), "may run out from Nov 23"),
        (RunsOut(NOW, None), "may run out from today"),
        (RunsOut(NOW, NOW + timedelta(hours=3)), "runs out today"),
        (RunsOut(NOW, on(23)), "runs out Nov 20–23"),
        (RunsOut(on(29), on(33)), "runs out Nov 29 – Dec 3"),
        (Lasts(), "lasts beyond the reset"),
        (TooLittleKnown(), "too little known"),
        (UsedUp(), "used up"),
        (NoLimit(), "no limit"),
    ],
)
def test_every_end_has_its_phrase(end: RunOut, phrase: str) -> None:
    assert said.run_out(end, NOW, UTC) == phrase


def test_days_are_the_persons_own() -> None:
    late = RunsOut(on(23, 23), on(26, 23))

    assert said.run_out(late, NOW, ZoneInfo("Asia/Tokyo")) == "runs out Nov 24–27"
    assert said.run_out(RunsOut(on(23, 23), None), NOW, ZoneInfo("Asia/Tokyo")) == "may run out from Nov 24"


@pytest.mark.parametrize(
    ("expected", "phrase"),
    [
        (ExpectedOverage(Span(D(40), D(120)), Span(D("1.6"), D("4.8")), "USD"), "$1.60–$4.80 of overage"),
        (ExpectedOverage(Span(D(0), D(120)), Span(D(0), D("4.8")), "USD"), "$0.00–$4.80 of overage"),
        (ExpectedOverage(Span(D(40), D(40)), Span(D("1.6"), D("1.6")), "CHF"), "1.60 CHF of overage"),
        (ExpectedOverage(Span(D(40), D(120)), None, None), "40.0–120 credits of overage"),
        (ExpectedOverage(Span(D(0), D(0)), Span(D(0), D(0)), "USD"), "no overage"),
    ],
)
def test_overage_is_said_in_money_where_its_price_is_known(expected: ExpectedOverage, phrase: str) -> None:
    assert said.overage(expected) == phrase


def test_a_summary_leaves_out_what_is_unknown() -> None:
    assert said.summary(forecast(past_of((), NOW), NOW), UTC) == "too little known"


@pytest.mark.parametrize(
    ("rate", "phrase"),
    [
        ("171.4", "171"),
        ("100", "100"),
        ("27.84", "27.8"),
        ("1", "1.0"),
        ("0.35", "0.35"),
        ("0.004", "under 0.01"),
        ("0", "0"),
        ("12345.6", "12346"),
    ],
)
def test_a_rate_is_said_in_about_three_digits(rate: str, phrase: str) -> None:
    assert wording.per_day(D(rate)) == phrase


def test_a_span_of_days_names_each_month_once() -> None:
    new_year = datetime(2026, 12, 30, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC)

    assert wording.dates(on(3), on(6), UTC) == "Nov 3–6"
    assert wording.dates(on(3), on(3, 23), UTC) == "Nov 3"
    assert wording.dates(*new_year, UTC) == "Dec 30 – Jan 2"
