"""The hours in which nothing may sound or pop up, and what becomes of the alerts of those hours.

Pure. The hours are local, as on the person's own clock, and may cross midnight. On the days on which clocks are moved
they begin and end once: an end that is shown twice counts the first time, one that is skipped counts as soon as it
would have come.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo

from kiro_tui.domain.alerts import Alert, AlertKind, Severity

EXPECTED = "quiet hours such as 22:00-07:00"
_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of the day to another."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> "QuietHours":
        """Return what `22:00-07:00` says; ValueError for anything else, and for hours that end as they begin."""
        found = _HOURS.fullmatch(text.strip())
        if found is None:
            raise ValueError(EXPECTED)
        start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
        hours = cls(time(start_hour, start_minute), time(end_hour, end_minute))
        if hours.start == hours.end:
            raise ValueError(EXPECTED)
        return hours

    def until(self, now: datetime, zone: tzinfo | None = None) -> datetime | None:
        """Return when the quiet that reigns now ends, aware UTC; None where it is not quiet.

        `zone` is the person's, None that of this machine.
        """
        today = now.astimezone(zone).date()
        for first_day in (today - timedelta(days=1), today):
            last_day = first_day + timedelta(days=self.end < self.start)
            start = _moment(datetime.combine(first_day, self.start, zone))
            end = _moment(datetime.combine(last_day, self.end, zone))
            if start <= now < end:
                return end
        return None

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def _moment(local: datetime) -> datetime:
    return local.astimezone(UTC)


_SUBJECTS = {AlertKind.RESET: AlertKind.USED, AlertKind.LASTS: AlertKind.RUNS_OUT}
"""What tells of the same thing as another kind, so that only the later of the two still holds."""
_SEVERITIES = list(Severity)


def held_with(held: Iterable[Alert], alert: Alert) -> tuple[Alert, ...]:
    """Return what is still worth telling when this alert comes after those that were held back.

    Of what was said about one thing only the last holds. That it lasts after all, or that a new month began, need not
    be told to somebody who never heard that it runs out.
    """
    about = _subject(alert)
    earlier = [each for each in held if _subject(each) == about]
    kept = [each for each in held if _subject(each) != about]
    if alert.kind is AlertKind.RESET:
        kept = [each for each in kept if _subject(each) != (AlertKind.RUNS_OUT, alert.window)]
    if alert.kind is AlertKind.LASTS and any(each.kind is AlertKind.RUNS_OUT for each in earlier):
        return tuple(kept)
    return (*kept, alert)


def _subject(alert: Alert) -> tuple[AlertKind, str | None]:
    return _SUBJECTS.get(alert.kind, alert.kind), alert.window


def as_one(alerts: tuple[Alert, ...]) -> Alert:
    """Return one alert that tells all of them, the gravest first; there is at least one."""
    if len(alerts) == 1:
        return alerts[0]
    by_gravity = sorted(alerts, key=lambda alert: -_SEVERITIES.index(alert.severity))
    return replace(
        by_gravity[0],
        at=max(alert.at for alert in alerts),
        title=f"{len(alerts)} alerts",
        text=" · ".join(dict.fromkeys(alert.title for alert in by_gravity)),
        window=None,
        threshold=None,
    )
