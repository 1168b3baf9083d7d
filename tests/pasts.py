"""Half a year of an account, as the journal would have kept it, for pictures and tests of the history."""

from dataclasses import replace
from datetime import timedelta

from months import HOUR, MONTHS, RESET, D, Grant, Script, at_work, evenly, on, readings

from kiro_tui.domain.history import Reading

QUIET = Script(at_work("42"))
BUSY = Script(at_work("88"), grants=(Grant("Welcome bonus", D(500), on(30)),))
STEADY = Script(evenly("31"))


def earlier(script: Script, days: int) -> list[Reading]:
    """Return a whole month of the script as it was so many days ago."""
    shift = timedelta(days=days)

    def moved(reading: Reading) -> Reading:
        plan, *others = reading.report.windows
        report = replace(reading.report, windows=(replace(plan, ends_at=RESET - shift), *others))
        return replace(reading, first_at=reading.first_at - shift, last_at=reading.last_at - shift, report=report)

    return [moved(reading) for reading in readings(script, RESET - HOUR)]


BEFORE = (
    *earlier(QUIET, 153),
    *earlier(STEADY, 122),
    *earlier(BUSY, 92),
    *earlier(STEADY, 61),
    *earlier(BUSY, 31),
)
"""June to October; a seam of a day stays unknown where one is shorter than the next."""
HALF_A_YEAR = (*BEFORE, *readings(Script(at_work("74"), grants=(Grant("Welcome bonus", D(500), on(30)),))))
MONTH = {name: (*BEFORE, *readings) for name, readings in MONTHS.items()}
"""Each scripted month after those."""
