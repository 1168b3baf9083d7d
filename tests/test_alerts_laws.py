"""Alerts over random months: readings, corrections, failures, restarts, panes that lag, persons who change."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from alerting import DAY, HOUR, INTERVAL, NO_ANSWER, NOW, SIGNED_OUT, overage, plan, reading
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from months import MONTHS

from kiro_tui.alerts.memory_text import memory_of, text_of
from kiro_tui.domain.alert_memory import Memory
from kiro_tui.domain.alerts import Alert, AlertKind, Rules
from kiro_tui.domain.forecast import Lasts, RunOut, RunsOut, TooLittleKnown, UsedUp, forecast
from kiro_tui.domain.news import Known, news
from kiro_tui.domain.past import past_of
from kiro_tui.domain.state import Failure, Snapshot, State, advance, freshness

RULES = Rules()
PEOPLE = ("a", "b")
LIMIT = 2000
A_MONTH = forecast(past_of(MONTHS["even use"], NOW), NOW)
ENDS: list[RunOut | None] = [
    None,
    RunsOut(NOW, NOW + DAY),
    RunsOut(NOW, None),
    Lasts(),
    TooLittleKnown(),
    UsedUp(),
]
BACK = {AlertKind.RUNS_OUT: 1, AlertKind.LASTS: 2}


def first_of_next_month(moment: datetime) -> datetime:
    return (moment.replace(day=1, hour=0) + timedelta(days=32)).replace(day=1)


@dataclass
class Truth:
    """What one person has really used."""

    used: int = 0
    cost: Decimal = Decimal(0)
    ends: datetime = first_of_next_month(NOW)  # noqa: RUF009 - a constant
    months: int = 0


@dataclass(frozen=True)
class Telling:
    """An alert, whose it is, and in which of that person's months it was told."""

    whose: str
    month: int
    alert: Alert


@dataclass
class Pane:
    """One program; `month` is that of its latest reading."""

    whose: str
    state: State = field(default_factory=lambda: State(INTERVAL))
    month: int = 0


