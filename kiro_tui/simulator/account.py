"""What the simulated account has and has used: the state behind every screen.

Pure. Nothing here knows how any of it is printed, and `used` is always the truth: which screen clamps it, leaves the
overage out or says nothing at all is that screen's business.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

RATE = Decimal("0.04")
"""US dollars for one credit beyond the plan."""


class Overages(StrEnum):
    """What an account is told about credits beyond its plan."""

    NONE = "none"
    OFF = "off"
    ON = "on"
    SWITCHED_OFF = "switched_off"
    """Overage was used, and then switched off."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that a plan counts, usually its credits."""

    title: str
    used: Decimal
    """All of it: what is beyond the limit included."""
    limit: Decimal | None
    """None where the account has no cap."""

    @property
    def beyond(self) -> Decimal:
        """What was used on top of the plan."""
        return Decimal(0) if self.limit is None else max(self.used - self.limit, Decimal(0))


@dataclass(frozen=True, slots=True)
class Bonus:
    """A grant beside the plan, which is spent before it."""

    name: str
    used: Decimal
    total: Decimal
    days: int | None
    """Whole days until it expires; None where no end is stated."""


@dataclass(frozen=True, slots=True)
class Pack:
    """Credits that were bought on top, and are spent after the plan."""

    used: Decimal
    total: Decimal
    expires: date


@dataclass(frozen=True, slots=True)
class AccountState:
    """Everything that kiro-cli could be asked about an account's usage, at one moment."""

    plan: str | None
    """The plan's name; None where the service does not say."""
    resources: tuple[Resource, ...] = ()
    bonuses: tuple[Bonus, ...] = ()
    packs: tuple[Pack, ...] = ()
    overages: Overages = Overages.OFF
    reset: date | None = None
    managed: bool = False
    """An administrator manages the plan: no number is shown to anybody."""
    organization: bool = False
    percent: int | None = None
    """A percent that is printed although it is not what the figures say."""

    @property
    def may_buy_packs(self) -> bool:
        """Whether packs are offered: to people who pay for themselves."""
        return not (self.organization or self.managed or self.plan in {None, "KIRO FREE"})


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan as it is sold."""

    name: str
    limit: Decimal | None
    used: Decimal
    """A believable use, where nothing else is said."""
    title: str = "Credits"
    managed: bool = False
    organization: bool = False


PLANS = {
    "free": Plan("KIRO FREE", Decimal(50), Decimal("12.50")),
    "pro": Plan("KIRO PRO", Decimal(1000), Decimal("417.80")),
    "pro+": Plan("KIRO PRO+", Decimal(2000), Decimal("640.25")),
    "pro_max": Plan("KIRO PRO MAX", Decimal(5000), Decimal("1210.06")),
    "power": Plan("KIRO POWER", Decimal(10000), Decimal("8500.00")),
    "q_developer": Plan("Q Developer Pro", Decimal(1000), Decimal("250.00"), title="Agentic requests"),
    "managed": Plan("Q Developer Pro", None, Decimal(0), managed=True, organization=True),
    "pooled": Plan("KIRO ENTERPRISE", None, Decimal("320.00"), title="Requests", organization=True),
}
