"""What a person would be told, for the tests of alerts: readings in few words, and a memory that is not kept."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kiro_tui.alerts.memory_text import memory_of, text_of
from kiro_tui.domain.alert_memory import Memory
from kiro_tui.domain.alerts import Alert, Rules
from kiro_tui.domain.forecast import Forecast
from kiro_tui.domain.news import Known, news
from kiro_tui.domain.state import Failure, Snapshot, State, Way, advance
from kiro_tui.domain.usage import Account, Note, NoteCode, Overage, Report, Window, WindowKind
from kiro_tui.errors import NotLoggedIn, ProbeError, ServiceFailed

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RESET = datetime(2026, 12, 1, tzinfo=UTC)
NEXT_RESET = datetime(2027, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
INTERVAL = 300.0
SIGNED_OUT = NotLoggedIn("Nobody is signed in.", "Run: kiro-cli login")
NO_ANSWER = ServiceFailed("Kiro's service did not answer.", "Wait.")

Said = tuple[str, str | None, str | None]
"""Kind, window, threshold."""


def plan(
    used: str | float,
    limit: str | None = "2000",
    label: str = "Credits",
    resets: datetime | None = RESET,
    bar: str | None = None,
) -> Window:
    """Return a plan's window; `bar` is a percent that contradicts the figures."""
    return Window(
        WindowKind.PLAN,
        label,
        Decimal(str(used)),
        None if limit is None else Decimal(limit),
        reported_percent=None if bar is None else Decimal(bar),
        bar_contradicts=bar is not None,
        ends_at=resets,
    )


def bonus(days: int | None, used: str = "386.34", label: str = "Welcome bonus", limit: str | None = "500") -> Window:
    total = None if limit is None else Decimal(limit)
    return Window(WindowKind.BONUS, label, Decimal(used), total, ends_in_days=days)


def pack(ends: datetime, used: str = "42.5", label: str = "Additional credits") -> Window:
    return Window(WindowKind.ADD_ON, label, Decimal(used), Decimal(100), ends_at=ends)


def overage(cost: str | None, used: str | None = "40.29") -> Overage:
    return Overage(
        enabled=True,
        credits=None if used is None else Decimal(used),
        rate=Decimal("0.04"),
        cost=None if cost is None else Decimal(cost),
        currency="USD",
    )


def reading(
    *windows: Window,
    at: datetime = NOW,
    beyond: Overage | None = None,
    clamped: bool = False,
    account: Account | None = None,
) -> Snapshot:
    notes = (Note(NoteCode.MAYBE_CLAMPED, "more may have been used"),) if clamped else ()
    return Snapshot(Report("KIRO PRO+", windows, beyond, notes=notes), Way.REPORT, at, took=1.0, account=account)


def failed(error: ProbeError, at: datetime = NOW) -> Failure:
    return Failure(error, at)


def said(alerts: Iterable[Alert]) -> list[Said]:
    return [(alert.kind.value, alert.window, alert.threshold) for alert in alerts]


class Person:
    """One pane and the memory; `again` is the same memory and a pane that was opened anew."""

    def __init__(self, rules: Rules | None = None, memory: Memory | None = None) -> None:
        self.rules = rules or Rules()
        self.memory = memory or Memory()
        self.state = State(INTERVAL)

    def again(self) -> "Person":
        return Person(self.rules, memory_of(text_of(self.memory)))

    def learns(
        self, event: Snapshot | Failure, forecast: Forecast | None = None, now: datetime | None = None
    ) -> list[Alert]:
        """Return what is told when this is learned, at once or later."""
        self.state = advance(self.state, event)
        return self.looks(now or (event.taken_at if isinstance(event, Snapshot) else event.at), forecast)

    def looks(self, now: datetime, forecast: Forecast | None = None) -> list[Alert]:
        self.memory, alerts = news(self.memory, Known(self.state, now, forecast, UTC), self.rules)
        return list(alerts)

    def reads(self, *windows: Window, at: datetime = NOW, beyond: Overage | None = None) -> list[Said]:
        return said(self.learns(reading(*windows, at=at, beyond=beyond)))

    def fails(self, error: ProbeError, at: datetime = NOW) -> list[Said]:
        return said(self.learns(failed(error, at)))
