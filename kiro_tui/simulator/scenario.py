"""What the simulator shall be and do, read from the KIRO_SIM_ variables that the package's docstring lists.

Pure, and strict: a name or value that means nothing is an error, because a test with a typo in it would otherwise
test something else. Contents of files come as text from whoever reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kiro_tui.simulator.account import PLANS, AccountState, Bonus, Overages, Pack, Plan, Resource
from kiro_tui.simulator.generations import Engine, Generation, Version, generation, version
from kiro_tui.simulator.values import (
    PREFIX,
    BadScenario,
    choose,
    choose_optional,
    choose_several,
    parse_amount,
    parse_limit,
    parse_moment,
    parse_seconds,
    parse_switch,
    parse_value,
    split,
)

DEFAULT_VERSION = "2.21.1"
LOGINS = ("builder_id", "idc", "google", "github", "external_idp", "api_key", "signed_out")
SIGNED_OUT_FAILURES = ("signed_out", "login_prompt", "auth_portal", "opening_browser")
SERVICE_FAILURES = ("service", "timeout", "throttled", "forbidden", "expired", "suspended", "no_profile")
PROMPT_FAILURES = ("monthly_limit", "overage_limit", "model_unavailable")
"""A prompt was refused; only where a prompt is sent does one of these happen."""
OTHER_FAILURES = (
    "key_chain",
    *("summary", "model", "context", "nothing", "garbled"),
    *("unknown_flag", "refused_engine", "crash", "mcp_startup", "hangs"),
)
FAILURES = SIGNED_OUT_FAILURES + SERVICE_FAILURES + PROMPT_FAILURES + OTHER_FAILURES
USAGE_PLACES = ("report", "acp", "panel")
PLACES = (*USAGE_PLACES, "whoami", "version")
MANNERS = ("never_exits", "mute_on_terminal", "mute_on_pipes", "noisy", "slow", "drips")
ACP_QUIRKS = (
    *("log_lines", "late", "out_of_order", "broken"),
    *("unknown_fields", "missing_fields", "asks", "lingers"),
    *("minimal", "no_data", "unknown_plan", "no_rate", "no_limit"),
    *("token_expired", "internal_error", "internal_error_text", "exits_1", "signed_out_exit_0"),
)
WHOAMI_SIGNED_OUT = ("null", "account_null", "not_logged_in_exit_0", "login_required", "session_expired")
WHOAMI = ("joined_social", "nested", "empty", *WHOAMI_SIGNED_OUT)
INLINE = ("brief", "clamps")
REFRESH_PLACES = ("chat", "acp", "whoami")
HOSTILITIES = (
    *("setsid_holder", "double_fork", "background", "envless", "term_forker", "tree", "hopper"),
    *("ignores_signals", "closes_everything", "waits_for_cursor", "flood", "garbage"),
)
VARIABLES = frozenset(
    # Forty quoted names would read worse.
    """
    VERSION COUNTER EXECUTABLE DEFAULT_ENGINE BARE REFUSES PACE
    FOREIGN
    LOGIN WHOAMI EMAIL PLAN PLAN_NAME USED LIMIT TITLE RESOURCES BONUSES PACKS OVERAGE RESET ORGANIZATION PERCENT NOW
    LAYOUT DATE BONUS_LINES INLINE PANEL PANEL_BAR
    FAILURE MANNER OPENS_WITH OWN_HOME V1_REFUSES_IDC V3_READS_HOME ACP HOSTILE HOSTILE_SECONDS
    REFRESH SIGN_IN HARM
    DEMO_SINCE DEMO_SPEED FILE LOG
    """.split()  # noqa: SIM905 - see above
)


@dataclass(frozen=True, slots=True)
class Look:
    """How reports are written, where that is not the same for every version and account."""

    layout: str = "classic"
    iso_dates: bool = True
    overages: bool = True
    """Whether there is an Overages block; builds with add-on packs have none."""
    colon_bonuses: bool = False
    word_dates: bool = False
    """Whether a date is written as `Sep 1, 2026`."""
    clamps: bool = True
    """Whether the classic report shows at most the limit, and a truncated percent."""
    inline: frozenset[str] = frozenset()
    """What the inline report does: `brief` prints no row for grants, packs and overage, `clamps`."""
    panel: str = "plain"
    panel_bar: str = "██"
    """The cells of the panel's bar: a filled one, and an empty one."""


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
    whoami: str | None
    """In which unusual form whoami answers, if it does."""
    refresh: Mapping[str, float]
    """For each place that refreshes the sign-in after its answer: how many seconds that takes."""
    sign_in: str | None
    """The file where refreshes of the sign-in are written down."""
    harm: bool
    """Whether a start of engine v3 changes task files; see harm.py for what limits that."""
    foreign: str | None
    """What another program of the name kiro-cli prints for --version, where this is not Kiro's."""


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
        start -= parse_value("VERSION", times or "1", int)
        if start < 0:
            break
    return text


