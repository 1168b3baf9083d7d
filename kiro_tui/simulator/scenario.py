"""What the simulator shall be and do, read from the KIRO_SIM_ variables that the package's docstring lists.

Pure, and strict: a name or value that means nothing is an error, because a test with a typo in it would otherwise
test something else. Contents of files come as text from whoever reads them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from kiro_tui.simulator.account import PLANS, AccountState, Bonus, Overages, Pack, Plan, Resource
from kiro_tui.simulator.generations import Engine, Generation, Version, generation, version

PREFIX = "KIRO_SIM_"
DEFAULT_VERSION = "2.21.1"
LOGINS = ("builder_id", "idc", "google", "github", "external_idp", "api_key", "signed_out")
SIGNED_OUT_FAILURES = ("signed_out", "login_prompt", "auth_portal", "opening_browser")
SERVICE_FAILURES = ("service", "timeout", "throttled", "forbidden", "expired")
OTHER_FAILURES = (
    *("summary", "model", "context", "nothing", "garbled"),
    *("unknown_flag", "refused_engine", "crash", "mcp_startup", "hangs"),
)
FAILURES = SIGNED_OUT_FAILURES + SERVICE_FAILURES + OTHER_FAILURES
USAGE_PLACES = ("report", "acp", "panel")
PLACES = (*USAGE_PLACES, "whoami", "version")
MANNERS = ("never_exits", "mute_on_terminal", "mute_on_pipes", "noisy", "slow", "drips")
ACP_QUIRKS = (
    *("log_lines", "late", "out_of_order", "broken"),
    *("unknown_fields", "missing_fields", "asks", "lingers"),
)
HOSTILITIES = (
    *("setsid_holder", "double_fork", "background", "envless", "term_forker", "tree", "hopper"),
    *("ignores_signals", "closes_everything", "waits_for_cursor", "flood", "garbage"),
)
VARIABLES = frozenset(
    # Forty quoted names would read worse.
    """
    VERSION COUNTER EXECUTABLE DEFAULT_ENGINE BARE REFUSES PACE
    LOGIN EMAIL PLAN PLAN_NAME USED LIMIT TITLE RESOURCES BONUSES PACKS OVERAGE RESET ORGANIZATION PERCENT NOW
    LAYOUT DATE BONUS_LINES
    FAILURE MANNER OPENS_WITH OWN_HOME V1_REFUSES_IDC V3_READS_HOME ACP HOSTILE HOSTILE_SECONDS
    DEMO_SINCE DEMO_SPEED FILE LOG
    """.split()  # noqa: SIM905 - see above
)

T = TypeVar("T")


class BadScenario(ValueError):
    """A KIRO_SIM_ variable has an unknown name or a value that means nothing."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the classic report is written, where that is not the same for everybody."""

    layout: str = "classic"
    iso_dates: bool = True
    overages: bool = True
    """Whether there is an Overages block; builds with add-on packs have none."""
    colon_bonuses: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that decides what a start of the simulator does."""

    version: Version
    generation: Generation
    account: AccountState
    login: str
    email: str
    look: Look
    default_engine: Engine | None
    """The engine saved as the machine's default, where one is forced."""
    bare: str | None
    refuses: frozenset[str]
    pace: float
    failures: Mapping[str, str]
    """The failure for each place that has one."""
    manners: frozenset[str]
    opens_with: str | None
    own_home: str | None
    v1_refuses_idc: bool
    v3_reads_home: bool
    acp: frozenset[str]
    hostile: tuple[str, ...]
    hostile_seconds: float


def variables(environment: Mapping[str, str], file_text: str = "") -> dict[str, str]:
    """Return the KIRO_SIM_ variables without their prefix; the lines of the file override the environment."""
    lines = (line.partition("=") for line in file_text.splitlines() if line.strip())
    overrides = {name.strip(): value.strip() for name, _, value in lines}
    given = {name: value for name, value in environment.items() if name.startswith(PREFIX)} | overrides
    for name in given:
        if not name.startswith(PREFIX) or name.removeprefix(PREFIX) not in VARIABLES:
            raise BadScenario(f"{name} is no variable of the simulator; `pydoc kiro_tui.simulator` lists them")
    return {name.removeprefix(PREFIX): value for name, value in given.items()}


def version_at(listed: str, start: int) -> str:
    """Return which version of a list such as `2.20.1*3,2.20.2` the so-many-th start sees; the first start is 0."""
    text = ""
    for entry in listed.split(","):
        text, _, times = entry.strip().partition("*")
        start -= _read("VERSION", times or "1", int)
        if start < 0:
            break
    return text


