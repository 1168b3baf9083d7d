"""Alerts over random months: readings, corrections, failures, restarts, panes that lag, persons who change."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from alerting import DAY, HOUR, INTERVAL, NO_ANSWER, NOW, SIGNED_OUT, overage, plan, reading
from hypothesis import given, settings
from hypothesis import strategies as st
from months import MONTHS

from kiro_tui.alerts.memory_text import memory_of, text_of
from kiro_tui.domain.alert_memory import Memory
from kiro_tui.domain.alerts import Alert, AlertKind, Rules
from kiro_tui.domain.forecast import Lasts, RunOut, RunsOut, TooLittleKnown, UsedUp, forecast
from kiro_tui.domain.news import Known, news
from kiro_tui.domain.past import past_of
from kiro_tui.domain.state import Failure, State, advance, freshness
from kiro_tui.errors import ProbeError

RULES = Rules()
PEOPLE = ("a", "b")
PANES = 3
LIMIT = 2000
A_MONTH = forecast(past_of(MONTHS["even use"], NOW), NOW)
SOON: RunOut = RunsOut(NOW, NOW + DAY)
ENDS = (None, SOON, SOON, RunsOut(NOW, None), Lasts(), Lasts(), TooLittleKnown(), UsedUp())
FIGURES = (0, 700, 999, 1000, 1400, 1500, 1790, 1800, 1999, 2000, 2300)
COSTS = (0, 0, 1, 5, 19, 20, 60)
NOT_TOLD = 3
OUTAGES = {AlertKind.SIGNED_OUT, AlertKind.NO_READING}


def first_of_next_month(moment: datetime) -> datetime:
    return (moment.replace(day=1, hour=0) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True)
class Telling:
    """An alert, whose it is, in which of the months it was told, and after how many good readings."""

    whose: str
    month: int
    alert: Alert
    after: int


@dataclass
class Pane:
    """One program; `month` is that of its latest reading."""

    whose: str
    state: State
    month: int = 0


class Months:
    """Some panes, two persons, one clock; each person has one memory. Every look at a state holds the laws of looks."""

    def __init__(self) -> None:
        self.now = NOW
        self.ends = first_of_next_month(NOW)
        self.month = 0
        self.panes = [Pane("a", State(INTERVAL)) for _ in range(PANES)]
        self.noted = {whose: text_of(Memory()) for whose in PEOPLE}
        self.well = dict.fromkeys(PEOPLE, 0)
        self.told: list[Telling] = []

    def passes(self, hours: int) -> None:
        self.now += hours * HOUR
        while self.ends <= self.now:
            self.ends, self.month = first_of_next_month(self.ends), self.month + 1

    def begins(self, pane: int, whose: str) -> None:
        """Let a pane be opened anew, perhaps by somebody else."""
        self.panes[pane] = Pane(whose, State(INTERVAL))

    def reads(self, number: int, spent: tuple[int, int], moved: int, end: RunOut | None) -> None:
        """Let a pane read credits and cost, with a reset that may be moved by days, and look at once."""
        self.reads_unseen(number, spent, moved)
        self.looks(number, end)
        figure, cost = spent
        self.nothing_is_withheld(self.panes[number], AlertKind.USED, figure * 100 / LIMIT, RULES.used)
        self.nothing_is_withheld(self.panes[number], AlertKind.OVERAGE_COST, cost, [int(each) for each in RULES.costs])

    def reads_unseen(self, number: int, spent: tuple[int, int], moved: int) -> None:
        pane, (figure, cost) = self.panes[number], spent
        # A reset that is not told means the month that runs, which near its end nobody can tell from the next.
        unknown = moved == NOT_TOLD and 4 <= self.now.day <= 26
        window = plan(figure, str(LIMIT), resets=None if unknown else self.ends + (moved % NOT_TOLD) * DAY)
        beyond = overage(str(cost)) if cost else None
        pane.state, pane.month = advance(pane.state, reading(window, at=self.now, beyond=beyond)), self.month
        self.well[pane.whose] += 1

    def fails(self, number: int, error: ProbeError) -> None:
        pane = self.panes[number]
        pane.state = advance(pane.state, Failure(error, self.now))
        self.looks(number, None)

    def looks(self, number: int, end: RunOut | None) -> None:
        pane = self.panes[number]
        known = Known(pane.state, self.now, None if end is None else replace(A_MONTH, run_out=end), UTC)
        memory, alerts = news(memory_of(self.noted[pane.whose]), known, RULES)
        self.noted[pane.whose] = text_of(memory)
        self.told += [Telling(pane.whose, pane.month, alert, self.well[pane.whose]) for alert in alerts]

        kinds = {alert.kind for alert in alerts}
        fresh = freshness(pane.state, self.now)
        if fresh is None or fresh.stale:
            assert kinds <= OUTAGES, "stale figures are told"
        else:
            assert not kinds & OUTAGES, "an outage is told although all is well"
        assert len({(alert.kind, alert.window) for alert in alerts}) == len(alerts), "more than the highest is told"
        assert news(memory, known, RULES) == (memory, ()), "it is told again"

    def nothing_is_withheld(
        self, pane: Pane, kind: AlertKind, reached: float, thresholds: "list[int] | tuple[int, ...]"
    ) -> None:
        passed = max((each for each in thresholds if reached >= each), default=0)
        assert max(self.thresholds(kind, pane.whose, pane.month), default=0) >= passed

    def thresholds(self, kind: AlertKind, whose: str, month: int) -> list[int]:
        return [int(alert.threshold or 0) for alert in self.alerts(whose, month) if alert.kind is kind]

    def alerts(self, whose: str, month: int) -> list[Alert]:
        return [each.alert for each in self.told if (each.whose, each.month) == (whose, month)]


Event = tuple[Any, ...]
"""What a month does, and with what."""
PANE = st.integers(0, PANES - 1)
SPENT = st.tuples(st.sampled_from(FIGURES), st.sampled_from(COSTS))
MOVED = st.integers(0, NOT_TOLD)
READS = st.tuples(st.just(Months.reads), PANE, SPENT, MOVED, st.sampled_from(ENDS))
LAGS = st.tuples(st.just(Months.reads_unseen), PANE, SPENT, MOVED)
FAILS = st.tuples(st.just(Months.fails), PANE, st.sampled_from((SIGNED_OUT, NO_ANSWER)))
LOOKS = st.tuples(st.just(Months.looks), PANE, st.sampled_from(ENDS))
BEGINS = st.tuples(st.just(Months.begins), PANE, st.sampled_from(PEOPLE))
PASSES = st.tuples(st.just(Months.passes), st.sampled_from((1, 1, 20, 300)))
EVENTS: st.SearchStrategy[list[Event]] = st.lists(
    st.one_of(READS, READS, READS, READS, LAGS, FAILS, LOOKS, BEGINS, PASSES, PASSES), min_size=20, max_size=60
)


def after(events: list[Event]) -> Months:
    months = Months()
    for what, *arguments in events:
        what(months, *arguments)
    return months


@given(EVENTS)
@settings(max_examples=150)
def test_whatever_happens_each_thing_is_told_once_and_in_order(events: list[Event]) -> None:
    months = after(events)

    told = Counter(
        (each.whose, each.month, each.alert.kind, each.alert.window, each.alert.threshold)
        for each in months.told
        if each.alert.kind not in OUTAGES
    )
    assert [key for key, times in told.items() if times > 1] == []
    for whose in PEOPLE:
        for month in range(months.month + 1):
            for kind in (AlertKind.USED, AlertKind.OVERAGE_COST):
                thresholds = months.thresholds(kind, whose, month)
                assert thresholds == sorted(thresholds)
            kinds = [alert.kind for alert in months.alerts(whose, month)]
            order = [kind for kind in kinds if kind in {AlertKind.RUNS_OUT, AlertKind.LASTS}]
            assert order in ([], [AlertKind.RUNS_OUT], [AlertKind.RUNS_OUT, AlertKind.LASTS])
        for kind in OUTAGES:
            times = [each.after for each in months.told if (each.whose, each.alert.kind) == (whose, kind)]
            assert all(before < after for before, after in pairwise(times)), "an outage is told twice"


def test_the_random_months_are_full_of_alerts() -> None:
    told = Counter[AlertKind]()

    @given(EVENTS)
    @settings(max_examples=30, derandomize=True, database=None)
    def count(events: list[Event]) -> None:
        told.update(each.alert.kind for each in after(events).told)

    count()
    assert set(told) == set(AlertKind) - {AlertKind.ENDS_SOON, AlertKind.TEST}