def read(given: Mapping[str, str], now: datetime, start: int = 0) -> Scenario:
    """Return the scenario that the variables (without prefix) describe, at that wall time and start."""
    number = parse_value("VERSION", version_at(given.get("VERSION", DEFAULT_VERSION), start), version)
    known = generation(number)
    whoami = choose_optional("WHOAMI", given, WHOAMI)
    login = choose(
        "LOGIN", given.get("LOGIN") or ("signed_out" if whoami in WHOAMI_SIGNED_OUT else "builder_id"), LOGINS
    )
    default_engine = given.get("DEFAULT_ENGINE")
    bare = given.get("BARE")
    return Scenario(
        version=number,
        generation=known,
        account=_account(given, login, now),
        login=login,
        email=given.get("EMAIL", "person@example.com"),
        look=_look(given, known),
        default_engine=None if default_engine is None else parse_value("DEFAULT_ENGINE", default_engine, Engine),
        bare=None if bare is None else choose("BARE", bare, ("report", "summary", "model")),
        refuses=frozenset(split(given.get("REFUSES", ""))),
        pace=parse_value("PACE", given.get("PACE", "1"), parse_seconds),
        failures=_failures(given.get("FAILURE", "")),
        manners=frozenset(choose_several("MANNER", given, MANNERS)),
        opens_with=choose_optional("OPENS_WITH", given, ("switch_menu", "trust", "first_run")),
        own_home=choose_optional("OWN_HOME", given, ("signed_out", "first_run")),
        v1_refuses_idc=parse_switch("V1_REFUSES_IDC", given),
        v3_reads_home=parse_switch("V3_READS_HOME", given),
        acp=frozenset(choose_several("ACP", given, ACP_QUIRKS)),
        hostile=choose_several("HOSTILE", given, HOSTILITIES),
        hostile_seconds=parse_value("HOSTILE_SECONDS", given.get("HOSTILE_SECONDS", "30"), parse_seconds),
        whoami=whoami,
        refresh=_refresh(given.get("REFRESH", "")),
        sign_in=given.get("SIGN_IN"),
        harm=parse_switch("HARM", given),
        foreign=given.get("FOREIGN"),
    )


def _look(given: Mapping[str, str], known: Generation) -> Look:
    dates = choose("DATE", given.get("DATE", "iso" if known.iso_dates else "mmdd"), ("iso", "mmdd", "words"))
    return Look(
        layout=choose("LAYOUT", given.get("LAYOUT", "classic"), ("classic", "box", "help")),
        iso_dates=dates == "iso",
        word_dates=dates == "words",
        overages=known.overages_in_report,
        colon_bonuses=choose("BONUS_LINES", given.get("BONUS_LINES", "dash"), ("dash", "colon")) == "colon",
        clamps=known.classic_clamps,
        inline=frozenset(choose_several("INLINE", given, INLINE)),
        panel=choose("PANEL", given.get("PANEL", "framed" if known.panel_frame else "plain"), ("plain", "framed")),
        panel_bar=parse_value("PANEL_BAR", given.get("PANEL_BAR", "██"), _bar),
    )


