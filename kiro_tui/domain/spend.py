"""What this machine's own Kiro sessions used, as plain values, and the four ways of adding it up.

Pure. It is a lower bound of what the account used: other machines and the web are missing, and Kiro tidies old sessions
away. Must never count an unknown cost as 0. Credits are Decimal, instants are aware UTC, and a day is a day of the
zone in which the sessions were read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import chain

from kiro_tui.domain.usage import HUNDREDTH

NO_COST = "no cost recorded"
INTERRUPTED = "ended without a record of the cost"


class By(StrEnum):
    """What a sum is made for; the names are those of `--by`."""

    PROJECT = "project"
    SESSION = "session"
    MODEL = "model"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Turn:
    """One prompt and all that was done for it."""

    at: datetime
    """When it ended."""
    credits: Decimal | None
    """None where the session does not say."""
    model: str | None = None
    """The model that answered; None where only the session names one."""
    interrupted: bool = False
    """It ended without any record of its cost."""


@dataclass(frozen=True, slots=True)
class Tally:
    """A sum over turns that knows how much it does not know."""

    credits: Decimal | None = None
    """The sum of the turns that say what they cost; None where none does."""
    turns: int = 0
    unknown: int = 0
    """How many of the turns do not say what they cost."""
    last_at: datetime | None = None
    interrupted: int = 0
    """How many of those unknown ones ended without any record of their cost; the others have an empty record."""

    def __add__(self, other: "Tally") -> "Tally":
        if not self.turns:
            return other
        if not other.turns:
            return self
        return Tally(
            credits=_sum(self.credits, other.credits),
            turns=self.turns + other.turns,
            unknown=self.unknown + other.unknown,
            last_at=max(filter(None, (self.last_at, other.last_at)), default=None),
            interrupted=self.interrupted + other.interrupted,
        )


@dataclass(frozen=True, slots=True)
class Day:
    """What a session used on one day, as far as it lies in one billing month."""

    day: date
    month: date
    """The 1st of the billing month; these are months of UTC, so that a day may belong to two of them."""
    tally: Tally
    model: str | None = None
    """The model that answered; None where only the session names one."""


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation with Kiro, as far as one place holds it; its texts are cleaned."""

    place: str
    """Where it lies; no two have the same."""
    id: str
    """Several places may hold parts of the same session."""
    project: str | None
    """The folders that it was about."""
    title: str | None
    model: str | None
    """The one that it was last set to, for the turns that name none."""
    days: tuple[Day, ...]
    parts: tuple[str, ...] = ()
    """All places that hold parts of it, where there are several."""

    def model_on(self, day: Day) -> str | None:
        """Return the model that answered on a day, as far as it is known."""
        return day.model or self.model

    @property
    def models(self) -> str | None:
        """The models that answered, most used first; the session's own where there were no turns."""
        turns: dict[str, int] = {}
        for day in self.days:
            if name := self.model_on(day):
                turns[name] = turns.get(name, 0) + day.tally.turns
        return ", ".join(sorted(turns, key=lambda name: -turns[name])) or self.model


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was met and could not be read."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """One project, session, model or day."""

    key: str
    """The project, the session's id, the model, or the day as `2026-11-23`; "" is the unknown one."""
    label: str
    """What a person calls it: the session's title, otherwise the key; "" where it has no name."""
    tally: Tally
    sessions: int
    share: Decimal | None
    """Percent of the total with two decimals; None where either is unknown or nothing was used."""
    session: Session | None = None
    """Which one it is, where the rows are sessions."""


@dataclass(frozen=True, slots=True)
class Spend:
    """A table of what was used, most first, and its total."""

    by: By
    rows: tuple[Row, ...]
    total: Tally
    sessions: int
    since: date | None
    """The first day that counts; None where all do."""


@dataclass(frozen=True, slots=True)
class Explained:
    """This machine's part of what the account used in a billing month."""

    month: date
    """Its 1st."""
    here: Tally
    account: Decimal

    @property
    def percent(self) -> Decimal | None:
        """The part with two decimals; above 100 where the sessions are also another account's."""
        return _share(self.here.credits, self.account)


def unknown_by_reason(total: Tally) -> tuple[Skipped, ...]:
    """Return how many turns do not say what they cost, and why."""
    reasons = (Skipped(NO_COST, total.unknown - total.interrupted), Skipped(INTERRUPTED, total.interrupted))
    return tuple(each for each in reasons if each.count)


def spend_by(by: By, sessions: Iterable[Session], since: date | None = None) -> Spend:
    """Add the sessions up, counting from the day `since` on."""
    sums: dict[str, Tally] = {}
    members: dict[str, dict[str, Session]] = {}
    for session in sessions:
        for day in session.days:
            if since is None or day.day >= since:
                key = _group(by, session, day)
                sums[key] = sums.get(key, Tally()) + day.tally
                members.setdefault(key, {}).setdefault(session.id, session)
    total = sum(sums.values(), Tally())
    rows = [_row(by, key, tally, members[key], total) for key, tally in sums.items()]
    return Spend(
        by=by,
        rows=tuple(sorted(rows, key=_most_first)),
        total=total,
        sessions=len(set(chain.from_iterable(members.values()))),
        since=since,
    )


def explained(sessions: Iterable[Session], month: date, account: Decimal) -> Explained:
    """Return how much of `account`, the credits used in the billing month that began on `month`, was used here."""
    return Explained(month, sum(_in_month(sessions, month), Tally()), account)


def _in_month(sessions: Iterable[Session], month: date) -> Iterator[Tally]:
    return (day.tally for session in sessions for day in session.days if day.month == month)


def _group(by: By, session: Session, day: Day) -> str:
    match by:
        case By.PROJECT:
            return session.project or ""
        case By.SESSION:
            return session.id
        case By.MODEL:
            return session.model_on(day) or ""
        case By.DAY:
            return day.day.isoformat()


def _row(by: By, group: str, tally: Tally, members: dict[str, Session], total: Tally) -> Row:
    share = _share(tally.credits, total.credits)
    if by is not By.SESSION:
        return Row(group, group, tally, len(members), share)
    session = members[group]
    return Row(session.id, session.title or "", tally, 1, share, session)


def _most_first(row: Row) -> tuple[bool, Decimal, str, str]:
    used = row.tally.credits
    return used is None, -(used or Decimal(0)), row.label, row.session.place if row.session else row.key


def _share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return (part * 100 / whole).quantize(HUNDREDTH) if part is not None and whole else None


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other
