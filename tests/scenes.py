"""The states that the dashboard can be in, by name, for pictures and for tests of what is drawn."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kiro_tui.domain.frame import Frame, Run, Style
from kiro_tui.domain.state import Asking, Attempt, Failure, Resting, Snapshot, State, Way, Why
from kiro_tui.domain.usage import Account, Note, NoteCode, Overage, Report, Window, WindowKind
from kiro_tui.errors import (
    CliFailed,
    NoNumbers,
    NotInstalled,
    NotLoggedIn,
    NotRecognised,
    ProbeError,
    PromptExecuted,
    ServiceFailed,
    TimedOut,
)

NOW = datetime(2026, 11, 23, 1, 58, 12, tzinfo=UTC)
RESET = datetime(2026, 12, 1, tzinfo=UTC)
KEPT = NOW - timedelta(hours=3, minutes=20)
"""When that was read which the reading of now does not state."""
ACCOUNT = Account("Builder ID", "person@example.com")
D = Decimal


def plan(used: str, limit: str | None = "2000", **fields: object) -> Window:
    window = Window(WindowKind.PLAN, "Credits", D(used), D(limit) if limit else None, ends_at=RESET)
    return replace(window, **fields)  # type: ignore[arg-type]  # a builder for tests


def bonus(label: str, used: str, limit: str, days: int | None) -> Window:
    return Window(WindowKind.BONUS, label, D(used), D(limit), ends_in_days=days)


WELCOME = bonus("Welcome bonus", "386.34", "500", 15)
GRANT = bonus("Community grant", "1.00", "250", 3)
OFF = Overage(enabled=False)


def report(*windows: Window, **fields: object) -> Report:
    return replace(Report("KIRO PRO+", windows, OFF), **fields)  # type: ignore[arg-type]  # a builder for tests


def reading(what: Report, age: float = 12, **fields: object) -> Snapshot:
    frame = Frame(120, ((Run("Estimated Usage", Style(bold=True)), Run(" | resets on 2026-12-01 | KIRO PRO+")),))
    snapshot = Snapshot(
        what,
        Way.REPORT,
        NOW - timedelta(seconds=age),
        2.41,
        "2.21.1",
        "/usr/local/bin/kiro-cli",
        ACCOUNT,
        (Attempt(Way.REPORT, 2.41, frame=frame),),
    )
    return replace(snapshot, **fields)  # type: ignore[arg-type]  # a builder for tests


def live(what: Report, age: float = 12, **fields: object) -> State:
    resting = Resting(NOW + timedelta(seconds=300 - age), Why.INTERVAL)
    return State(300.0, reading(what, age, **fields), activity=resting)


def failed(error: ProbeError, *, before: Report | None = None, age: float = 7300, lines: tuple[str, ...] = ()) -> State:
    frame = Frame(120, tuple((Run(line),) if line else () for line in lines))
    failure = Failure(error, NOW, "2.21.1", "/usr/local/bin/kiro-cli", (Attempt(Way.REPORT, 3.0, error, frame),))
    latest = reading(before, age) if before else None
    signed_out = isinstance(error, NotLoggedIn)
    why = Why.SIGNED_OUT if signed_out else Why.BACKOFF
    return State(300.0, latest, failure, Resting(NOW + timedelta(minutes=30 if signed_out else 2), why))


USUAL = report(plan("640.25"), WELCOME, GRANT)
SIGNED_OUT = NotLoggedIn("Nobody is signed in to Kiro.", "Run `kiro-cli login`, then ask again.")
UNKNOWN_SCREEN = (
    "Kiro is being improved.",
    "",
    "Usage has moved: open the new Usage Center to see what you have used this month.",
)

SCENES: dict[str, Callable[[], State]] = {
    "usual": lambda: live(USUAL),
    "plan-only": lambda: live(report(plan("12.50", "50"), plan="KIRO FREE")),
    "levels": lambda: live(
        report(
            plan("1853.10"), bonus("Welcome bonus", "500.00", "500", 0), bonus("Community grant", "200.00", "250", 12)
        )
    ),
    "over": lambda: live(
        report(
            plan("1458.82", "1000", reported_percent=D("145.9")),
            overage=Overage(enabled=True, rate=D("0.04"), currency="USD"),
            plan="KIRO PRO",
        )
    ),
    "overage": lambda: live(
        report(
            plan("1000.00", "1000"),
            overage=Overage(enabled=True, credits=D("458.82"), rate=D("0.04"), cost=D("18.35"), currency="USD"),
            plan="KIRO PRO",
        )
    ),
    "clamped": lambda: live(
        report(
            plan("10000.00", "10000"),
            overage=None,
            plan="KIRO POWER",
            organization=True,
            notes=(Note(NoteCode.MAYBE_CLAMPED, "kiro-cli stops counting at the limit: more may have been used."),),
        )
    ),
    "kept": lambda: live(
        report(
            plan("1458.82", "1000", as_of=KEPT, reported_percent=D(100)),
            replace(WELCOME, as_of=KEPT - timedelta(days=1)),
            overage=Overage(
                enabled=True, credits=D("40.29"), rate=D("0.04"), cost=D("1.61"), currency="USD", as_of=KEPT
            ),
            plan="KIRO PRO",
            notes=(Note(NoteCode.KEPT_FROM_BEFORE, "Overage: kept from an earlier answer.", KEPT),),
        )
    ),
    "conflict": lambda: live(
        report(
            plan("0.00", "50", label="Monthly credits", reported_percent=D(100), bar_contradicts=True),
            overage=None,
            plan="KIRO FREE",
            notes=(
                Note(
                    NoteCode.PERCENT_CONFLICT, "The bar says 100 %, the figures 0.00 of 50: the bar's percent is shown."
                ),
            ),
        )
    ),
    "many": lambda: live(
        report(
            plan("640.25"),
            WELCOME,
            GRANT,
            bonus("Hackathon prize", "80.00", "100", 44),
            bonus("Support credit", "0.00", "25", 88),
            Window(WindowKind.ADD_ON, "Add-on credits", D("42.50"), D(100), ends_at=datetime(2027, 6, 18, tzinfo=UTC)),
            Window(WindowKind.ADD_ON, "Add-on credits (1 pack)", D("0.00"), D(200)),
        )
    ),
    "pooled": lambda: live(report(plan("320.00", None), overage=None, plan="KIRO ENTERPRISE", organization=True)),
    "managed": lambda: live(Report("Q Developer Pro", managed=True)),
    "asking-first": lambda: State(300.0, activity=Asking(NOW)),
    "asking": lambda: replace(live(USUAL, age=300), activity=Asking(NOW)),
    "paused": lambda: replace(live(USUAL, age=200), activity=Resting(None, Why.PAUSED)),
    "stale": lambda: replace(live(USUAL, age=7300), activity=Resting(NOW + timedelta(seconds=5), Why.INTERVAL)),
    "reset-near": lambda: live(report(plan("640.25", ends_at=NOW + timedelta(minutes=9, seconds=30)), WELCOME)),
    "failed-later": lambda: failed(
        ServiceFailed(
            "Kiro's service did not answer (dispatch failure).",
            "Check the network and the AWS Health Dashboard; it is asked again by itself.",
        ),
        before=USUAL,
    ),
    "signed-out-later": lambda: failed(SIGNED_OUT, before=USUAL),
    "signed-out": lambda: failed(SIGNED_OUT),
    "not-installed": lambda: failed(
        NotInstalled(
            "kiro-cli was not found. Looked in PATH, ~/.local/bin, /usr/local/bin and /opt/homebrew/bin.",
            "install it (see kiro.dev/cli), or say where it is: kiro-tui --kiro-cli PATH",
        )
    ),
    "service-failed": lambda: failed(
        ServiceFailed(
            "Kiro's service did not answer: dispatch failure (io error): an i/o error occurred.",
            "Check the network and the AWS Health Dashboard; it is asked again by itself.",
        )
    ),
    "cli-failed": lambda: failed(
        CliFailed(
            "kiro-cli 2.28.0 ended with status 1.",
            "run kiro-cli chat once by hand to see what it wants; d shows its screen",
        )
    ),
    "timed-out": lambda: failed(
        TimedOut(
            "kiro-cli gave no complete answer within 20 s.",
            "Ask again; a slow machine or network may need a larger --timeout.",
        )
    ),
    "no-numbers": lambda: failed(
        NoNumbers(
            "kiro-cli 2.21.1 names the plan (KIRO PRO MAX) and no numbers.",
            "Update kiro-cli, or see the account page.",
        )
    ),
    "not-recognised": lambda: failed(
        NotRecognised(
            "The answer of kiro-cli 3.9.0 is not a usage report.",
            "`kiro-tui doctor` shows the screen as kiro-cli drew it and tells what to report.",
        ),
        lines=UNKNOWN_SCREEN,
    ),
    "prompt-executed": lambda: failed(
        PromptExecuted(
            "kiro-cli sent /usage to the model as a prompt (0.04 credits).",
            "this way is switched off for kiro-cli 2.28.0 and will not be used again",
        ),
        before=USUAL,
    ),
}