def _bar(text: str) -> str:
    if len(text) != 2:  # noqa: PLR2004 - see the message
        raise ValueError("not two characters, for a filled cell and an empty one")
    return text


def _refresh(text: str) -> dict[str, float]:
    times = {}
    for entry in split(text):
        place, colon, seconds = entry.rpartition(":")
        for each in [choose("REFRESH", place, REFRESH_PLACES)] if colon else REFRESH_PLACES:
            times[each] = parse_value("REFRESH", seconds, parse_seconds)
    return times


def _account(given: Mapping[str, str], login: str, now: datetime) -> AccountState:
    if since := given.get("DEMO_SINCE"):
        from kiro_tui.simulator import month  # noqa: PLC0415 - only the demo needs it, and every start costs

        elapsed = (now - parse_value("DEMO_SINCE", since, parse_moment)).total_seconds()
        return month.at(elapsed, parse_value("DEMO_SPEED", given.get("DEMO_SPEED", "1"), parse_seconds))
    plan = PLANS[choose("PLAN", given.get("PLAN", "pro+"), tuple(PLANS))]
    today = parse_value("NOW", given["NOW"], parse_moment) if "NOW" in given else now
    percent = given.get("PERCENT")
    return AccountState(
        plan=given.get("PLAN_NAME", plan.name) or None,
        resources=() if plan.managed else _resources(given, plan),
        bonuses=tuple(parse_value("BONUSES", text, _bonus) for text in split(given.get("BONUSES", ""))),
        packs=tuple(parse_value("PACKS", text, _pack) for text in split(given.get("PACKS", ""))),
        overages=parse_value("OVERAGE", given.get("OVERAGE", "off"), Overages),
        reset=_reset(given.get("RESET"), today),
        managed=plan.managed,
        organization=plan.organization or login == "idc" or parse_switch("ORGANIZATION", given),
        percent=None if percent is None else parse_value("PERCENT", percent, int),
    )


def _resources(given: Mapping[str, str], plan: Plan) -> tuple[Resource, ...]:
    if "RESOURCES" in given:
        return tuple(parse_value("RESOURCES", text, _resource) for text in split(given["RESOURCES"]))
    used = parse_value("USED", given["USED"], parse_amount) if "USED" in given else plan.used
    limit = parse_value("LIMIT", given["LIMIT"], parse_limit) if "LIMIT" in given else plan.limit
    return (Resource(given.get("TITLE", plan.title), used, limit),)


def _reset(text: str | None, today: datetime) -> date | None:
    if text == "unknown":
        return None
    if text is not None:
        return parse_value("RESET", text, date.fromisoformat)
    return (today.replace(day=1) + timedelta(days=31)).replace(day=1).date()


def _failures(text: str) -> dict[str, str]:
    failures = {}
    for entry in split(text):
        place, colon, failure = entry.rpartition(":")
        choose("FAILURE", failure, FAILURES)
        for each in [choose("FAILURE", place, PLACES)] if colon else USAGE_PLACES:
            failures[each] = failure
    return failures


def _resource(text: str) -> Resource:
    title, _, figures = text.rpartition(":")
    used, _, limit = figures.partition("/")
    return Resource(title, parse_amount(used), parse_limit(limit))


def _bonus(text: str) -> Bonus:
    name, figures, days = text.rsplit(":", 2)
    used, _, total = figures.partition("/")
    return Bonus(name, parse_amount(used), parse_amount(total), None if days == "never" else int(days))


def _pack(text: str) -> Pack:
    figures, _, expires = text.partition(":")
    used, _, total = figures.partition("/")
    return Pack(parse_amount(used), parse_amount(total), date.fromisoformat(expires))
