"""Scripted months of an account, as the readings that a dashboard would have kept of them.

A month is a list of events on a plan; `readings` looks at it every so often, as the poller does. Amounts are credits,
times UTC. The month is November 2026, from Sunday the 1st to the reset on 1 December, seen on Friday the 20th at noon.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from kiro_tui.domain.history import Reading
from kiro_tui.domain.state import Way
from kiro_tui.domain.usage import Note, NoteCode, Overage, Report, Window, WindowKind

D = Decimal
BEGINS = datetime(2026, 11, 1, tzinfo=UTC)
RESET = datetime(2026, 12, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
HUNDREDTH = D("0.01")
ZERO = D(0)
PRO_PLUS = D(2000)
WORK = {0, 1, 2, 3, 4}

Use = Callable[[datetime], Decimal]
"""Credits used in the hour that begins then."""


def on(day: int, hour: int = 0) -> datetime:
    """Return a moment of November; days below 1 are of October, from 31 on of December."""
    return BEGINS + timedelta(days=day - 1, hours=hour)


def nothing(_: datetime) -> Decimal:
    return D(0)


def evenly(per_day: str | Decimal) -> Use:
    return lambda _: D(per_day) / 24


def at_work(per_day: str | Decimal) -> Use:
    """From 8 to 18 on weekdays."""
    return lambda at: D(per_day) / 10 if at.weekday() in WORK and 8 <= at.hour < 18 else D(0)


def during(use: Use, first: datetime, end: datetime) -> Use:
    return lambda at: use(at) if first <= at < end else D(0)


@dataclass(frozen=True)
class Grant:
    label: str
    limit: Decimal
    ends: datetime
    given: datetime = BEGINS
    used: Decimal = ZERO


@dataclass(frozen=True)
class Account:
    """What the service knows at one moment."""

    limit: Decimal | None
    plan: Decimal = ZERO
    spent: dict[str, Decimal] = field(default_factory=dict)
    over: Decimal = ZERO


@dataclass(frozen=True)
class Script:
    """A month as it happens."""

    use: Use
    limit: Decimal | None = PRO_PLUS
    grants: tuple[Grant, ...] = ()
    starts: datetime = BEGINS
    """When the account is first looked at by the service, with nothing used."""
    overage: bool | None = False
    """None: the source says nothing of it and clamps at the limit."""
    changes: dict[datetime, Callable[[Account], Account]] = field(default_factory=dict)
    """What the service does to the account when that hour begins."""


def reports(script: Script, until: datetime) -> dict[datetime, Report]:
    """Return what the service would say at the beginning of every hour."""
    said: dict[datetime, Report] = {}
    account = Account(script.limit)
    at = script.starts
    while at <= until:
        if at in {BEGINS, RESET}:
            account = replace(account, plan=D(0), over=D(0))
        if at in script.changes:
            account = script.changes[at](account)
        said[at] = _said(script, account, at)
        account = _spend(script, account, at, script.use(at))
        at += HOUR
    return said


def _spend(script: Script, account: Account, at: datetime, amount: Decimal) -> Account:
    spent = dict(account.spent)
    for grant in sorted(_current(script, at), key=lambda grant: grant.ends):
        used = spent.get(grant.label, grant.used)
        take = min(amount, grant.limit - used)
        spent[grant.label] = used + take
        amount -= take
    in_plan = amount if account.limit is None or not script.overage else min(amount, account.limit - account.plan)
    return replace(account, spent=spent, plan=account.plan + in_plan, over=account.over + amount - in_plan)


def _current(script: Script, at: datetime) -> list[Grant]:
    return [grant for grant in script.grants if grant.given <= at < grant.ends]


def _said(script: Script, account: Account, at: datetime) -> Report:
    used = account.plan.quantize(HUNDREDTH, ROUND_FLOOR)
    clamped = script.overage is None and account.limit is not None and used >= account.limit
    if clamped and account.limit is not None:
        used = account.limit
    resets = RESET if BEGINS <= at < RESET else BEGINS if at < BEGINS else datetime(2027, 1, 1, tzinfo=UTC)
    plan = Window(WindowKind.PLAN, "Credits", used, account.limit, ends_at=resets)
    bonuses = tuple(
        Window(
            WindowKind.BONUS,
            grant.label,
            account.spent.get(grant.label, grant.used).quantize(HUNDREDTH, ROUND_FLOOR),
            grant.limit,
            ends_in_days=(grant.ends - at).days,
        )
        for grant in _current(script, at)
    )
    overage = None
    if script.overage is not None:
        over = account.over.quantize(HUNDREDTH, ROUND_FLOOR)
        overage = (
            Overage(enabled=True, credits=over, rate=D("0.04"), cost=over * D("0.04"), currency="USD")
            if script.overage
            else Overage(enabled=False)
        )
    notes = (Note(NoteCode.MAYBE_CLAMPED, "more may have been used"),) if clamped else ()
    return Report("KIRO PRO+", (plan, *bonuses), overage, notes=notes)


def reading(at: datetime, report: Report, account: str = "a", until: datetime | None = None) -> Reading:
    return Reading(account, at, until or at, report, Way.REPORT, "2.21.1")


def readings(
    script: Script,
    until: datetime = NOW,
    every: timedelta = HOUR,
    asleep: Iterable[tuple[datetime, datetime]] = (),
    since: datetime | None = None,
) -> tuple[Reading, ...]:
    """Return what is kept of looking so often: what changes nothing extends the reading before."""
    asleep = tuple(asleep)
    kept: list[Reading] = []
    said = reports(script, until)
    at = max(script.starts, since) if since else script.starts
    while at <= until:
        if not any(first <= at < end for first, end in asleep):
            if kept and kept[-1].report == said[at]:
                kept[-1] = replace(kept[-1], last_at=at)
            else:
                kept.append(reading(at, said[at]))
        at += every
    return tuple(kept)


def upgraded(limit: str, rerated: str = "1") -> Callable[[Account], Account]:
    return lambda account: replace(account, limit=D(limit), plan=account.plan * D(rerated))


def corrected(by: str) -> Callable[[Account], Account]:
    return lambda account: replace(account, plan=account.plan + D(by))


MONTHS: dict[str, tuple[Reading, ...]] = {
    "even use": readings(Script(evenly("60"))),
    "even use, too much": readings(Script(evenly("90"))),
    "idle fortnight": readings(Script(during(evenly("150"), on(1), on(7)))),
    "weekend-free": readings(Script(at_work("100"))),
    "bonus first": readings(Script(evenly("60"), grants=(Grant("Welcome bonus", D(900), on(30)),))),
    "bonus that lapses": readings(Script(evenly("60"), grants=(Grant("Welcome bonus", D(2000), on(11)),))),
    "upgrade on the 15th": readings(Script(evenly("60"), limit=D(1000), changes={on(15): upgraded("2000", "1.5")})),
    "over the limit": readings(Script(evenly("60"), limit=D(1000))),
    "over the limit, overage on": readings(Script(evenly("60"), limit=D(1000), overage=True)),
    "over the limit, clamped": readings(Script(evenly("60"), limit=D(1000), overage=None)),
    "reset while asleep": readings(Script(evenly("60"), starts=on(-9)), on(5, 12), asleep=[(on(-3), on(4))]),
    "corrected figure": readings(Script(evenly("60"), changes={on(12): corrected("-300")})),
    "sparse readings": readings(Script(evenly("60")), every=3 * DAY),
    "pooled account": readings(Script(evenly("60"), limit=None)),
    "first hours": readings(Script(evenly("60")), since=NOW - 2 * HOUR),
    "first day": readings(Script(evenly("60")), since=NOW - 12 * HOUR),
}
"""Each month by its name, as it is known at `NOW` (the reset while asleep: on the 5th at noon)."""