def read(given: Mapping[str, str], now: datetime, start: int = 0) -> Scenario:
    """Return the scenario that the variables (without prefix) describe, at that wall time and start."""
    number = _read("VERSION", version_at(given.get("VERSION", DEFAULT_VERSION), start), version)
    known = generation(number)
    login = _choice("LOGIN", given.get("LOGIN", "builder_id"), LOGINS)
    default_engine = given.get("DEFAULT_ENGINE")
    bare = given.get("BARE")
    return Scenario(
        version=number,
        generation=known,
        account=_account(given, login, now),
        login=login,
        email=given.get("EMAIL", "person@example.com"),
        look=Look(
            layout=_choice("LAYOUT", given.get("LAYOUT", "classic"), ("classic", "box", "help")),
            iso_dates=_choice("DATE", given.get("DATE", "iso" if known.iso_dates else "mmdd"), ("iso", "mmdd"))
            == "iso",
            overages=known.overages_in_report,
            colon_bonuses=_choice("BONUS_LINES", given.get("BONUS_LINES", "dash"), ("dash", "colon")) == "colon",
        ),
        default_engine=None if default_engine is None else _read("DEFAULT_ENGINE", default_engine, Engine),
        bare=None if bare is None else _choice("BARE", bare, ("report", "summary", "model")),
        refuses=frozenset(_listed(given.get("REFUSES", ""))),
        pace=_read("PACE", given.get("PACE", "1"), _seconds),
        failures=_failures(given.get("FAILURE", "")),
        manners=frozenset(_choices("MANNER", given, MANNERS)),
        opens_with=_optional("OPENS_WITH", given, ("switch_menu", "trust", "first_run")),
        own_home=_optional("OWN_HOME", given, ("signed_out", "first_run")),
        v1_refuses_idc=_switch("V1_REFUSES_IDC", given),
        v3_reads_home=_switch("V3_READS_HOME", given),
        acp=frozenset(_choices("ACP", given, ACP_QUIRKS)),
        hostile=_choices("HOSTILE", given, HOSTILITIES),
        hostile_seconds=_read("HOSTILE_SECONDS", given.get("HOSTILE_SECONDS", "30"), _seconds),
    )


def _account(given: Mapping[str, str], login: str, now: datetime) -> AccountState:
    if since := given.get("DEMO_SINCE"):
        from kiro_tui.simulator import month  # noqa: PLC0415 - only the demo needs it, and every start costs

        elapsed = (now - _read("DEMO_SINCE", since, _moment)).total_seconds()
        return month.at(elapsed, _read("DEMO_SPEED", given.get("DEMO_SPEED", "1"), _seconds))
    plan = PLANS[_choice("PLAN", given.get("PLAN", "pro+"), tuple(PLANS))]
    today = _read("NOW", given["NOW"], _moment) if "NOW" in given else now
    percent = given.get("PERCENT")
    return AccountState(
        plan=given.get("PLAN_NAME", plan.name) or None,
        resources=() if plan.managed else _resources(given, plan),
        bonuses=tuple(_read("BONUSES", text, _bonus) for text in _listed(given.get("BONUSES", ""))),
        packs=tuple(_read("PACKS", text, _pack) for text in _listed(given.get("PACKS", ""))),
        overages=_read("OVERAGE", given.get("OVERAGE", "off"), Overages),
        reset=_reset(given.get("RESET"), today),
        managed=plan.managed,
        organization=plan.organization or login == "idc" or _switch("ORGANIZATION", given),
        percent=None if percent is None else _read("PERCENT", percent, int),
    )


def _resources(given: Mapping[str, str], plan: Plan) -> tuple[Resource, ...]:
    if "RESOURCES" in given:
        return tuple(_read("RESOURCES", text, _resource) for text in _listed(given["RESOURCES"]))
    used = _read("USED", given["USED"], _amount) if "USED" in given else plan.used
    limit = _read("LIMIT", given["LIMIT"], _limit) if "LIMIT" in given else plan.limit
    return (Resource(given.get("TITLE", plan.title), used, limit),)


def _reset(text: str | None, today: datetime) -> date | None:
    if text == "unknown":
        return None
    if text is not None:
        return _read("RESET", text, date.fromisoformat)
    return (today.replace(day=1) + timedelta(days=31)).replace(day=1).date()


def _failures(text: str) -> dict[str, str]:
    failures = {}
    for entry in _listed(text):
        place, colon, failure = entry.rpartition(":")
        _choice("FAILURE", failure, FAILURES)
        for each in [_choice("FAILURE", place, PLACES)] if colon else USAGE_PLACES:
            failures[each] = failure
    return failures


def _resource(text: str) -> Resource:
    title, _, figures = text.rpartition(":")
    used, _, limit = figures.partition("/")
    return Resource(title, _amount(used), _limit(limit))


def _bonus(text: str) -> Bonus:
    name, figures, days = text.rsplit(":", 2)
    used, _, total = figures.partition("/")
    return Bonus(name, _amount(used), _amount(total), int(days))


def _pack(text: str) -> Pack:
    figures, _, expires = text.partition(":")
    used, _, total = figures.partition("/")
    return Pack(_amount(used), _amount(total), date.fromisoformat(expires))


def _limit(text: str) -> Decimal | None:
    return None if text in {"none", ""} else _amount(text)


def _amount(text: str) -> Decimal:
    amount = Decimal(text)
    if not amount.is_finite():
        raise ValueError("not a number of credits")
    return amount


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < 1e6:  # noqa: PLR2004 - written so that nan is refused too
        raise ValueError("not a positive number")
    return seconds


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _listed(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _choices(name: str, given: Mapping[str, str], known: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_choice(name, entry, known) for entry in _listed(given.get(name, "")))


def _optional(name: str, given: Mapping[str, str], known: tuple[str, ...]) -> str | None:
    return _choice(name, given[name], known) if given.get(name) else None


def _switch(name: str, given: Mapping[str, str]) -> bool:
    return _choice(name, given.get(name) or "0", ("0", "1")) == "1"


def _choice(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise BadScenario(f"{PREFIX}{name} is {value!r}; expected one of {', '.join(known)}")
    return value


def _read(name: str, text: str, reader: Callable[[str], T]) -> T:
    try:
        return reader(text)
    except (ValueError, InvalidOperation) as error:
        raise BadScenario(f"{PREFIX}{name} is {text!r}, which cannot be read: {error}") from None
