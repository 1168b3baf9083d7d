"""What the account has and has used, as plain values.

Pure: no clock, no I/O, no Textual, nothing of kiro-cli. Amounts are credits (Decimal, as they were printed),
percents are Decimal in units of one percent, times are aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

HUNDREDTH = Decimal("0.01")
ACCOUNT_PAGE = "https://app.kiro.dev/account/usage"
"""Where a person manages the plan."""
STATUS_PAGE = "https://health.aws.amazon.com/health/status"
"""The AWS Health Dashboard; Kiro has no status page of its own."""


class WindowKind(StrEnum):
    """The three kinds of allowance, in the order in which they are shown."""

    PLAN = "plan"
    BONUS = "bonus"
    ADD_ON = "add_on"


@dataclass(frozen=True, slots=True)
class Window:
    """One allowance that is used up and ends: the plan's month, a bonus, an add-on pack."""

    kind: WindowKind
    label: str
    """What the source calls it (`Credits`, `Welcome bonus`), cleaned but not translated."""
    used: Decimal
    limit: Decimal | None
    """None where the account has no cap; 0 is a real limit of nothing."""
    reported_percent: Decimal | None = None
    """The percent as the source printed it, possibly truncated or clamped; None where it printed none."""
    bar_contradicts: bool = False
    """The printed percent and `used of limit` cannot both be true; then the printed percent is believed."""
    ends_at: datetime | None = None
    """When the plan resets or the grant expires; None where only days, or nothing, was said."""
    ends_in_days: int | None = None
    """Whole days to the end as they were counted when the reading was taken, rounded down."""

    @property
    def title(self) -> str:
        """The name that a person sees: the source's, except for its bare `Credits` of a month."""
        return "Monthly credits" if self.kind is WindowKind.PLAN and self.label == "Credits" else self.label

    @property
    def remaining(self) -> Decimal | None:
        """What is left, never negative: over the limit is 0 left. None where there is no limit."""
        return None if self.limit is None else max(self.limit - self.used, Decimal(0))

    @property
    def used_percent(self) -> Decimal | None:
        """The used share to two decimals, not clamped; None without a limit or with a limit of 0."""
        if not self.limit:
            return None
        if self.bar_contradicts and self.reported_percent is not None:
            return self.reported_percent
        return (self.used * 100 / self.limit).quantize(HUNDREDTH, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Overage:
    """What is used beyond the plan and paid by the credit. Every None is unknown, not 0."""

    enabled: bool
    credits: Decimal | None = None
    rate: Decimal | None = None
    """Money for one credit."""
    cost: Decimal | None = None
    cap: Decimal | None = None
    """The most that may be spent, in money, where the source says one."""
    currency: str | None = None


class NoteCode(StrEnum):
    """Why a figure deserves a second look; the codes are part of the JSON."""

    PERCENT_CONFLICT = "percent_conflict"
    MAYBE_CLAMPED = "maybe_clamped"
    UNREAD_ROWS = "unread_rows"


@dataclass(frozen=True, slots=True)
class Note:
    """One remark on a reading, for a person (`text`) and for a program (`code`)."""

    code: NoteCode
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """One usage report, whichever way it came."""

    plan: str | None
    """The plan's name as it was printed (`KIRO PRO+`), None where it was not."""
    windows: tuple[Window, ...] = ()
    """Plan windows first, then bonuses, then add-ons, each kind as the source lists it."""
    overage: Overage | None = None
    """None where the source says nothing of it."""
    managed: bool = False
    """An administrator manages the plan. Some versions of kiro-cli show no numbers for it, others do."""
    organization: bool = False
    """The account comes through an organisation."""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in. Knowing it is optional: a reading stands without it."""

    login_method: str
    """`Builder ID`, `IAM Identity Center`, `Google`, `GitHub`, `External IdP` or `API key`."""
    email: str | None = None
    organization: str | None = None


def is_another(before: Account | None, after: Account | None) -> bool:
    """Whether somebody else is signed in now; who is unknown is nobody else. Capitals in an address mean nothing."""
    if before is None or after is None:
        return False
    one, other = ((who.login_method, (who.email or "").casefold()) for who in (before, after))
    return one != other


def used_this_month(report: Report) -> Decimal | None:
    """Return what was used of plan, bonuses and overage; None where no plan is told.

    Bonuses do not say when they were used: what was used of one before the month began counts as well.
    """
    if not any(window.kind is WindowKind.PLAN for window in report.windows):
        return None
    beyond = report.overage.credits if report.overage is not None else None
    used = (window.used for window in report.windows if window.kind is not WindowKind.ADD_ON)
    return sum(used, beyond or Decimal(0))


def display_name(plan: str) -> str:
    """Return a plan's name as a person writes it: `KIRO PRO+` is `Kiro Pro+`; mixed case is left as it is."""
    return " ".join(word.capitalize() if word.isupper() else word for word in plan.split())


def mask_email(email: str) -> str:
    """Return the address with all but the first letter of its name hidden: `p•••@example.com`."""
    name, at, host = email.partition("@")
    return f"{name[:1]}•••{at}{host}"
