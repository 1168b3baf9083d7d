"""How a guard's verdict is said, in a line and as JSON. Pure."""

from __future__ import annotations

from kiro_tui.domain.spans import as_of

TYPE_CHECKING = False  # typing's own takes longer to import than the short way to a verdict may take
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from kiro_tui.domain.enough import Minimum, Pot
    from kiro_tui.domain.state import Snapshot
    from kiro_tui.errors import KiroTuiError

MAX_AGE = 300.0
"""Seconds for which a reading is young enough where nothing else is said."""
TOO_LITTLE = 1
"""The exit status where less is left than asked for."""
UNDECIDED = (
    "kiro-cli names no limit for that, so that nothing can be said about what is left.",
    "See what it says: kiro-tui status",
)


def enough(pot: Pot, now: float) -> str:
    """Return the line for stdout."""
    return f"{pot}{_as_of(pot, now)}.\n"


def too_little(pot: Pot, minimum: Minimum, now: float) -> str:
    """Return the remark for stderr."""
    return f"Less than {minimum} left. {pot}{_as_of(pot, now)}."


def _as_of(pot: Pot, now: float) -> str:
    """Say how old the figures are, where they are older than the reading."""
    return "" if pot.as_of is None else f", {as_of(now - pot.as_of)[0]}"


def document(pot: Pot, window: str, minimum: Minimum, snapshot: Snapshot, now: datetime) -> dict[str, Any]:
    """Return the verdict for a program; the keys are always there."""
    from datetime import UTC, datetime  # noqa: PLC0415 - only for --json

    from kiro_tui.output.as_json import SCHEMA, number, utc  # noqa: PLC0415 - only for --json

    return {
        "schema": SCHEMA,
        "ok": True,
        "enough": pot.has(minimum),
        "window": window,
        "min_remaining": {"credits": None if minimum.is_percent else number(minimum.amount)}
        | {"percent": number(minimum.amount) if minimum.is_percent else None},
        "remaining": number(pot.left),
        "limit": number(pot.limit),
        "remaining_percent": number(round(pot.percent, 2)),
        "taken_at": utc(snapshot.taken_at),
        "age_seconds": max(int((now - snapshot.taken_at).total_seconds()), 0),
        "as_of": None if pot.as_of is None else utc(datetime.fromtimestamp(pot.as_of, UTC)),
        "error": None,
    }


def failure(error: KiroTuiError, window: str) -> dict[str, Any]:
    """Return the same where there is no verdict."""
    from kiro_tui.output.as_json import SCHEMA  # noqa: PLC0415 - only for --json

    unknown = ("min_remaining", "remaining", "limit", "remaining_percent", "taken_at", "age_seconds", "as_of")
    said = {"code": error.code, "message": error.message, "hint": error.hint}
    head = {"schema": SCHEMA, "ok": False, "enough": None, "window": window}
    return head | dict.fromkeys(unknown) | {"error": said}