class Months(RuleBasedStateMachine):
    """Some panes, two persons, one clock; each person has one memory."""

    panes = Bundle("panes")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.truth = {whose: Truth() for whose in PEOPLE}
        self.noted: dict[str, str] = {whose: text_of(Memory()) for whose in PEOPLE}
        self.told: list[Telling] = []
        self.well: dict[str, int] = dict.fromkeys(PEOPLE, 0)
        self.well_when_told: list[tuple[str, int]] = []

    @initialize(target=panes)
    def first(self) -> Pane:
        return Pane("a")

    @rule(target=panes, whose=st.sampled_from(PEOPLE))
    def another_pane_or_a_restart(self, whose: str) -> Pane:
        return Pane(whose)

    @rule(hours=st.sampled_from([1, 7, 30, 100, 400]))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR
        for truth in self.truth.values():
            while truth.ends <= self.now:
                truth.ends = first_of_next_month(truth.ends)
                truth.used, truth.cost, truth.months = 0, Decimal(0), truth.months + 1

    @rule(whose=st.sampled_from(PEOPLE), more=st.integers(1, 1500))
    def it_is_used(self, whose: str, more: int) -> None:
        self.truth[whose].used += more

    @rule(whose=st.sampled_from(PEOPLE), cost=st.integers(0, 70))
    def overage_is_paid(self, whose: str, cost: int) -> None:
        self.truth[whose].cost += cost

    @rule(whose=st.sampled_from(PEOPLE), figure=st.integers(0, 2500))
    def the_figure_is_corrected(self, whose: str, figure: int) -> None:
        self.truth[whose].used = figure

    @rule(pane=panes, whose=st.sampled_from(PEOPLE))
    def somebody_else_signs_in(self, pane: Pane, whose: str) -> None:
        pane.whose, pane.state = whose, State(INTERVAL)

    @rule(pane=panes, moved=st.integers(-2, 2), end=st.sampled_from(ENDS), late=st.booleans())
    def it_is_read(self, pane: Pane, moved: int, end: RunOut | None, late: bool) -> None:  # noqa: FBT001 - hypothesis gives it by name
        truth = self.truth[pane.whose]
        # A reset that is not told means the month that runs, which near its end nobody can tell from the next.
        unknown = moved == 2 and 4 <= self.now.day <= 26
        window = plan(truth.used, str(LIMIT), resets=None if unknown else truth.ends + moved * DAY)
        snapshot = reading(window, at=self.now, beyond=overage(str(truth.cost)) if truth.cost else None)
        pane.state, pane.month = advance(pane.state, snapshot), truth.months
        self.well[pane.whose] += 1
        if not late:
            self.look(pane, end)
            self.nothing_is_withheld(pane, snapshot)

    @rule(pane=panes, signed_out=st.booleans())
    def it_fails(self, pane: Pane, signed_out: bool) -> None:  # noqa: FBT001 - hypothesis gives it by name
        pane.state = advance(pane.state, Failure(SIGNED_OUT if signed_out else NO_ANSWER, self.now))
        self.look(pane, None)

    @rule(pane=panes, end=st.sampled_from(ENDS))
    def it_is_looked_at_again(self, pane: Pane, end: RunOut | None) -> None:
        self.look(pane, end)

    def look(self, pane: Pane, end: RunOut | None) -> None:
        month = None if end is None else replace(A_MONTH, run_out=end)
        known = Known(pane.state, self.now, month, UTC)
        memory, alerts = news(memory_of(self.noted[pane.whose]), known, RULES)
        self.noted[pane.whose] = text_of(memory)
        self.told += [Telling(pane.whose, pane.month, alert) for alert in alerts]
        self.well_when_told += [
            (pane.whose, self.well[pane.whose]) for alert in alerts if alert.kind is AlertKind.SIGNED_OUT
        ]
        outages = {AlertKind.SIGNED_OUT, AlertKind.NO_READING}
        fresh = freshness(pane.state, self.now)
        if fresh is None or fresh.stale:
            assert {alert.kind for alert in alerts} <= outages
        else:
            assert not {alert.kind for alert in alerts} & outages
        assert len({(alert.kind, alert.window) for alert in alerts}) == len(alerts), "more than the highest"
        assert news(memory, known, RULES) == (memory, ()), "it is told again"

    def nothing_is_withheld(self, pane: Pane, snapshot: Snapshot) -> None:
        (window,) = snapshot.report.windows
        reached = max((percent for percent in RULES.used if window.used * 100 / LIMIT >= percent), default=0)
        assert max(self.thresholds(AlertKind.USED, pane.whose, pane.month), default=0) >= reached
        cost = self.truth[pane.whose].cost
        passed = max((amount for amount in RULES.costs if cost >= amount), default=0)
        assert max(self.thresholds(AlertKind.OVERAGE_COST, pane.whose, pane.month), default=0) >= passed

    def thresholds(self, kind: AlertKind, whose: str, month: int) -> list[int]:
        alerts = (each.alert for each in self.told if (each.whose, each.month) == (whose, month))
        return [int(alert.threshold or 0) for alert in alerts if alert.kind is kind]

    @invariant()
    def every_threshold_is_told_once_in_a_month(self) -> None:
        outages = {AlertKind.SIGNED_OUT, AlertKind.NO_READING}
        told = Counter(
            (each.whose, each.month, each.alert.kind, each.alert.window, each.alert.threshold)
            for each in self.told
            if each.alert.kind not in outages
        )
        assert [key for key, times in told.items() if times > 1] == []

    @invariant()
    def thresholds_only_rise_within_a_month(self) -> None:
        for whose in PEOPLE:
            for month in range(self.truth[whose].months + 1):
                for kind in (AlertKind.USED, AlertKind.OVERAGE_COST):
                    told = self.thresholds(kind, whose, month)
                    assert told == sorted(told)

    @invariant()
    def that_it_lasts_is_told_only_after_that_it_runs_out(self) -> None:
        for whose in PEOPLE:
            for month in range(self.truth[whose].months + 1):
                kinds = [each.alert.kind for each in self.told if (each.whose, each.month) == (whose, month)]
                order = [BACK[kind] for kind in kinds if kind in BACK]
                assert order in ([], [1], [1, 2])

    @invariant()
    def between_two_times_that_nobody_is_signed_in_all_was_well(self) -> None:
        for whose in PEOPLE:
            times = [well for who, well in self.well_when_told if who == whose]
            assert all(before < after for before, after in pairwise(times))


TestMonths = Months.TestCase
TestMonths.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
