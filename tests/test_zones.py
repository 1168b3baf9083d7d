"""The same screens on machines in other time zones: what kiro-cli means in UTC must not move with the machine."""

from datetime import UTC, datetime, timedelta

import pytest
from test_report import NAMES, check, load, screen

from kiro_tui.probe.reading.dates import read_date

ZONE = pytest.mark.usefixtures("machine_zone")


@pytest.mark.parametrize("day", ["2026-01-01", "2026-03-08", "2026-07-01", "2026-11-01", "2028-02-29"])
@ZONE
def test_a_day_begins_at_midnight_in_utc(day: str) -> None:
    start = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    for text in (day, f"{start:%m/%d}", f"{start:%B} {start.day}, {start.year}"):
        found = read_date(text, now=start)
        assert found is not None
        assert (found, found.utcoffset()) == (start, timedelta(0)), text


@pytest.mark.parametrize("hour", ["2026-12-31T00:00:00", "2026-12-31T12:00:00", "2026-12-31T23:59:59"])
@ZONE
def test_today_is_the_day_in_utc_wherever_now_is_said(hour: str) -> None:
    now = datetime.fromisoformat(f"{hour}+00:00")
    for same_moment in (now, now.astimezone()):
        assert read_date("12/31", now=same_moment) == datetime(2026, 12, 31, tzinfo=UTC)
        assert read_date("12/30", now=same_moment) == datetime(2027, 12, 30, tzinfo=UTC)


@ZONE
def test_every_recording_is_read_as_its_json_says() -> None:
    for name in NAMES:
        data, expected, now = load(name)
        check(name, screen([data]), expected, now.astimezone())


def test_the_machine_is_in_each_of_the_zones(machine_zone: str) -> None:
    offset = datetime(2026, 7, 1, tzinfo=UTC).astimezone().utcoffset()
    assert offset is not None
    assert offset / timedelta(hours=1) == {"UTC": 0, "St_Johns": -2.5, "Tokyo": 9, "Chatham": 12.75}[machine_zone]
