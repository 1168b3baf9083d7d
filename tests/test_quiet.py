"""Quiet hours are the person's own, cross midnight, and are sane when clocks are moved."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.domain.alerts import Alert, AlertKind, Severity
from kiro_tui.domain.quiet import QuietHours, as_one, held_with

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours.parse("22:00-07:00")
ZONES = st.sampled_from([UTC, BERLIN, *map(ZoneInfo, ("America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"))])
MINUTES = st.times().map(lambda each: each.replace(second=0, microsecond=0))
HOURS = st.builds(QuietHours, MINUTES, MINUTES).filter(lambda hours: hours.start != hours.end)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - takes them so


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def alert(kind: AlertKind, window: str | None = "Credits", severity: Severity = Severity.WARNING, **more: str) -> Alert:
    return Alert(
        kind, severity, datetime(2026, 6, 11, tzinfo=UTC), more.pop("title", kind.value), "text", window, **more
    )


# --- When it is quiet


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-06-11T21:59", None),
        ("2026-06-11T22:00", "2026-06-12T07:00"),
        ("2026-06-12T00:00", "2026-06-12T07:00"),
        ("2026-06-12T06:59", "2026-06-12T07:00"),
        ("2026-06-12T07:00", None),
        ("2026-03-28T23:00", "2026-03-29T07:00"),
        ("2026-10-24T23:00", "2026-10-25T07:00"),
    ],
)
def test_the_night_is_quiet_on_the_persons_own_clock(now: str, until: str | None) -> None:
    assert NIGHT.until(berlin(now), BERLIN) == (berlin(until) if until else None)


def test_an_end_that_the_clock_skips_comes_with_the_skip_and_one_shown_twice_counts_once() -> None:
    short = QuietHours.parse("00:00-02:30")
    skipped = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 15, tzinfo=UTC)

    assert short.until(skipped - timedelta(hours=1), BERLIN) == skipped
    assert short.until(first - timedelta(minutes=1), BERLIN) == first
    assert second.astimezone(BERLIN).time() == time(2, 15)
    assert short.until(second, BERLIN) is None


@given(HOURS, MOMENTS, ZONES)
def test_the_quiet_ends_after_now_within_a_day_and_is_over_then(
    hours: QuietHours, now: datetime, zone: ZoneInfo
) -> None:
    until = hours.until(now, zone)

    if until is not None:
        assert now < until <= now + timedelta(hours=25)
        assert hours.until(until, zone) is None


@given(HOURS, MOMENTS)
def test_where_no_clock_is_moved_it_is_quiet_just_when_the_clock_says_so(hours: QuietHours, now: datetime) -> None:
    shown = now.time()
    begun, ended = hours.start <= shown, hours.end <= shown
    says_so = begun and not ended if hours.start < hours.end else begun or not ended

    assert (hours.until(now, UTC) is not None) == says_so


@given(HOURS)
def test_hours_are_read_as_they_are_written(hours: QuietHours) -> None:
    assert QuietHours.parse(str(hours)) == hours


@pytest.mark.parametrize(
    "text", ["", "22:00", "22-07", "24:00-07:00", "22:60-07:00", "7:00-7:00", "22:00-07:00x", "٢٢:00-07:00"]
)
def test_what_is_no_pair_of_times_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as 22:00-07:00"):
        QuietHours.parse(text)


# --- What is told afterwards


def test_of_one_pool_the_last_word_holds_and_of_another_its_own() -> None:
    held: tuple[Alert, ...] = ()
    for each in (
        alert(AlertKind.USED, threshold="75"),
        alert(AlertKind.USED, "Bonus", threshold="50"),
        alert(AlertKind.USED, threshold="90"),
    ):
        held = held_with(held, each)

    assert [(each.window, each.threshold) for each in held] == [("Bonus", "50"), ("Credits", "90")]


@pytest.mark.parametrize(
    ("kinds", "left"),
    [
        ((AlertKind.RUNS_OUT, AlertKind.LASTS), ()),
        ((AlertKind.LASTS,), (AlertKind.LASTS,)),
        ((AlertKind.LASTS, AlertKind.RUNS_OUT), (AlertKind.RUNS_OUT,)),
        ((AlertKind.USED, AlertKind.RUNS_OUT, AlertKind.RESET), (AlertKind.RESET,)),
        ((AlertKind.SIGNED_OUT, AlertKind.USED), (AlertKind.SIGNED_OUT, AlertKind.USED)),
    ],
)
def test_what_no_longer_holds_is_not_told(kinds: tuple[AlertKind, ...], left: tuple[AlertKind, ...]) -> None:
    held: tuple[Alert, ...] = ()
    for kind in kinds:
        held = held_with(held, alert(kind))

    assert tuple(each.kind for each in held) == left


def test_several_are_told_as_one_the_gravest_first() -> None:
    held = (
        alert(AlertKind.RESET, "Bonus", Severity.INFO, title="A new month"),
        alert(AlertKind.USED, severity=Severity.CRITICAL, title="100% used"),
        alert(AlertKind.OVERAGE_BEGAN, None, title="Overage began"),
    )
    one = as_one(held)

    assert (one.kind, one.severity, one.title) == (AlertKind.USED, Severity.CRITICAL, "3 alerts")
    assert one.text == "100% used · Overage began · A new month"
    assert as_one(held[:1]) is held[0]
